"""The catalogue as a workbook for staff; imported unchanged it changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.catalogue.cells import show_called, show_end, show_limit, show_segments
from bot.catalogue.words import heading_for, values_of, word_for
from bot.sheets.values import show_text, show_time
from bot.sheets.writing import CellOut, ColumnKind, ColumnOut, SheetOut, write_workbook
from handlers.usecases.rewards import Shelved

_NUMBERS: Final = frozenset({"number", "points", "used", "version"})
_MONEY: Final = frozenset({"cost", "value"})


def save_catalogue(shelf: Sequence[Shelved], tiers: Mapping[str, str]) -> bytes:
    """Write rewards as an .xlsx that `read_listing` reads as the same; `tiers` are names by code.

    Raises:
        TextTooLong: what a reward says does not fit into a cell.
    """
    names = values_of("heading")
    columns = [ColumnOut(heading_for(name), _kind(name)) for name in names]
    rows = []
    for one in shelf:
        cells = _cells(one, tiers)
        rows.append([cells[name] for name in names])
    return write_workbook([SheetOut(word_for("sheet", "name"), columns, rows)])


def _kind(name: str) -> ColumnKind:
    if name in _NUMBERS:
        return ColumnKind.NUMBER
    return ColumnKind.MONEY if name in _MONEY else ColumnKind.TEXT


def _cells(shelved: Shelved, tiers: Mapping[str, str]) -> dict[str, CellOut]:
    reward, stock = shelved.reward, shelved.stock
    names = list(tiers.values())
    tier = tiers.get(reward.tier, reward.tier)
    # A name that two tiers share says nothing; a code does.
    tier = tier if names.count(tier) == 1 else reward.tier
    return {
        "number": reward.number,
        "name": show_text(reward.name),
        "kind": word_for("kind", reward.kind),
        "points": reward.points,
        "value": reward.value or None,
        "cost": reward.cost,
        "stock": word_for("none", "none") if stock is None else str(stock.available),
        "used": None if stock is None else stock.held + stock.gone,
        "limit": show_limit(reward.limit),
        "tier": show_called(tier) if tier else None,
        "segments": show_segments(reward.segments) or None,
        "opens_at": show_time(reward.opens_at) if reward.opens_at else None,
        "closes_at": show_end(reward.closes_at) if reward.closes_at else None,
        "valid_days": word_for("none", "none")
        if reward.valid_days is None
        else str(reward.valid_days),
        "is_partly_usable": _flag(reward.is_partly_usable),
        "description": show_text(reward.description) if reward.description else None,
        "picture": reward.picture or None,
        "needs_contact": _flag(reward.needs_contact),
        "needs_approver": _flag(reward.needs_approver),
        "is_active": _flag(reward.is_active),
        "version": reward.version,
    }


def _flag(flag: bool) -> str:  # noqa: FBT001  a cell to write, not a switch
    return word_for("flag", "yes" if flag else "no")
