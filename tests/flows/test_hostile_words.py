"""Hostile and odd words, T20 to T22: nothing said, far too much said, invisible characters."""

from collections.abc import Iterator

import pytest

from tests.flows.conftest import OpenTown
from tests.support.deeds import LI, WANG, ZHOU, bind
from tests.support.town import Town, keys_of, text_of
from tests.support.wire import ENVELOPE, Wire, member_xml, nothing_changes, robot_body
from tests.support.world import GROUP

MENU = "您现在可以"
both = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def wire(town: Town) -> Iterator[Wire]:
    """Give the way to the application."""
    wire = Wire(town)
    yield wire
    wire.close()


@pytest.mark.parametrize("said", ["", "   ", "😀👍🏽", "……!!!", "[微笑][微笑]"])
def test_t20_saying_nothing_brings_the_menu(town: Town, said: str) -> None:
    for phone in (LI, ZHOU):
        mark = town.says(phone, said)
        town.waits_for(phone, "记录", after=mark)
    assert town.one("SELECT count(*) FROM tickets") == 0


def test_t20_voices_pictures_and_a_lone_mention_bring_the_menu(town: Town) -> None:
    mark = town.mark()
    for kind in ("voice", "image", "location"):
        town.run(town.wecom.member_sends("liqiang", kind))
    town.run(town.dingtalk.member_sends("zhoutao01", "picture", {"downloadCode": "x"}))
    town.waits_until(lambda: len(town.shown(LI, mark)) == 3)
    assert all("读不懂" in text_of(bubble) for bubble in town.shown(LI, mark))
    town.waits_for(ZHOU, "读不懂", after=mark)
    mark = town.mark()
    town.run(town.dingtalk.member_says("zhoutao01", "", group=GROUP))
    town.waits_for(ZHOU, "记录", after=mark)


def test_t20_a_sticker_from_a_customer_brings_the_customers_menu(town: Town) -> None:
    bind(town)
    mark = town.mark()
    town.run(town.wecom.customer_sends("wmWang", "image"))
    town.waits_for(WANG, "余额", after=mark)


def test_t21_a_very_long_text_is_taken_up_to_the_cap(town: Town, wire: Wire) -> None:
    mark = town.mark()
    assert wire.robot(robot_body("zhoutao01", "字" * 20_000)).status_code == 413
    assert wire.robot(robot_body("zhoutao01", "字" * 9_000)).status_code == 200
    assert wire.wecom(member_xml("liqiang", "x" * 20_000)).status_code == 200
    town.waits_for(ZHOU, "帮助", after=mark)
    with nothing_changes(town):
        assert wire.wecom(member_xml("liqiang", "字" * 20_000)).status_code == 413


def test_t21_what_is_echoed_is_cut_between_characters(town: Town, wire: Wire) -> None:
    bind(town)
    town.settles()
    for length in range(2040, 2052):
        line = "x" * (length % 4) + "漏" * (length // 3)
        answer = wire.wecom(member_xml("liqiang", f"记录 {line} 主体结构 昨天验收通过"))
        if answer.content:
            reply = ENVELOPE.open_reply(answer.content)
            assert len(reply.encode()) < 2048 + 400
    mark = town.says(WANG, "评价 滨江一期 1 " + "漏" * 1990)
    town.waits_for("wecom:zhangmin", "漏漏", after=mark)
    town.waits_for("dingtalk:zhangmin01", "漏漏", after=mark)


@both
def test_t22_invisible_characters_are_dropped_and_lookalikes_folded(
    open_town: OpenTown, database: str
) -> None:
    town = open_town(database=database)
    wire = Wire(town)
    mark = town.mark()
    line = "记\u200b录\u0000 \u202e滨江二期\u202c　地基\ufeff基础 昨天验收通过 备注\ud83d\u0007"
    assert wire.robot(robot_body("zhoutao01", line)).status_code == 200
    card = town.waits_for(ZHOU, lambda b: bool(keys_of(b)), after=mark)
    assert "地基基础" in text_of(card)
    assert not set(text_of(card)) & {"\u200b", "\u202e", "\u202c", "\ufeff", "\u0000", "\ud83d"}
    assert "\\u0000" not in text_of(card)

    mark = town.mark()
    answer = wire.wecom(member_xml("liqiang", "项\u200d目\u2066"))
    assert "滨江一期" in ENVELOPE.open_reply(answer.content)
    mark = town.says(WANG, "评价 滨江一期 1 \u202e渗水\u0007三次")
    town.waits_for(WANG, "绑定", after=mark)
    wire.close()


@both
def test_t22_ids_with_odd_characters_break_nothing(open_town: OpenTown, database: str) -> None:
    town = open_town(database=database)
    wire = Wire(town)
    for odd in ("a\u0000b", "a\ud800b", "a\nb", "x" * 5_000):
        forged = robot_body("zhoutao01", "项目", msgId=odd)
        assert wire.robot(forged).status_code in {200, 400}
        assert wire.robot(robot_body(odd, "项目")).status_code in {200, 400, 403}
    mark = town.says(ZHOU, "项目")
    town.waits_for(ZHOU, "滨江二期", after=mark)
    wire.close()
