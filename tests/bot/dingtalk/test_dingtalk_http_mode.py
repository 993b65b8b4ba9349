"""HTTP mode: what the emulated platform posts is read, and it accepts the answers."""

from typing import Any

import pytest

from bot.dingtalk.answers import card_answer
from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.emulator.dingtalk import Limits, Mode, Push
from bot.platform import HttpAnswer
from handlers.incoming import Incoming, Left, Pressed, Said
from tests.bot.dingtalk.sender import CARD, DONE, TICKET, Sender
from tests.bot.dingtalk.stage import LI, TEMPLATE, WANG, Emulated


class Ears:
    """The three addresses of an app, reading with the adapter and answering for it."""

    def __init__(self, emulated: Emulated) -> None:
        self.heard: list[Incoming] = []
        self._callbacks = DingtalkCallbacks(emulated.config(mode="http"), emulated.clock)
        emulated.ears = self.hear

    def hear(self, name: str, headers: Any, query: Any, body: bytes) -> HttpAnswer:
        if name == "event":
            incomings, answer = self._callbacks.read_event(query, body)
            self.heard += incomings
            return answer
        if name == "card":
            self.heard.append(self._callbacks.read_card(headers, body))
            return card_answer(DONE)
        self.heard.append(self._callbacks.read_robot(headers, body))
        return HttpAnswer(body=b'{"msgtype":"empty"}', media_type="application/json")


@pytest.fixture
def ears(emulated: Emulated) -> Ears:
    emulated.platform.mode = Mode.HTTP
    return Ears(emulated)


def test_a_message_is_read_and_answered_by_silence(emulated: Emulated, ears: Ears) -> None:
    push = emulated.do(emulated.platform.member_says(LI, "积分"))

    assert isinstance(push, Push)
    assert push.answered
    assert [(i.sender, i.content) for i in ears.heard] == [(LI, Said("积分"))]
    assert ears.heard[0].reply_handle is not None
    assert emulated.shown(LI) == []
    assert emulated.errors == []


def test_a_press_over_the_registered_address_changes_the_card(
    emulated: Emulated, ears: Ears
) -> None:
    sender = Sender(emulated, mode="http", card_template_id=TEMPLATE)
    sender.client.register_card_address(f"{emulated.url}/app/card")
    sender.send(CARD)

    emulated.do(emulated.platform.member_presses(LI, "01JD01", f"{TICKET}:take"))

    assert [(i.sender, i.content) for i in ears.heard] == [
        (LI, Pressed(f"{TICKET}:take", card=sender.key))
    ]
    [bubble] = emulated.shown(LI)
    assert bubble.body["data"]["status"] == "已处理"
    assert emulated.errors == []
    sender.client.close()


def test_events_and_the_address_check_are_accepted(emulated: Emulated, ears: Ears) -> None:
    assert emulated.do(emulated.platform.check_url())

    push = emulated.do(emulated.platform.event("user_leave_org", {"UserId": [LI, WANG]}))

    assert push.answered
    assert [(i.sender, i.content) for i in ears.heard] == [
        (LI, Left("user_leave_org")),
        (WANG, Left("user_leave_org")),
    ]
    assert emulated.errors == []


def test_an_unsigned_press_changes_nothing() -> None:
    with Emulated(limits=Limits(calls_per_second=None), callback_route_key="plain") as emulated:
        ears = Ears(emulated)
        body = b'{"type":"actionCallback","corpId":"dingcorp0001","userId":"0412337"}'

        assert emulated.post("card", body) == 401
        assert emulated.post("robot", body) == 401
        assert emulated.post("event", b'{"encrypt":"x"}') == 401
        assert ears.heard == []
