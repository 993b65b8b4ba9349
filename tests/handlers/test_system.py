"""What platforms report: accounts gone, messages lost, conversations with a person."""

from typing import Any

import pytest

from domain.channels import SessionState, Unreachable, reach
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.facts import DeliveryDied, NoticeHeld
from domain.ids import ContactId, DeliveryId
from domain.ports import Attempt
from handlers.incoming import Left, SendFailed, SessionChanged
from handlers.system import keep_back, take_refusal
from handlers.trouble import report_trouble
from handlers.views import DeliveryTrouble, Silence, TellCustomer
from tests.support.chat import Chat
from tests.support.make import a_delivery
from tests.support.stores import DING, KF, MAIN

DEAD, HELD, SENT = DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.SENT
SENDING = DeliveryState.SENDING


def put(chat: Chat, **changes: Any) -> Delivery:
    """Store a delivery as the sender would have it: in the middle of being sent, or sent."""
    fields = {"state": SENT} | changes
    if fields.keys().isdisjoint({"kind", "external_id"}):
        fields["contact"] = ContactId("wang")
    delivery = a_delivery(**fields)
    with chat.store.work(MAIN) as work:
        work.deliveries.add(delivery)
        work.commit()
    return delivery


def now(chat: Chat, name: str = "delivery-1") -> Delivery:
    with chat.store.reading(MAIN) as work:
        return work.deliveries.get(DeliveryId(name))


def identity(chat: Chat, external_id: str = "wm-wang") -> Any:
    return chat.store.committed(MAIN).identities[KF, external_id]


def test_an_account_that_has_left_is_not_written_to_until_it_is_back(chat: Chat) -> None:
    assert chat.gives("wang", Left("unsubscribed")) == Silence()
    assert identity(chat).blocked_reason == "unsubscribed"
    chat.gives("wang", Left(None))
    assert identity(chat).blocked_reason is None


@pytest.mark.parametrize("state", ["human", "ended", "bot"])
def test_who_holds_the_conversation_is_noted(chat: Chat, state: Any) -> None:
    chat.gives("wang", SessionChanged(state))
    assert identity(chat).session == SessionState(state)


@pytest.mark.parametrize(
    ("reason", "obstacle"),
    [
        ("window_closed", Unreachable.NEVER_WROTE),
        ("allowance_used", Unreachable.ALLOWANCE_USED),
        ("session_ended", Unreachable.SESSION_ENDED),
        ("blocked", Unreachable.BLOCKED),
    ],
)
def test_a_notice_that_did_not_arrive_is_held_and_the_platform_believed(
    chat: Chat, reason: Any, obstacle: Unreachable
) -> None:
    chat.says("wang", "你好")
    put(chat)
    assert chat.gives("wang", SendFailed("delivery-1", reason)) == Silence()
    assert (now(chat).state, now(chat).reason) == (HELD, reason)
    assert reach(identity(chat), chat.clock.now()).obstacle is obstacle
    [held] = chat.facts
    assert isinstance(held, NoticeHeld)
    card = chat.last("sun")
    assert isinstance(card, TellCustomer)
    assert (card.obstacle, card.about_data) == (reason, {"points": 50})


@pytest.mark.parametrize("reason", ["not_configured", "unknown"])
def test_a_message_that_is_lost_for_another_reason_is_dead_and_the_admins_hear_of_it(
    chat: Chat, reason: Any
) -> None:
    put(chat, external_id="wm-nobody")
    chat.gives("wang", SendFailed("delivery-1", reason))
    assert (now(chat).state, now(chat).reason) == (DEAD, reason)
    assert chat.phone("qian") == [DeliveryTrouble("kf", reason, "wm-nobody", 1)]
    assert chat.phone("sun") == []


@pytest.mark.parametrize("reason", ["not_configured", "unknown"])
def test_a_notice_that_is_lost_for_another_reason_is_told_by_hand_besides(
    chat: Chat, reason: Any
) -> None:
    # Another account is no way out: what is wrong is the message or the channel.
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    put(chat)
    chat.gives("wang", SendFailed("delivery-1", reason))
    assert (now(chat).state, now(chat).reason) == (HELD, "refused")
    assert chat.phone("qian") == [DeliveryTrouble("kf", reason, "wm-wang", 1)]
    assert chat.last("sun").obstacle == "refused"
    assert chat.phone("wang@ding") == []


@pytest.mark.parametrize("reason", ["blocked", "unknown"])
def test_what_a_lost_message_carried_is_lost_with_it_and_told_on_one_card(
    chat: Chat, reason: Any
) -> None:
    put(chat)
    put(chat, id=DeliveryId("carried"), dedupe_key="tier:1", state=SENDING)
    carried = now(chat, "carried")
    attempt = Attempt(carried.id, chat.clock.now(), "merged")
    chat.store.queue.finish(
        MAIN, carried, DeliveryState.MERGED, attempt, carried_by=DeliveryId("delivery-1")
    )
    chat.gives("wang", SendFailed("delivery-1", reason))
    assert [now(chat, name).state for name in ("delivery-1", "carried")] == [HELD, HELD]
    [card] = chat.phone("sun")
    assert isinstance(card, TellCustomer)
    assert (card.about_view, len(card.about_data["notices"])) == ("notice_digest", 2)


def test_a_report_about_an_earlier_message_of_a_notice_is_no_news(chat: Chat) -> None:
    put(chat, let_go=1)
    before = chat.state()
    chat.gives("wang", SendFailed("delivery-1", "blocked"))
    assert chat.state() == before
    chat.gives("wang", SendFailed("delivery-1_1", "blocked"))
    assert now(chat).state is HELD


