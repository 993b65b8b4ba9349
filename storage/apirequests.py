"""Answers of the open API as rows; their texts are encrypted, for they may hold phone numbers."""

from typing_extensions import override

from domain.ids import ApiKeyId
from domain.repositories import Answered, ApiRequests
from storage.cipher import Cipher
from storage.db import Db
from storage.values import time_of

_FIND = """
    SELECT request_hash, status, body, created_at FROM api_requests
    WHERE tenant_id = :tenant AND key_id = :key AND idempotency_key = :idempotency_key
"""
_ADD = """
    INSERT INTO api_requests (tenant_id, key_id, idempotency_key, request_hash, status, body,
        created_at)
    VALUES (:tenant, :key, :idempotency_key, :request_hash, :status, :body, :created_at)
"""


class SqlApiRequests(ApiRequests):
    """Given answers in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def add(self, answered: Answered) -> None:
        place = self._place(answered.key, answered.idempotency_key)
        self._db.run(
            _ADD,
            key=answered.key,
            idempotency_key=answered.idempotency_key,
            request_hash=answered.request_hash,
            status=answered.status,
            body=self._cipher.encrypt(answered.body, place),
            created_at=answered.created_at,
        )

    @override
    def find(self, key: ApiKeyId, idempotency_key: str) -> Answered | None:
        row = self._db.one(_FIND, key=key, idempotency_key=idempotency_key)
        if row is None:
            return None
        request_hash, status, body, created_at = row
        text = self._cipher.decrypt(body, self._place(key, idempotency_key))
        return Answered(key, idempotency_key, request_hash, status, text, time_of(created_at))

    def _place(self, key: ApiKeyId, idempotency_key: str) -> str:
        return f"api_request:{self._db.tenant}/{key}/{idempotency_key}"
