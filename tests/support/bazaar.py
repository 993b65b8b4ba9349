"""A town with a mall: rewards on offer, customers on both platforms who have points, finance.

What people do there is real wire bytes; only the goods and the first points are put in directly.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.channel_configs import DINGTALK, KF, WECOM
from bot.emulator.phones import Bubble
from bot.verifying import steps_of
from bot.wiring import MAIN
from domain.channels import ChannelKind, Identity
from domain.customers import Contact, Customer
from domain.ids import ChannelId, RewardId
from domain.lotteries import PrizeKind
from domain.members import Role
from domain.posting import lot_end
from domain.repositories import Moved
from domain.rewards import Reward, RewardKind, StockMove
from handlers.contract import Context, MemberActor
from handlers.usecases import lotteries, setup
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.lottery_openings import approve_opening
from tests.flows.conftest import OpenTown
from tests.support.make import a_reward
from tests.support.town import Town, fits, keys_of, text_of

WANG = "wechat:wmWang"
LIU = "wechat:wmLiu"
ZHAO = "wechat:guest000"
SUN = "dingtalk:guest001"
SERVICE = "wecom:staff000"
FINANCE = "dingtalk:sunli01"
ASKS = "请确认"
"""How a preview begins that does something when it is confirmed."""


def opened(
    open_town: OpenTown, database: str = "sqlite", *, extra: int = 2, points: int = 1000
) -> Town:
    """Open a town: Wang and Liu of C001, Zhao and (in DingTalk) Sun of C002, all may redeem."""
    town = open_town(database=database, workers=2, extra_members=1, extra_customers=extra)
    town.parts.runtime.act(MAIN, _people)
    for code in ("C001", "C002"):
        earns(town, code, points)
    return town


def _people(ctx: Context) -> None:
    service = setup.add_member(ctx, "何敏", [Role.SERVICE])
    finance = setup.add_member(ctx, "孙丽", [Role.FINANCE])
    setup.give_account(ctx, service, WECOM, ChannelKind.WECOM_APP, "staff000", is_alerted=False)
    setup.give_account(ctx, finance, DINGTALK, ChannelKind.DINGTALK, "sunli01", is_alerted=False)
    joins(ctx, "C001", "王建国", WANG, "13800000001")
    joins(ctx, "C001", "刘先生", LIU, "13800000002")
    joins(ctx, "C002", "赵总", ZHAO, "13800000003")
    joins(ctx, "C002", "孙经理", SUN, "13800000004")


def joins(ctx: Context, code: str, name: str, phone: str, number: str) -> Contact:
    """Let somebody of a customer use a phone, with the right to redeem."""
    contact = setup.add_contact(ctx, by_code(ctx, code), name, number, see=True, redeem=True)
    app, _, account = phone.partition(":")
    channel, kind = (
        (KF, ChannelKind.WECOM_KF) if app == "wechat" else (DINGTALK, ChannelKind.DINGTALK)
    )
    ctx.work.identities.save(Identity(ChannelId(channel), kind, account, contact=contact.id))
    return contact


def by_code(ctx: Context, code: str) -> Customer:
    """Find a customer that is there."""
    found = ctx.work.customers.find_by_code(code)
    assert found is not None
    return found


def earns(town: Town, code: str, points: int, *, ends_in: timedelta | None = None) -> None:
    """Give a customer points, of two years unless said otherwise."""

    def act(ctx: Context) -> None:
        book = open_book(ctx, by_code(ctx, code).id)
        cause = machine_cause(ctx, f"given:{ctx.ids.new()}", ctx.now)
        end = ctx.now + ends_in if ends_in else lot_end(ctx.now, 24)
        book.award(points, cause, expires_at=end)
        store_books(ctx, [book], {})

    if points:
        town.parts.runtime.act(MAIN, act)


def offers(town: Town, number: int = 3, *, stock: int = 0, **changes: Any) -> Reward:
    """Put a reward on offer for 30 points, with so many in stock if any."""
    fields = {"points": 30, "has_stock": stock > 0, "name": f"礼品{number}"} | changes
    reward = a_reward(id=RewardId(f"reward-{number}"), number=number, **fields)

    def act(ctx: Context) -> None:
        ctx.work.rewards.add(reward)
        if stock:
            moved = Moved(
                ctx.ids.new(), reward.id, StockMove.RECEIVE, stock, None, "system", ctx.now
            )
            ctx.work.stocks.move(moved)

    town.parts.runtime.act(MAIN, act)
    return reward


def voucher(town: Town, number: int = 3, **changes: Any) -> Reward:
    """Put a voucher worth 5,000 yuan on offer."""
    fields: dict[str, Any] = {"kind": RewardKind.VOUCHER, "value": 500_000, "name": "抵用券"}
    return offers(town, number, **(fields | changes))


def lottery(town: Town, *, tickets: int = 2, price: int = 10, **changes: Any) -> None:
    """Open a lottery whose every ticket is worth 5 points."""

    def add(ctx: Context) -> None:
        prize = lotteries.PrizeTerms(PrizeKind.POINTS, "五分", tickets, points=5, months=12)
        fields: dict[str, Any] = {
            "name": "新年抽奖",
            "price": price,
            "opens_at": ctx.now - timedelta(minutes=1),
            "closes_at": ctx.now + timedelta(days=1),
            "per_day": None,
            "per_customer": None,
            "prizes": [prize],
        }
        by_zhang = as_member(ctx, "张敏")
        made = lotteries.add_lottery(by_zhang, lotteries.LotteryTerms(**(fields | changes)))
        lotteries.ask_opening(by_zhang, made.number)
        approve_opening(as_member(ctx, "王芳"), made.number)

    town.parts.runtime.act(MAIN, add)


def as_member(ctx: Context, name: str) -> Context:
    """Let a member act."""
    return replace(ctx, actor=MemberActor(setup.member_named(ctx, name)))


# What people do.


def asks(town: Town, phone: str, line: str) -> Bubble:
    """Type a line and give what comes first."""
    mark = town.says(phone, line)
    return town.waits_for(phone, lambda _: True, after=mark)


def previews(town: Town, phone: str, line: str) -> Bubble:
    """Type a line that leads to a preview, and give that."""
    mark = town.says(phone, line)
    return town.waits_for(phone, lambda b: fits(b, ASKS) and bool(keys_of(b)), after=mark)


def buys(town: Town, phone: str, line: str = "兑换 3") -> Bubble:
    """Look at a reward and press the button; give the receipt."""
    card = previews(town, phone, line)
    mark = town.presses(card, "confirm")
    return town.waits_for(phone, "兑换单 #", after=0 if phone.startswith("dingtalk") else mark)


def code_of(town: Town, line: str = "兑换 3") -> str:
    """Buy a voucher as Wang and read the code off the phone."""
    mark = town.mark()
    buys(town, WANG, line)
    message = text_of(town.waits_for(WANG, "您的券码", after=mark))
    return message.partition("\\n")[2].partition("（")[0].strip("\\n")


def key(bubble: Bubble, choice: str) -> str:
    """Find a button."""
    return next(key for key in keys_of(bubble) if key.endswith(f":{choice}"))


def pressing(town: Town, phone: str, bubble: Bubble, choice: str) -> Coroutine[Any, Any, Any]:
    """Press a button when the platforms' loop comes to it."""
    app, _, user = phone.partition(":")
    match app:
        case "wecom":
            return town.wecom.member_presses(user, bubble, key(bubble, choice), {})
        case "wechat":
            return town.wecom.customer_presses(user, bubble, key(bubble, choice))
        case _:
            return town.dingtalk.member_presses(user, bubble, key(bubble, choice), {})


