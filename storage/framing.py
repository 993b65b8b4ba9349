"""Columns as SQL gives the text of what is sealed, framed as domain/sealing frames fields.

A verifier has to hash every column of every row. The database hands it one text per row this way,
made of the bytes that are stored; a test holds both framings together.
"""

from collections.abc import Callable, Sequence, Set as AbstractSet

ENTRY_COLUMNS = (
    *("form", "previous", "id", "customer_id", "seq", "debit", "credit", "points", "reason"),
    *("actor", "effective_at", "recorded_at", "cause_key", "key", "period", "corrects"),
    *("event_id", "event_seal", "rule", "rule_version", "note", "reverses", "reversal_part"),
    *("qualifying", "available_after", "held_after", "pending_after", "debt_after"),
)
"""The columns of entries in the order in which they are sealed (domain/ledger.entry_fields)."""
EVENT_COLUMNS = (
    *("id", "source", "source_id", "type", "customer_id", "project_id", "occurred_at"),
    *("recorded_at", "recorded_by", "data", "evidence", "contact_id", "batch_id"),
    *("content_hash", "facts", "outcomes"),
)
"""The columns of events in the order in which they are sealed (domain/events.Counted.seal)."""
OPTIONAL = frozenset(
    {
        *("corrects", "event_id", "event_seal", "rule", "rule_version", "note", "reverses"),
        *("reversal_part", "project_id", "recorded_by", "evidence", "contact_id", "batch_id"),
    }
)
"""Those that may be empty."""
SELDOM = frozenset({"corrects", "note", "reverses", "reversal_part"})
"""Those that are empty in entries that an event was counted for."""
NUMBERS = frozenset(
    {
        *("form", "seq", "points", "rule_version", "reversal_part", "qualifying"),
        *("available_after", "held_after", "pending_after", "debt_after"),
    }
)
TIMES = frozenset(
    {"effective_at", "recorded_at", "occurred_at", "earned_at", "expires_at", "matures_at"}
)
ASCII = frozenset(
    {
        *("previous", "debit", "credit", "reason", "period", "corrects", "event_seal", "type"),
        *("content_hash", *TIMES, *NUMBERS),
    }
)
"""Those whose letters are bytes; whoever stores others there changes what is hashed anyway."""


def framed_sql(
    dialect: str, table: str, columns: Sequence[str], seldom: AbstractSet[str] = frozenset()
) -> str:
    """Give an expression for the framed text of a row's columns; `table` is its alias.

    `seldom` are optional columns that are empty in most rows, while the others are not: those rows
    are framed faster, and no row differently.
    """
    whole = _framed(dialect, table, columns, OPTIONAL, frozenset())
    if not seldom:
        return whole
    optional = [column for column in columns if column in OPTIONAL]
    is_usual = " AND ".join(
        f"{table}.{column} IS {'' if column in seldom else 'NOT '}NULL" for column in optional
    )
    usual = _framed(dialect, table, columns, frozenset(), seldom)
    return f"CASE WHEN {is_usual} THEN {usual} ELSE {whole} END"


def _framed(
    dialect: str,
    table: str,
    columns: Sequence[str],
    optional: AbstractSet[str],
    empty: AbstractSet[str],
) -> str:
    function, number_mark, size = _FRAMING[dialect]
    pattern, values = "", []
    for column in columns:
        text = text_sql(dialect, f"{table}.{column}")
        if column in empty:
            pattern += "-,"
        elif column in optional:
            pattern += "%s"
            framed = f"{size(text)} || ':' || {text} || ','"
            values.append(f"CASE WHEN {table}.{column} IS NULL THEN '-,' ELSE {framed} END")
        else:
            pattern += f"{number_mark}:%s,"
            values += [size(text), text]
    return f"{function}('{pattern}', {', '.join(values)})"


def text_sql(dialect: str, column: str) -> str:
    """Give an expression for the text a column is sealed as."""
    name = column.rpartition(".")[2]
    if dialect == "postgresql":
        if name in TIMES:
            # The quotes keep what looks like a parameter from being one.
            return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24":"MI":"SS.US')"""
        if name in NUMBERS:
            return f"CAST({column} AS text)"
    return column


def _bytes_on_sqlite(text: str) -> str:
    # Counting bytes costs a copy.
    is_ascii = text.rpartition(".")[2] in ASCII
    return f"length({text})" if is_ascii else f"length(CAST({text} AS BLOB))"


_FRAMING: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "sqlite": ("printf", "%d", _bytes_on_sqlite),
    "postgresql": ("format", "%s", "octet_length({})".format),
}
