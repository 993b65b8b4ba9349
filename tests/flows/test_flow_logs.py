"""What a thread and its troubles leave in the log: ids and codes, nothing people wrote."""

import io
from collections.abc import Iterator

import pytest

from bot.emulator.faults import FaultKind
from tests.flows.conftest import OpenTown
from tests.support.deeds import CHEN, EARLY, LI, WANG, ZHANG, ZHOU, complain, record
from tests.support.logged import recorded
from tests.support.town import Town, keys_of
from tests.support.wire import Wire, member_xml, robot_body, seal
from tests.support.world import AES_KEY, CLIENT_SECRET, SECRET, TOKEN

PHONE = "13800138000"
SAID = ("渗水三次没人管", "主体结构", "王建国", "陈晓", "滨江置业", "滨江一期", PHONE, "身份证号")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with recorded() as said:
        yield said


def test_a_thread_with_troubles_leaves_nothing_people_wrote(
    logged: io.StringIO, open_town: OpenTown
) -> None:
    town = open_town()
    code = _plays_the_thread(town)
    _meets_troubles(town)
    town.settles()

    lines = logged.getvalue()
    assert '"event": "sent"' in lines
    assert '"event": "send_failed"' in lines
    assert '"event": "callback_rejected"' in lines
    assert '"event": "refused"' in lines
    secrets = (SECRET, TOKEN, AES_KEY, CLIENT_SECRET, *_tokens(town))
    told = [said for said in (*SAID, code, *secrets) if said in lines]
    assert told == []
    for line in lines.splitlines():
        assert line.startswith("{"), line


def _plays_the_thread(town: Town) -> str:
    mark = town.says(CHEN, f"邀请 滨江置业 王建国 {PHONE}")
    told = str(town.waits_for(CHEN, "邀请码", after=mark).body["text"])
    code = told.partition("邀请码 ")[2][:8]
    mark = town.says(WANG, f"绑定 {code}")
    town.waits_for(WANG, "绑定好了", after=mark)
    record(town, LI, EARLY)
    cards = complain(town)
    town.presses(cards[ZHANG], "take")
    return code


def _meets_troubles(town: Town) -> None:
    wire = Wire(town)
    forged = seal(member_xml("liqiang", "身份证号"))
    forged.query["msg_signature"] = "0" * 40
    assert wire.sealed(forged).status_code == 403
    assert wire.robot('{"text": "身份证号"'.encode()).status_code == 400
    wire.robot(robot_body("身份证号", "滨江一期"))
    wire.close()
    town.says(WANG, "邀请 滨江置业 王建国")
    town.says(WANG, "绑定 AAAAAAAA")
    for fault in (FaultKind.HTTP_STATUS, FaultKind.HTML_BODY):
        town.faults.arm("wecom.message.send", fault, value=502, times=1)
    town.faults.arm("wecom.message.send", FaultKind.ERRCODE, value=60020, times=1)
    town.faults.arm("dingtalk.card.create", FaultKind.HTTP_STATUS, value=500, times=1)
    mark = town.says(ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    town.says(LI, "记录 滨江一期 机电安装 今天验收通过")
    town.waits_for(ZHOU, lambda b: bool(keys_of(b)), after=mark, seconds=15)
    town.lets_time_pass(town.is_at_rest, 20)


def _tokens(town: Town) -> list[str]:
    issued = [str(token) for token in town.wecom.tokens._known]
    return [*issued, town.dingtalk._gate.tokens._current]
