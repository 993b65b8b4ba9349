"""Points end by themselves, customers hear of it before, and can look for themselves."""

from datetime import timedelta

import pytest

from domain.expiry import LEVELS, is_time_for_notices, windows
from domain.facts import PointsExpiring
from domain.ids import CustomerId
from domain.ledger import Account, Reason
from handlers.usecases.expiry import NOTICES_RUN, bring_up_to_date, notify
from handlers.views import EndingList, ExpiryNotice
from tests.handlers.expiring import at, entries, purse, sees, sign
from tests.support.chat import Chat
from tests.support.stores import MAIN

C001, C002 = CustomerId("C001"), CustomerId("C002")


def told(chat: Chat, limit: int = 10) -> list[PointsExpiring]:
    """Let the notices' run work once; give whom it has told of what."""
    chat.acts(lambda ctx: notify(ctx, limit))
    return [fact for fact in chat.facts if isinstance(fact, PointsExpiring)]


def levels(chat: Chat, day: str, clock: str = "09:00") -> list[tuple[str, int, int]]:
    """Let a whole day's notices go out; give customer, level and points of each."""
    chat.clock.at = at(day, clock)
    found: list[tuple[str, int, int]] = []
    while facts := told(chat):
        found += [(f.customer, f.window.level, sum(p for _, p in f.ends)) for f in facts]
    return found


# --- booking what has ended -------------------------------------------------------------------


def test_points_end_at_midnight_in_shanghai_after_the_last_day_and_not_before(chat: Chat) -> None:
    sign(chat, 100)
    chat.clock.at = at("2028-12-01", "00:00") - timedelta(microseconds=1)
    assert sees(chat, lambda work: work.wallets.lapsing(chat.clock.now(), 10)) == []
    assert chat.acts(lambda ctx: bring_up_to_date(ctx, [C001])) == 0
    assert purse(chat).available == 100

    chat.clock.at = at("2028-12-01", "00:00")
    assert sees(chat, lambda work: work.wallets.lapsing(chat.clock.now(), 10)) == [C001]
    assert chat.acts(lambda ctx: bring_up_to_date(ctx, [C001])) == 1
    assert purse(chat).available == 0
    ended = entries(chat)[-1]
    assert (ended.debit, ended.credit, ended.points, ended.reason) == (
        Account.AVAILABLE,
        Account.EXPIRED,
        100,
        Reason.EXPIRY,
    )
    assert (ended.cause.actor, ended.cause.period) == ("system", "2028-12")


def test_all_ended_lots_of_a_wallet_are_one_entry_and_once(chat: Chat) -> None:
    for points in (10, 20, 30):
        sign(chat, points)
    sign(chat, 40, on="2026-11-01", customer="C002")
    chat.clock.at = at("2029-01-01")
    assert chat.acts(lambda ctx: bring_up_to_date(ctx, [C002, C001])) == 2
    assert [entry.points for entry in entries(chat)[3:]] == [60]
    before = chat.state()
    assert chat.acts(lambda ctx: bring_up_to_date(ctx, [C002, C001])) == 0
    assert chat.state() == before


# --- notices ----------------------------------------------------------------------------------


def test_every_end_is_in_one_window() -> None:
    for clock in ("00:00", "09:00", "23:59"):
        for day in ("2026-11-30", "2027-02-28", "2028-02-29", "2026-12-31"):
            now = at(day, clock)
            found = windows(now)
            assert [one.level for one in found] == list(LEVELS)
            assert [one.after for one in found] == [now, *(one.until for one in found[:-1])]


@pytest.mark.parametrize(
    ("clock", "is_time"), [("08:59", False), ("09:00", True), ("20:59", True), ("21:00", False)]
)
def test_customers_are_told_by_day(clock: str, *, is_time: bool) -> None:
    assert is_time_for_notices(at("2026-11-30", clock)) is is_time


def test_nobody_is_told_at_night_and_nothing_is_noted(chat: Chat) -> None:
    sign(chat, 100)
    chat.clock.at = at("2028-11-29", "08:59")
    before = chat.state()
    assert told(chat) == []
    assert chat.state() == before


def test_30_7_and_1_days_before_the_last_day_each_once(chat: Chat) -> None:
    sign(chat, 100)
    days = [f"2028-11-{day:02d}" for day in range(1, 31)]
    found = {day: levels(chat, day) for day in ["2028-10-30", "2028-10-31", *days]}
    assert {day: got for day, got in found.items() if got} == {
        "2028-10-31": [("C001", 30, 100)],
        "2028-11-23": [("C001", 7, 100)],
        "2028-11-29": [("C001", 1, 100)],
    }
    assert levels(chat, "2028-12-01") == []


