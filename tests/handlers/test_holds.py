"""Points set aside: each hold is settled or given back once, whoever comes first."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from domain.errors import HoldClosed, ShortOfPoints
from domain.events import EventType
from domain.holds import Hold, HoldState
from domain.ids import CustomerId, EventId, HoldId
from domain.ledger import Account, Reason
from handlers.usecases.holds import hold_points, release_hold, release_overdue, settle_hold
from handlers.usecases.points import book
from tests.handlers.expiring import at, entries, purse, sign
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import an_event
from tests.support.stores import MAIN

C001 = CustomerId("C001")
H1 = HoldId("hold-1")
LATER = START + timedelta(hours=2)


def hold(
    chat: Chat,
    points: int,
    hold_id: HoldId = H1,
    *,
    purpose: str = "redemption:1",
    until: datetime = LATER,
) -> Hold:
    """Set points of C001 aside."""
    found: Hold = chat.acts(
        lambda ctx: hold_points(ctx, hold_id, C001, points, purpose=purpose, expires_at=until)
    )
    return found


def stored(chat: Chat, hold_id: HoldId = H1) -> Hold:
    return chat.store.committed(MAIN).holds[hold_id]


def accounts(chat: Chat) -> tuple[int, int, int]:
    wallet = purse(chat)
    return wallet.available, wallet.held, wallet.debt


def lots_left(chat: Chat) -> list[int]:
    return [lot.remaining for lot in chat.store.committed(MAIN).lots.values()]


def test_holding_takes_from_the_lots_and_says_what_for(chat: Chat) -> None:
    sign(chat, 100)
    assert hold(chat, 30) == stored(chat)
    assert accounts(chat) == (70, 30, 0)
    assert lots_left(chat) == [70]
    entry = entries(chat)[-1]
    assert (entry.reason, entry.points, entry.cause.note) == (Reason.HOLD, 30, "redemption:1")
    assert stored(chat).entry == entry.id


def test_the_same_hold_asked_for_again_is_the_same(chat: Chat) -> None:
    sign(chat, 100)
    first = hold(chat, 30)
    before = chat.state()
    assert hold(chat, 30) == first
    assert chat.state() == before


@pytest.mark.parametrize(("points", "purpose"), [(31, "redemption:1"), (30, "redemption:2")])
def test_a_holds_id_stands_for_one_hold(chat: Chat, points: int, purpose: str) -> None:
    sign(chat, 100)
    hold(chat, 30)
    before = chat.state()
    with pytest.raises(ValueError, match="hold-1"):
        hold(chat, points, purpose=purpose)
    assert chat.state() == before


def test_holding_more_than_there_is_is_refused_and_makes_no_debt(chat: Chat) -> None:
    sign(chat, 100)
    before = chat.state()
    with pytest.raises(ShortOfPoints) as refused:
        hold(chat, 101)
    assert refused.value.details() == {"available": 100, "asked": 101}
    assert chat.state() == before


def test_ended_points_are_not_there_to_be_held(chat: Chat) -> None:
    sign(chat, 100)
    chat.clock.at = at("2028-12-01", "00:00")
    before = chat.state()
    with pytest.raises(ShortOfPoints):
        hold(chat, 1, until=chat.clock.now() + timedelta(hours=1))
    assert chat.state() == before


def test_settling_spends_the_points_once(chat: Chat) -> None:
    sign(chat, 100)
    hold(chat, 30)
    assert chat.acts(lambda ctx: settle_hold(ctx, H1)) is True
    assert accounts(chat) == (70, 0, 0)
    entry = entries(chat)[-1]
    assert (entry.debit, entry.credit, entry.points) == (Account.HELD, Account.REDEEMED, 30)
    assert (stored(chat).state, stored(chat).closed_at) == (HoldState.SETTLED, START)
    before = chat.state()
    assert chat.acts(lambda ctx: settle_hold(ctx, H1)) is False
    assert chat.state() == before


def test_releasing_gives_back_to_the_same_lots_once(chat: Chat) -> None:
    sign(chat, 20, on="2026-10-01")
    sign(chat, 100)
    hold(chat, 30)
    assert lots_left(chat) == [0, 90]
    assert chat.acts(lambda ctx: release_hold(ctx, H1)) is True
    assert (accounts(chat), lots_left(chat)) == ((120, 0, 0), [20, 100])
    assert entries(chat)[-1].reason is Reason.RELEASE
    before = chat.state()
    assert chat.acts(lambda ctx: release_hold(ctx, H1)) is False
    assert chat.state() == before


def test_a_hold_ends_one_way_only(chat: Chat) -> None:
    sign(chat, 100)
    hold(chat, 10, HoldId("a"))
    hold(chat, 10, HoldId("b"))
    chat.acts(lambda ctx: settle_hold(ctx, HoldId("a")))
    chat.acts(lambda ctx: release_hold(ctx, HoldId("b")))
    before = chat.state()
    with pytest.raises(HoldClosed) as settled:
        chat.acts(lambda ctx: release_hold(ctx, HoldId("a")))
    with pytest.raises(HoldClosed) as released:
        chat.acts(lambda ctx: settle_hold(ctx, HoldId("b")))
    assert (settled.value.state, released.value.state) == ("settled", "released")
    assert chat.state() == before


def test_points_that_ended_while_they_were_held_can_be_spent_but_do_not_come_back(
    chat: Chat,
) -> None:
    sign(chat, 100)
    chat.clock.at = at("2028-11-30", "23:59")
    until = at("2028-12-01", "00:30")
    hold(chat, 40, HoldId("spent"), until=until)
    hold(chat, 60, HoldId("back"), until=until)
    chat.clock.at = until
    chat.acts(lambda ctx: settle_hold(ctx, HoldId("spent")))
    chat.acts(lambda ctx: release_hold(ctx, HoldId("back")))
    assert accounts(chat) == (0, 0, 0)
    assert [(e.reason, e.points) for e in entries(chat)[-2:]] == [
        (Reason.RELEASE, 60),
        (Reason.EXPIRY, 60),
    ]


def test_what_is_given_back_pays_a_debt_first(chat: Chat) -> None:
    sign(chat, 30)
    hold(chat, 30)
    complaint = an_event(
        id=EventId("complaint"),
        source_id="C-1",
        type=EventType.COMPLAINT_CLOSED,
        data={"satisfied": False},
    )
    chat.acts(lambda ctx: book(ctx, complaint))
    assert accounts(chat) == (0, 30, 50)
    chat.acts(lambda ctx: release_hold(ctx, H1))
    assert accounts(chat) == (0, 0, 20)


def test_overdue_holds_are_given_back_unless_somebody_was_faster(chat: Chat) -> None:
    sign(chat, 100)
    for name in ("late", "settled", "open"):
        hold(chat, 10, HoldId(name), until=LATER if name != "open" else LATER + timedelta(days=1))
    chat.clock.at = LATER
    with chat.store.reading(MAIN) as work:
        overdue = work.holds.overdue(chat.clock.now(), 10)
    assert overdue == ["late", "settled"]
    chat.acts(lambda ctx: settle_hold(ctx, HoldId("settled")))
    assert [chat.acts(partial(release_overdue, hold_id=one)) for one in overdue] == [
        True,
        False,
    ]
    assert accounts(chat) == (80, 10, 0)
