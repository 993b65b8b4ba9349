"""Who learns of rewards: who keeps them, when one runs low."""

from collections.abc import Iterable

from domain.facts import StockLow
from handlers.addressing import Push, ToMember
from handlers.contract import Context
from handlers.permissions import Permission, rights_of
from handlers.views import StockNotice


def stock_low(ctx: Context, fact: StockLow) -> Iterable[Push]:
    """Tell everybody who keeps rewards, once for what has come in so far."""
    reward, stock = fact.reward, fact.stock
    notice = StockNotice(reward.number, reward.name, stock.available, stock.received)
    key = f"stock_low:{reward.id}:{stock.received}"
    for member in ctx.work.members.all():
        may_edit = Permission.EDIT_REWARDS in rights_of(member.roles)
        if member.is_active and may_edit:
            yield ToMember(member.id, lambda _: notice, key)
