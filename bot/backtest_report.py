"""The report of a back-test for people: as tables in the terminal and as a workbook."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from rich.table import Table

from bot.sheets.writing import CellOut, ColumnKind, ColumnOut, SheetOut, write_workbook
from bot.wiring import TEMPLATES
from domain.customers import Customer
from domain.replay.report import Json

_SUMS = ("events", "given", "taken", "capped", "waived", "expired", "redeemed", "net", "cost_fen")
_STANDS = (
    "given",
    "taken",
    "capped",
    "expired",
    "redeemed",
    "available",
    "held",
    "pending",
    "debt",
    "tier",
)
_FEN_PER_YUAN = 100
_MONEY = frozenset({"cost_fen", "liability_fen"})
_TEXT = frozenset({"tier"})


def overview(report: Json) -> list[tuple[str, str]]:
    """Give what matters most, worded, line by line."""
    rows = dict(_heads(report))
    total = report["total"]
    for course in ("past", "draft", "difference"):
        if course in total:
            rows[f"{course}_net"] = f"{total[course]['net']:,}"
            rows[f"{course}_cost"] = _yuan(total[course]["cost_fen"])
    if "draft" in total:
        for side in ("winners", "losers"):
            rows[side] = _customers(report[side]["count"])
        rows["tier_moves"] = _customers(sum(move["customers"] for move in report["tiers"]))
        rows["unpaid"] = _word("unpaid").format(**report["unpaid"])
    return [(_words()["overview"][name], value) for name, value in rows.items()]


def rules_table(report: Json) -> Table:
    """Show the rules side by side."""
    courses = [course for course in ("past", "draft", "difference") if course in report["total"]]
    shown = [(course, "net") for course in courses] + [(courses[-1], "cost_fen")]
    table = Table()
    table.add_column(_column("rule"), overflow="fold")
    for course, name in shown:
        table.add_column(f"{_column(course)}\n{_column(name)}", justify="right", overflow="fold")
    for row in report["rules"]:
        cells = [
            _yuan(row[course][name]) if name in _MONEY else f"{row[course][name]:,}"
            for course, name in shown
        ]
        table.add_row(row["rule"], *cells)
    return table


def differences_table(report: Json) -> Table:
    """Show where the replay and the records part."""
    names = ("customer", "seq", "event", "field", "recorded", "replayed")
    table = Table(*[_column(name) for name in names])
    for one in report["differences"]["first"]:
        table.add_row(*["" if one[name] is None else str(one[name]) for name in names])
    return table


def workbook(report: Json, customers: Sequence[Customer]) -> bytes:
    """Write the whole report as an .xlsx."""
    names = {str(one.id): f"{one.code} {one.name}" for one in customers}
    return write_workbook(
        [
            SheetOut(
                _sheet("overview"),
                [ColumnOut(_column("item")), ColumnOut(_column("value"))],
                overview(report),
            ),
            _table(report, "rules", "rule", _SUMS),
            _table(report, "customers", "customer", _STANDS, names),
            _months(report),
            _sides(report, names),
        ]
    )


def _heads(report: Json) -> Iterator[tuple[str, str]]:
    yield (
        "exact",
        _word(f"exact_{str(report['exact']).lower()}" if report["checked"] else "exact_none"),
    )
    first, last = report["first"], report["last"]
    is_open = first is None and last is None
    days = f"{first or _word('open')} – {last or _word('open')}"
    yield "period", _word("always") if is_open else days
    yield "content_hash", report["content_hash"] or _word("none")
    yield "entries", f"{report['entries']:,}"
    if report["differences"]["customers"]:
        yield "different_customers", _customers(report["differences"]["customers"])


def _table(
    report: Json,
    sheet: str,
    key: str,
    names: Sequence[str],
    labels: Mapping[str, str] | None = None,
) -> SheetOut:
    courses = _courses(report, names)
    return SheetOut(
        _sheet(sheet),
        [ColumnOut(_column(key)), *(column for _, column, _ in courses)],
        [
            [(labels or {}).get(row[key], row[key]), *(value(row) for _, _, value in courses)]
            for row in report[sheet]
        ],
    )


Value = Callable[[Json], CellOut]


def _courses(report: Json, names: Sequence[str]) -> list[tuple[str, ColumnOut, Value]]:
    """Give a column for each figure of each course."""
    found: list[tuple[str, ColumnOut, Value]] = []
    for course in ("past", "draft"):
        if course in report["total"]:
            found += [
                (name, _heading(course, name), lambda row, c=course, n=name: row[c][n])  # type: ignore[misc]
                for name in names
            ]
    return found


def _months(report: Json) -> SheetOut:
    sheet = _table(report, "months", "month", _SUMS)
    columns, rows = list(sheet.columns), [list(row) for row in sheet.rows]
    for course in ("past", "draft"):
        if course not in report["total"]:
            continue
        for name, field in (("liability", "points"), ("liability_fen", "fen"), ("debt", "debt")):
            columns.append(_heading(course, name))
            for cells, row in zip(rows, report["months"], strict=True):
                owed = row.get("liability")
                cells.append(None if owed is None else owed[course][field])
    return SheetOut(sheet.name, columns, rows)


def _sides(report: Json, names: Mapping[str, str]) -> SheetOut:
    rows = [
        [_word(word), names.get(one["customer"], one["customer"]), one["points"]]
        for side, word in (("winners", "winner"), ("losers", "loser"))
        for one in report[side]["top"]
    ]
    columns = [
        ColumnOut(_column("side")),
        ColumnOut(_column("customer")),
        ColumnOut(_column("points"), ColumnKind.NUMBER),
    ]
    return SheetOut(_sheet("sides"), columns, rows)


def _heading(course: str, name: str) -> ColumnOut:
    kind = ColumnKind.MONEY if name in _MONEY else ColumnKind.NUMBER
    return ColumnOut(
        f"{_column(course)} {_column(name)}", ColumnKind.TEXT if name in _TEXT else kind
    )


def _yuan(fen: int) -> str:
    sign, (yuan, rest) = "-" if fen < 0 else "", divmod(abs(fen), _FEN_PER_YUAN)
    return f"{sign}{yuan:,}.{rest:02d}"


def _customers(count: int) -> str:
    return _word("customers").format(count=count)


def _word(name: str) -> str:
    return _words()["words"][name]


def _column(name: str) -> str:
    return _words()["columns"][name]


def _sheet(name: str) -> str:
    return _words()["sheets"][name]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((TEMPLATES / "sheets" / "backtest.toml").read_text(encoding="utf-8"))
