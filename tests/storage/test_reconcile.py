"""The nightly comparison: silent about what the use cases write, and naming every planted drift.

What is planted comes by raw SQL past the triggers; the comparison must find it and change nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text

from domain.approvals import Verdict
from domain.events import EventType
from domain.ids import HoldId
from domain.reconciling import DriftKind, Finding
from handlers.usecases.decisions import decide
from handlers.usecases.holds import refund_hold, release_hold, settle_hold
from storage.engine import migration_engine, parse_url
from storage.work import SqlStore
from tests.handlers.expiring import at
from tests.storage.used_vouchers import use_vouchers
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.firm import TIERS, Firm
from tests.support.gifts import gives, people_of_gifts
from tests.support.stores import ENGINES

DAY = timedelta(days=1)
TABLES = (
    *("wallets", "entries", "lots", "lot_uses", "holds", "cap_counters", "earned_months"),
    *("events", "event_undos", "alerts", "audit", "deliveries", "runs", "gifts"),
    *("vouchers", "voucher_uses"),
)


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
def firm(url: str, request: pytest.FixtureRequest, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Give a firm with all there can be: caps, tiers, pending points, holds, debts, undos."""
    name = "sqlite_store" if url.startswith("sqlite") else "postgres_store"
    store: SqlStore = request.getfixturevalue(name)
    made = Firm(store, clock, ids)
    made.opens(tiers=TIERS)
    work_a_while(made)
    return made


def work_a_while(firm: Firm) -> None:
    """Let everything happen that the ledger knows."""
    firm.signs(100, on=at("2024-12-10"))
    firm.signs(100)
    for _ in range(4):
        firm.has(EventType.CHECK_IN)
    firm.has(EventType.SURVEY_COMPLETED)
    undone = firm.complains("C002")
    firm.complains("C002")
    firm.undoes(undone)
    for name, points in (("open", 30), ("settled", 20), ("released", 10)):
        firm.holds(points, name, until=START + 99 * DAY)
    firm.acts(lambda ctx: settle_hold(ctx, HoldId("settled")))
    firm.acts(lambda ctx: release_hold(ctx, HoldId("released")))
    for part, points in (("1", 8), ("2", 4)):
        firm.acts(partial(refund_hold, hold=HoldId("settled"), points=points, part=part))
    firm.clock.at = at("2026-12-03")
    firm.catches_up("C001", "C002")
    firm.has(EventType.REVIEW_SUBMITTED, stars=1)
    [asked] = firm.looks(lambda work: work.approvals.pending())
    firm.acts(lambda ctx: decide(ctx, asked.id, Verdict.APPROVE, ""), member="zhang")
    firm.signs(900)
    firm.clock.at = at("2027-01-05")
    firm.catches_up("C001")
    firm.signs(2_000)
    firm.acts(lambda ctx: people_of_gifts(ctx, "C001"))
    for points in (40, 1_100):
        firm.acts(partial(gives, giver="C001", receiver="C002", points=points))
    firm.acts(use_vouchers)


def found(firm: Firm) -> list[Finding]:
    result: list[Finding] = firm.looks(lambda work: work.reconciliation.findings(100))
    return result


@contextmanager
def past_the_triggers(url: str) -> Iterator[Connection]:
    """Write as somebody with the database's own rights would."""
    engine = migration_engine(parse_url(url))
    with engine.begin() as connection:
        if url.startswith("sqlite"):
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
            for (name,) in names.fetchall():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        yield connection
        if not url.startswith("sqlite"):
            connection.execute(text("SET session_replication_role = origin"))
    engine.dispose()


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = migration_engine(parse_url(url))
    with engine.begin() as connection:
        rows = {
            table: sorted(
                (tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))),  # noqa: S608
                key=repr,
            )
            for table in TABLES
        }
    engine.dispose()
    return rows


def test_what_the_use_cases_write_agrees(firm: Firm) -> None:
    assert found(firm) == []


