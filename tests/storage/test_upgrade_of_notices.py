"""What was sent before notices had a contact is a contact's afterwards, each thing once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from domain.deliveries import DeliveryState
from domain.ids import ContactId
from storage.engine import migration_engine, parse_url
from storage.migrate import upgrade
from storage.work import open_store
from tests.storage.processes import ROOT
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, ENGINES, MAIN

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SENT_AT = AT + timedelta(seconds=5)
GIVEN_UP_AT = AT + timedelta(seconds=9)
CHEN = ContactId("k-chen")
# Account, kind, key, state, and whether it was sent.
DELIVERIES = [
    ("d-1", "wm-chen", "push", "points:1", "sent"),
    ("d-2", "ding-chen", "push", "points:1", "held"),
    ("d-3", "wm-chen", "push", "points:2", "held"),
    ("d-4", "wm-chen", "reply", "reply:1", "sent"),
    ("d-5", "m-li", "push", "points:1", "sent"),
    ("d-6", "wm-nobody", "push", "points:1", "dead"),
    ("d-7", "wm-chen", "push", "points:3", "dead"),
]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database at the revision before, with messages in it."""
    found: str
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path / 'zhufen.db'}"
    else:
        found = request.getfixturevalue("bare_postgres_url")
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", found.replace("%", "%%"))
    command.upgrade(config, "0010")
    with migration_engine(parse_url(found)).connect() as connection:
        _write(connection)
        connection.commit()
    return found


def _write(connection: Connection) -> None:
    def add(table: str, **values: object) -> None:
        given = values if table == "tenants" else {"tenant_id": "main", **values}
        names = ", ".join(given)
        places = ", ".join(f":{name}" for name in given)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), given)  # noqa: S608

    def at(instant: datetime) -> object:
        if connection.dialect.name == "postgresql":
            return instant
        return instant.strftime("%Y-%m-%d %H:%M:%S.%f")

    add("tenants", id="main", name="main", created_at=at(AT))
    for channel, kind in (("kf", "wecom_kf"), ("ding", "dingtalk")):
        add("channels", id=channel, kind=kind, account=channel, settings="{}")
    add("members", id="m-li", name="李", is_active=True)
    add("customers", id="c-1", code="K001", name="滨江置业")
    add("contacts", id=CHEN, customer_id="c-1", name="陈工", is_active=True)
    people = {"wm-chen": CHEN, "ding-chen": CHEN, "m-li": None, "wm-nobody": None}
    for account, contact in people.items():
        add(
            "identities",
            channel_id=_channel(account),
            external_id=account,
            contact_id=contact,
            member_id="m-li" if account == "m-li" else None,
            is_alerted=False,
            sends_since_inbound=0,
            session="bot",
            tries_failed=0,
        )
    for name, account, kind, key, state in DELIVERIES:
        add(
            "deliveries",
            id=name,
            channel_id=_channel(account),
            external_id=account,
            kind=kind,
            view="points_notice",
            data="{}",
            dedupe_key=key,
            created_at=at(AT),
            state=state,
            attempts=0,
            sent_at=at(SENT_AT) if state == "sent" else None,
        )
    add("delivery_attempts", delivery_id="d-7", number=1, at=at(GIVEN_UP_AT), outcome="dead")


def _channel(account: str) -> str:
    return "kf" if account.startswith("wm-") else "ding"


def test_messages_to_a_contact_become_notices_each_once(url: str) -> None:
    assert upgrade(url) is True
    store = open_store(url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
    with store.work(MAIN) as work:
        told = {str(n.delivery.id): n for n in work.deliveries.notices_of(CHEN, 20)}
        # The second account's copy of the first notice is nobody's: the contact has been told.
        assert sorted(told) == ["d-1", "d-3", "d-7"]
        assert told["d-1"].since == SENT_AT
        assert told["d-3"].since == AT
        assert (told["d-7"].since, told["d-7"].delivery.state) == (GIVEN_UP_AT, DeliveryState.DEAD)
        assert [n.delivery.id for n in work.deliveries.held_of(CHEN)] == ["d-3"]
        assert {n.delivery.let_go for n in told.values()} == {0}
    store.close()
