"""Platforms at their worst, T65 to T71: expired tokens, refusals, limits, bans, silence, traps."""

import re
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from bot.channel_configs import DINGTALK, WECOM
from bot.codec import view_to_json
from bot.emulator.faults import FaultKind
from bot.wiring import MAIN
from domain.channels import ChannelKind
from domain.deliveries import Delivery, DeliveryKind
from domain.ids import ChannelId, DeliveryId
from domain.members import Role
from handlers.contract import Context, View
from handlers.usecases.setup import add_member, give_account
from handlers.views import AlertCard, Cancelled
from tests.cards.sample_alerts import NEW
from tests.flows.conftest import OpenTown
from tests.support.deeds import FANG, LI, SUPERVISORS, WANG, ZHANG, ZHOU, bind, complain
from tests.support.town import Town, text_of
from tests.support.wire import Wire, robot_body
from tests.support.world import Ding


def queue(
    town: Town, channel: ChannelId, messages: Sequence[tuple[str, View]], kind: DeliveryKind
) -> list[DeliveryId]:
    """Store deliveries as the runtime does; nobody is told of them."""
    made: list[DeliveryId] = []

    def act(ctx: Context) -> None:
        for account, view in messages:
            delivery = Delivery(
                id=DeliveryId(ctx.ids.new()),
                channel=channel,
                external_id=account,
                kind=kind,
                view=view.view_name,
                data=view_to_json(view),
                dedupe_key=f"test:{ctx.ids.new()}",
                created_at=ctx.now,
            )
            assert ctx.work.deliveries.add(delivery)
            made.append(delivery.id)

    town.parts.runtime.act(MAIN, act)
    return made


def an_alert(number: int) -> AlertCard:
    """Make the card of a new alert."""
    return replace(NEW, number=number, ticket=f"ticket{number}", text=f"第{number}次渗水")


def test_t65_a_hundred_sends_with_an_expired_token_fetch_one(open_town: OpenTown) -> None:
    town = open_town(extra_members=100)
    people = [f"staff{number:03}" for number in range(100)]
    view = Cancelled(had_something=True)
    queue(town, WECOM, [("liqiang", view)], DeliveryKind.REPLY)
    town.settles()
    town.run(_revoke(town))
    fetched = _calls(town, "gettoken")

    made = queue(town, WECOM, [(person, view) for person in people], DeliveryKind.REPLY)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(partial(town.parts.sender.deliver, MAIN), made))

    town.settles(20)
    assert all(len(town.shown(f"wecom:{person}")) == 1 for person in people)
    assert _calls(town, "gettoken") == fetched + 1


async def _revoke(town: Town) -> None:
    town.wecom.tokens.revoke_all()


def _calls(town: Town, name: str) -> int:
    return len([call for call in town.wecom.calls if call.name == name])


@pytest.mark.parametrize(("errcode", "advice"), [(60020, "IP"), (48002, "权限")])
def test_t66_what_only_an_operator_can_mend_is_told_to_one(
    town: Town, errcode: int, advice: str
) -> None:
    town.faults.arm("wecom.message.send", FaultKind.ERRCODE, value=errcode, times=1)
    mark = town.says(LI, "记录 滨江一期 主体结构 昨天验收通过")

    told = town.waits_for(ZHANG, "没有送到", after=mark)

    assert advice in text_of(told)
    assert str(errcode) in text_of(told)
    town.settles()
    assert town.shown(LI, mark) == []
    assert town.all("SELECT outcome, code FROM delivery_attempts WHERE outcome <> 'sent'") == [
        ("dead", str(errcode))
    ]


def test_t66_one_who_is_gone_is_left_out_and_the_others_are_told(town: Town) -> None:
    def ghost(ctx: Context) -> None:
        member = add_member(ctx, "离职者", [Role.SUPERVISOR])
        give_account(ctx, member, WECOM, ChannelKind.WECOM_APP, "ghost", is_alerted=True)
        give_account(ctx, member, DINGTALK, ChannelKind.DINGTALK, "ghost", is_alerted=True)

    town.parts.runtime.act(MAIN, ghost)
    bind(town)

    complain(town)

    town.settles()
    states = dict(town.all("SELECT external_id, state FROM deliveries WHERE view = 'alert_card'"))
    assert states["ghost"] == "dead"
    assert {states[phone.partition(":")[2]] for phone in SUPERVISORS} == {"sent"}
    assert town.one("SELECT count(*) FROM delivery_attempts WHERE outcome = 'dead'") == 2
    blocked = town.all("SELECT channel_id FROM identities WHERE blocked_reason IS NOT NULL")
    assert blocked == [("wecom",)]


def test_t67_forty_alerts_in_a_minute_arrive_in_less_than_thirty_messages(town: Town) -> None:
    alerts = [("wangfang", an_alert(number)) for number in range(1, 41)]
    queue(town, WECOM, alerts, DeliveryKind.PUSH)

    town.waits_until(lambda: _waiting(town, "gathering") > 0)
    town.lets_time_pass(town.is_at_rest, 20)

    shown = town.shown(FANG)
    assert town.wecom.dropped == []
    assert len(shown) < 26
    single = [b for b in shown if b.kind == "card"]
    digests = [b for b in shown if "条消息" in text_of(b)]
    counted = sum(int(n) for b in digests for n in re.findall(r"(\d+) 条消息", text_of(b)))
    assert len(single) + counted == 40
    assert town.one("SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'merged')") == 0