MORE_POINTS = """
    UPDATE entries SET points = points + 1,
        qualifying = CASE WHEN qualifying = 0 THEN 0 ELSE points + 1 END
    WHERE id = :id
"""
PLANTED = [
    (
        "UPDATE wallets SET pending = pending + 1 WHERE customer_id = 'C002'",
        {(DriftKind.WALLET_ENTRIES, "C002", "pending"), (DriftKind.WALLET_LOTS, "C002", "pending")},
    ),
    (
        "UPDATE wallets SET held = held - 1 WHERE customer_id = 'C001'",
        {(DriftKind.WALLET_ENTRIES, "C001", "held"), (DriftKind.WALLET_HOLDS, "C001", "held")},
    ),
    (
        "UPDATE wallets SET debt = debt + 5 WHERE customer_id = 'C002'",
        {(DriftKind.WALLET_ENTRIES, "C002", "debt")},
    ),
    (
        "UPDATE wallets SET seq = seq + 1 WHERE customer_id = 'C002'",
        {(DriftKind.WALLET_HEAD, "C002", "head")},
    ),
    (
        "UPDATE wallets SET head = 'ff' WHERE customer_id = 'C002'",
        {(DriftKind.WALLET_HEAD, "C002", "head")},
    ),
    ("UPDATE cap_counters SET points = points + 1", {(DriftKind.CAP_COUNTER, "", None)}),
    ("UPDATE cap_counters SET times = times + 1", {(DriftKind.CAP_COUNTER, "", None)}),
    ("DELETE FROM cap_counters", {(DriftKind.CAP_COUNTER, "", None)}),
    (
        "INSERT INTO cap_counters (tenant_id, key, points, times) VALUES ('main', 'x', 1, 1)",
        {(DriftKind.CAP_COUNTER, "", "x")},
    ),
    (
        "UPDATE earned_months SET points = points + 1 WHERE month = 2026 * 12 + 11",
        {(DriftKind.EARNED_MONTH, "C001", "2026-12")},
    ),
    (
        "DELETE FROM earned_months WHERE month = 2026 * 12 + 11",
        {(DriftKind.EARNED_MONTH, "C001", "2026-12")},
    ),
    (
        "UPDATE holds SET state = 'released', closed_at = held_at WHERE id = 'open'",
        {(DriftKind.WALLET_HOLDS, "C001", "held"), (DriftKind.HOLD_ENTRIES, "C001", "open")},
    ),
    (
        "UPDATE holds SET state = 'released' WHERE id = 'settled'",
        {(DriftKind.HOLD_ENTRIES, "C001", "settled")},
    ),
    (
        "UPDATE holds SET points = points + 1 WHERE id = 'released'",
        {(DriftKind.HOLD_ENTRIES, "C001", "released")},
    ),
    ("DELETE FROM holds WHERE id = 'open'", {(DriftKind.WALLET_HOLDS, "C001", "held")}),
    (
        """
        UPDATE entries SET reverses = NULL, reversal_part = NULL
        WHERE reason = 'refund' AND reversal_part = 1
        """,
        {(DriftKind.REVERSAL, "C001", None)},
    ),
    (
        """
        UPDATE entries SET reverses = (SELECT id FROM entries WHERE key = 'hold:settled#0')
        WHERE reason = 'refund'
        """,
        {(DriftKind.REVERSAL, "C001", None)},
    ),
    (
        "DELETE FROM gifts WHERE state = 'given'",
        {(DriftKind.GIFT, "C001", None), (DriftKind.GIFT, "C002", None)},
    ),
    (
        "UPDATE gifts SET points = points + 1 WHERE state = 'given'",
        {(DriftKind.GIFT, "C001", None)},
    ),
    (
        "UPDATE gifts SET state = 'given', ended_at = asked_at WHERE state = 'pending'",
        {(DriftKind.GIFT, "C001", None)},
    ),
    (
        "UPDATE vouchers SET used = used - 1 WHERE used > 0",
        {(DriftKind.VOUCHER_USES, "C001", None)},
    ),
    (
        "UPDATE voucher_uses SET amount = amount + 1",
        {(DriftKind.VOUCHER_USES, "C001", None)},
    ),
    (
        "DELETE FROM voucher_uses WHERE takes_back IS NOT NULL",
        {(DriftKind.VOUCHER_USES, "C001", None)},
    ),
    (
        "UPDATE voucher_uses SET takes_back = NULL",
        {(DriftKind.VOUCHER_USES, "C001", None)},
    ),
    (
        "DELETE FROM stock_moves WHERE move = 'take_back'",
        {(DriftKind.STOCK_MOVES, "", None)},
    ),
    (
        """
        UPDATE vouchers SET state = 'expired', ended_at = issued_at
        WHERE number = 71 AND place = 2
        """,
        {(DriftKind.REDEMPTION_VOUCHERS, "C001", "redemption-71")},
    ),
    (
        "DELETE FROM vouchers WHERE number = 71 AND place = 2",
        {(DriftKind.REDEMPTION_VOUCHERS, "C001", "redemption-71")},
    ),
    ("DELETE FROM event_undos", {(DriftKind.UNDO, "C002", None)}),
    (
        """
        INSERT INTO event_undos (tenant_id, event_id, undone_at, actor)
        SELECT tenant_id, id, recorded_at, 'x' FROM events WHERE id = 'event-0001'
        """,
        {(DriftKind.UNDO, "C001", "event-0001"), (DriftKind.EARNED_MONTH, "C001", "2024-12")},
    ),
]


@pytest.mark.parametrize(("statement", "expected"), PLANTED)
def test_planted_drift_is_named_and_nothing_is_repaired(
    firm: Firm, url: str, statement: str, expected: set[tuple[DriftKind, str, str | None]]
) -> None:
    with past_the_triggers(url) as connection:
        assert connection.execute(text(statement)).rowcount
    before = everything(url)
    findings = found(firm)
    assert {(one.kind, one.customer) for one in findings} == {(k, c) for k, c, _ in expected}
    for kind, customer, place in expected:
        assert any(
            (one.kind, one.customer) == (kind, customer) and place in (None, one.place)
            for one in findings
        )
    assert all(one.expected != one.found for one in findings)
    assert found(firm) == findings
    assert everything(url) == before


