"""What a project's next payments are lower by, over the API: for who writes the bills."""

from fastapi import Response

from bot.api.declaring import reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Moment, Shown
from domain.errors import ErrorCode
from domain.vouchers import VoucherUse
from handlers.contract import Context
from handlers.usecases import directory
from handlers.usecases.voucher_uses import waiting_deductions

router = api_router()

FEN_PER_YUAN = 100


class DeductionShown(Shown):
    """Some of a voucher that was used for the project and waits to be taken off a payment."""

    number: int
    reward: str
    amount: str
    used_by: str
    used_at: Moment


class DeductionsShown(Shown):
    """What waits, oldest first, and what it adds up to."""

    project: str
    customer: str
    amount: str
    deductions: list[DeductionShown]


@router.get("/projects/{code}/deductions", **reading(DeductionsShown, ErrorCode.UNKNOWN_PROJECT))
def read_deductions(code: str, call: Admitted) -> Response:
    """Give what the project's next payments are lower by, as vouchers were used for it."""

    def look(ctx: Context) -> DeductionsShown:
        file = directory.read_project(ctx, code)
        waiting = waiting_deductions(ctx, file.project.id)
        return DeductionsShown(
            project=file.project.code,
            customer=file.customer.code,
            amount=_yuan(waiting.amount),
            deductions=[_shown(ctx, use) for use in waiting.uses],
        )

    return call.read(look)


def _shown(ctx: Context, use: VoucherUse) -> DeductionShown:
    return DeductionShown(
        number=use.number,
        reward=ctx.work.vouchers.get(use.voucher).name,
        amount=_yuan(use.amount),
        used_by=ctx.work.members.get(use.member).name,
        used_at=use.used_at,
    )


def _yuan(fen: int) -> str:
    whole, part = divmod(fen, FEN_PER_YUAN)
    return f"{whole}.{part:02d}"
