"""取消 over the real wire: the card on the phone changes, and what it offered is gone."""

import asyncio

import pytest

from tests.flows.conftest import OpenTown
from tests.support.deeds import LI, ZHANG, ZHANG_DING, ZHOU
from tests.support.town import keys_of, text_of
from tests.support.world import Ding


@pytest.mark.parametrize(
    ("phone", "line", "what"),
    [
        (LI, "记录 滨江一期 主体结构 昨天验收通过", "滨江一期 主体结构"),
        (ZHOU, "记录 滨江二期 地基基础 昨天验收通过", "滨江二期 地基基础"),
    ],
    ids=["wecom", "dingtalk"],
)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_card_changes_and_the_answer_names_it(
    open_town: OpenTown, database: str, phone: str, line: str, what: str
) -> None:
    town = open_town(database=database)
    mark = town.says(phone, line)
    card = town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)
    key = next(key for key in keys_of(card) if key.endswith(":confirm"))
    town.says(phone, "帮助")

    mark = town.says(phone, "取消")

    town.waits_for(phone, f"没有记录：{what}", after=mark)
    town.waits_for(phone, lambda b: b.id == card.id and f"没有记录：{what}" in text_of(b))
    assert keys_of(card) == []
    mark = town.says(phone, f"按 {key}")
    town.waits_for(phone, "不会重复生效", after=mark)
    mark = town.says(phone, "取消")
    town.waits_for(phone, "没有等您确认的事", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM events") == 0
    assert town.all("SELECT state FROM deliveries WHERE state NOT IN ('sent', 'in_band')") == []


def test_what_was_begun_on_dingtalk_is_dropped_from_wecom(open_town: OpenTown) -> None:
    town = open_town()
    mark = town.says(ZHANG_DING, "记录 滨江一期 主体结构 昨天验收通过")
    card = town.waits_for(ZHANG_DING, lambda b: bool(keys_of(b)), after=mark)

    mark = town.says(ZHANG, "取消")

    town.waits_for(ZHANG, "没有记录：滨江一期 主体结构", after=mark)
    town.waits_for(ZHANG_DING, lambda b: b.id == card.id and not keys_of(b))
    assert "没有记录" in text_of(card)
    town.settles()
    assert town.one("SELECT count(*) FROM events") == 0


def test_a_card_that_cannot_be_changed_is_answered_once(open_town: OpenTown) -> None:
    town = open_town(Ding(has_template=False))
    mark = town.says(ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    asked = town.waits_for(ZHOU, "请确认验收", after=mark)

    mark = town.says(ZHOU, "取消")

    town.waits_for(ZHOU, "没有记录：滨江二期 地基基础", after=mark)
    town.settles()
    assert len(town.shown(ZHOU, mark)) == 1
    mark = town.presses(asked, "confirm")
    town.waits_for(ZHOU, "不会重复生效", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM events") == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("phone", "line"),
    [
        (LI, "记录 滨江一期 主体结构 昨天验收通过"),
        (ZHOU, "记录 滨江二期 地基基础 昨天验收通过"),
    ],
    ids=["wecom", "dingtalk"],
)
def test_of_a_tap_and_the_word_at_once_one_counts(
    open_town: OpenTown, database: str, phone: str, line: str
) -> None:
    town = open_town(database=database, workers=2)
    mark = town.says(phone, line)
    card = town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)
    key = next(key for key in keys_of(card) if key.endswith(":confirm"))
    app, _, user = phone.partition(":")
    platform = town.wecom if app == "wecom" else town.dingtalk

    async def both() -> None:
        await asyncio.gather(
            platform.member_presses(user, card, key), platform.member_says(user, "取消")
        )

    town.run(both())

    town.settles()
    town.waits_until(lambda: not keys_of(card))
    is_recorded = town.one("SELECT count(*) FROM events") == 1
    assert ("已记录" in text_of(card)) == is_recorded
    assert ("没有记录" in text_of(card)) != is_recorded
    assert town.one("SELECT count(*) FROM entries") == (1 if is_recorded else 0)
    assert town.one("SELECT count(*) FROM milestones WHERE accepted_on IS NOT NULL") == (
        1 if is_recorded else 0
    )
    assert town.one("SELECT count(*) FROM tickets WHERE kind = 'record' AND used_at IS NULL") == 0
