"""How what people say stands in the inbox: encrypted for its row; old rows are read as they are."""

import json

import pytest

from domain.ids import InboxId
from storage.cipher import Undecipherable
from storage.db import reading, writing
from storage.work import SqlStore
from tests.contracts.rows import an_item
from tests.support.fakes import START
from tests.support.stores import MAIN


def test_what_was_said_is_encrypted_for_its_row(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        for number in (1, 2):
            work.inbox.receive(an_item(number))
        work.commit()
    with reading(store.database, MAIN) as db:
        kept = db.all("SELECT payload FROM inbox WHERE tenant_id = :tenant ORDER BY id")
    for (payload,) in kept:
        found = json.loads(payload) if isinstance(payload, str) else payload
        assert found.keys() == {"sealed"}
        assert "余额" not in json.dumps(found, ensure_ascii=False)
    with store.work(MAIN) as work:
        assert work.inbox.lock(InboxId("i-001")) == an_item(1)
    with writing(store.database, MAIN) as db:
        db.run(
            "UPDATE inbox SET payload = (SELECT payload FROM inbox WHERE id = 'i-001')"
            " WHERE tenant_id = :tenant AND id = 'i-002'"
        )
    with store.work(MAIN) as work, pytest.raises(Undecipherable):
        work.inbox.lock(InboxId("i-002"))


def test_what_was_said_before_is_still_read(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        work.commit()
    with writing(store.database, MAIN) as db:
        said = json.dumps({"text": "余额", "sealed": "no"})
        db.run(
            "UPDATE inbox SET payload = CAST(:said AS jsonb) WHERE tenant_id = :tenant"
            if store.database.dialect.name == "postgresql"
            else "UPDATE inbox SET payload = :said WHERE tenant_id = :tenant",
            said=said,
        )
    with store.work(MAIN) as work:
        found = work.inbox.lock(InboxId("i-001"))
        assert found is not None
        assert found.payload == {"text": "余额", "sealed": "no"}
        [shown] = work.inbox.recent(found.channel, found.sender, since=START, limit=5)
        assert shown.payload == found.payload
