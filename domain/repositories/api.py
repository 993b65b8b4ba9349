"""The open API: its keys, and the answers that have been given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.apikeys import ApiKey
from domain.ids import ApiKeyId


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered, kept so that the same request again has no second effect."""

    key: ApiKeyId
    idempotency_key: str
    request_hash: str
    status: int
    body: str
    """The answer's text, byte for byte."""
    created_at: datetime


class ApiKeys(Protocol):
    """Keys of the open API."""

    def add(self, key: ApiKey) -> None:
        """Store a new one."""
        ...

    def find(self, key: ApiKeyId) -> ApiKey | None:
        """Find one by its id, or None."""
        ...

    def all(self) -> list[ApiKey]:
        """List all of the tenant, oldest first, revoked ones too."""
        ...

    def revoke(self, key: ApiKeyId, at: datetime) -> bool:
        """Take a key out of use for good; False when there is none or it was revoked before."""
        ...


class ApiRequests(Protocol):
    """Answers that have been given, unique on (key, idempotency key)."""

    def add(self, answered: Answered) -> None:
        """Store an answer.

        Raises:
            Conflict: another request with the same key was faster.
        """
        ...

    def find(self, key: ApiKeyId, idempotency_key: str) -> Answered | None:
        """Find the answer a request got, or None."""
        ...