def test_t67_answers_wait_rather_than_pass_the_platforms_limit(town: Town) -> None:
    answers = [("wangfang", an_alert(number)) for number in range(1, 33)]
    queue(town, WECOM, answers, DeliveryKind.REPLY)

    town.waits_until(lambda: _waiting(town, "rate") == 7, seconds=15)
    assert len(town.shown(FANG)) == 25
    town.jumps(seconds=61)
    town.settles()

    assert town.wecom.dropped == []
    numbers = [b.body["main_title"]["desc"] for b in town.shown(FANG)]
    assert numbers == [f"#{n} 待接手" for n in range(1, 33)]


def _waiting(town: Town, code: str) -> int:
    query = f"SELECT count(*) FROM deliveries WHERE state = 'queued' AND reason = '{code}'"  # noqa: S608
    return int(town.one(query))


@pytest.mark.parametrize("body", [None, "1111"], ids=["html", "status 1111"])
def test_t68_a_ban_is_kept_for_five_minutes(town: Town, body: str | None) -> None:
    town.faults.arm("dingtalk.batchSend", FaultKind.HTML_BODY, value=body, times=1)
    view = Cancelled(had_something=True)
    people = ("sunli01", "zhoutao01")
    queue(town, DINGTALK, [(person, view) for person in people], DeliveryKind.REPLY)
    town.waits_until(lambda: _waiting(town, "address_banned") == 2)
    calls = len(town.dingtalk.calls)

    town.jumps(minutes=4)
    town.parts.scheduler.tick()
    assert len(town.dingtalk.calls) == calls
    town.jumps(minutes=3)
    town.parts.redis.flushall()

    town.waits_for("dingtalk:sunli01", lambda _: True)
    town.waits_for(ZHOU, lambda _: True)


def test_t69_silence_after_acceptance_shows_nothing_twice(open_town: OpenTown) -> None:
    town = open_town(workers=3)
    bind(town)
    town.settles()
    for place in ("wecom.message.send", "dingtalk.card.create", "wecom.kf.send_msg"):
        town.faults.arm(place, FaultKind.HANG_AFTER_ACCEPT, value=5.5, times=1)
    mark = town.mark()

    town.says(LI, "记录 滨江一期 主体结构 昨天验收通过")
    town.says(ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    town.says(WANG, "余额")

    town.settles(25)
    for phone in (LI, ZHOU, WANG):
        assert len(town.shown(phone, mark)) == 1
    assert town.one("SELECT count(*) FROM delivery_attempts WHERE code = 'timeout'") == 3
    # The platform recognises the second try by our key; what it says to that is no mistake of ours.
    assert {str(e) for e in town.dingtalk.protocol_errors} <= {_AGAIN}
    town.dingtalk.protocol_errors.clear()


_AGAIN = "/v1.0/card/instances/createAndDeliver: outTrackId is used again; the new data is ignored"


def test_t70_a_card_too_old_to_change_is_followed_by_a_message(town: Town) -> None:
    bind(town)
    cards = complain(town)
    town.settles()
    town.jumps(hours=73)
    mark = town.presses(cards[ZHANG], "take")

    said = town.waits_for(FANG, "张敏", after=mark)

    assert "#1" in text_of(said)
    assert said.id != cards[FANG].id
    assert "待接手" in text_of(cards[FANG])
    town.settles()
    assert town.one("SELECT count(*) FROM deliveries WHERE state = 'dead'") == 0


def test_t70_a_code_that_was_used_up_elsewhere_leads_to_a_message(town: Town) -> None:
    bind(town)
    cards = complain(town)
    town.settles()
    town.faults.arm("wecom.update_template_card", FaultKind.ERRCODE, value=60140, times=1)

    mark = town.presses(cards[ZHANG], "take")

    assert town.waits_for(FANG, "张敏", after=mark).id != cards[FANG].id


def test_t71_a_session_address_that_is_a_trap_is_never_called(open_town: OpenTown) -> None:
    town = open_town(Ding("http", has_template=False))
    wire = Wire(town)
    soon = int((time.time() + 3600) * 1000)
    with socket.create_server(("127.0.0.1", 0)) as trap:
        port = trap.getsockname()[1]
        real = town.platforms.url
        for address in (
            "http://169.254.169.254/latest/meta-data",
            f"http://127.0.0.1:{port}/robot/sendBySession?session=x",
            f"{real}@127.0.0.1:{port}/",
            f"{real}.evil.example/",
            f"{real}\\@127.0.0.1:{port}/",
            "file:///etc/passwd",
        ):
            mark = town.mark()
            body = robot_body("zhoutao01", "项目", sessionWebhook=address)
            assert wire.robot({**body, "sessionWebhookExpiredTime": soon}).status_code == 200
            town.waits_for(ZHOU, "滨江二期", after=mark)
        trap.settimeout(0.05)
        with pytest.raises(TimeoutError):
            trap.accept()
    handles = town.all("SELECT reply_handle FROM deliveries")
    assert {str(handle) for (handle,) in handles} <= {"None", "null"}
    wire.close()


def test_t71_an_expired_or_redirecting_session_falls_back_to_the_api(town: Town) -> None:
    town.dingtalk.end_sessions()
    mark = town.mark()
    town.faults.arm("dingtalk.session", FaultKind.HTTP_STATUS, value=302, times=1)
    town.says(ZHOU, "项目")
    town.waits_for(ZHOU, "滨江二期", after=mark)
    mark = town.mark()
    town.faults.arm("dingtalk.session", FaultKind.ERRCODE, value=300001, times=1)
    town.says(ZHOU, "项目")
    town.waits_for(ZHOU, "滨江二期", after=mark)
    called = [call.name for call in town.dingtalk.calls]
    assert called.count("/v1.0/robot/oToMessages/batchSend") == 2
