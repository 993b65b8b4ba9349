"""Many at once in the mall, T31 to T33: two phones, the last of everything, both platforms."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.emulator.faults import FaultKind
from bot.emulator.phones import Bubble
from bot.wiring import MAIN
from handlers.contract import Context
from handlers.usecases import setup
from tests.flows.conftest import OpenTown
from tests.support.bazaar import (
    FINANCE,
    LIU,
    SERVICE,
    SUN,
    WANG,
    ZHAO,
    asks,
    at_once,
    buys,
    code_of,
    earns,
    is_sound,
    joins,
    lottery,
    offers,
    opened,
    pressing,
    previews,
    shows,
    voucher,
    wallet,
)
from tests.support.town import Town, keys_of, text_of

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
PEOPLE = 12


@pytest.mark.parametrize(("database", "phone"), [("sqlite", WANG), ("postgresql", SUN)])
def test_confirm_and_cancel_at_the_same_instant_do_one_of_both(
    open_town: OpenTown, database: str, phone: str
) -> None:
    town = opened(open_town, database)
    offers(town, stock=5)
    card = previews(town, phone, "兑换 3")
    at_once(town, [pressing(town, phone, card, choice) for choice in ("cancel", "confirm")])
    town.settles()
    bought = town.one("SELECT count(*) FROM redemptions WHERE state = 'placed'")
    code = "C002" if phone == SUN else "C001"
    assert wallet(town, code) == (1000 - 30 * bought, 0)
    assert town.all("SELECT available, held FROM stocks") == [(5 - bought, bought)]
    said = shows(town, phone, card.id - 1)
    assert ("兑换成功" in said) == bool(bought)
    assert ("没有兑换" in said) != bool(bought)
    is_sound(town)


@BOTH
def test_t33_the_last_one_goes_to_one_of_twelve_on_both_platforms(
    open_town: OpenTown, database: str
) -> None:
    town = opened(open_town, database, extra=2 + PEOPLE)
    offers(town, stock=1)
    apps = ["wechat" if number % 2 else "dingtalk" for number in range(PEOPLE)]
    phones = [f"{app}:guest{number + 2:03}" for number, app in enumerate(apps)]

    def people(ctx: Context) -> None:
        for number, phone in enumerate(phones):
            setup.add_customer(ctx, f"C1{number:02}", f"第{number}家公司", None)
            joins(ctx, f"C1{number:02}", f"经理{number}", phone, f"1390000{number:04}")

    town.parts.runtime.act(MAIN, people)
    for number in range(PEOPLE):
        earns(town, f"C1{number:02}", 100)
    cards = [previews(town, phone, "兑换 3") for phone in phones]

    pairs = zip(phones, cards, strict=True)
    town.faults.arm("wecom.callback", FaultKind.DUPLICATE, value=3, times=PEOPLE)
    at_once(town, [pressing(town, phone, card, "confirm") for phone, card in pairs])

    town.settles(20)
    said = [shows(town, phone, card.id - 1) for phone, card in zip(phones, cards, strict=True)]
    assert sum("兑换成功" in one for one in said) == 1
    assert sum("刚刚换完了" in one for one in said) == PEOPLE - 1
    assert town.all("SELECT state, count(*) FROM redemptions GROUP BY state") == [("placed", 1)]
    assert town.all("SELECT available, held, gone FROM stocks") == [(0, 1, 0)]
    left = sorted(wallet(town, f"C1{number:02}") for number in range(PEOPLE))
    assert left == [(70, 0)] + [(100, 0)] * (PEOPLE - 1)
    is_sound(town)


@BOTH
def test_t32_points_for_one_are_spent_once_by_two_contacts(
    open_town: OpenTown, database: str
) -> None:
    town = opened(open_town, database, points=30)
    offers(town, 3, stock=9)
    offers(town, 4, stock=9)
    lines = ("兑换 3", "兑换 4", "赠送 云栖科技园 30")
    taps = [(phone, previews(town, phone, line)) for line in lines for phone in (WANG, LIU)]
    at_once(town, [pressing(town, phone, card, "confirm") for phone, card in taps])
    town.settles(20)
    assert wallet(town) == (0, 0)
    bought = town.one("SELECT count(*) FROM redemptions WHERE state = 'placed'")
    given = town.one("SELECT count(*) FROM gifts")
    assert bought + given == 1
    assert (
        sum(available for (available,) in town.all("SELECT available FROM stocks")) == 18 - bought
    )
    is_sound(town)


def test_a_voucher_used_at_once_on_both_platforms_is_used_once(open_town: OpenTown) -> None:
    town = opened(open_town, "postgresql")
    voucher(town)
    code = code_of(town)
    cards = [(who, previews_use(town, who, f"核销 {code}")) for who in (SERVICE, FINANCE)]
    town.faults.arm("wecom.callback", FaultKind.DUPLICATE, value=3, times=2)
    deeds = [pressing(town, who, card, "use1") for who, card in cards for _ in range(2)]
    at_once(town, deeds)
    town.settles(20)
    assert town.all("SELECT amount FROM voucher_uses") == [(500_000,)]
    said = [shows(town, who, card.id - 1) for who, card in cards]
    assert sum("已核销" in one for one in said) == 1
    assert sum("已经用完" in one for one in said) == 1
    late = text_of(asks(town, SERVICE, f"核销 {code}"))
    assert "已经用完" in late
    assert "没有再扣" in late
    is_sound(town)


def may_confirm(bubble: Bubble) -> bool:
    """Tell whether there is something to confirm."""
    return any(key.endswith(":confirm") for key in keys_of(bubble))


def previews_use(town: Town, phone: str, line: str) -> Bubble:
    """Type a use and give its card."""
    mark = town.says(phone, line)
    return town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)


def test_a_partly_used_voucher_is_never_used_for_more_than_is_left(open_town: OpenTown) -> None:
    town = opened(open_town, "postgresql")
    voucher(town, is_partly_usable=True)
    code = code_of(town)
    cards = [
        (who, previews_use(town, who, f"核销 {code} {amount}"))
        for who, amount in ((SERVICE, 3000), (FINANCE, 3000), (SERVICE, 1500))
    ]
    at_once(town, [pressing(town, who, card, "use1") for who, card in cards])
    town.settles(20)
    used = sorted(amount for (amount,) in town.all("SELECT amount FROM voucher_uses"))
    assert used == [150_000, 300_000]
    over = text_of(asks(town, FINANCE, f"核销 {code} 500.01"))
    assert "只剩 500 元" in over
    is_sound(town)


def test_the_last_ticket_of_a_lottery_is_drawn_once(open_town: OpenTown) -> None:
    town = opened(open_town, "postgresql")
    lottery(town, tickets=1)
    cards = []
    for phone in (WANG, LIU, ZHAO, SUN):
        first = asks(town, phone, "抽奖")
        mark = town.presses(first, "draw")
        cards.append((phone, town.waits_for(phone, may_confirm, after=min(mark, first.id - 1))))
    at_once(town, [pressing(town, phone, card, "confirm") for phone, card in cards for _ in "ab"])
    town.settles(20)
    assert town.one("SELECT count(*) FROM draws") == 1
    said = [shows(town, phone, card.id - 1) for phone, card in cards]
    assert sum("抽中「五分」" in one for one in said) == 1
    assert sum("签已经抽完了" in one for one in said) == 3
    assert sorted((wallet(town, "C001"), wallet(town, "C002"))) == [(995, 0), (1000, 0)]
    is_sound(town)


def test_two_contacts_at_once_do_not_give_more_than_a_month_allows(open_town: OpenTown) -> None:
    town = opened(open_town, "postgresql", points=20_000)
    town.presses(previews(town, WANG, "赠送 云栖科技园 5000"), "confirm")
    town.settles()
    taps = [(phone, previews(town, phone, "赠送 云栖科技园 4900")) for phone in (WANG, LIU)]
    at_once(town, [pressing(town, phone, card, "confirm") for phone, card in taps])
    town.settles(20)
    said = [shows(town, phone, card.id) for phone, card in taps]
    assert sum("本月只剩 100 分" in one for one in said) == 1
    assert sum("等主管同意" in one for one in said) >= 1
    assert town.all("SELECT sum(points) FROM gifts") == [(9_900,)]
    assert wallet(town) == (10_100, 9_900)
    is_sound(town)


def test_cancelling_at_once_from_two_phones_gives_back_once(open_town: OpenTown) -> None:
    town = opened(open_town, "postgresql")
    offers(town, stock=5)
    buys(town, WANG, "兑换 3 2份")
    town.settles()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda phone: town.says(phone, "取消兑换 1"), (WANG, LIU, WANG, LIU)))
    town.settles(20)
    assert wallet(town) == (1000, 0)
    assert town.all("SELECT available, held, gone FROM stocks") == [(5, 0, 0)]
    assert town.one("SELECT count(*) FROM entries WHERE reason LIKE 'refund%'") == 1
    is_sound(town)
