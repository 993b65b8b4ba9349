"""Heartbeats: when what runs regularly has last run, for health checks and catching up."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.db import reading, writing
from storage.engine import Database
from storage.values import Json, json_of, time_of

_BEAT = """
    INSERT INTO beats (name, at, detail) VALUES (:name, :at, :detail)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail
    WHERE beats.at <= excluded.at
"""
_LAST = "SELECT name, at, detail FROM beats WHERE name = :name"


@dataclass(frozen=True, slots=True)
class Beat:
    """One sign of life; the newest of a name is kept."""

    name: str
    at: datetime
    detail: dict[str, Any] = field(default_factory=dict)


def beat(database: Database, sign: Beat) -> None:
    """Keep a sign of life unless a newer one is there."""
    with writing(database, None) as db:
        db.run(_BEAT, name=sign.name, at=sign.at, detail=Json(sign.detail))


def last_beat(database: Database, name: str) -> Beat | None:
    """Give the newest sign of life of a name."""
    with reading(database, None) as db:
        row = db.one(_LAST, name=name)
    return None if row is None else Beat(row[0], time_of(row[1]), json_of(row[2]))
