"""Points set aside: each hold is settled or given back once, whoever comes first."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from domain.errors import HoldClosed, RefundTooLarge, ShortOfPoints
from domain.events import EventType
from domain.holds import Hold, HoldState
from domain.ids import CustomerId, EventId, HoldId
from domain.ledger import Account, Reason, Wallet
from handlers.usecases.holds import (
    hold_points,
    refund_hold,
    release_hold,
    release_overdue,
    settle_hold,
)
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


def refund(chat: Chat, points: int, part: str, hold_id: HoldId = H1) -> Wallet:
    """Give back of a settled hold."""
    found: Wallet = chat.acts(lambda ctx: refund_hold(ctx, hold_id, points, part=part))
    return found


def settled(chat: Chat, points: int) -> None:
    """Spend points of C001."""
    hold(chat, points)
    chat.acts(lambda ctx: settle_hold(ctx, H1))


def test_a_refund_gives_back_in_parts_to_the_lots_the_hold_took(chat: Chat) -> None:
    sign(chat, 20, on="2026-10-01")
    sign(chat, 100)
    settled(chat, 60)
    assert lots_left(chat) == [0, 60]
    assert refund(chat, 30, "1") == purse(chat)
    assert lots_left(chat) == [0, 90]
    refund(chat, 15, "2")
    assert (accounts(chat), lots_left(chat)) == ((105, 0, 0), [5, 100])
    entry = entries(chat)[-1]
    assert (entry.debit, entry.credit, entry.points, entry.reason) == (
        Account.REDEEMED,
        Account.AVAILABLE,
        15,
        Reason.REFUND,
    )
    assert (entry.cause.key, entry.cause.note) == ("refund:hold-1:2", "redemption:1")
    assert entry.reverses == next(e.id for e in entries(chat) if e.reason is Reason.REDEMPTION)
    assert stored(chat).state is HoldState.SETTLED


def test_a_part_is_refunded_once(chat: Chat) -> None:
    sign(chat, 100)
    settled(chat, 30)
    wallet = refund(chat, 10, "1")
    before = chat.state()
    assert refund(chat, 10, "1") == wallet
    assert chat.state() == before
    with pytest.raises(ValueError, match="refund:hold-1:1"):
        refund(chat, 11, "1")
    assert chat.state() == before


def test_a_part_that_paid_a_debt_and_gave_points_is_one_too(chat: Chat) -> None:
    sign(chat, 60)
    settled(chat, 60)
    complaint = an_event(
        id=EventId("complaint"),
        source_id="C-1",
        type=EventType.COMPLAINT_CLOSED,
        data={"satisfied": False},
    )
    chat.acts(lambda ctx: book(ctx, complaint))
    wallet = refund(chat, 55, "1")
    assert (accounts(chat), lots_left(chat)) == ((5, 0, 0), [5])
    before = chat.state()
    assert refund(chat, 55, "1") == wallet
    assert chat.state() == before
    refund(chat, 5, "2")
    assert (accounts(chat), lots_left(chat)) == ((10, 0, 0), [10])


def test_no_more_is_refunded_than_was_spent(chat: Chat) -> None:
    sign(chat, 100)
    settled(chat, 30)
    refund(chat, 20, "1")
    before = chat.state()
    with pytest.raises(RefundTooLarge) as refused:
        refund(chat, 11, "2")
    assert refused.value.details() == {"asked": 11, "left": 10, "spent": 30}
    assert chat.state() == before
    refund(chat, 10, "2")
    before = chat.state()
    with pytest.raises(RefundTooLarge) as again:
        refund(chat, 1, "3")
    assert again.value.details() == {"asked": 1, "left": 0, "spent": 30}
    assert chat.state() == before


@pytest.mark.parametrize("points", [0, -1])
def test_a_refund_of_nothing_is_a_bug(chat: Chat, points: int) -> None:
    sign(chat, 100)
    settled(chat, 30)
    before = chat.state()
    with pytest.raises(ValueError, match=r"redeemed|0|-1"):
        refund(chat, points, "1")
    assert chat.state() == before


def test_what_was_never_settled_is_not_refunded(chat: Chat) -> None:
    sign(chat, 100)
    hold(chat, 30)
    before = chat.state()
    with pytest.raises(HoldClosed) as open_:
        refund(chat, 30, "1")
    assert (open_.value.state, chat.state()) == ("open", before)
    chat.acts(lambda ctx: release_hold(ctx, H1))
    before = chat.state()
    with pytest.raises(HoldClosed) as released:
        refund(chat, 30, "1")
    assert (released.value.state, chat.state()) == ("released", before)


def test_what_ended_before_its_refund_expires_at_once(chat: Chat) -> None:
    sign(chat, 100)
    settled(chat, 40)
    chat.clock.at = at("2028-12-01", "00:00")
    refund(chat, 40, "1")
    assert accounts(chat) == (0, 0, 0)
    assert [(e.reason, e.points) for e in entries(chat)[-3:]] == [
        (Reason.EXPIRY, 60),
        (Reason.REFUND, 40),
        (Reason.EXPIRY, 40),
    ]
