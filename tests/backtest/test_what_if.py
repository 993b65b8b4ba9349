"""What a draft would have made of the past, with all state carried along."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.approvals import Verdict
from domain.calendar import end_of_business_day
from domain.events import EventType
from domain.holds import HoldState
from domain.programme import Programme
from domain.replay.drafts import Draft, Period
from domain.rules.model import (
    Cap,
    DebtPolicy,
    Fixed,
    Scope,
    Window,
)
from domain.tiers import Tier, TierPolicy
from tests.backtest.making import COMPLAINT, SURVEY, VISIT, a_history, customer_of, draft_of, second
from tests.support.history import EVER
from tests.support.make import a_rule


def test_a_cap_is_carried_through_the_period_unlike_loyalifes_preview() -> None:
    # Loyalife's preview looks at the last transaction and ignores caps, by its own documents.
    history = a_history(VISIT)
    for _ in range(10):
        history.happens("C1", EventType.CHECK_IN)
        history.pass_by(days=1)
    capped = second(VISIT, caps=(Cap(Scope.CUSTOMER, Window.EVER, points=35),))
    found = history.backtest(Draft((capped,)))
    assert draft_of(found, "given", "capped") == (35, 65)
    assert found["total"]["difference"]["net"] == -65
    assert found["losers"] == {
        "count": 1,
        "points": -65,
        "top": [{"customer": "C1", "points": -65}],
    }
    assert found["winners"]["count"] == 0


def test_a_tier_is_reached_within_the_run_unlike_talon_ones_dry_run() -> None:
    # A dry run of one payload can't know what earlier events would have led to.
    history = a_history(VISIT)
    for _ in range(6):
        history.happens("C1", EventType.CHECK_IN)
        history.pass_by(days=1)
    tiers = TierPolicy((Tier("silver", "银", 30, 200, 5),))
    found = history.backtest(Draft(programme=Programme(1, EVER, tiers=tiers)))
    # Three visits lead to the tier and its gift, three more count twice.
    assert draft_of(found, "given") == (60 + 5 + 30,)
    assert found["tiers"] == [{"past": "", "draft": "silver", "customers": 1}]


def test_expiry_is_carried_through_the_run() -> None:
    history = a_history(VISIT, SURVEY, COMPLAINT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=150)
    history.happens("C1", EventType.COMPLAINT_CLOSED, satisfied=False)
    found = history.backtest(Draft((second(VISIT, valid_months=1, formula=Fixed(70)),)))
    row = customer_of(found, "C1")
    assert (row["past"]["available"], row["past"]["debt"]) == (0, 50)
    # Seventy points would have been gone before the complaint came.
    assert (row["draft"]["expired"], row["draft"]["debt"]) == (70, 60)


def test_a_redemption_that_could_not_be_paid_does_not_happen_and_is_told() -> None:
    history = a_history(VISIT)
    for _ in range(3):
        history.happens("C1", EventType.CHECK_IN)
    assert history.hold("C1", 25, "H1")
    at = history.clock.now()
    history.pass_by(days=1)
    history.end_hold("H1", HoldState.SETTLED)
    history.pass_by(days=1)
    assert history.refund("H1", 4)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(5)),)))
    assert found["exact"]
    assert (found["total"]["past"]["redeemed"], found["total"]["draft"]["redeemed"]) == (21, 0)
    assert found["unpaid"] == {
        "count": 1,
        "points": 25,
        "missing": 10,
        "first": [
            {
                "customer": "C1",
                "at": at.isoformat(timespec="seconds"),
                "reason": "hold",
                "points": 25,
                "missing": 10,
            }
        ],
    }
    assert customer_of(found, "C1")["draft"]["available"] == 15


def test_a_released_hold_gives_back_what_it_took_in_either_course() -> None:
    history = a_history(VISIT)
    for _ in range(3):
        history.happens("C1", EventType.CHECK_IN)
    assert history.hold("C1", 25, "H1")
    history.pass_by(days=1)
    history.end_hold("H1", HoldState.RELEASED)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(12)),)))
    row = customer_of(found, "C1")
    assert (row["past"]["available"], row["draft"]["available"]) == (30, 36)


def test_a_refund_pays_the_debt_of_its_course_first() -> None:
    history = a_history(VISIT, COMPLAINT)
    for _ in range(3):
        history.happens("C1", EventType.CHECK_IN)
    assert history.hold("C1", 25, "H1")
    history.pass_by(days=1)
    history.end_hold("H1", HoldState.SETTLED)
    history.happens("C1", EventType.COMPLAINT_CLOSED, satisfied=False)
    for points in (15, 10):
        history.pass_by(days=1)
        assert history.refund("H1", points)
    assert not history.refund("H1", 1)
    found = history.backtest(Draft((second(COMPLAINT, formula=Fixed(20)),)))
    row = customer_of(found, "C1")
    assert found["exact"]
    assert (row["past"]["available"], row["past"]["debt"]) == (0, 30)
    assert (row["draft"]["available"], row["draft"]["debt"]) == (10, 0)
    assert (row["past"]["redeemed"], row["draft"]["redeemed"]) == (0, 0)


def test_gifts_come_out_on_both_sides_held_ones_too() -> None:
    rich = a_rule(
        "rich", trigger=EventType.REFERRAL_SIGNED, formula=Fixed(3_000), effective_from=EVER
    )
    history = a_history(VISIT, COMPLAINT, rich, customers=("C1", "C2"))
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=40)
    history.happens("C1", EventType.REFERRAL_SIGNED)
    history.happens("C2", EventType.COMPLAINT_CLOSED, satisfied=False)
    assert history.gift("C1", "C2", 90)
    for verdict in (Verdict.APPROVE, Verdict.DECLINE):
        assert history.gift("C1", "C2", 1_200)
        history.pass_by(days=1)
        assert history.end_gift(verdict)
    assert not history.end_gift(Verdict.APPROVE)
    draft = history.backtest(Draft((second(COMPLAINT, formula=Fixed(5)),)))
    assert draft["exact"]
    mine, theirs = customer_of(draft, "C1"), customer_of(draft, "C2")
    assert (mine["past"]["available"], theirs["past"]["available"]) == (1_720, 1_230)
    assert (mine["draft"]["available"], theirs["draft"]["available"]) == (1_720, 1_285)
    assert (theirs["past"]["given"], theirs["past"]["redeemed"]) == (0, 0)


def test_a_gift_that_could_not_be_given_is_told_and_received_as_it_was() -> None:
    history = a_history(VISIT, COMPLAINT, customers=("C1", "C2"))
    for _ in range(3):
        history.happens("C1", EventType.CHECK_IN)
    history.happens("C2", EventType.COMPLAINT_CLOSED, satisfied=False)
    assert history.gift("C1", "C2", 25)
    found = history.backtest(
        Draft((second(VISIT, formula=Fixed(5)), second(COMPLAINT, formula=Fixed(20))))
    )
    mine, theirs = customer_of(found, "C1"), customer_of(found, "C2")
    assert found["exact"]
    assert (found["unpaid"]["count"], found["unpaid"]["missing"]) == (1, 10)
    assert found["unpaid"]["first"][0]["reason"] == "given"
    assert (mine["draft"]["available"], theirs["past"]["debt"]) == (15, 35)
    assert (theirs["draft"]["available"], theirs["draft"]["debt"]) == (5, 0)


def test_taking_by_hand_takes_what_is_there() -> None:
    history = a_history(VISIT)
    for _ in range(3):
        history.happens("C1", EventType.CHECK_IN)
    history.adjust("C1", -25)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(5)),)))
    row = customer_of(found, "C1")
    assert (row["draft"]["available"], row["draft"]["debt"]) == (0, 0)
    assert (found["unpaid"]["count"], found["unpaid"]["missing"]) == (1, 10)


def test_what_paid_a_debt_by_hand_opens_a_lot_where_there_is_none() -> None:
    history = a_history(COMPLAINT)
    history.happens("C1", EventType.COMPLAINT_CLOSED, satisfied=False)
    history.adjust("C1", 20)
    found = history.backtest(Draft((second(COMPLAINT, formula=Fixed(5)),)))
    row = customer_of(found, "C1")
    assert (row["past"]["debt"], row["past"]["available"]) == (40, 0)
    assert (row["draft"]["debt"], row["draft"]["available"]) == (0, 15)


@pytest.mark.parametrize(("months", "left"), [(1, 10), (2, 10), (24, 10)])
def test_a_reinstatement_gives_what_has_expired_in_the_course(months: int, left: int) -> None:
    history = a_history(replace(VISIT, valid_months=1))
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=120)
    history.tick("C1")
    assert history.reinstate("C1")
    found = history.backtest(Draft((second(VISIT, valid_months=months),)))
    row = customer_of(found, "C1")
    assert row["past"]["available"] == 10
    assert row["draft"]["available"] == left


def test_a_reinstatement_pays_a_debt_first_in_either_course() -> None:
    history = a_history(replace(VISIT, valid_months=1), COMPLAINT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=120)
    history.happens("C1", EventType.COMPLAINT_CLOSED, satisfied=False)
    assert history.reinstate("C1")
    found = history.backtest(Draft((second(COMPLAINT, formula=Fixed(4)),)))
    row = customer_of(found, "C1")
    assert found["exact"]
    assert (row["past"]["debt"], row["past"]["available"]) == (50, 0)
    assert (row["draft"]["debt"], row["draft"]["available"]) == (0, 6)


def test_a_reinstatement_gives_the_last_expiry_where_it_was_booked_earlier() -> None:
    history = a_history(replace(VISIT, valid_months=3), COMPLAINT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=60)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=200)
    history.tick("C1")
    assert history.reinstate("C1")
    found = history.backtest(Draft((second(VISIT, valid_months=1),)))
    row = customer_of(found, "C1")
    assert (row["past"]["available"], row["draft"]["available"]) == (20, 10)


def test_an_undo_leaves_alone_what_had_lapsed_when_the_event_came() -> None:
    history = a_history(VISIT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=120)
    history.happens("C1", EventType.CHECK_IN)
    history.undo(1)
    history.pass_by(days=1)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(4), valid_months=1),)))
    assert found["exact"]
    assert draft_of(found, "given", "expired") == (4, 4)


def test_an_undo_takes_back_what_the_draft_gave_and_gives_its_cap_back() -> None:
    capped = replace(VISIT, caps=(Cap(Scope.CUSTOMER, Window.EVER, points=20),))
    history = a_history(capped)
    history.happens("C1", EventType.CHECK_IN)
    history.happens("C1", EventType.CHECK_IN)
    history.undo(0)
    history.happens("C1", EventType.CHECK_IN)
    found = history.backtest(Draft((second(capped, formula=Fixed(15)),)))
    assert found["exact"]
    # 15 and 5; 15 come back; 15 again: never more than 20 at once.
    assert draft_of(found, "given", "capped") == (20, 10)
    assert customer_of(found, "C1")["draft"]["available"] == 20


def test_an_undo_of_what_has_expired_takes_it_from_the_firm() -> None:
    history = a_history(replace(VISIT, valid_months=1))
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=120)
    history.tick("C1")
    history.undo(0)
    found = history.backtest(Draft((second(VISIT, valid_months=24),)))
    assert found["exact"]
    row = customer_of(found, "C1")
    assert (row["past"]["available"], row["draft"]["available"]) == (0, 0)
    assert draft_of(found, "given", "expired") == (0, 0)


def test_only_events_of_the_period_are_counted_by_the_draft() -> None:
    history = a_history(VISIT)
    days = []
    for _ in range(4):
        days.append(history.clock.now().date())
        history.happens("C1", EventType.CHECK_IN)
        history.pass_by(days=10)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(11)),)), Period(days[1], days[2]))
    assert customer_of(found, "C1")["draft"]["available"] == 42
    assert draft_of(found, "events", "given") == (2, 22)
    assert found["total"]["past"]["given"] == 20


def test_a_draft_that_begins_after_the_period_counts_in_all_of_it() -> None:
    history = a_history(VISIT)
    history.happens("C1", EventType.CHECK_IN)
    last = history.clock.now().date()
    history.pass_by(days=5)
    ahead = datetime(2030, 1, 1, tzinfo=UTC)
    rule = second(VISIT, formula=Fixed(11), effective_from=ahead)
    programme = Programme(1, ahead, point_fen=250)
    found = history.backtest(Draft((rule,), programme), Period(None, last))
    assert draft_of(found, "given", "cost_fen") == (11, 2750)
    untouched = history.backtest(Draft((rule,)))
    assert draft_of(untouched, "given") == (10,)


def test_the_liability_of_months_ends_leaves_out_what_has_expired() -> None:
    history = a_history(VISIT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=100)
    history.happens("C1", EventType.CHECK_IN)
    found = history.backtest(Draft((second(VISIT, valid_months=1),)))
    owed = {
        row["month"]: (row["liability"]["past"]["points"], row["liability"]["draft"]["points"])
        for row in found["months"]
    }
    assert owed == {
        "2026-11": (10, 10),
        "2026-12": (10, 0),
        "2027-01": (10, 0),
        "2027-02": (10, 0),
        "2027-03": (20, 10),
    }
    assert [row["is_running"] for row in found["months"]] == [False] * 4 + [True]


def test_months_before_the_period_are_left_out() -> None:
    history = a_history(replace(VISIT, valid_months=1))
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=70)
    history.tick("C1")
    history.pass_by(days=30)
    found = history.backtest(Draft((second(VISIT),)), Period(date(2027, 2, 1), None))
    assert [row["month"] for row in found["months"]] == ["2027-02", "2027-03"]
    assert found["total"]["past"]["expired"] == 0


def test_a_rule_that_was_withdrawn_counts_until_then() -> None:
    history = a_history(VISIT)
    history.happens("C1", EventType.CHECK_IN)
    history.pass_by(days=1)
    history.act(lambda ctx: ctx.work.rules.withdraw("visit", 1, ctx.now))
    history.pass_by(days=1)
    history.happens("C1", EventType.CHECK_IN)
    found = history.backtest()
    assert found["exact"]
    assert found["total"]["past"]["given"] == 10


def test_deductions_that_are_refused_are_told_as_waived() -> None:
    history = a_history(COMPLAINT)
    history.happens("C1", EventType.COMPLAINT_CLOSED, satisfied=False)
    draft = Draft((second(COMPLAINT, debt_policy=DebtPolicy.REFUSE),))
    assert draft_of(history.backtest(draft), "taken", "waived") == (0, 60)


def test_the_last_day_of_a_period_ends_at_midnight_in_shanghai() -> None:
    history = a_history(VISIT)
    day = history.clock.now().date()
    history.clock.at = end_of_business_day(day) - timedelta(seconds=1)
    history.happens("C1", EventType.CHECK_IN)
    history.clock.at = end_of_business_day(day)
    history.happens("C1", EventType.CHECK_IN)
    found = history.backtest(Draft((second(VISIT, formula=Fixed(11)),)), Period(None, day))
    assert customer_of(found, "C1")["draft"]["available"] == 21