def test_a_report_that_is_faster_than_the_sender_counts(chat: Chat) -> None:
    claimed = put(chat, state=SENDING, attempts=1)
    chat.gives("wang", SendFailed("delivery-1", "blocked"))
    attempt = Attempt(claimed.id, chat.clock.now(), "sent")
    chat.store.queue.finish(MAIN, claimed, SENT, attempt)
    assert (now(chat).state, now(chat).reason) == (HELD, "blocked")


@pytest.mark.parametrize("state", [DEAD, HELD, DeliveryState.BY_HAND])
def test_a_late_report_about_what_is_no_longer_sent_changes_nothing(
    chat: Chat, state: DeliveryState
) -> None:
    put(chat, state=state)
    before = chat.state()
    chat.gives("wang", SendFailed("delivery-1", "blocked"))
    chat.gives("wang", SendFailed("no-such-delivery", "blocked"))
    assert chat.state() == before


def test_a_reply_that_cannot_reach_its_account_is_dropped(chat: Chat) -> None:
    put(chat, kind=DeliveryKind.REPLY)
    chat.gives("wang", SendFailed("delivery-1", "window_closed"))
    assert (now(chat).state, chat.facts) == (DEAD, [])


@pytest.mark.parametrize(
    ("obstacle", "expected"),
    [
        (Unreachable.WINDOW_CLOSED, Unreachable.NEVER_WROTE),
        (Unreachable.ALLOWANCE_USED, Unreachable.ALLOWANCE_USED),
        (Unreachable.SESSION_ENDED, Unreachable.SESSION_ENDED),
        (Unreachable.WITH_A_PERSON, Unreachable.WITH_A_PERSON),
        (Unreachable.BLOCKED, Unreachable.BLOCKED),
        (Unreachable.NO_ACCOUNT, None),
        (Unreachable.NEVER_WROTE, None),
    ],
)
def test_the_sender_that_meets_an_obstacle_notes_it_for_the_account(
    chat: Chat, obstacle: Unreachable, expected: Unreachable | None
) -> None:
    # The sender is the machine: it speaks on no channel, the delivery names it.
    chat.says("wang", "你好")
    put(chat, state=DeliveryState.SENDING)
    chat.acts(lambda ctx: take_refusal(ctx, DeliveryId("delivery-1"), obstacle, "95001"))
    assert reach(identity(chat), chat.clock.now()).obstacle is expected
    assert (now(chat).state, now(chat).reason) == (HELD, obstacle)


def test_what_we_keep_back_ourselves_says_nothing_about_the_account(chat: Chat) -> None:
    chat.says("wang", "你好")
    put(chat, state=DeliveryState.SENDING)
    before = identity(chat)
    chat.acts(
        lambda ctx: keep_back(ctx, DeliveryId("delivery-1"), Unreachable.ALLOWANCE_USED, "reach")
    )
    assert (now(chat).state, now(chat).reason) == (HELD, "allowance_used")
    assert identity(chat) == before


def test_the_code_of_a_block_is_kept_as_its_reason(chat: Chat) -> None:
    put(chat)
    chat.acts(lambda ctx: take_refusal(ctx, DeliveryId("delivery-1"), Unreachable.BLOCKED, "95018"))
    assert identity(chat).blocked_reason == "95018"


@pytest.mark.parametrize("account", ["ding-zhao", "nobody"])
def test_a_push_that_reaches_no_member_is_dead_and_the_admins_hear_of_it(
    chat: Chat, account: str
) -> None:
    put(chat, channel=DING, external_id=account, view="alert_card")
    chat.acts(lambda ctx: take_refusal(ctx, DeliveryId("delivery-1"), Unreachable.BLOCKED, "60121"))
    assert now(chat).state is DEAD
    assert chat.phone("qian") == [DeliveryTrouble("ding", "60121", account, 1)]


def test_a_card_change_that_cannot_be_made_is_dropped_without_noise(chat: Chat) -> None:
    put(chat, channel=DING, external_id="ding-zhao", kind=DeliveryKind.UPDATE)
    chat.acts(lambda ctx: take_refusal(ctx, DeliveryId("delivery-1"), Unreachable.BLOCKED, "x"))
    assert (now(chat).state, chat.phone("qian")) == (DEAD, [])


def test_trouble_is_audited_every_time_and_told_once_an_hour_per_channel_and_code(
    chat: Chat,
) -> None:
    lost = put(chat)
    for code in ("60020", "60020", "48002"):
        chat.acts(lambda ctx, code=code: report_trouble(ctx, lost, code))  # type: ignore[misc]
    told = [DeliveryTrouble("kf", code, "wm-wang", 1) for code in ("60020", "48002")]
    assert chat.phone("qian") == told
    assert chat.actions() == ["delivery_died"] * 3
    chat.pass_time(hours=1)
    chat.acts(lambda ctx: report_trouble(ctx, lost, "60020"))
    assert chat.phone("qian") == [*told, told[0]]
    [fact] = chat.facts
    assert isinstance(fact, DeliveryDied)


def test_trouble_with_telling_of_trouble_is_not_told_again(chat: Chat) -> None:
    lost = put(chat, view="delivery_trouble")
    before = chat.state()
    chat.acts(lambda ctx: report_trouble(ctx, lost, "60020"))
    assert chat.state() == before
