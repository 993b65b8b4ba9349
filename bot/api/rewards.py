"""Rewards over the API: the catalogue as staff keep it, by the member a key belongs to."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import ConfigDict, Field, JsonValue

from bot.api.declaring import changing, reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Given, Instant, Line, Moment, Shown, Word, Yuan
from domain.apikeys import Scope
from domain.errors import ErrorCode
from domain.reward_terms import value_to_json
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind
from handlers.contract import Context
from handlers.reward_views import state_of
from handlers.usecases import rewards
from handlers.usecases.rewards import Saved, Shelved
from handlers.usecases.stock import move_stock

router = api_router()

EXAMPLE: dict[str, JsonValue] = {
    "name": "Air conditioning service",
    "kind": "service",
    "points": 800,
    "cost": "600.00",
    "limit": {"quantity": 2, "period": "year"},
    "closes_at": "2027-01-01T00:00:00+08:00",
    "has_stock": True,
    "stock": 20,
}
_FEN = 100
Number = Annotated[int, Path(ge=1, le=999_999_999, description="The reward's number.")]
Text = Annotated[str, Field(max_length=500)]
_SAVING = (
    ErrorCode.NOT_PERMITTED,
    ErrorCode.REWARD_HAS_ERRORS,
    ErrorCode.APPROVAL_PENDING,
    ErrorCode.NO_APPROVER,
    ErrorCode.STOCK_REFUSED,
    ErrorCode.STOCK_NOT_KEPT,
)


class LimitGiven(Given):
    """How many one customer may have in a period."""

    quantity: int = Field(examples=[2])
    period: str = Field(pattern="^(ever|year|quarter|month)$", examples=["year"])


class TermsGiven(Given):
    """All terms of a reward; what is left out is nothing."""

    name: Line = Field(examples=["Air conditioning service"])
    kind: str = Field(pattern="^(voucher|warranty|service|seat|goods)$", examples=["service"])
    points: int = Field(description="The price of one.", examples=[800])
    cost: Yuan | None = Field(default=None, description="What one costs the firm.")
    value: Yuan | None = Field(default=None, description="What a voucher takes off.")
    description: Text = ""
    picture: Text = Field(default="", description="An https address.")
    is_active: bool = Field(default=True, description="Whether it is on offer.")
    limit: LimitGiven | None = None
    tier: Word | None = Field(default=None, description="The code of the lowest tier.")
    segments: list[Word] = Field(default=[], max_length=50)
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    valid_days: int | None = Field(default=None, description="Days it can be used; null: no end.")
    is_partly_usable: bool = False
    needs_contact: bool = False
    needs_approver: bool = False
    has_stock: bool = Field(default=False, description="Whether there are only so many.")


class RewardGiven(TermsGiven):
    """A new reward, and how many there are of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    stock: int = Field(default=0, ge=0, description="How many come in at once.", examples=[20])


class RewardReplaced(TermsGiven):
    """What a reward is to be, beside the version that was read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{k: v for k, v in EXAMPLE.items() if k != "stock"} | {"version": 1}]
        }
    )

    version: int = Field(description="The version that was read; another one is refused.")


class StockGiven(Given):
    """What comes in, or (negative) is taken out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 20, "note": "Order 7"}]})

    quantity: int = Field(examples=[20])
    note: Line | None = None


class LimitShown(Shown):
    """How many one customer may have in a period."""

    quantity: int
    period: str


class StockShown(Shown):
    """What there is: free, set aside or waiting to be handed over, handed over."""

    available: int
    held: int
    gone: int


class RewardShown(Shown):
    """A reward as it is now."""

    number: int
    version: int
    state: str
    """on, off, soon or over."""
    name: str
    kind: str
    points: int
    cost: str
    value: str
    description: str
    picture: str
    is_active: bool
    limit: LimitShown | None
    tier: str | None
    segments: list[str]
    opens_at: Moment | None
    closes_at: Moment | None
    valid_days: int | None
    is_partly_usable: bool
    needs_contact: bool
    needs_approver: bool
    stock: StockShown | None
    """null where there is any number."""


class RewardFindingShown(Shown):
    """One thing that is wrong or surprising, as a firm may have changed since."""

    severity: str
    field: str
    code: str
    data: dict[str, Any]


class RewardDetailShown(RewardShown):
    """A reward, and what the check says of it."""

    findings: list[RewardFindingShown]


class CatalogueShown(Shown):
    """All rewards by number."""

    rewards: list[RewardShown]


class SavedShown(Shown):
    """What became of it: one of the two, or neither where nothing changes."""

    reward: RewardShown | None
    approval: int | None
    """The number of the approval it waits for; nothing has changed until then."""


@router.get("/rewards", **reading(CatalogueShown))
def read_rewards(call: Admitted) -> Response:
    """Give all rewards with what there is of them."""

    def look(ctx: Context) -> CatalogueShown:
        shelf = rewards.read_catalogue(ctx)
        return CatalogueShown(rewards=[RewardShown(**_fields(ctx, one)) for one in shelf])

    return call.read(look)


