"""Published versions of rules and of the programme as rows: their canonical JSON and its hash."""

import json
from collections import OrderedDict
from datetime import datetime
from typing import TypeVar

from typing_extensions import override

from domain.programme import Programme, Programmes
from domain.repositories import Publication, Published, Rules
from domain.rules.codec import canonical, content_hash, read_as, rule_from_json
from domain.rules.evaluation import RuleSet
from domain.rules.model import RuleVersion
from storage.db import Db
from storage.values import time_of, time_or_none

_IN_USE = """
    SELECT content_hash FROM rule_versions WHERE tenant_id = :tenant AND withdrawn_at IS NULL
    ORDER BY code, version
"""
_CONTENTS = """
    SELECT content FROM rule_versions WHERE tenant_id = :tenant AND withdrawn_at IS NULL
    ORDER BY code, version
"""
_PUBLISHED = """
    SELECT content, content_hash, published_at, published_by, approved_by, withdrawn_at
    FROM rule_versions WHERE tenant_id = :tenant ORDER BY code, version
"""
_ADD = """
    INSERT INTO rule_versions (tenant_id, code, version, name, event_type, effective_from,
        effective_to, content, content_hash, published_at, published_by, approved_by)
    VALUES (:tenant, :code, :version, :name, :event_type, :effective_from, :effective_to, :content,
        :content_hash, :published_at, :published_by, :approved_by)
"""
_WITHDRAW = """
    UPDATE rule_versions SET withdrawn_at = :at
    WHERE tenant_id = :tenant AND code = :code AND version = :version AND withdrawn_at IS NULL
"""
_PROGRAMME_HASHES = """
    SELECT content_hash FROM programme_versions WHERE tenant_id = :tenant ORDER BY version
"""
_PROGRAMMES = "SELECT content FROM programme_versions WHERE tenant_id = :tenant ORDER BY version"
_ADD_PROGRAMME = """
    INSERT INTO programme_versions (tenant_id, version, effective_from, content, content_hash,
        published_at, published_by, approved_by)
    VALUES (:tenant, :version, :effective_from, :content, :content_hash, :published_at,
        :published_by, :approved_by)
"""
_KEPT_MAX = 64
Kept = TypeVar("Kept")


class SqlRules(Rules):
    """Rule versions in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def in_use(self) -> RuleSet:
        key = tuple(hash_ for (hash_,) in self._db.all(_IN_USE))
        found = _rule_sets.get(key)
        if found is None:
            rows = self._db.all(_CONTENTS)
            found = RuleSet(rule_from_json(json.loads(content)) for (content,) in rows)
            _rule_sets.keep(key, found)
        return found

    @override
    def published(self) -> list[Published]:
        return [
            Published(
                rule_from_json(json.loads(content)),
                hash_,
                Publication(time_of(at), by, approved_by),
                time_or_none(withdrawn_at),
            )
            for content, hash_, at, by, approved_by, withdrawn_at in self._db.all(_PUBLISHED)
        ]

    @override
    def add(self, rule: RuleVersion, publication: Publication) -> None:
        content = canonical(rule)
        self._db.run(
            _ADD,
            code=rule.code,
            version=rule.version,
            name=rule.name,
            event_type=rule.trigger,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            content=content,
            content_hash=content_hash(content),
            published_at=publication.at,
            published_by=publication.by,
            approved_by=publication.approved_by,
        )

    @override
    def withdraw(self, code: str, version: int, at: datetime) -> bool:
        return self._db.run(_WITHDRAW, code=code, version=version, at=at) == 1

    @override
    def programmes(self) -> Programmes:
        key = tuple(hash_ for (hash_,) in self._db.all(_PROGRAMME_HASHES))
        found = _programmes.get(key)
        if found is None:
            rows = self._db.all(_PROGRAMMES)
            found = Programmes(read_as(Programme, json.loads(content)) for (content,) in rows)
            _programmes.keep(key, found)
        return found

    @override
    def add_programme(self, programme: Programme, publication: Publication) -> None:
        content = canonical(programme)
        self._db.run(
            _ADD_PROGRAMME,
            version=programme.version,
            effective_from=programme.effective_from,
            content=content,
            content_hash=content_hash(content),
            published_at=publication.at,
            published_by=publication.by,
            approved_by=publication.approved_by,
        )


class _Kept(OrderedDict[tuple[str, ...], Kept]):
    """What was made of documents lately, by their hashes.

    Every event asks for all rules, and they hardly ever change. Under the hashes of what they say
    nothing that is kept can be out of date or another tenant's.
    """

    def keep(self, key: tuple[str, ...], found: Kept) -> Kept:
        """Keep one more and forget the oldest beyond the limit."""
        self[key] = found
        while len(self) > _KEPT_MAX:
            self.popitem(last=False)
        return found


_rule_sets: _Kept[RuleSet] = _Kept()
_programmes: _Kept[Programmes] = _Kept()
