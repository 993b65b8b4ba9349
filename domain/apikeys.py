"""API keys: how other systems prove who they are, and what each may do.

A key is `zf_<key id>_<secret>`. Only the hash of it is kept; the text is shown once.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from domain.errors import KeyRefused, ScopeMissing
from domain.ids import ApiKeyId, MemberId

SHOWN_LENGTH = 4
_TEXT = re.compile(r"zf_([0-9A-Z]{26})_([A-Za-z0-9_-]{43,86})")


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    EVENTS_WRITE = "events:write"
    RULES_WRITE = "rules:write"
    RULES_APPROVE = "rules:approve"
    REWARDS_WRITE = "rewards:write"
    REDEMPTIONS_WRITE = "redemptions:write"
    CUSTOMERS_WRITE = "customers:write"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of one tenant, without its secret."""

    id: ApiKeyId
    name: str
    hash: str
    last: str
    """The key's last characters, by which people tell keys apart."""
    scopes: frozenset[Scope]
    member: MemberId | None
    """Who does what is done with the key; None: the key itself."""
    created_at: datetime
    revoked_at: datetime | None = None


def key_text(key: ApiKeyId, secret: str) -> str:
    """Write a key as its owner gets it, this once."""
    return f"zf_{key}_{secret}"


def key_id_of(text: str) -> ApiKeyId | None:
    """Give the id in a key's text; None when no key looks like this."""
    found = _TEXT.fullmatch(text)
    return ApiKeyId(found[1]) if found else None


def hash_key(text: str) -> str:
    """Hash a key as it is stored; 256 random bits need no slow hash."""
    return sha256(text.encode()).hexdigest()


def check_key(key: ApiKey | None, text: str) -> ApiKey:
    """Give the key that a text claims to be, compared in constant time.

    Raises:
        KeyRefused: unknown, wrong or revoked: one answer for all three.
    """
    if key is None or not compare_digest(key.hash, hash_key(text)) or key.revoked_at is not None:
        raise KeyRefused
    return key


def check_scope(key: ApiKey, needed: Scope) -> None:
    """Let pass what a key may do.

    Raises:
        ScopeMissing: with the scope that is missing.
    """
    if needed not in key.scopes:
        raise ScopeMissing(needed)
