"""What was bought in the world that operations are killed in, and what is done about it.

M001 has two contacts. What an operation is about was bought before, and has a number here.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from domain.approvals import Verdict
from domain.ids import ApprovalId, ContactId, CustomerId, RedemptionId, RewardId, TicketId
from domain.repositories import Moved
from domain.rewards import StockMove
from domain.tickets import TicketKind
from handlers.contract import Context
from handlers.usecases.agreeing import agree_to, confirm_reserved
from handlers.usecases.decisions import decide, expire_overdue
from handlers.usecases.handing_over import hand_over_bought
from handlers.usecases.redeeming import Order, offer_redemption, redeem, reserve
from handlers.usecases.redemption_ends import cancel, decline, undo
from handlers.usecases.refunds import ask_refund
from storage.db import reading
from tests.kills.life import Life
from tests.support.make import a_contact, a_customer, a_reward, an_identity
from tests.support.stores import KF, MAIN

CUSTOMER = CustomerId("M001")
ASKER, SECOND = f"of-{CUSTOMER}", f"second-{CUSTOMER}"
PLAIN, WITH_CONTACT, WITH_FIRM = (RewardId(f"reward-{number}") for number in (1, 2, 3))
LATE, AGREED, DECLINED, CANCELLED, UNDONE, HANDED, REFUNDED, APPROVED, RESERVED = range(1, 10)
"""The numbers of what each operation is about."""


def open_mall(ctx: Context) -> None:
    """Add the customer, and rewards with their stock."""
    work = ctx.work
    work.customers.add(a_customer(CUSTOMER, "商城的客户"))
    for name, phone in ((ASKER, "13800000014"), (SECOND, "13900000014")):
        work.customers.add_contact(a_contact(name, CUSTOMER, phone=phone))
        account = an_identity(
            channel=KF, external_id=f"wm-{name}", contact=ContactId(name), last_inbound_at=ctx.now
        )
        work.identities.save(account)
    for number, reward in enumerate((PLAIN, WITH_CONTACT, WITH_FIRM), 101):
        work.rewards.add(
            a_reward(
                id=reward,
                number=number,
                name=f"商城礼品{number}",
                points=10,
                has_stock=True,
                needs_contact=reward == WITH_CONTACT,
                needs_approver=reward == WITH_FIRM,
            )
        )
        move = StockMove.RECEIVE
        work.stocks.move(Moved(ctx.ids.new(), reward, move, 50, None, "system", ctx.now))


def buy_late(life: Life) -> None:
    """Buy what nobody agrees to in time."""
    _buy(life, WITH_CONTACT)


def buy(life: Life) -> None:
    """Buy what the other operations are about."""
    for reward in (WITH_CONTACT, WITH_CONTACT, WITH_FIRM, PLAIN, PLAIN, PLAIN, WITH_FIRM):
        _buy(life, reward)
    life.acts(lambda ctx: ask_refund(ctx, _id(ctx, REFUNDED), 1, "机型不符"), "zhou")


def look_at_more(life: Life) -> None:
    """Set something aside over the API, and open a preview."""
    life.acts(lambda ctx: reserve(ctx, _order(ctx, PLAIN), "apikey:1:order-7"))
    life.acts(lambda ctx: offer_redemption(ctx, _order(ctx, PLAIN)), contact=ASKER)


def _buy(life: Life, reward: RewardId) -> None:
    life.acts(lambda ctx: offer_redemption(ctx, _order(ctx, reward)), contact=ASKER)
    life.acts(_press, contact=ASKER)


def _order(ctx: Context, reward: RewardId) -> Order:
    return Order(ctx.work.rewards.get(reward), 1, CUSTOMER)


def _id(ctx: Context, number: int) -> RedemptionId:
    found = ctx.work.redemptions.find_number(number)
    assert found is not None
    return found.id


def _press(ctx: Context) -> None:
    ticket = ctx.work.tickets.newest_open(TicketKind.REDEEM, ctx.now, contact=ContactId(ASKER))
    assert ticket is not None
    redeem(ctx, ticket, CUSTOMER)


def redeemed(life: Life) -> None:
    """Confirm the preview that was opened last, pressed before or not."""
    with reading(life.store.database, MAIN) as db:
        rows = db.all("SELECT id FROM tickets WHERE tenant_id = :tenant AND kind = 'redeem'")
    ticket = TicketId(max(id_ for (id_,) in rows))

    def acting(ctx: Context) -> None:
        found = ctx.work.tickets.find(ticket)
        assert found is not None
        redeem(ctx, found, CUSTOMER)

    life.acts(acting, contact=ASKER)


def acts(
    act: Callable[..., Any], number: int, contact: str = "", member: str = ""
) -> Callable[[Life], None]:
    """Make an operation about what was bought under a number."""

    def does(life: Life) -> None:
        def acting(ctx: Context) -> None:
            act(ctx, redemption=_id(ctx, number))

        life.acts(acting, member, contact=contact)

    return does


def decides(prefix: str, number: int) -> Callable[[Life], None]:
    """Make an operation that approves what waits about something bought."""

    def does(life: Life) -> None:
        def acting(ctx: Context) -> None:
            subject = f"{prefix}:{_id(ctx, number)}"
            decide(ctx, asked[subject], Verdict.APPROVE, "")

        with reading(life.store.database, MAIN) as db:
            rows = db.all("SELECT subject, id FROM approvals WHERE tenant_id = :tenant")
        asked = {subject: ApprovalId(id_) for subject, id_ in rows}
        life.acts(acting, "zhang")

    return does


def run_out(life: Life) -> None:
    """End what nobody has decided in time."""

    def acting(ctx: Context) -> None:
        for lapsed in ctx.work.approvals.lapsed(ctx.now):
            expire_overdue(ctx, lapsed.id)

    life.acts(acting)


agreed = acts(agree_to, AGREED, SECOND)
declined = acts(decline, DECLINED, SECOND)
cancelled = acts(cancel, CANCELLED, ASKER)
undone = acts(undo, UNDONE, ASKER)
handed_over = acts(partial(hand_over_bought, quantity=None, remark=""), HANDED, member="fang")
confirmed = acts(confirm_reserved, RESERVED)
approved = decides("redemption", APPROVED)
refunded = decides("refund", REFUNDED)
