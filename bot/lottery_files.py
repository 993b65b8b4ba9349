"""What a JSON file says of a lottery, read strictly: every problem with its place."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.api.values import Instant, Line, Yuan
from bot.platform import Rejected
from bot.strict_json import read_object
from domain.lotteries import (
    LIMIT_MAX,
    MONTHS_MAX,
    NAME_MAX,
    PRICE_MAX,
    PRIZE_NAME_MAX,
    PRIZE_POINTS_MAX,
    PRIZES_MAX,
    TICKETS_MAX,
    PrizeKind,
)
from handlers.usecases.lotteries import LotteryTerms, PrizeTerms

_STRICT = ConfigDict(extra="forbid", frozen=True)
Times = Annotated[int, Field(strict=True, ge=1, le=LIMIT_MAX)]


class PrizeGiven(BaseModel):
    """What some tickets of an urn are to be good for."""

    model_config = _STRICT

    kind: PrizeKind
    name: Annotated[Line, Field(max_length=PRIZE_NAME_MAX)]
    count: int = Field(strict=True, ge=1, le=TICKETS_MAX)
    points: int = Field(default=0, strict=True, ge=0, le=PRIZE_POINTS_MAX)
    months: int = Field(default=0, strict=True, ge=0, le=MONTHS_MAX)
    reward: int = Field(default=0, strict=True, ge=0)
    worth: Yuan | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        is_points, is_reward = (
            self.kind is PrizeKind.POINTS,
            self.kind is PrizeKind.REWARD,
        )
        given = (self.points > 0, self.months > 0, self.reward > 0)
        if given != (is_points, is_points, is_reward):
            raise ValueError("points and months for points, reward for a reward, nothing else")
        return self


class LotteryGiven(BaseModel):
    """What a lottery is to be."""

    model_config = _STRICT

    name: Annotated[Line, Field(max_length=NAME_MAX)]
    price: int = Field(strict=True, ge=1, le=PRICE_MAX)
    opens_at: Instant
    closes_at: Instant
    per_day: Times | None = None
    per_customer: Times | None = None
    prizes: list[PrizeGiven] = Field(min_length=1, max_length=PRIZES_MAX)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise ValueError("closes_at is not after opens_at")
        if sum(prize.count for prize in self.prizes) > TICKETS_MAX:
            raise ValueError(f"more than {TICKETS_MAX} tickets")
        twice = [name for name, times in Counter(p.name for p in self.prizes).items() if times > 1]
        if twice:
            raise ValueError(f"two prizes have the name {twice[0]}")
        return self


def read_lottery(file: Path) -> LotteryTerms:
    """Read what a file says of a lottery.

    Raises:
        ValueError: it can't be read; every problem with its place, on one line.
        OSError: the file can't be opened.
    """
    try:
        given = LotteryGiven.model_validate(read_object(file.read_bytes(), mends_text=False))
    except Rejected as rejected:
        raise ValueError(f"{file.name}: {rejected.reason}") from None
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, one['loc'])) or file.name}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise ValueError("; ".join(problems)) from None
    prizes = tuple(
        PrizeTerms(
            kind=prize.kind,
            name=prize.name,
            count=prize.count,
            points=prize.points,
            months=prize.months,
            reward=prize.reward,
            worth=prize.worth or 0,
        )
        for prize in given.prizes
    )
    return LotteryTerms(
        name=given.name,
        price=given.price,
        opens_at=given.opens_at,
        closes_at=given.closes_at,
        per_day=given.per_day,
        per_customer=given.per_customer,
        prizes=prizes,
    )
