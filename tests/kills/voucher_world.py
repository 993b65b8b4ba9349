"""What the firm of the kills has of vouchers: some to use, some that end soon or have ended.

C001 has one that finance is just about to use, and two whose codes will be replaced; C003 and C004
have one each that ended last week; C011 has one that ends on Friday.
"""

from functools import partial

from domain.ids import ContactId, CustomerId, RewardId
from domain.rewards import RewardKind
from handlers.contract import Context
from handlers.incoming import Said
from storage.db import reading
from tests.handlers.voucher_steps import place
from tests.kills.life import Life
from tests.support.firm import Firm
from tests.support.make import a_reward
from tests.support.stores import MAIN

USED, REPLACED, PRIZE = 71, 72, RewardId("prize")


def buy_vouchers(firm: Firm) -> None:
    """Let customers have bought them on 22 November."""
    for number, customer, days, quantity in (
        (USED, "C001", 60, 1),
        (REPLACED, "C001", 60, 2),
        (73, "C003", 2, 1),
        (74, "C004", 2, 1),
        (75, "C011", 12, 1),
    ):
        firm.acts(
            partial(_buy, number=number, customer=customer, valid_days=days, quantity=quantity)
        )


def show_preview(life: Life) -> None:
    """Let finance have a card that uses the first one."""
    with reading(life.store.database, MAIN) as db:
        [(code,)] = db.all(
            "SELECT code FROM vouchers WHERE tenant_id = :tenant AND number = :number", number=USED
        )
    life.hears("ding-zhou", Said(f"核销 {code}"), source="voucher")


def _buy(ctx: Context, *, number: int, customer: str, valid_days: int, quantity: int) -> None:
    if number == USED:
        ctx.work.rewards.add(a_reward(id=PRIZE, number=70, kind=RewardKind.VOUCHER, value=10_000))
    place(
        ctx,
        number,
        customer=CustomerId(customer),
        contact=ContactId("of-C001") if customer == "C001" else None,
        valid_days=valid_days,
        quantity=quantity,
    )