def entry_of(url: str, condition: str) -> tuple[str, str]:
    """Find the first entry of a kind: its id and its customer."""
    with past_the_triggers(url) as connection:
        row = connection.execute(
            text(f"SELECT id, customer_id FROM entries WHERE {condition} ORDER BY seq LIMIT 1")  # noqa: S608
        ).one()
    return row[0], row[1]


@pytest.mark.parametrize(
    ("condition", "kinds"),
    [
        (
            "reason = 'award' AND event_id = 'event-0002' AND rule = 'contract-amount'",
            {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS, DriftKind.EVENT_ENTRIES},
        ),
        (
            "reason = 'hold'",
            {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS, DriftKind.HOLD_ENTRIES},
        ),
        ("reason = 'reversal'", {DriftKind.WALLET_ENTRIES, DriftKind.REVERSAL}),
        (
            "reason = 'given'",
            {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS, DriftKind.GIFT},
        ),
        (
            "reason = 'refund'",
            {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS},
        ),
        ("reason = 'expiry'", {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS}),
        ("reason = 'maturity'", {DriftKind.WALLET_ENTRIES, DriftKind.ENTRY_LOTS}),
        (
            "reason = 'penalty' AND event_id = 'event-0009'",
            {DriftKind.WALLET_ENTRIES, DriftKind.EVENT_ENTRIES},
        ),
    ],
)
def test_an_entry_with_other_points_is_found_wherever_it_counts(
    firm: Firm, url: str, condition: str, kinds: set[DriftKind]
) -> None:
    entry, customer = entry_of(url, condition)
    with past_the_triggers(url) as connection:
        connection.execute(text(MORE_POINTS), {"id": entry})
    before = everything(url)
    findings = found(firm)
    assert {one.kind for one in findings} == kinds
    assert {one.customer for one in findings} == {customer}
    assert everything(url) == before


def test_a_missing_entry_is_found(firm: Firm, url: str) -> None:
    entry, _ = entry_of(url, "reason = 'award' AND event_id = 'event-0002'")
    with past_the_triggers(url) as connection:
        connection.execute(text("DELETE FROM entries WHERE id = :id"), {"id": entry})
    kinds = {one.kind for one in found(firm)}
    assert kinds == {DriftKind.WALLET_ENTRIES, DriftKind.WALLET_HEAD, DriftKind.EVENT_ENTRIES}


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (
            "UPDATE lots SET remaining = remaining - 1 WHERE remaining > 1",
            {DriftKind.WALLET_LOTS, DriftKind.LOT_USES},
        ),
        (
            "DELETE FROM lot_uses WHERE direction = 'take'",
            {DriftKind.ENTRY_LOTS, DriftKind.LOT_USES},
        ),
        ("DELETE FROM lot_uses WHERE direction = 'mature'", {DriftKind.ENTRY_LOTS}),
        (
            "UPDATE lot_uses SET points = points + 1 WHERE direction = 'give_back'",
            {DriftKind.ENTRY_LOTS, DriftKind.LOT_USES},
        ),
    ],
)
def test_lots_that_moved_by_themselves_are_found(
    firm: Firm, url: str, statement: str, kinds: set[DriftKind]
) -> None:
    with past_the_triggers(url) as connection:
        assert connection.execute(text(statement)).rowcount
    before = everything(url)
    assert {one.kind for one in found(firm)} == kinds
    assert everything(url) == before


def test_events_that_say_something_else_are_found(firm: Firm, url: str) -> None:
    with past_the_triggers(url) as connection:
        connection.execute(text("UPDATE events SET outcomes = '[]' WHERE id = 'event-0003'"))
    findings = found(firm)
    assert {(one.kind, one.customer) for one in findings} == {
        (DriftKind.EVENT_ENTRIES, "C001"),
        (DriftKind.CAP_COUNTER, ""),
        (DriftKind.EARNED_MONTH, "C001"),
    }
    entries = [one for one in findings if one.kind is DriftKind.EVENT_ENTRIES]
    assert ("event-0003 check-in", "0", "5") in {(e.place, e.expected, e.found) for e in entries}


def test_events_from_before_outcomes_were_kept_are_left_out(firm: Firm, url: str) -> None:
    with past_the_triggers(url) as connection:
        connection.execute(
            text("UPDATE events SET outcomes = '[]', seal = NULL WHERE id = 'event-0001'")
        )
    assert {one.kind for one in found(firm)} == {DriftKind.EARNED_MONTH}


def test_another_tenants_drift_is_not_ours(firm: Firm, url: str) -> None:
    with past_the_triggers(url) as connection:
        connection.execute(
            text(
                "INSERT INTO cap_counters (tenant_id, key, points, times)"
                " VALUES ('other', 'x', 1, 1)"
            )
        )
    assert found(firm) == []


def test_so_many_findings_per_kind(firm: Firm, url: str) -> None:
    with past_the_triggers(url) as connection:
        connection.execute(text("UPDATE wallets SET held = held + 1"))
    assert len(firm.looks(lambda work: work.reconciliation.findings(1))) == 2
    assert len(found(firm)) == 4
