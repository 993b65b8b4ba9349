"""Hostile words in the mall, T22 to T25 and T30: numbers in every form, names that are traps."""

import itertools

import pytest

from bot.wiring import MAIN
from domain.rewards import RewardKind
from handlers.contract import Context
from handlers.usecases import setup
from tests.flows.conftest import OpenTown
from tests.support.bazaar import (
    ASKS,
    FINANCE,
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
from tests.support.world import GROUP

EVIL = "**粗**[点](javascript:alert)<b>x</b>@所有人\u202e反\u200b了"
INVISIBLE = {"\u202e", "\u200b", "\ufeff", "\u2066"}
LONG_UNIT = "中国某某建筑工程集团股份有限公司第十二工程局华东区域总承包分公司"


@pytest.fixture
def town(open_town: OpenTown) -> Town:
    """Give a town with a reward of a thousand for 30 points and customers of 1000."""
    return opened(open_town)


def how_many(town: Town, table: str) -> int:
    """Count the rows of a table."""
    return int(town.one(f"SELECT count(*) FROM {table}"))  # noqa: S608


QUANTITIES = {
    "兑换３": 30,
    "兑换 3 两份": 60,
    "兑换 ３ ２": 60,
    "兑换 3 二": 60,
    "兑换 3 十二份": 360,
    "兌換 3 貳份": 60,
    "兑换 礼品3 x2": 60,
    "换礼品 3 2份": 60,
    "兑换\u200b 3\u3000\u3000两\ufeff份": 60,
}


def test_t23_a_quantity_in_any_form_is_echoed(town: Town) -> None:
    offers(town, stock=100)
    for typed, points in QUANTITIES.items():
        for phone in (WANG, SUN):
            shown = text_of(previews(town, phone, typed))
            assert f"扣 {points} 分" in shown, (typed, shown)
            assert f"{1000 - points} 分" in shown, (typed, shown)
    assert how_many(town, "redemptions") == 0


WRONG_QUANTITIES = [
    "-1",
    "0",
    "零份",
    "1e3",
    "²",
    "1.5",
    "１．５份",
    "1000000000000000000",
    "1,000",
]
WRONG_QUANTITIES += ["九九九九九九九九九九", "NaN", "1/2", "半份", "2 3", "３０％", "0x10"]


def test_t24_a_quantity_that_is_none_buys_nothing(town: Town) -> None:
    offers(town, stock=100)
    for phone, typed in zip(itertools.cycle((WANG, SUN)), WRONG_QUANTITIES, strict=False):
        answer = text_of(asks(town, phone, f"兑换 3 {typed}"))
        assert ASKS not in answer, (typed, answer)
        assert "出了点问题" not in answer, (typed, answer)
    assert how_many(town, "tickets") == 0
    is_sound(town)


GIVEN = {"８００": "800", "捌佰": "800", "1,000": "1,000", "0.1万": "1,000", "5百": "500"}


NONE_GIVEN = ("-100", "0", "1e3", "²", "1.5", "1000000000000000000", "全部", "1/2", "５０％")


def test_t23_t24_points_of_a_gift_are_echoed_or_refused(town: Town) -> None:
    for typed in NONE_GIVEN:
        answer = text_of(asks(town, WANG, f"赠送 云栖科技园 {typed}"))
        assert ASKS not in answer, (typed, answer)
        assert "出了点问题" not in answer, (typed, answer)
    assert how_many(town, "tickets") == 0
    for typed, points in GIVEN.items():
        for line in (f"赠送 云栖科技园 {typed}", f"赠送 {typed}分給云栖科技园"):
            shown = text_of(previews(town, WANG, line))
            assert f"请确认赠送：{points} 分给云栖科技园" in shown, (typed, shown)
    assert wallet(town) == (1000, 0)


def test_t26_an_unknown_receiver_next_to_a_near_one_is_told_nothing_of_it(town: Town) -> None:
    near = text_of(asks(town, WANG, "赠送 云栖科技 100"))
    far = text_of(asks(town, WANG, "赠送 谁也不是 100"))
    part = text_of(asks(town, WANG, "赠送 C00 100"))
    assert near == far == part
    assert "云栖科技园" not in near
    own = text_of(asks(town, WANG, "赠送 滨江置业 100"))
    assert "自己的单位" in own
    assert "自己的单位" in text_of(asks(town, WANG, "赠送 C001 100"))
    assert how_many(town, "tickets") == 0


def test_t24_a_vouchers_amount_that_is_none_uses_nothing(town: Town) -> None:
    voucher(town, is_partly_usable=True)
    code = code_of(town)
    for typed in ("-1", "0", "1e3", "²", "1.005", "5000.01", "1000000000000000000", "五千零一"):
        answer = text_of(asks(town, FINANCE, f"核销 {code} {typed}"))
        assert "请核对" not in answer, (typed, answer)
        assert "出了点问题" not in answer, (typed, answer)
    for typed, amount in (("０.２万", "2,000"), ("两千", "2,000"), ("1,000.50", "1,000.50")):
        mark = town.says(SERVICE, f"核销 {code} {typed} 滨江一期")
        town.waits_for(SERVICE, f"核销 {amount} 元", after=mark)
    assert how_many(town, "voucher_uses") == 0
    is_sound(town)


def test_t22_t25_traps_in_names_and_notes_are_neutralised_everywhere(town: Town) -> None:
    offers(town, name=EVIL, description=EVIL, stock=9)

    def people(ctx: Context) -> None:
        setup.add_customer(ctx, "C666", f"C666{EVIL}", None)

    town.parts.runtime.act(MAIN, people)
    mark = town.mark()
    asks(town, WANG, "兑换")
    buys(town, WANG, "兑换 3 2")
    buys(town, SUN, "兑换 3 2")
    asks(town, WANG, "我的兑换")
    asks(town, SUN, "我的兑换")
    asks(town, SERVICE, "兑换品")
    asks(town, FINANCE, "兑换品")
    asks(town, SERVICE, "待交付")
    mark_of_note = town.says(SERVICE, f"交付 1 1份 {EVIL}")
    town.waits_for(SERVICE, "交付了一部分", after=mark_of_note)
    previews(town, WANG, "赠送 C666 10")
    previews(town, SUN, "赠送 C666 10")
    town.settles()
    for phone in (WANG, SUN, SERVICE, FINANCE, "wecom:chenxiao", "dingtalk:zhangmin01"):
        for bubble in town.shown(phone, mark):
            said = text_of(bubble)
            assert not set(said) & INVISIBLE, said
            # On DingTalk a card's and a message's markdown is drawn.
            if phone.startswith("dingtalk"):
                assert "[点](" not in said, said
                assert "**粗**" not in said, said
                assert "<b>x" not in said, said
            assert "@所有人" not in said, said
    is_sound(town)


def test_the_longest_names_fit_on_every_card(open_town: OpenTown) -> None:
    town = opened(open_town, points=1_000_000)
    longest = "超长名称的兑换品" * 5

    def rename(ctx: Context) -> None:
        long = setup.add_customer(ctx, "C900", LONG_UNIT, None)
        setup.add_contact(ctx, long, "欧阳" * 10, "13800000099", see=True, redeem=True)

    town.parts.runtime.act(MAIN, rename)
    offers(town, 3, name=longest, description="说明" * 100, stock=99_999, points=99_999)
    offers(
        town,
        4,
        name=longest[::-1],
        kind=RewardKind.VOUCHER,
        value=99_999_900,
        points=10,
        needs_contact=True,
        needs_approver=True,
        description="说明" * 100,
    )
    for number in range(10, 40):
        offers(town, number, name=f"{longest[:37]}{number}", points=100 + number)
    for phone in (WANG, SUN):
        asks(town, phone, "兑换")
        asks(town, phone, "兑换 更多 2")
        buys(town, phone, "兑换 3 3")
        card = previews(town, phone, "兑换 4 5")
        town.presses(card, "confirm")
        town.waits_for(phone, "已提交", after=card.id - 1)
        asks(town, phone, "我的兑换")
        previews(town, phone, "赠送 C900 5000")
    for phone in (SERVICE, FINANCE, "wecom:zhangmin", "dingtalk:zhangmin01"):
        asks(town, phone, "兑换品")
        asks(town, phone, "审批")
        asks(town, phone, "待交付")
    is_sound(town)


def test_t30_cancel_drops_every_preview(town: Town) -> None:
    offers(town, stock=5)
    lottery(town)
    for phone, code in ((WANG, "C001"), (SUN, "C002")):
        for line in ("兑换 3", "赠送 滨江置业 10" if code == "C002" else "赠送 云栖科技园 10"):
            pressed = key(previews(town, phone, line), "confirm")
            assert "没有" in text_of(asks(town, phone, "取消"))
            asks(town, phone, f"按 {pressed}")
        card = asks(town, phone, "抽奖")
        mark = town.presses(card, "draw")
        draw = town.waits_for(phone, lambda b: any(":confirm" in k for k in keys_of(b)), after=mark)
        pressed = key(draw, "confirm")
        assert "没有抽" in text_of(asks(town, phone, "取消"))
        asks(town, phone, f"按 {pressed}")
        assert wallet(town, code) == (1000, 0)
    for table in ("redemptions", "gifts", "draws"):
        assert how_many(town, table) == 0, table
    for phone in (SERVICE, FINANCE):
        mark = town.says(phone, "补货 3 20")
        card = town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)
        pressed = key(card, "confirm")
        assert "没有改动" in text_of(asks(town, phone, "取消"))
        town.settles()
        assert keys_of(card) == []
        asks(town, phone, f"按 {pressed}")
        town.settles()
    assert town.all("SELECT available FROM stocks") == [(5,)]
    is_sound(town)


