"""Fake repositories of the open API: keys and given answers."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.apikeys import ApiKey
from domain.ids import ApiKeyId
from domain.repositories import Answered, ApiKeys, ApiRequests
from tests.support.fake_people import FakeRepository


class FakeApiKeys(FakeRepository, ApiKeys):
    @override
    def add(self, key: ApiKey) -> None:
        self._transaction.insert(self._state.api_keys, key.id, key)

    @override
    def find(self, key: ApiKeyId) -> ApiKey | None:
        return self._state.api_keys.get(key)

    @override
    def all(self) -> list[ApiKey]:
        return [key for _, key in sorted(self._state.api_keys.items())]

    @override
    def revoke(self, key: ApiKeyId, at: datetime) -> bool:
        stored = self.find(key)
        if stored is None or stored.revoked_at is not None:
            return False
        self._state.api_keys[key] = replace(stored, revoked_at=at)
        return True


class FakeApiRequests(FakeRepository, ApiRequests):
    @override
    def add(self, answered: Answered) -> None:
        place = (answered.key, answered.idempotency_key)
        self._transaction.insert(self._state.api_requests, place, answered)

    @override
    def find(self, key: ApiKeyId, idempotency_key: str) -> Answered | None:
        return self._state.api_requests.get((key, idempotency_key))
