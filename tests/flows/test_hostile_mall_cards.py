"""Buttons of the mall that should do nothing, T34 to T40: old, foreign, pressed twice, too late."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.emulator.phones import Bubble
from bot.wiring import MAIN
from domain.ids import RewardId
from handlers.contract import Context
from tests.flows.conftest import OpenTown
from tests.support.bazaar import (
    FINANCE,
    LIU,
    SERVICE,
    SUN,
    WANG,
    ZHAO,
    asks,
    buys,
    code_of,
    earns,
    is_sound,
    key,
    lottery,
    offers,
    opened,
    previews,
    shows,
    voucher,
    wallet,
)
from tests.support.town import Town, keys_of, text_of
from tests.support.wire import Wire, press_body, robot_body

CHEN, ZHANG, FANG = "wecom:chenxiao", "wecom:zhangmin", "wecom:wangfang"


@pytest.fixture
def town(open_town: OpenTown) -> Town:
    """Give a town with a mall."""
    return opened(open_town)


def changes(town: Town, number: int = 3, **fields: Any) -> None:
    """Let the firm change a reward's terms."""

    def act(ctx: Context) -> None:
        reward = ctx.work.rewards.get(RewardId(f"reward-{number}"))
        ctx.work.rewards.save(replace(reward, version=reward.version + 1, **fields))

    town.parts.runtime.act(MAIN, act)


def nothing_bought(town: Town, *, available: int = 1000) -> None:
    """Assert that nobody of either unit has bought anything."""
    town.settles()
    assert town.one("SELECT count(*) FROM redemptions") == 0
    assert (wallet(town, "C001"), wallet(town, "C002")) == ((available, 0), (1000, 0))
    assert town.one("SELECT coalesce(sum(held), 0) FROM stocks") == 0


@pytest.mark.parametrize("phone", [WANG, SUN])
def test_t34_another_price_is_shown_before_anybody_pays_it(town: Town, phone: str) -> None:
    offers(town, stock=5)
    card = previews(town, phone, "兑换 3")
    changes(town, points=40)
    town.presses(card, "confirm")
    fresh = town.waits_for(phone, "内容有变", after=card.id - 1)
    assert "扣 40 分" in text_of(fresh)
    nothing_bought(town)
    mark = town.mark()
    town.presses(fresh, "confirm")
    town.waits_for(phone, "兑换成功", after=min(mark, fresh.id - 1))
    assert wallet(town, "C002" if phone == SUN else "C001") == (960, 0)
    is_sound(town)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_active": False}, "已下架"),
        ({"closes_at": datetime(2026, 1, 1, tzinfo=UTC)}, "结束"),
        ({"segments": frozenset({"市政"})}, "没有扣分"),
    ],
)
def test_t34_what_is_no_longer_on_offer_is_not_sold(
    town: Town, fields: dict[str, Any], reason: str
) -> None:
    offers(town, stock=5)
    cards = [(phone, previews(town, phone, "兑换 3")) for phone in (WANG, SUN)]
    changes(town, **fields)
    for phone, card in cards:
        town.presses(card, "confirm")
        town.waits_for(phone, reason, after=card.id - 1)
    nothing_bought(town)
    is_sound(town)


@pytest.mark.parametrize(
    "line",
    ["授权 滨江置业 王建国 停用兑换", "离职 滨江置业 王建国"],
)
def test_t37_who_has_lost_the_right_or_left_buys_nothing_with_old_cards(
    town: Town, line: str
) -> None:
    offers(town, stock=5)
    voucher(town, 4)
    lottery(town)
    redeem = previews(town, WANG, "兑换 3")
    gift = previews(town, WANG, "赠送 云栖科技园 10")
    draw = draw_card(town, WANG)
    mark = town.says(CHEN, line)
    shown = town.waits_for(CHEN, lambda _: True, after=mark)
    if any(one.endswith(":confirm") for one in keys_of(shown)):
        town.presses(shown, "confirm")
    town.settles()
    for card in (redeem, gift, draw):
        mark = town.presses(card, "confirm")
        town.settles()
        assert "成功" not in shows(town, WANG, mark)
    for typed in ("兑换 3", "赠送 云栖科技园 10", "抽一次"):
        said = text_of(asks(town, WANG, typed))
        assert "请确认" not in said
    nothing_bought(town)
    assert town.one("SELECT count(*) FROM gifts") == 0
    assert town.one("SELECT count(*) FROM draws") == 0
    is_sound(town)


def draw_card(town: Town, phone: str) -> Bubble:
    """Go as far as the last button of a draw."""
    first = asks(town, phone, "抽奖")
    town.presses(first, "draw")

    def confirms(bubble: Bubble) -> bool:
        return any(one.endswith(":confirm") for one in keys_of(bubble))

    return town.waits_for(phone, confirms, after=first.id - 1)


