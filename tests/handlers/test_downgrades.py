"""A tier that a new month takes: the customer hears of it, once, also after an outage."""

from datetime import UTC, datetime, timedelta

from domain.facts import TierChanged
from domain.ids import CustomerId
from domain.programme import Programme
from domain.repositories import Publication
from domain.tiers import Tier, TierPolicy
from handlers.usecases.downgrades import DOWNGRADES_RUN, downgrade
from handlers.views import TierNotice
from tests.handlers.expiring import at
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN

SILVER, GOLD = Tier("silver", "银级", 100), Tier("gold", "金级", 300)
C001 = CustomerId("C001")
POLICY = TierPolicy((SILVER, GOLD), window_months=12, grace_months=0)


def earn(chat: Chat, customer: str, points: int, *, year: int, month: int) -> None:
    with chat.store.work(MAIN) as work:
        work.earned.add(CustomerId(customer), year * 12 + month - 1, points)
        work.commit()


def with_tiers(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        begin = datetime(2001, 1, 1, tzinfo=UTC)
        work.rules.add_programme(Programme(1, begin, tiers=POLICY), Publication(START))
        work.commit()


def run(chat: Chat, limit: int = 10) -> list[TierChanged]:
    """Let the run work until it is done; give whose tier has changed."""
    found = []
    while True:
        more = chat.acts(lambda ctx: downgrade(ctx, limit))
        found += [fact for fact in chat.facts if isinstance(fact, TierChanged)]
        if not more:
            return found


def place(chat: Chat) -> str:
    return chat.store.committed(MAIN).runs.get(DOWNGRADES_RUN, "")


def test_the_first_run_only_notes_the_month(chat: Chat) -> None:
    with_tiers(chat)
    earn(chat, "C001", 300, year=2025, month=11)
    assert run(chat) == []
    assert place(chat) == "2026-11"


def test_a_tier_lost_with_the_month_is_told_once(chat: Chat) -> None:
    with_tiers(chat)
    earn(chat, "C001", 200, year=2025, month=12)
    earn(chat, "C001", 100, year=2026, month=3)
    earn(chat, "C002", 300, year=2026, month=3)
    run(chat)
    chat.clock.at = at("2026-12-01", "00:00") - timedelta(seconds=1)
    assert run(chat) == []
    chat.clock.at = at("2026-12-01", "00:00")
    chat.says("wang", "你好")
    assert run(chat) == [TierChanged(C001, GOLD, SILVER, 0, "month:2026-12-01")]
    assert run(chat) == []
    chat.says("wang", "你好")
    told = [view for view in chat.phone("wang") if isinstance(view, TierNotice)]
    assert [(one.is_promotion, one.before, one.tier) for one in told] == [(False, "金级", "银级")]


def test_after_an_outage_of_months_it_says_since_when(chat: Chat) -> None:
    with_tiers(chat)
    earn(chat, "C001", 300, year=2025, month=12)
    run(chat)
    chat.clock.at = at("2027-04-15")
    assert run(chat) == [TierChanged(C001, GOLD, None, 0, "month:2026-12-01")]
    assert place(chat) == "2027-04"


def test_the_month_of_the_loss_may_lie_within_the_outage(chat: Chat) -> None:
    with_tiers(chat)
    earn(chat, "C001", 300, year=2026, month=3)
    run(chat)
    chat.clock.at = at("2027-04-15")
    assert run(chat) == [TierChanged(C001, GOLD, None, 0, "month:2027-03-01")]


def test_customers_are_compared_in_parts(chat: Chat) -> None:
    with_tiers(chat)
    for customer in ("C001", "C002"):
        earn(chat, customer, 100, year=2025, month=12)
    run(chat)
    chat.clock.at = at("2027-01-01")
    assert chat.acts(lambda ctx: downgrade(ctx, 1)) is True
    assert place(chat) == "2026-11|C001"
    assert [fact.customer for fact in run(chat, 1)] == ["C002"]
    assert place(chat) == "2027-01"


def test_without_tiers_nobody_loses_any(chat: Chat) -> None:
    earn(chat, "C001", 300, year=2025, month=12)
    run(chat)
    chat.clock.at = at("2027-01-01")
    assert run(chat) == []
    assert place(chat) == "2027-01"
