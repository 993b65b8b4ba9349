"""DingTalk's three signatures and the age a signed request may have.

None of them covers the body: a captured header pair signs any body until it is too old (DingTalk
docs 0699, 0786). Hence the short window, and one-time tickets for everything that moves points.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime

from bot.platform import Rejected

WINDOW_SECONDS = 5 * 60
"""DingTalk allows an hour (doc 0699); nothing of ours takes that long."""
_MILLISECONDS = re.compile(r"[0-9]{13}")
_SECONDS = re.compile(r"[0-9]{10}")


def robot_sign(timestamp: str, secret: str) -> str:
    """Sign a robot callback's timestamp. Source: DingTalk doc 0699."""
    return _mac(secret, f"{timestamp}\n{secret}")


def card_sign(timestamp: str, secret: str) -> str:
    """Sign a card callback's timestamp. Source: DingTalk doc 0786."""
    return _mac(secret, timestamp)


def event_sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Sign an event's ciphertext. Source: DingTalk doc E/0004."""
    parts = "".join(sorted([token, timestamp, nonce, encrypted]))
    return hashlib.sha1(parts.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def require_signature(given: str, expected: str) -> None:
    """Compare in constant time.

    Raises:
        Rejected: 401.
    """
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Rejected(401, "signature")


def require_fresh(timestamp: str, now: datetime) -> None:
    """Refuse a timestamp (Unix milliseconds, or seconds as some events have) off by the window.

    Raises:
        Rejected: 401.
    """
    if _MILLISECONDS.fullmatch(timestamp):
        seconds = int(timestamp) / 1000
    elif _SECONDS.fullmatch(timestamp):
        seconds = float(timestamp)
    else:
        raise Rejected(401, "timestamp")
    if abs(now.timestamp() - seconds) > WINDOW_SECONDS:
        raise Rejected(401, "stale")


def _mac(key: str, message: str) -> str:
    digest = hmac.digest(key.encode(), message.encode("utf-8", "replace"), "sha256")
    return base64.b64encode(digest).decode()