def test_t36_a_button_of_somebody_else_does_nothing(town: Town) -> None:
    offers(town, stock=5)
    voucher(town, 4, points=10)
    lottery(town)
    wire = Wire(town)
    own = [previews(town, WANG, "兑换 3"), previews(town, WANG, "赠送 云栖科技园 10")]
    own.append(draw_card(town, WANG))
    of_sun = previews(town, SUN, "兑换 3")
    before = text_of(of_sun)
    for card in (*own, of_sun):
        for choice in ("confirm", "cancel"):
            pressed = key(card, choice)
            # Typed by people of the own unit, of another unit and of the firm, on each platform.
            for thief in (LIU, ZHAO, SERVICE, FINANCE):
                said = text_of(asks(town, thief, f"按 {pressed}"))
                assert "没有作用" in said, said
            wire.robot(robot_body("guest000", f"按 {pressed}"))
            wire.card(press_body("sunli01", str(of_sun.key), pressed))
    town.settles()
    assert text_of(of_sun) == before
    nothing_bought(town)
    assert town.one("SELECT count(*) FROM tickets WHERE used_at IS NOT NULL") <= 1
    town.presses(own[0], "confirm")
    town.waits_for(WANG, "兑换成功", after=own[0].id)
    wire.close()
    is_sound(town)


def test_t36_a_purchase_of_another_unit_can_be_neither_seen_nor_dropped(town: Town) -> None:
    offers(town, stock=5)
    voucher(town, 4)
    buys(town, WANG, "兑换 3")
    buys(town, WANG, "兑换 4")
    town.settles()
    for phone in (ZHAO, SUN):
        for line in ("兑换单", "取消兑换", "补发券码"):
            known = text_of(asks(town, phone, f"{line} 1" if line != "补发券码" else f"{line} 2"))
            unknown = text_of(asks(town, phone, f"{line} 99"))
            assert "礼品3" not in known
            assert "抵用券" not in known.replace("「我的券」", "")
            assert known.replace("「1」", "「99」").replace("「2」", "「99」") == unknown
    assert town.all("SELECT DISTINCT state FROM redemptions") == [("placed",)]
    is_sound(town)


@pytest.mark.parametrize("phone", [WANG, SUN])
def test_t37_every_repeat_gives_the_same_receipt(town: Town, phone: str) -> None:
    offers(town, stock=5)
    lottery(town)
    unit, to = ("C002", "滨江置业") if phone == SUN else ("C001", "云栖科技园")
    ways: list[tuple[Callable[[], Bubble], str]] = [
        (lambda: previews(town, phone, "兑换 3"), "兑换成功"),
        (lambda: previews(town, phone, f"赠送 {to} 10"), "已送出 10 分"),
        (lambda: draw_card(town, phone), "抽中「五分」"),
    ]
    for way, done in ways:
        card = way()
        pressed, cancel = key(card, "confirm"), key(card, "cancel")
        mark = town.presses(card, "confirm")
        first = town.waits_for(phone, done, after=min(mark, card.id - 1))
        receipt, left = text_of(first), wallet(town, unit)
        mark = town.says(phone, f"按 {pressed}")
        again = town.waits_for(phone, lambda _: True, after=mark)
        assert done in text_of(again), text_of(again)
        if phone == WANG:
            assert without_ticket(receipt) == without_ticket(text_of(again))
        said = text_of(asks(town, phone, f"按 {cancel}"))
        assert "没有扣分" not in said, said
        town.jumps(minutes=31)
        said = text_of(asks(town, phone, f"按 {pressed}"))
        assert "出了点问题" not in said
        town.settles()
        assert wallet(town, unit) == left
    is_sound(town)


def without_ticket(said: str) -> str:
    """Leave out the buttons' keys, which are new for every message."""
    return "".join(part for part in said.split('"') if len(part.partition(":")[0]) != 26)


def test_t37_a_preview_that_has_waited_too_long_does_nothing(town: Town) -> None:
    offers(town, stock=5)
    lottery(town)
    for phone in (WANG, SUN):
        cards = [previews(town, phone, "兑换 3"), draw_card(town, phone)]
        town.jumps(minutes=31)
        for card in cards:
            town.presses(card, "confirm")
            town.waits_for(phone, "已过期", after=card.id - 1)
    nothing_bought(town)
    assert town.one("SELECT count(*) FROM draws") == 0
    is_sound(town)


@pytest.mark.parametrize("phone", [WANG, SUN])
def test_t38_undone_once_and_never_after_it_was_handed_over(town: Town, phone: str) -> None:
    offers(town, stock=5)
    unit = "C002" if phone == SUN else "C001"
    receipt = buys(town, phone, "兑换 3 2份")
    town.settles()
    town.presses(receipt, "undo")
    town.waits_for(phone, "已退分", after=receipt.id - 1)
    said = text_of(asks(town, phone, "取消兑换 1"))
    assert "退回 60 分" in said
    assert wallet(town, unit) == (1000, 0)
    buys(town, phone, "兑换 3 2份")
    mark = town.says(SERVICE, "交付 2 1份")
    town.waits_for(SERVICE, "交付了一部分", after=mark)
    town.settles()
    said = text_of(asks(town, phone, "取消兑换 2"))
    assert "已经交付或使用 1 份" in said
    for wrong in ("交付 2 2份", "交付 2 0", "退兑 2 2份 不要了"):
        assert "出了点问题" not in text_of(asks(town, SERVICE, wrong))
        town.settles()
    assert wallet(town, unit) == (940, 0)
    assert town.all("SELECT available, held, gone FROM stocks") == [(3, 1, 1)]
    assert town.one("SELECT count(*) FROM entries WHERE reason LIKE 'refund%'") == 1
    is_sound(town)


