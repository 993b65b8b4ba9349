"""The only readers of time and randomness: the system clock and the source of ids."""

import secrets
import threading
import time
from datetime import UTC, datetime

from domain.voucher_codes import ALPHABET, RANDOM_LENGTH

_ALPHABET = ALPHABET
"""No I, L, O, U, so that people can read codes aloud and type them."""
_CODE_LENGTH = 8
_SECRET_BYTES = 32
_TIME_BITS = 48
_RANDOM_BITS = 80
_RANDOM_BYTES = _RANDOM_BITS // 8
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
"""26 characters of 5 bits, two at a time."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Time-ordered ids (ULID's layout: 48 bits of milliseconds, 80 random bits) and one-time codes.

    Ids made by one process in the same millisecond keep their order, so that "oldest first" by id
    is the order in which they were made. Safe to use from several threads.
    """

    def __init__(self) -> None:
        """Start with no id made."""
        self._lock = threading.Lock()
        self._last = 0

    def new(self) -> str:
        """Give a new id of 26 characters."""
        with self._lock:
            chance = int.from_bytes(secrets.token_bytes(_RANDOM_BYTES))
            fresh = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | chance
            self._last = max(fresh, self._last + 1)
            value = self._last
        return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])

    def code(self) -> str:
        """Give a one-time code: 8 characters, 40 random bits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))

    def voucher_code(self) -> str:
        """Give the random part of a voucher's code: 16 characters, 80 random bits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_LENGTH))

    def secret(self) -> str:
        """Give a new secret of 256 random bits: 43 URL-safe characters."""
        return secrets.token_urlsafe(_SECRET_BYTES)

    def jitter(self) -> float:
        """Give a random number in [0, 1)."""
        return secrets.randbelow(1_000_000) / 1_000_000