def at_once(town: Town, deeds: Sequence[Coroutine[Any, Any, Any]]) -> int:
    """Let several people act at the same instant; give a mark that stands before it."""
    mark = town.mark()

    async def all_of_them() -> None:
        await asyncio.gather(*deeds)

    town.run(all_of_them())
    return mark


def shows(town: Town, phone: str, after: int) -> str:
    """Give everything that others have put on a phone since a mark."""
    return "\n".join(text_of(bubble) for bubble in town.shown(phone, after))


# What has come of it.


def wallet(town: Town, code: str = "C001") -> tuple[int, int]:
    """Give what a customer has, available and held."""
    found = town.all(
        "SELECT code, available, held FROM wallets JOIN customers ON customers.id = customer_id"
    )
    return {code_: (available, held) for code_, available, held in found}.get(code, (0, 0))


def is_sound(town: Town) -> None:
    """Assert that books, stock and vouchers agree, and that no message is stuck or lost."""
    town.settles()
    url = town.settings.resolved_database_url
    store = town.parts.store
    found = [finding for step in steps_of(store, url, MAIN) for finding in step()[1]]
    with store.reading(MAIN) as work:
        drift = work.reconciliation.findings(99)
    assert (found, list(drift)) == ([], [])
    assert town.all("SELECT view FROM deliveries WHERE state = 'dead'") == []
    left = town.all("SELECT state, source_id FROM inbox WHERE state IN ('failed', 'stale')")
    assert left == [], left