MIDNIGHT = datetime(2027, 3, 31, 16, tzinfo=UTC)
"""The end of 2027-03-31 in Shanghai."""


def test_t39_points_that_end_at_midnight_count_until_they_are_set_aside(town: Town) -> None:
    offers(town, stock=9)
    now = town.clock.now()
    town.jumps(seconds=(MIDNIGHT - timedelta(hours=1) - now).total_seconds())
    earns(town, "C002", 20, ends_in=MIDNIGHT - town.clock.now())
    assert wallet(town, "C002") == (1020, 0)
    changes(town, points=1020)
    before, after = previews(town, SUN, "兑换 3"), previews(town, ZHAO, "兑换 3")
    town.jumps(seconds=(MIDNIGHT - timedelta(seconds=20) - town.clock.now()).total_seconds())
    # Ten minutes have passed, so both look again in the last moments.
    before, after = previews(town, SUN, "兑换 3"), previews(town, ZHAO, "兑换 3")
    town.presses(before, "confirm")
    town.waits_for(SUN, "兑换成功", after=before.id - 1)
    assert wallet(town, "C002") == (0, 0)
    town.jumps(seconds=(MIDNIGHT - town.clock.now()).total_seconds() + 1)
    mark = town.presses(after, "confirm")
    town.waits_for(ZHAO, "还差", after=mark)
    town.settles()
    mark = town.says(SUN, "取消兑换 1")
    town.waits_for(SUN, "已退分", after=mark)
    town.settles()
    assert wallet(town, "C002") == (1000, 0)
    is_sound(town)


def test_t39_after_midnight_what_has_ended_is_not_spent(town: Town) -> None:
    offers(town, stock=9, points=1020)
    now = town.clock.now()
    town.jumps(seconds=(MIDNIGHT - timedelta(seconds=20) - now).total_seconds())
    earns(town, "C001", 20, ends_in=MIDNIGHT - town.clock.now())
    card = previews(town, WANG, "兑换 3")
    town.jumps(seconds=(MIDNIGHT - town.clock.now()).total_seconds())
    mark = town.presses(card, "confirm")
    town.waits_for(WANG, "还差 20 分", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM redemptions") == 0
    assert "1,000 分可用" in text_of(asks(town, WANG, "余额"))
    is_sound(town)


def test_t40_nobody_agrees_to_what_they_have_asked_for(town: Town) -> None:
    offers(town, stock=5, needs_contact=True)
    offers(town, 4, stock=5, needs_approver=True)
    # 微信客服 lets nobody be written to who has not written.
    asks(town, LIU, "余额")
    card = previews(town, WANG, "兑换 3")
    mark = town.presses(card, "confirm")
    asked = town.waits_for(LIU, "请您同意", after=mark)
    agree = key(asked, "agree")
    town.settles()
    for thief in (WANG, ZHAO, SUN, SERVICE, FANG):
        said = text_of(asks(town, thief, f"按 {agree}"))
        assert "兑换成功" not in said, (thief, said)
    assert wallet(town) == (970, 30)
    mark = town.presses(asked, "agree")
    town.waits_for(LIU, "兑换成功", after=mark)
    card = previews(town, LIU, "兑换 4")
    mark = town.presses(card, "confirm")
    town.waits_for(LIU, "已提交", after=mark)
    town.settles()
    for nobody in (LIU, WANG, SERVICE, FINANCE, CHEN):
        text_of(asks(town, nobody, "批准 1"))
    town.settles()
    assert wallet(town) == (940, 30)
    asks(town, FANG, "批准 1")
    town.settles()
    assert wallet(town) == (940, 0)
    is_sound(town)


def test_a_code_is_good_for_staff_only_and_tried_a_few_times(town: Town) -> None:
    voucher(town)
    code = code_of(town)
    for nobody in (WANG, ZHAO, SUN, CHEN, "wecom:liqiang"):
        said = text_of(asks(town, nobody, f"核销 {code}"))
        assert "请核对" not in said
        said = text_of(asks(town, nobody, code))
        assert "5,000" not in said
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else "0" + code[1:]
    assert "请核对" not in text_of(asks(town, FINANCE, f"核销 {swapped}"))
    assert "请核对" not in text_of(asks(town, FINANCE, f"核销 {code[:-1]}"))
    assert "请核对" not in text_of(asks(town, FINANCE, f"核销 {code}0"))
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", "－")
    assert "请核对" in text_of(asks(town, FINANCE, f"核销 {typed}"))
    assert town.one("SELECT count(*) FROM voucher_uses") == 0
    assert code not in repr(town.all("SELECT * FROM inbox"))
    assert code not in repr(town.all("SELECT * FROM deliveries"))
    is_sound(town)
