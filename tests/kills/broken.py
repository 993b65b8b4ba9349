"""Operations as they must not be, for seeing that the examination would notice."""

from domain.holds import HoldState
from domain.ids import CustomerId, HoldId
from domain.posting import lot_end
from handlers.contract import Context
from handlers.usecases.books import machine_cause, open_book, store_books
from tests.kills.life import Life
from tests.kills.operations import Operation

SETTLED, HELD = HoldId("settled"), 20


def _settle_in_two_commits(life: Life) -> None:
    """Close a hold, and spend its points in a transaction of its own."""

    def close(ctx: Context) -> None:
        closed.append(ctx.work.holds.close(SETTLED, HoldState.SETTLED, ctx.now))

    def spend(ctx: Context) -> None:
        opened = open_book(ctx, CustomerId("C002"))
        opened.settle(HELD, machine_cause(ctx, f"settle:{SETTLED}", ctx.now))
        store_books(ctx, [opened], {})

    closed: list[bool] = []
    life.acts(close)
    if closed[-1]:
        life.acts(spend)


def _give_without_a_key(ctx: Context) -> None:
    """Give points for a reason that is another one each time."""
    opened = open_book(ctx, CustomerId("C011"))
    cause = machine_cause(ctx, f"gift:{opened.opened.seq}", ctx.now)
    opened.award(5, cause, expires_at=lot_end(ctx.now, 12))
    store_books(ctx, [opened], {})


BROKEN = {
    "two commits": Operation(_settle_in_two_commits),
    "no key": Operation(lambda life: life.acts(_give_without_a_key)),
}
