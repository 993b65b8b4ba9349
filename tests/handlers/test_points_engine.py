"""Events through the whole engine: caps, tiers, waiting points, closed months, previews."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import AlreadyUndone
from domain.events import BusinessEvent, EventType, FactValue
from domain.ids import ContactId, CustomerId, EventId, ProjectId
from domain.ledger import Account, Reason
from domain.outcomes import Ending, outcomes_of
from domain.posting import month_text
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import Cap, Comparison, Condition, Fixed, PerUnit, Scope, Window
from domain.tiers import Tier, TierPolicy, month_of
from handlers.contract import Context
from handlers.usecases.books import (
    first_open_month,
    machine_cause,
    open_book,
    peek_book,
    store_books,
)
from handlers.usecases.points import Booked, book, preview, preview_undo, undo
from handlers.usecases.surroundings import Surroundings, facts_read
from tests.support.chat import Chat
from tests.support.fake_state import TenantState
from tests.support.fakes import START
from tests.support.make import a_rule, an_event
from tests.support.stores import MAIN

NOV = month_of(date(2026, 11, 22))
DAILY = Cap(Scope.CUSTOMER, Window.DAY, points=30)
SURVEY = EventType.SURVEY_COMPLETED
SILVER = Tier("silver", "银卡", 20, percent=150, gift=7)
TIERED = Programme(1, START, tiers=TierPolicy((SILVER,)))


def publish(chat: Chat, *rules: Any, programme: Programme | None = None) -> None:
    with chat.store.work(MAIN) as work:
        for rule in rules:
            work.rules.add(rule, Publication(START))
        if programme is not None:
            work.rules.add_programme(programme, Publication(START))
        work.commit()


def worth(code: str = "a-worth", **changes: Any) -> Any:
    return a_rule(code, trigger=SURVEY, formula=PerUnit("amount", 1, 1), **changes)


def survey(number: int, amount: int, **changes: Any) -> BusinessEvent:
    fields: dict[str, Any] = {
        "id": EventId(f"event-{number}"),
        "source_id": f"S-{number}",
        "type": SURVEY,
        "data": {"amount": amount},
    }
    return an_event(**(fields | changes))


def does(chat: Chat, act: Any) -> Any:
    return chat.acts(act)


def booked(chat: Chat, event: BusinessEvent) -> Booked:
    found = does(chat, lambda ctx: book(ctx, event))
    assert isinstance(found, Booked)
    return found


def rows(chat: Chat) -> TenantState:
    return chat.store.committed(MAIN)


def points(chat: Chat) -> tuple[int, int, int, int]:
    wallet = rows(chat).wallets["C001"]
    return wallet.available, wallet.held, wallet.pending, wallet.debt


def test_an_event_is_kept_with_what_was_asked_and_what_came_of_it(chat: Chat) -> None:
    publish(chat, worth(caps=(DAILY,)))
    booked(chat, survey(1, 20))
    done = booked(chat, survey(2, 20))
    [outcome] = done.outcomes
    assert (outcome.requested, outcome.applied, outcome.ending) == (20, 10, Ending.CAPPED)
    kept = rows(chat).events["event-2"]
    assert facts_read(kept.facts) == {
        "customer.code": "C001",
        "project.code": "P001",
        "project.manager": "li",
        "project.stage": does(chat, lambda ctx: ctx.work.projects.get(ProjectId("P001")).stage),
    }
    assert outcomes_of(kept.outcomes) == [outcome]
    assert rows(chat).earned == {("C001", NOV): 30}


def test_the_facts_around_an_event_are_those_of_its_project_customer_and_contact(
    chat: Chat,
) -> None:
    with chat.store.work(MAIN) as work:
        typed = replace(work.customers.get(CustomerId("C001")), id=CustomerId("C009"), code="C009")
        work.customers.add(replace(typed, type="央企"))
        work.customers.set_segments(CustomerId("C009"), ["vip", "央企"])
        plain = work.projects.get(ProjectId("P001"))
        typed_project = replace(plain, id=ProjectId("P009"), code="P009", type="住宅", manager=None)
        work.projects.add(typed_project)
        work.commit()
    bare = replace(survey(1, 1), customer=CustomerId("C009"), project=None)
    around, text = does(chat, lambda ctx: Surroundings(ctx).of(bare))
    assert around == {
        "customer.code": "C009",
        "customer.type": "央企",
        "customer.segments": ("vip", "央企"),
    }
    assert facts_read(text) == around
    named = replace(survey(1, 1), contact=ContactId("wang"), project=ProjectId("P009"))
    nobody = replace(named, contact=None)

    def both(ctx: Context) -> list[dict[str, FactValue]]:
        around = Surroundings(ctx)
        return [around.of(event)[0] for event in (named, nobody, named)]

    typed_around: dict[str, FactValue] = {
        "customer.code": "C001",
        "project.code": "P009",
        "project.stage": plain.stage,
        "project.type": "住宅",
    }
    told_by_wang = typed_around | {"contact": "wang"}
    assert does(chat, both) == [told_by_wang, typed_around, told_by_wang]


def test_rules_ask_for_what_stands_around_an_event(chat: Chat) -> None:
    segment = Condition("customer.segments", Comparison.EQUALS, "vip")
    publish(chat, worth(conditions=(segment,)))
    assert booked(chat, survey(1, 5)).points == 0
    with chat.store.work(MAIN) as work:
        work.customers.set_segments(CustomerId("C001"), ["vip"])
        work.commit()
    done = booked(chat, survey(2, 5))
    assert (done.points, done.outcomes[0].inputs) == (
        5,
        {"amount": 5, "customer.segments": ("vip",)},
    )


@pytest.mark.parametrize("amounts", [[20], [20, 20], [20, 20, 20], [5, 200, 1]])
def test_a_preview_is_what_happens(chat: Chat, amounts: list[int]) -> None:
    """Caps, tiers, gifts and debts too: one function does both."""
    publish(chat, worth(caps=(DAILY,)), programme=TIERED)
    complaint = an_event(
        id=EventId("event-c"),
        source_id="C",
        type=EventType.COMPLAINT_CLOSED,
        data={"satisfied": False},
    )
    events = [survey(number, amount) for number, amount in enumerate(amounts)]
    for event in (*events, complaint, survey(99, 3)):
        before = chat.state()
        seen = does(chat, lambda ctx, event=event: preview(ctx, event))
        assert chat.state() == before
        done = booked(chat, event)
        assert (seen.outcomes, seen.points) == (done.outcomes, done.points)


def test_a_preview_sees_its_own_rules_share_a_cap(chat: Chat) -> None:
    general = Programme(1, START, caps=(Cap(Scope.CUSTOMER, Window.DAY, points=12),))
    publish(chat, worth("a"), worth("b"), programme=general)
    seen = does(chat, lambda ctx: preview(ctx, survey(1, 8)))
    assert [outcome.applied for outcome in seen.outcomes] == [8, 4]
    assert rows(chat).cap_counters == {}


def test_an_undo_gives_back_caps_and_the_way_to_the_tier(chat: Chat) -> None:
    publish(chat, worth(caps=(DAILY,)), worth("b-worth", caps=(DAILY,)), programme=TIERED)
    event = survey(1, 25)
    assert booked(chat, event).points == 57
    assert does(chat, lambda ctx: preview_undo(ctx, event)) == -57
    done = does(chat, lambda ctx: undo(ctx, event))
    assert (done.points, points(chat)) == (-57, (0, 0, 0, 0))
    assert rows(chat).earned == {("C001", NOV): 0}
    assert {(u.points, u.times) for u in rows(chat).cap_counters.values()} == {(0, 0)}
    assert rows(chat).undone["event-1"] == (chat.clock.now(), "system")
    # The gift has been taken back with it: it is given again.
    assert booked(chat, survey(2, 25)).points == 57


def test_undoing_an_event_without_entries_happens_once_too(chat: Chat) -> None:
    event = replace(survey(1, 5), type=EventType.CHECK_IN)
    booked(chat, event)
    done = does(chat, lambda ctx: undo(ctx, event))
    assert (done.points, done.entries) == (0, ())
    before = chat.state()
    with pytest.raises(AlreadyUndone) as refused:
        does(chat, lambda ctx: undo(ctx, event))
    assert refused.value.seq == 0
    assert chat.state() == before


def test_nobody_is_told_when_nobody_is_to_be_told(chat: Chat) -> None:
    publish(chat, worth())
    event = survey(1, 5)
    does(chat, lambda ctx: book(ctx, event, tells=False))
    assert chat.facts == []
    does(chat, lambda ctx: undo(ctx, event, tells=False))
    assert chat.facts == []


def test_waiting_points_come_with_the_next_event_after_their_day(chat: Chat) -> None:
    publish(chat, worth(matures_after_days=3))
    booked(chat, survey(1, 20))
    assert points(chat) == (0, 0, 20, 0)
    chat.pass_time(days=2)
    booked(chat, survey(2, 5))
    assert points(chat) == (0, 0, 25, 0)
    chat.pass_time(days=1)
    later = survey(3, 1, occurred_at=chat.clock.now(), recorded_at=chat.clock.now())
    assert does(chat, lambda ctx: peek_book(ctx, CustomerId("C001")).available) == 25
    done = booked(chat, later)
    # What has matured meanwhile is nothing the event has done.
    assert (done.points, [entry.reason for entry in done.entries]) == (1, [Reason.AWARD])
    assert points(chat) == (25, 0, 1, 0)
    matured = [b.entry for b in rows(chat).booked.values() if b.entry.reason is Reason.MATURITY]
    assert [entry.cause.effective_at for entry in matured] == [START + timedelta(days=3)] * 2
    assert all(entry.cause.event is None for entry in matured)


def test_undoing_what_still_waits_takes_it_from_what_waits(chat: Chat) -> None:
    publish(chat, worth(matures_after_days=3))
    event = survey(1, 20)
    booked(chat, event)
    assert does(chat, lambda ctx: preview_undo(ctx, event)) == -20
    does(chat, lambda ctx: undo(ctx, event))
    assert points(chat) == (0, 0, 0, 0)


def close(chat: Chat, month: str) -> None:
    with chat.store.work(MAIN) as work:
        assert work.months.close(month, START, None)
        work.commit()


@pytest.mark.parametrize(
    ("closed", "first"),
    [([], ""), (["2026-11"], "2026-12"), (["2026-10", "2026-12"], "2027-01")],
)
def test_the_first_open_month_follows_the_last_closed_one(
    chat: Chat, closed: list[str], first: str
) -> None:
    for month in closed:
        close(chat, month)
    assert does(chat, first_open_month) == first


def test_facts_of_a_closed_month_count_in_the_first_open_one_and_say_so(chat: Chat) -> None:
    publish(chat, worth(effective_from=START - timedelta(days=99)))
    early = survey(1, 20, occurred_at=START - timedelta(days=40))
    booked(chat, early)
    close(chat, "2026-10")
    booked(chat, survey(2, 5, occurred_at=START - timedelta(days=30)))
    does(chat, lambda ctx: undo(ctx, early))
    causes = [b.entry.cause for b in rows(chat).booked.values()]
    assert [(cause.period, cause.corrects) for cause in causes] == [
        ("2026-10", None),
        ("2026-11", "2026-10"),
        ("2026-11", "2026-10"),
    ]


def test_what_the_machine_books_for_a_closed_month_is_a_correction_too(chat: Chat) -> None:
    close(chat, "2026-10")
    old = START - timedelta(days=40)
    cause = does(chat, lambda ctx: machine_cause(ctx, "k", old, note="approval:1"))
    assert (cause.period, cause.corrects, cause.note) == ("2026-11", "2026-10", "approval:1")
    cause = does(chat, lambda ctx: machine_cause(ctx, "k", START))
    assert (cause.period, cause.corrects, cause.note) == (month_text(START), None, None)


def test_books_nothing_was_written_in_are_not_stored(chat: Chat) -> None:
    def act(ctx: Context) -> Any:
        return store_books(ctx, [open_book(ctx, CustomerId("C001"))], {})

    assert does(chat, act) == []
    assert rows(chat).booked == {}


def test_what_expired_in_the_same_posting_is_no_debt_of_the_undo(chat: Chat) -> None:
    publish(chat, worth(valid_months=1, effective_from=START - timedelta(days=99)))
    event = survey(1, 20)
    booked(chat, event)
    chat.pass_time(days=60)
    assert does(chat, lambda ctx: preview_undo(ctx, event)) == 0
    does(chat, lambda ctx: undo(ctx, event))
    assert points(chat) == (0, 0, 0, 0)
    debits = [b.entry.debit for b in rows(chat).booked.values()]
    assert debits == [Account.ISSUED, Account.AVAILABLE, Account.EXPIRED]


def test_a_rule_of_fixed_points_needs_no_inputs(chat: Chat) -> None:
    publish(chat, a_rule("a", trigger=SURVEY, formula=Fixed(3)))
    assert booked(chat, survey(1, 0)).outcomes[0].inputs == {}
