"""Tapping twice, on an old card or at the same moment as somebody else: one effect, clear words."""

import asyncio

import pytest

from bot.emulator.phones import Bubble
from tests.flows.conftest import OpenTown
from tests.support.deeds import FANG, LI, SUPERVISORS, ZHANG, ZHOU, bind, complain
from tests.support.town import Town, keys_of, text_of
from tests.support.wire import Wire, press_body
from tests.support.world import Ding


def preview(town: Town, phone: str, line: str) -> Bubble:
    """Let a project manager get the card that asks."""
    mark = town.says(phone, line)
    return town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)


async def twice(town: Town, card: Bubble, key: str) -> None:
    app, _, user = card.phone.partition(":")
    platform = town.wecom if app == "wecom" else town.dingtalk
    await asyncio.gather(*(platform.member_presses(user, card, key) for _ in range(2)))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("phone", "line", "points"),
    [
        (LI, "记录 滨江一期 主体结构 昨天验收通过", 50),
        (ZHOU, "记录 滨江二期 地基基础 昨天验收通过", 20),
    ],
    ids=["wecom", "dingtalk"],
)
def test_a_double_tap_records_once_and_shows_the_record(
    open_town: OpenTown, database: str, phone: str, line: str, points: int
) -> None:
    town = open_town(database=database)
    card = preview(town, phone, line)
    key = next(key for key in keys_of(card) if key.endswith(":confirm"))

    town.run(twice(town, card, key))

    town.waits_for(phone, lambda b: b.id == card.id and "已记录" in text_of(b))
    town.settles()
    assert town.one("SELECT count(*) FROM events") == 1
    assert town.all("SELECT points FROM entries") == [(points,)]
    assert keys_of(card) == []


def test_confirming_after_cancelling_changes_nothing_and_says_so(open_town: OpenTown) -> None:
    town = open_town(Ding("http", has_template=True))
    town.waits_until(lambda: "zhufen-dingtalk" in town.dingtalk.cards.routes)
    wire = Wire(town)
    card = preview(town, ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    keys = {key.partition(":")[2]: key for key in keys_of(card)}
    town.presses(card, "cancel")
    town.waits_for(ZHOU, lambda b: b.id == card.id and not keys_of(b))
    shown, mark = text_of(card), town.mark()

    answer = wire.card(press_body("zhoutao01", str(card.key), keys["confirm"]))

    assert answer.json() == {}
    town.waits_for(ZHOU, "不会重复生效", after=mark)
    town.settles()
    assert text_of(card) == shown
    assert town.one("SELECT count(*) FROM events") == 0
    wire.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_two_supervisors_at_once_one_takes_the_alert(open_town: OpenTown, database: str) -> None:
    town = open_town(database=database)
    bind(town)
    cards = complain(town)

    async def both() -> None:
        taps = [(ZHANG, "zhangmin"), (FANG, "wangfang")]
        await asyncio.gather(
            *(town.wecom.member_presses(u, cards[p], keys_of(cards[p])[0]) for p, u in taps)
        )

    mark = town.mark()
    town.run(both())

    town.settles()
    ((holder, version),) = town.all("SELECT taken_by, version FROM alerts")
    ((name,),) = town.all(f"SELECT name FROM members WHERE id = '{holder}'")  # noqa: S608
    assert name in {"张敏", "王芳"}
    assert version == 2
    loser = FANG if name == "张敏" else ZHANG
    for phone in SUPERVISORS:
        seen = [text_of(b) for b in town.shown(phone) if b.id == cards[phone].id or b.id > mark]
        assert any(name in text for text in seen), phone
    assert any("接手" in text_of(b) for b in town.shown(loser, mark))
