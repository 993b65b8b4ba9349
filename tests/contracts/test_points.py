"""Events, rules and the ledger, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.events import EventType
from domain.ids import EntryId, LotId
from domain.ledger import (
    Cause,
    Draft,
    Entry,
    Wallet,
    entry_hash,
    plan_award,
    plan_penalty,
    plan_reversal,
    seal,
)
from domain.lots import Lot, LotUse
from domain.ports import Conflict, UnitOfWork
from domain.rules import Direction
from domain.starter import starter_rules
from storage.db import StatementFailed
from tests.contracts.rows import ACME, BETA, LI, WANG, an_event, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

END = START + timedelta(days=700)


def cause(key: str, event: int | None = None) -> Cause:
    """Make a cause; with an event, the one of that number."""
    return Cause(
        event=None if event is None else an_event(event).id,
        rule="milestone-on-time",
        rule_version=1,
        actor=f"member:{LI.id}",
        effective_at=START,
        recorded_at=START + timedelta(microseconds=1),
        key=key,
    )


def post(work: UnitOfWork, drafts: list[Draft], reason: Cause) -> list[Entry]:
    """Seal drafts on the locked wallet and append them, as the posting use case does."""
    wallet = work.wallets.lock(ACME.id)
    rows = []
    for place, draft in enumerate(drafts):
        name = f"{wallet.seq + 1:04d}"
        numbered = replace(reason, key=f"{reason.key}#{place}")
        wallet, entry = seal(wallet, draft, numbered, EntryId(f"n-{name}"))
        lot = None
        if draft.lot_expires_at is not None:
            lot = Lot(
                LotId(f"l-{name}"),
                entry.id,
                draft.points,
                draft.points,
                START,
                draft.lot_expires_at,
            )
        rows.append((entry, lot, draft.takes, draft.gives_back))
    work.wallets.append(wallet, rows)
    return [row[0] for row in rows]


def award(work: UnitOfWork, points: int, key: str, event: int | None = None) -> list[Entry]:
    """Award points to the customer."""
    return post(work, plan_award(work.wallets.read(ACME.id), points, END), cause(key, event))


def penalise(work: UnitOfWork, points: int, key: str) -> list[Entry]:
    """Take points from the customer."""
    return post(work, plan_penalty(work.wallets.lots(ACME.id), points, START), cause(key))


def test_an_event_is_stored_once_per_source_id(any_store: AnyStore) -> None:
    event = an_event(1)
    with any_store.work(MAIN) as work:
        people(work)
        assert work.events.add(event, "hash-1") is True
        assert work.events.add(replace(event, id=an_event(2).id), "hash-2") is False
        assert work.events.find("chat", "s-1") == (event, "hash-1")
        assert work.events.find("api", "s-1") is None
        assert work.events.get(event.id) == event
        work.commit()

    with any_store.work(OTHER) as work:
        assert work.events.find("chat", "s-1") is None


def test_a_members_latest_events_come_newest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for number in range(1, 24):
            work.events.add(an_event(number), "hash")
        work.events.add(an_event(30, recorded_by=WANG.id), "hash")
        work.events.add(an_event(31, type=EventType.CHECK_IN), "hash")

        latest = work.events.latest_by(LI.id, EventType.MILESTONE_ACCEPTED)
        assert [event.source_id for event in latest] == [f"s-{n}" for n in range(23, 3, -1)]


def test_rules_come_back_as_they_were_published(any_store: AnyStore) -> None:
    rules = starter_rules(START)
    second = replace(rules[0], version=2, effective_from=END, effective_to=END + timedelta(days=1))
    with any_store.work(MAIN) as work:
        for rule in (*rules, second):
            work.rules.add(rule)
        published = work.rules.published()
        assert published == sorted([*rules, second], key=lambda rule: (rule.code, rule.version))
        assert {rule.direction for rule in published} == set(Direction)
        with pytest.raises(Conflict):
            work.rules.add(second)


def test_a_wallet_is_empty_before_its_first_entry(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.wallets.read(ACME.id) == Wallet(ACME.id)
        assert work.wallets.lock(ACME.id) == Wallet(ACME.id)
        assert work.wallets.lots(ACME.id) == []
        assert work.wallets.latest(ACME.id, 5) == []


def test_an_award_opens_a_lot(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.events.add(an_event(1), "hash")
        [entry] = award(work, 50, "one", event=1)
        work.commit()

    with any_store.reading(MAIN) as work:
        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.seq, wallet.head) == (50, 1, entry.hash)
        assert work.wallets.lots(ACME.id) == [Lot(LotId("l-0001"), entry.id, 50, 50, START, END)]
        assert work.wallets.latest(ACME.id, 1) == [entry]
        assert work.wallets.of_event(an_event(1).id) == [entry]
        assert work.wallets.opened_by(entry.id) == "l-0001"
        assert work.wallets.read(BETA.id) == Wallet(BETA.id)


def test_a_stored_entry_hashes_to_its_hash(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        penalise(work, 70, "two")
        work.commit()

    with any_store.reading(MAIN) as work:
        entries = work.wallets.latest(ACME.id, 10)
        assert [entry.seq for entry in entries] == [3, 2, 1]
        assert [entry_hash(entry) for entry in entries] == [entry.hash for entry in entries]


def test_a_penalty_takes_from_lots_in_order_and_leaves_a_debt(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        award(work, 30, "two")
        penalties = penalise(work, 100, "three")

        wallet = work.wallets.read(ACME.id)
        assert (wallet.available, wallet.debt, wallet.seq) == (0, 20, 4)
        assert work.wallets.lots(ACME.id) == []
        assert work.wallets.uses(penalties[0].id) == [
            LotUse(LotId("l-0001"), 50),
            LotUse(LotId("l-0002"), 30),
        ]
        assert work.wallets.uses(penalties[1].id) == []
        assert work.wallets.opened_by(penalties[0].id) is None


def test_a_reversal_gives_back_to_the_same_lots_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        [penalty] = penalise(work, 20, "two")
        work.commit()
        assert not work.wallets.is_reversed(penalty.id)

        drafts = undo(work, penalty)
        post(work, drafts, cause("three"))
        assert work.wallets.is_reversed(penalty.id)
        assert [lot.remaining for lot in work.wallets.lots(ACME.id)] == [50]
        assert work.wallets.uses(EntryId("n-0003")) == []
        work.commit()

        with pytest.raises((Conflict, StatementFailed)):
            post(work, drafts, cause("four"))
        work.rollback()
        assert work.wallets.read(ACME.id).seq == 3


def test_a_reversal_in_two_entries_is_still_one(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.events.add(an_event(1), "hash")
        [earned] = award(work, 50, "one", event=1)
        penalise(work, 30, "two")
        posted = post(work, undo(work, earned), cause("three", event=1))
        assert [entry.reverses for entry in posted] == [earned.id, earned.id]
        assert work.wallets.of_event(an_event(1).id) == [earned]
        assert work.wallets.read(ACME.id).debt == 30


def test_entries_follow_the_wallet_they_were_planned_on(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        work.commit()
        stale = Wallet(ACME.id)
        wallet, entry = seal(stale, plan_award(stale, 10, END)[0], cause("two"), EntryId("n-x"))
        with pytest.raises(Conflict):
            work.wallets.append(wallet, [(entry, None, (), ())])
        work.rollback()
        assert work.wallets.read(ACME.id).available == 50
        assert len(work.wallets.latest(ACME.id, 10)) == 1


def test_a_lot_never_gives_more_than_it_has(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        award(work, 50, "two")
        work.commit()
        drafts = plan_penalty(work.wallets.lots(ACME.id), 60, START)
        forged = [replace(drafts[0], takes=(LotUse(LotId("l-0001"), 60),))]
        with pytest.raises(StatementFailed):
            post(work, forged, cause("three"))
        work.rollback()
        assert [lot.remaining for lot in work.wallets.lots(ACME.id)] == [50, 50]


def test_a_lot_of_another_customer_is_never_touched(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        work.commit()
        theirs = work.wallets.lock(BETA.id)
        wallet, entry = seal(theirs, plan_award(theirs, 50, END)[0], cause("x"), EntryId("n-b"))
        with pytest.raises(Conflict):
            work.wallets.append(wallet, [(entry, None, [LotUse(LotId("l-0001"), 10)], ())])
        work.rollback()
        assert [lot.remaining for lot in work.wallets.lots(ACME.id)] == [50]


def undo(work: UnitOfWork, entry: Entry) -> list[Draft]:
    """Plan to take an entry back."""
    return plan_reversal(
        entry,
        opened=work.wallets.opened_by(entry.id),
        taken=work.wallets.uses(entry.id),
        lots=work.wallets.lots(ACME.id),
        wallet=work.wallets.read(ACME.id),
        now=START,
        lot_expires_at=END,
    )
