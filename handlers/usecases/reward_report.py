"""How rewards sell, read in one go: one look at what was bought, one at who has what."""

from domain.reward_report import RECENT, SINCE, Selling, report_on
from handlers.contract import Context


def read_report(ctx: Context) -> list[Selling]:
    """Report on all rewards by number."""
    return report_on(
        ctx.work.rewards.all(),
        ctx.work.turnovers.sold(ctx.now - SINCE, ctx.now - RECENT),
        ctx.work.turnovers.balances(),
        point_fen=ctx.work.rules.programmes().at(ctx.now).point_fen,
        now=ctx.now,
    )