@router.get("/rewards/{number}", **reading(RewardDetailShown, ErrorCode.UNKNOWN_REWARD))
def read_reward(number: Number, call: Admitted) -> Response:
    """Give a reward, and what is wrong or surprising about it."""

    def look(ctx: Context) -> RewardDetailShown:
        reward = rewards.find_reward(ctx, str(number))
        findings = [
            RewardFindingShown(
                severity=one.severity,
                field=one.place,
                code=one.fault,
                data={name: value_to_json(value) for name, value in one.data.items()},
            )
            for one in rewards.findings_of(ctx, reward)
        ]
        return RewardDetailShown(**_fields(ctx, rewards.read_one(ctx, reward)), findings=findings)

    return call.read(look)


@router.post("/rewards", **changing(Scope.REWARDS_WRITE, SavedShown, *_SAVING, status=201))
def create_reward(given: RewardGiven, call: Admitted) -> Response:
    """Add a reward; what gives more than is booked for its points waits for a second person."""

    def act(ctx: Context) -> SavedShown:
        made = Reward(id=rewards.NEW, number=0, **_terms(given))
        return _saved(ctx, rewards.add_reward(ctx, made, given.stock))

    return call.do(act, status=201)


@router.put(
    "/rewards/{number}",
    **changing(
        Scope.REWARDS_WRITE,
        SavedShown,
        ErrorCode.UNKNOWN_REWARD,
        ErrorCode.REWARD_CHANGED,
        *_SAVING[:4],
    ),
)
def replace_reward(number: Number, given: RewardReplaced, call: Admitted) -> Response:
    """Put other terms in the place of a reward's; more for a point waits for a second."""

    def act(ctx: Context) -> SavedShown:
        _, saved = rewards.change_reward(ctx, number, given.version, _terms(given))
        return _saved(ctx, saved)

    return call.do(act)


@router.post(
    "/rewards/{number}/stock",
    **changing(
        Scope.REWARDS_WRITE,
        StockShown,
        ErrorCode.NOT_PERMITTED,
        ErrorCode.UNKNOWN_REWARD,
        ErrorCode.STOCK_NOT_KEPT,
        ErrorCode.STOCK_REFUSED,
        ErrorCode.STOCK_SHORT,
    ),
)
def move(number: Number, given: StockGiven, call: Admitted) -> Response:
    """Let so many come in, or take so many out."""

    def act(ctx: Context) -> StockShown:
        reward = rewards.find_reward(ctx, str(number))
        stock = move_stock(ctx, reward, given.quantity, given.note or "")
        return StockShown(available=stock.available, held=stock.held, gone=stock.gone)

    return call.do(act)


def _terms(given: TermsGiven) -> dict[str, Any]:
    limit = given.limit
    return {
        "name": given.name,
        "kind": RewardKind(given.kind),
        "points": given.points,
        "cost": given.cost or 0,
        "value": given.value or 0,
        "description": given.description,
        "picture": given.picture,
        "is_active": given.is_active,
        "limit": Limit(limit.quantity, LimitPeriod(limit.period)) if limit else None,
        "tier": given.tier or "",
        "segments": frozenset(given.segments),
        "opens_at": given.opens_at,
        "closes_at": given.closes_at,
        "valid_days": given.valid_days,
        "is_partly_usable": given.is_partly_usable,
        "needs_contact": given.needs_contact,
        "needs_approver": given.needs_approver,
        "has_stock": given.has_stock,
    }


def _saved(ctx: Context, saved: Saved) -> SavedShown:
    approval = saved.approval.number if saved.approval else None
    shown = [RewardShown(**_fields(ctx, rewards.read_one(ctx, one))) for one in saved.rewards]
    return SavedShown(reward=shown[0] if shown else None, approval=approval)


def _fields(ctx: Context, shelved: Shelved) -> Mapping[str, Any]:
    reward, stock = shelved.reward, shelved.stock
    same = (
        *("number", "version", "name", "kind", "points", "description", "picture", "is_active"),
        *("opens_at", "closes_at", "valid_days", "is_partly_usable", "needs_contact"),
        "needs_approver",
    )
    return {
        **{name: getattr(reward, name) for name in same},
        "state": state_of(reward, ctx.now),
        "cost": _yuan(reward.cost),
        "value": _yuan(reward.value),
        "limit": reward.limit
        and LimitShown(quantity=reward.limit.quantity, period=reward.limit.period),
        "tier": reward.tier or None,
        "segments": sorted(reward.segments),
        "stock": stock and StockShown(available=stock.available, held=stock.held, gone=stock.gone),
    }


def _yuan(fen: int) -> str:
    return f"{fen // _FEN}.{fen % _FEN:02d}"