@pytest.mark.parametrize(
    ("earned", "last_day", "first_told"),
    [
        ("2026-02-10", "2028-02-29", "2028-01-30"),
        ("2027-02-10", "2029-02-28", "2029-01-29"),
        ("2025-01-31", "2027-01-31", "2027-01-01"),
        ("2024-12-01", "2026-12-31", "2026-12-01"),
    ],
)
def test_month_ends_of_every_length(
    chat: Chat, earned: str, last_day: str, first_told: str
) -> None:
    sign(chat, 100, on=earned)
    before = (at(first_told) - timedelta(days=1)).date().isoformat()
    assert levels(chat, before) == []
    assert levels(chat, first_told) == [("C001", 30, 100)]
    assert levels(chat, last_day, "20:00") == [("C001", 1, 100)]


def test_after_an_outage_the_level_that_fits_is_told_once(chat: Chat) -> None:
    sign(chat, 100)
    assert levels(chat, "2028-11-26", "15:00") == [("C001", 7, 100)]
    assert levels(chat, "2028-11-27") == []
    assert levels(chat, "2028-11-30") == [("C001", 1, 100)]
    assert levels(chat, "2028-11-30", "20:00") == []


def test_spent_points_are_told_of_to_nobody(chat: Chat) -> None:
    sign(chat, 100)
    sign(chat, 70, customer="C002")
    chat.says("zhou", "调整 滨江置业 -100 重复计分")
    chat.says("zhao", "批准 1")
    assert levels(chat, "2028-11-29") == [("C002", 1, 70)]


def test_each_level_is_a_notice_of_its_own(chat: Chat) -> None:
    sign(chat, 100, on="2025-01-05")
    sign(chat, 50, on="2025-02-05")
    assert levels(chat, "2027-01-29") == [("C001", 7, 100), ("C001", 30, 50)]


def test_a_day_is_told_in_parts_and_goes_on_where_it_stopped(chat: Chat) -> None:
    sign(chat, 100)
    sign(chat, 70, customer="C002")
    chat.clock.at = at("2028-11-29")
    assert [fact.customer for fact in told(chat, limit=1)] == ["C001"]
    assert chat.store.committed(MAIN).runs[NOTICES_RUN] == "2028-11-29|1|C001"
    assert [fact.customer for fact in told(chat, limit=1)] == ["C002"]
    assert told(chat, limit=1) == []
    assert chat.store.committed(MAIN).runs[NOTICES_RUN] == "2028-11-29"
    before = chat.state()
    assert told(chat, limit=1) == []
    assert chat.state() == before


def test_the_notice_says_points_last_day_and_what_earned_them(chat: Chat) -> None:
    chat.says("wang", "你好")
    for points, day in ((10, "2026-11-02"), (40, "2026-11-03"), (30, "2026-11-04")):
        sign(chat, points, on=day)
    sign(chat, 20, on="2026-11-05")
    chat.clock.at = at("2028-11-29", "08:30")
    chat.says("wang", "你好")
    assert levels(chat, "2028-11-29") == [("C001", 1, 100)]
    notice = chat.last("wang")
    assert isinstance(notice, ExpiryNotice)
    assert (notice.customer, notice.level, notice.points) == ("滨江置业", 1, 100)
    assert [(end["points"], end["last_day"]) for end in notice.ends] == [(100, "2028-11-30")]  # type: ignore[index]
    assert [(s["points"], s["event"], s["on"]) for s in notice.sources] == [  # type: ignore[index]
        (40, "contract_signed", "2026-11-03"),
        (30, "contract_signed", "2026-11-04"),
        (20, "contract_signed", "2026-11-05"),
    ]


# --- 即将到期 ---------------------------------------------------------------------------------


def test_the_customer_can_look_at_ends_and_sources(chat: Chat) -> None:
    sign(chat, 100)
    seen = chat.says("wang", "即将到期")
    assert isinstance(seen, EndingList)
    assert seen.customer == "滨江置业"
    assert [(line.points, line.last_day) for line in seen.lines] == [(100, "2028-11-30")]
    [source] = seen.lines[0].sources
    assert (source.points, source.event, source.project, source.on) == (
        100,
        "contract_signed",
        "",
        "2026-11-22",
    )


def test_points_given_by_hand_have_a_reason_for_a_source(chat: Chat) -> None:
    chat.says("zhou", "调整 滨江置业 +30 渗水补偿")
    chat.says("zhao", "批准 1")
    seen = chat.says("wang", "即将到期")
    assert isinstance(seen, EndingList)
    [source] = seen.lines[0].sources
    assert (source.points, source.event, source.reason, source.on) == (30, "", "adjustment", "")


def test_without_points_nothing_ends(chat: Chat) -> None:
    seen = chat.says("wang", "快到期")
    assert isinstance(seen, EndingList)
    assert seen.lines == ()
