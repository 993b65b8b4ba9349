"""How stored records become bytes that are hashed: each field framed by its length.

Framing makes the bytes unambiguous: no choice of contents can imitate other contents. A field is
its text as it is stored, so that a verifier hashes what is there and never its own idea of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256


def sealed(fields: Iterable[str | None]) -> str:
    """Hash fields in order: SHA-256 of `<bytes>:<field>,` each, `-,` for what is not there."""
    return sha256(framed(fields).encode()).hexdigest()


def framed(fields: Iterable[str | None]) -> str:
    """Frame fields in order."""
    return "".join(
        [
            "-,"
            if field is None
            else f"{len(field) if field.isascii() else len(field.encode())}:{field},"
            for field in fields
        ]
    )


# The same few instants are written down again and again: when it happened, when it was recorded.
@lru_cache(maxsize=1024)
def instant(at: datetime) -> str:
    """Give the text of an instant: UTC to the microsecond, whatever offset it was made with."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]
