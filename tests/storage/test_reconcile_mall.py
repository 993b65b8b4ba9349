"""The nightly comparison of stock, redemptions and their holds, on both engines."""

from functools import partial

import pytest
from sqlalchemy import text

from bot.clock import SystemIds
from domain.ids import CustomerId
from domain.reconciling import DriftKind, Finding
from handlers.usecases.handing_over import hand_over_bought
from handlers.usecases.redeeming import give_prize
from handlers.usecases.redemption_ends import cancel, undo
from storage.work import SqlStore
from tests.storage.test_reconcile import past_the_triggers, url
from tests.support.mall import Mall

__all__ = ["url"]
OPEN = "(SELECT id FROM redemptions WHERE state = 'held')"


@pytest.fixture
def mall(url: str, request: pytest.FixtureRequest) -> Mall:
    """Give a mall where something of every kind was bought."""
    name = "sqlite_store" if url.startswith("sqlite") else "postgres_store"
    store: SqlStore = request.getfixturevalue(name)
    made = Mall(store, SystemIds())
    plain = made.offers(stock=20)
    asked = made.offers(2, stock=20, needs_contact=True)
    made.earns(500)
    for reward in (plain, plain, asked, asked):
        made.confirms(made.previews(reward, 3))
    first, second, third, _ = made.bought()
    made.acts(partial(hand_over_bought, redemption=first.id, quantity=2, remark=""), member="fang")
    made.acts(partial(undo, redemption=second.id), contact="of-C001")
    made.acts(partial(cancel, redemption=third.id), contact="of-C001")
    prize = partial(give_prize, reward=plain, quantity=1, customer=CustomerId("C002"))
    made.acts(lambda ctx: prize(ctx, source="draw:1"))
    return made


def found(mall: Mall) -> list[Finding]:
    return mall.looks(lambda work: work.reconciliation.findings(100))


def test_what_the_use_cases_write_agrees(mall: Mall) -> None:
    assert found(mall) == []


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (
            "UPDATE stocks SET available = available + 1 WHERE reward_id = 'reward-1'",
            {DriftKind.STOCK_MOVES},
        ),
        (
            "UPDATE stocks SET held = held + 1 WHERE reward_id = 'reward-2'",
            {DriftKind.STOCK_MOVES, DriftKind.STOCK_REDEMPTIONS},
        ),
        (
            "UPDATE stocks SET gone = gone + 1 WHERE reward_id = 'reward-1'",
            {DriftKind.STOCK_MOVES},
        ),
        ("DELETE FROM stock_moves WHERE move = 'release'", {DriftKind.STOCK_MOVES}),
        (
            "UPDATE redemptions SET fulfilled = fulfilled + 1 WHERE fulfilled = 2",
            {DriftKind.STOCK_REDEMPTIONS},
        ),
        (
            f"UPDATE holds SET id = 'elsewhere' WHERE id IN {OPEN}",  # noqa: S608
            {DriftKind.REDEMPTION_HOLDS},
        ),
        (
            "DELETE FROM redemptions WHERE state = 'cancelled'",
            {DriftKind.REDEMPTION_HOLDS},
        ),
        (
            "UPDATE redemptions SET points_each = points_each + 1 WHERE state = 'refunded'",
            {DriftKind.REDEMPTION_HOLDS},
        ),
        (
            "UPDATE redemptions SET points_each = 1 WHERE points_each = 0",
            {DriftKind.REDEMPTION_HOLDS},
        ),
    ],
)
def test_planted_drift_is_named(
    mall: Mall,
    url: str,
    statement: str,
    kinds: set[DriftKind],
) -> None:
    with past_the_triggers(url) as connection:
        if url.startswith("sqlite"):
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        assert connection.execute(text(statement)).rowcount
    findings = found(mall)
    assert {one.kind for one in findings} == kinds
    assert all(one.expected != one.found for one in findings)