def test_in_a_group_nothing_of_a_customer_is_shown(town: Town) -> None:
    offers(town, stock=5)
    voucher(town, 4)
    lottery(town)
    buys(town, SUN, "兑换 3")
    buys(town, ZHAO, "兑换 4")
    town.settles()
    mark = town.mark()
    tickets = how_many(town, "tickets")
    for line in (
        "兑换",
        "兑换 3",
        "我的兑换",
        "兑换单 1",
        "取消兑换 1",
        "我的券",
        "补发券码 2",
        "赠送 滨江置业 10",
        "抽奖",
        "余额",
    ):
        town.run(town.dingtalk.member_says("guest001", line, group=GROUP))
    town.settles()
    said = shows(town, SUN, mark)
    for secret in ("970", "云栖科技园", "孙经理", "尾号", "请确认"):
        assert secret not in said, (secret, said)
    assert how_many(town, "tickets") == tickets
    assert town.one("SELECT state FROM redemptions WHERE number = 1") == "placed"
    is_sound(town)


def test_earning_nothing_shows_what_is_missing_and_what_is_possible(town: Town) -> None:
    """R7: a refusal says by how much, and what can be had."""
    offers(town, 3, points=2000)
    offers(town, 4, points=900)
    answer = text_of(asks(town, WANG, "兑换 3"))
    assert "还差 1,000 分" in answer
    assert "礼品4" in answer
    answer = text_of(asks(town, WANG, "兑换 4 2"))
    assert "还差 800 分" in answer
    assert "最多能换 1 份" in answer
    earns(town, "C001", 800)
    previews(town, WANG, "兑换 4 2")
