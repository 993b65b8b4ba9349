"""Keys of the open API as rows."""

from datetime import datetime

from typing_extensions import override

from domain.apikeys import ApiKey, Scope
from domain.ids import ApiKeyId, TenantId
from domain.repositories import ApiKeys
from storage.db import Db, Row, reading
from storage.engine import Database
from storage.values import Json, json_of, time_of, time_or_none

_SELECT = """
    SELECT id, name, hash, last, scopes, member_id, created_at, revoked_at
    FROM api_keys WHERE tenant_id = :tenant
"""
_FIND = _SELECT + " AND id = :id"
_ALL = _SELECT + " ORDER BY id"
_ADD = """
    INSERT INTO api_keys (tenant_id, id, name, hash, last, scopes, member_id, created_at,
        revoked_at)
    VALUES (:tenant, :id, :name, :hash, :last, :scopes, :member, :created_at, :revoked_at)
"""
_REVOKE = """
    UPDATE api_keys SET revoked_at = :at
    WHERE tenant_id = :tenant AND id = :id AND revoked_at IS NULL
"""
# Tenants are few and the key's row of each is found by its primary key.
_FIND_ANYWHERE = """
    SELECT k.tenant_id, k.id, k.name, k.hash, k.last, k.scopes, k.member_id, k.created_at,
           k.revoked_at
    FROM tenants t CROSS JOIN api_keys k
    WHERE k.tenant_id = t.id AND k.id = :id
"""


class SqlApiKeys(ApiKeys):
    """API keys in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, key: ApiKey) -> None:
        self._db.run(
            _ADD,
            id=key.id,
            name=key.name,
            hash=key.hash,
            last=key.last,
            scopes=Json(sorted(key.scopes)),
            member=key.member,
            created_at=key.created_at,
            revoked_at=key.revoked_at,
        )

    @override
    def find(self, key: ApiKeyId) -> ApiKey | None:
        row = self._db.one(_FIND, id=key)
        return None if row is None else _key(row)

    @override
    def all(self) -> list[ApiKey]:
        return [_key(row) for row in self._db.all(_ALL)]

    @override
    def revoke(self, key: ApiKeyId, at: datetime) -> bool:
        return self._db.run(_REVOKE, id=key, at=at) == 1


def find_api_key(database: Database, key: ApiKeyId) -> tuple[TenantId, ApiKey] | None:
    """Find a key of whatever tenant: its id is all that a request names."""
    with reading(database, None) as db:
        row = db.one(_FIND_ANYWHERE, id=key)
    return None if row is None else (TenantId(row[0]), _key(row[1:]))


def _key(row: Row) -> ApiKey:
    id_, name, hash_, last, scopes, member, created_at, revoked_at = row
    return ApiKey(
        id=id_,
        name=name,
        hash=hash_,
        last=last,
        scopes=frozenset(Scope(scope) for scope in json_of(scopes)),
        member=member,
        created_at=time_of(created_at),
        revoked_at=time_or_none(revoked_at),
    )
