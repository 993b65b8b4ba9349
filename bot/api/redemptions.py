"""Redemptions over the API: setting aside, confirming, giving up, and how they stand."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import ConfigDict, Field

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, Call, api_router
from bot.api.rules import NothingGiven
from bot.api.values import Code, Given, Moment, Shown
from domain.apikeys import Scope
from domain.errors import ErrorCode
from domain.redemptions import Redemption, RedemptionState
from domain.rewards import QUANTITY_MAX, RewardKind
from handlers.contract import Context
from handlers.usecases.agreeing import confirm_reserved
from handlers.usecases.directory import customer_of_code
from handlers.usecases.offers import find_reward
from handlers.usecases.redeeming import Order, reserve
from handlers.usecases.redemption_ends import cancel, undo
from handlers.usecases.redemption_moves import find_redemption

router = api_router()

PAGE_MAX = 200
_NUMBER = Path(ge=1, le=999_999_999, description="The redemption's number.")
Number = Annotated[int, _NUMBER]
_BUYING = (
    ErrorCode.UNKNOWN_CUSTOMER,
    ErrorCode.UNKNOWN_REWARD,
    ErrorCode.REWARD_OVER,
    ErrorCode.REWARD_NOT_OPEN,
    ErrorCode.NOT_FOR_YOU,
    ErrorCode.TIER_TOO_LOW,
    ErrorCode.SOLD_OUT,
    ErrorCode.LIMIT_REACHED,
    ErrorCode.SHORT_FOR_REWARD,
    ErrorCode.NOBODY_TO_AGREE,
)


class RedemptionGiven(Given):
    """What a customer wants for points."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer": "C001", "reward": 3, "quantity": 1}]}
    )

    customer: Code = Field(examples=["C001"])
    reward: int = Field(ge=1, le=999_999_999, description="The reward's number.", examples=[3])
    quantity: int = Field(default=1, ge=1, le=QUANTITY_MAX)


class RedemptionShown(Shown):
    """How a redemption stands."""

    number: int
    customer: str
    reward: int
    name: str
    kind: RewardKind
    quantity: int
    points: int
    state: RedemptionState
    waits_for: list[str]
    """Whose yes is missing: confirmation (yours), contact, approver."""
    held_at: Moment
    expires_at: Moment | None
    """When it ends by itself while it is held."""
    placed_at: Moment | None
    ended_at: Moment | None
    fulfilled: int
    refunded: int
    note: str


class RedemptionsShown(Shown):
    """What a customer has bought, newest first."""

    redemptions: list[RedemptionShown]


@router.post(
    "/redemptions",
    **changing(Scope.REDEMPTIONS_WRITE, RedemptionShown, *_BUYING, status=201),
)
def create_redemption(given: RedemptionGiven, call: Admitted) -> Response:
    """Set points and stock aside for ten minutes; nothing is spent before it is confirmed."""

    def act(ctx: Context) -> RedemptionShown:
        customer = customer_of_code(ctx, given.customer)
        order = Order(find_reward(ctx, given.reward), given.quantity, customer.id)
        return _shown(ctx, reserve(ctx, order, _source(call)))

    return call.do(act, status=201)


@router.post(
    "/redemptions/{number}/confirm",
    **changing(
        Scope.REDEMPTIONS_WRITE,
        RedemptionShown,
        ErrorCode.UNKNOWN_REDEMPTION,
        ErrorCode.REDEMPTION_CLOSED,
        ErrorCode.NO_APPROVER,
    ),
)
def confirm_redemption(number: Number, given: NothingGiven, call: Admitted) -> Response:
    """Spend what was set aside, or ask those who have to agree."""
    del given

    def act(ctx: Context) -> RedemptionShown:
        return _shown(ctx, confirm_reserved(ctx, find_redemption(ctx, str(number)).id))

    return call.do(act)


@router.post(
    "/redemptions/{number}/cancel",
    **changing(
        Scope.REDEMPTIONS_WRITE,
        RedemptionShown,
        ErrorCode.UNKNOWN_REDEMPTION,
        ErrorCode.NOT_PERMITTED,
        ErrorCode.REDEMPTION_CLOSED,
        ErrorCode.UNDO_OVER,
        ErrorCode.VOUCHER_NOT_RETURNABLE,
    ),
)
def cancel_redemption(number: Number, given: NothingGiven, call: Admitted) -> Response:
    """Give up what is held, or undo what was bought as long as a customer could."""
    del given

    def act(ctx: Context) -> RedemptionShown:
        found = find_redemption(ctx, str(number))
        is_held = found.state in {RedemptionState.HELD, RedemptionState.CANCELLED}
        return _shown(ctx, cancel(ctx, found.id) if is_held else undo(ctx, found.id))

    return call.do(act)


@router.get("/redemptions/{number}", **reading(RedemptionShown, ErrorCode.UNKNOWN_REDEMPTION))
def read_redemption(number: Number, call: Admitted) -> Response:
    """Give how a redemption stands."""
    return call.read(lambda ctx: _shown(ctx, find_redemption(ctx, str(number))))


@router.get(
    "/customers/{code}/redemptions", **reading(RedemptionsShown, ErrorCode.UNKNOWN_CUSTOMER)
)
def read_redemptions(
    code: str, call: Admitted, limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50
) -> Response:
    """Give what a customer has bought, newest first."""

    def look(ctx: Context) -> RedemptionsShown:
        customer = customer_of_code(ctx, code)
        found = ctx.work.redemptions.of_customer(customer.id, limit)
        return RedemptionsShown(redemptions=[_shown(ctx, one) for one in found])

    return call.read(look)


def _source(call: Call) -> str:
    """Name what asks: the same request is the same redemption."""
    asked = call.asked
    if asked is None:
        raise ValueError("a request that changes something has an idempotency key")
    return f"apikey:{asked.key}:{asked.idempotency_key}"


def _shown(ctx: Context, redemption: Redemption) -> RedemptionShown:
    waits = {
        "confirmation": redemption.waits_for_confirmation,
        "contact": redemption.waits_for_contact,
        "approver": redemption.waits_for_approver,
    }
    is_held = redemption.state is RedemptionState.HELD
    return RedemptionShown(
        number=redemption.number,
        customer=ctx.work.customers.get(redemption.customer).code,
        reward=ctx.work.rewards.get(redemption.reward).number,
        name=redemption.name,
        kind=redemption.kind,
        quantity=redemption.quantity,
        points=redemption.points,
        state=redemption.state,
        waits_for=[whose for whose, is_missing in waits.items() if is_missing and is_held],
        held_at=redemption.held_at,
        expires_at=redemption.expires_at if is_held else None,
        placed_at=redemption.placed_at,
        ended_at=redemption.ended_at,
        fulfilled=redemption.fulfilled,
        refunded=redemption.refunded,
        note=redemption.note,
    )
