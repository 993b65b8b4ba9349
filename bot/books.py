"""The month's books and the points liability as workbooks and CSV files."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from bot.sheets.words import read_toml
from bot.sheets.writing import CellOut, ColumnKind, ColumnOut, SheetOut, write_workbook
from domain.calendar import business_date
from domain.liability import Bucket, Liability
from domain.months import AccountLine, Total, ties_out
from domain.ports import Work
from domain.repositories.books import BookLine
from handlers.usecases.months import MonthTotals

_FEN_PER_YUAN = 100
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_ENTRY_COLUMNS = (
    *("customer_code", "customer", "seq", "recorded_on", "effective_on", "reason", "debit"),
    *("credit", "points", "rule", "rule_version", "event", "corrects", "actor", "note"),
)
_NUMBERS = frozenset(
    {"opening", "debited", "credited", "closing", "points", "count", "seq", "rule_version"}
    | {"expected", "sample"}
)
_DATES = frozenset({"recorded_on", "effective_on"})
_MONEY = frozenset({"money", "expected_money"})


def _word(table: str, value: str) -> str:
    return read_toml("books")[table][value]


def _columns(*names: str) -> list[ColumnOut]:
    kinds = {
        **dict.fromkeys(_NUMBERS, ColumnKind.NUMBER),
        **dict.fromkeys(_DATES, ColumnKind.DATE),
        **dict.fromkeys(_MONEY, ColumnKind.MONEY),
    }
    return [ColumnOut(_word("heading", one), kinds.get(one, ColumnKind.TEXT)) for one in names]


def entry_rows(work: Work, lines: Iterable[BookLine]) -> Iterator[Sequence[CellOut]]:
    """Give a month's entries as rows, with the customers' names."""
    customers = {customer.id: customer for customer in work.customers.ever()}
    for one in lines:
        customer = customers[one.customer]
        yield (
            customer.code,
            customer.name,
            one.seq,
            business_date(one.recorded_at),
            business_date(one.effective_at),
            _word("reason", one.reason),
            _word("account", one.debit),
            _word("account", one.credit),
            one.points,
            one.rule,
            one.rule_version,
            one.event,
            one.corrects,
            one.actor,
            one.note,
        )


def ledger_workbook(month: MonthTotals, entries: Iterable[Sequence[CellOut]]) -> bytes:
    """Write a month of the ledger as an .xlsx: totals that tie out, and every entry."""
    return write_workbook(
        [
            SheetOut(_word("sheet", "summary"), _columns("item", "value"), _summary(month)),
            SheetOut(
                _word("sheet", "accounts"),
                _columns("account", "opening", "debited", "credited", "closing"),
                _account_rows(month.accounts),
            ),
            SheetOut(
                _word("sheet", "reasons"),
                _columns("reason", "debit", "credit", "correction", "points", "count"),
                [_total_row(one) for one in month.totals],
            ),
            SheetOut(_word("sheet", "entries"), _columns(*_ENTRY_COLUMNS), entries),
        ]
    )


def ledger_csv(entries: Iterable[Sequence[CellOut]]) -> bytes:
    """Write a month's entries as a CSV file that Excel opens in Chinese."""
    return _csv([_word("heading", name) for name in _ENTRY_COLUMNS], entries)


def liability_workbook(found: Liability) -> bytes:
    """Write the points liability as an .xlsx."""
    ages = ("points", "expected", "money", "expected_money", "sample", "remark")
    lives = ("points", "expected", "money", "expected_money")
    return write_workbook(
        [
            SheetOut(_word("sheet", "summary"), _columns("item", "value"), _owed(found)),
            SheetOut(_word("sheet", "by_age"), _columns("age", *ages), _age_rows(found)),
            SheetOut(
                _word("sheet", "by_life"),
                _columns("life", *lives),
                [_bucket_row(one, found.point_fen) for one in found.by_life],
            ),
        ]
    )


def liability_csv(found: Liability) -> bytes:
    """Write the points liability by age as a CSV file, money in yuan."""
    names = ("age", "points", "expected", "money", "expected_money", "sample", "remark")
    money = [names.index("money"), names.index("expected_money")]
    rows = [
        [yuan(cell) if n in money and isinstance(cell, int) else cell for n, cell in enumerate(row)]
        for row in _age_rows(found)
    ]
    return _csv([_word("heading", name) for name in names], rows)


def yuan(fen: int) -> str:
    """Show fen as yuan: 1234.50."""
    return f"{fen // _FEN_PER_YUAN}.{fen % _FEN_PER_YUAN:02d}"


def _summary(month: MonthTotals) -> list[tuple[CellOut, CellOut]]:
    facts: list[tuple[str, CellOut]] = [
        ("month", month.month),
        ("state", _word("word", "closed" if month.is_closed else "open")),
        ("entries", sum(one.entries for one in month.totals)),
        ("ties", _word("word", "ties" if ties_out(month.accounts) else "off")),
    ]
    return [(_word("item", name), value) for name, value in facts]


def _account_rows(lines: Sequence[AccountLine]) -> Iterator[tuple[CellOut, ...]]:
    for line in lines:
        word = _word("account", line.account)
        yield (word, line.opening, line.debited, line.credited, line.closing)
    yield (
        _word("word", "total"),
        sum(line.opening for line in lines),
        sum(line.debited for line in lines),
        sum(line.credited for line in lines),
        sum(line.closing for line in lines),
    )


def _total_row(one: Total) -> tuple[CellOut, ...]:
    return (
        _word("reason", one.reason),
        _word("account", one.debit),
        _word("account", one.credit),
        _word("word", "yes") if one.is_correction else None,
        one.points,
        one.entries,
    )


def _owed(found: Liability) -> list[tuple[CellOut, CellOut]]:
    year, place = divmod(found.month, 12)
    facts: list[tuple[str, CellOut]] = [
        ("month", f"{year:04d}-{place + 1:02d}"),
        ("points", found.points),
        ("held", found.held),
        ("expected", found.expected),
        ("point_price", yuan(found.point_fen)),
        ("money", yuan(found.fen)),
        ("expected_money", yuan(found.expected_fen)),
    ]
    return [(_word("item", name), value) for name, value in facts]


def _age_rows(found: Liability) -> list[tuple[CellOut, ...]]:
    return [(*_bucket_row(one, found.point_fen), one.sample, _remark(one)) for one in found.by_age]


def _bucket_row(one: Bucket, point_fen: int) -> tuple[CellOut, ...]:
    until = "" if one.to_months is None else str(one.to_months - 1)
    return (
        f"{one.from_months}–{until}",
        one.points,
        one.expected,
        one.points * point_fen,
        one.expected * point_fen,
    )


def _remark(one: Bucket) -> str | None:
    if not one.points or not one.is_small_sample:
        return None
    return _word("word", "small_sample" if one.sample else "no_sample")


def _csv(headings: Sequence[str], rows: Iterable[Sequence[CellOut]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig")


def _guarded(cell: CellOut) -> CellOut:
    """Keep a text from becoming a formula when the file is opened."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell
