"""Rewards as staff see them: lines of the catalogue, cards, and what is asked a second person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from domain.approvals import RewardRevision
from domain.reward_terms import TERMS
from domain.rewards import Reward, is_low, is_over
from handlers.contract import Context
from handlers.usecases.rewards import Shelved
from handlers.views import (
    RewardChangeSaid,
    RewardTerm,
    ShelfDone,
    ShelfLine,
    ShelfList,
    ShelfPreview,
)

LINES_SHOWN: Final = 12
CHANGES_SHOWN: Final = 2
"""A card has room for so many rewards that change."""
_FIRST: Final = ("points", "value", "cost", "needs_contact", "needs_approver")
"""What decides whether a second person is needed stands first."""
_ORDER: Final = (*_FIRST, *(name for name in TERMS if name not in _FIRST and name != "name"))
_NOTHING: Final = (None, "", 0, False, ())


def state_of(reward: Reward, now: datetime) -> str:
    """Tell where a reward stands: on, off, soon or over."""
    if not reward.is_active:
        return "off"
    if is_over(reward, now):
        return "over"
    return "soon" if reward.opens_at is not None and now < reward.opens_at else "on"


def shelf_list(ctx: Context, shelf: Sequence[Shelved]) -> ShelfList:
    """Show the catalogue: what is on offer and low first, then by number."""
    lines = [_line(one, ctx.now) for one in shelf]
    lines.sort(key=lambda line: (not line.is_low, line.state in {"off", "over"}, line.number))
    return ShelfList(
        lines=tuple(lines[:LINES_SHOWN]),
        count=len(lines),
        on_count=sum(line.state == "on" for line in lines),
        low_count=sum(line.is_low for line in lines),
    )


def shelf_preview(shelved: Shelved, what: str, ticket: str, coming: int = 0) -> ShelfPreview:
    """Show what a button is about to do with a reward."""
    reward, stock = shelved.reward, shelved.stock
    closes = reward.closes_at
    return ShelfPreview(
        ticket=ticket,
        what=what,
        number=reward.number,
        name=reward.name,
        points=reward.points,
        value=reward.value,
        closes_at=closes.isoformat(timespec="seconds") if closes else "",
        left=stock.available if stock else None,
        held=stock.held if stock else 0,
        coming=coming,
    )


def shelf_done(shelved: Shelved, what: str, coming: int = 0) -> ShelfDone:
    """Show what has been done with a reward."""
    reward, stock = shelved.reward, shelved.stock
    left = stock.available if stock else None
    return ShelfDone(what, reward.number, reward.name, left, coming)


def revisions_said(
    ctx: Context, revisions: Sequence[RewardRevision]
) -> tuple[RewardChangeSaid, ...]:
    """Show the first of what a second person is asked to agree to."""
    most = TERMS_OF_ONE if len(revisions) == 1 else TERMS_OF_EACH
    return tuple(_said(one, tier_names(ctx), most) for one in revisions[:CHANGES_SHOWN])


def tier_names(ctx: Context) -> dict[str, str]:
    """Give the names of the tiers there are by their codes."""
    policy = ctx.work.rules.programmes().at(ctx.now).tiers
    return {tier.code: tier.name for tier in policy.tiers} if policy else {}


def _line(shelved: Shelved, now: datetime) -> ShelfLine:
    reward, stock = shelved.reward, shelved.stock
    state = state_of(reward, now)
    return ShelfLine(
        number=reward.number,
        name=reward.name,
        points=reward.points,
        state=state,
        left=stock.available if stock else None,
        is_low=stock is not None and state in {"on", "soon"} and is_low(stock),
    )


TERMS_OF_ONE, TERMS_OF_EACH = 8, 3
"""Terms of the only reward, or of each of several; more do not fit into a card."""


def _said(revision: RewardRevision, tiers: Mapping[str, str], most: int) -> RewardChangeSaid:
    before, after = revision["before"], revision["after"]
    is_new = not before
    names = [name for name in _ORDER if name in after and (not is_new or _says(after, name))]
    if not is_new and "name" in after:
        names.append("name")
    return RewardChangeSaid(
        number=revision["number"],
        name=str(after["name"] if is_new else before["name"]),
        terms=tuple(
            RewardTerm(name, *(plain_term(one.get(name), tiers) for one in (before, after)))
            for name in names[:most]
        ),
        term_count=len(names),
        stock=revision["stock"],
    )


def _says(terms: Mapping[str, Any], name: str) -> bool:
    return terms[name] not in _NOTHING and terms[name] != []


def plain_term(value: Any, tiers: Mapping[str, str]) -> str | int | bool | None:
    """Put a list or a limit into one text, and a tier's name for its code."""
    match value:
        case {"quantity": quantity, "period": period}:
            return f"{period}:{quantity}"
        case list():
            return " ".join(value)
        case str():
            return tiers.get(value, value)
        case _:
            plain: str | int | bool | None = value
            return plain
