"""What the commands `zhufen customer` and `zhufen contract` do, through the usual use cases."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from bot.cli_setup import change, look, member_id
from bot.settings import Settings
from bot.sheets.problems import Wrong
from bot.sheets.values import read_amount
from bot.sheets.words import read_toml
from bot.wiring import TEMPLATES
from domain.customer_files import Details, FieldKind
from domain.duplicates import Level
from handlers.contract import Context
from handlers.usecases import customer_files, directory
from handlers.usecases.customer_files import Change, Given
from handlers.usecases.duplicates import Alike, find_pairs

FEN = 100
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed about a customer; None where nothing was."""

    manager: str
    """Empty for none."""
    type: str | None
    segments: Sequence[str] | None
    full_name: str | None
    credit_code: str | None
    address: str | None
    payment_days: int | None
    aliases: Sequence[str] | None
    fields: Sequence[str]
    """Each as name=value."""
    name: str | None = None

    @property
    def values(self) -> dict[str, str]:
        """Part the fields into names and values.

        Raises:
            ValueError: one has no =.
        """
        for field in self.fields:
            if "=" not in field:
                raise ValueError(f"a field is name=value: {field}")
        parted = (field.partition("=") for field in self.fields)
        return {name.strip(): value.strip() for name, _, value in parted}


def add_customer(
    settings: Settings, tenant: str, named: tuple[str, str], typed: Typed, *, is_anyway: bool
) -> dict[str, object]:
    """Add a customer, named by code and name, unless the unit is there already.

    Raises:
        DomainError: as `open_file`, or no member of the manager's name.
        ValueError: a field isn't name=value.
    """
    values = {name: value for name, value in typed.values.items() if value}

    def act(ctx: Context) -> dict[str, object]:
        code, name = named
        given = Given(
            code,
            name,
            manager=member_id(ctx, typed.manager),
            type=typed.type or "",
            segments=tuple(typed.segments or ()),
            details=Details(
                full_name=typed.full_name or "",
                credit_code=typed.credit_code or "",
                address=typed.address or "",
                payment_days=typed.payment_days,
                aliases=tuple(typed.aliases or ()),
                fields=values,
            ),
        )
        customer, alike = customer_files.open_file(ctx, given, is_anyway=is_anyway)
        return {"customer": customer.code, "alike": [_alike(one) for one in alike]}

    return change(settings, tenant, act)


def change_customer(
    settings: Settings, tenant: str, code: str, typed: Typed, *, is_anyway: bool
) -> dict[str, object]:
    """Change what was typed of a customer.

    Raises:
        DomainError: no such code, as `change_file`, or no member of the manager's name.
        ValueError: a field isn't name=value.
    """
    values = typed.values

    def act(ctx: Context) -> dict[str, object]:
        wanted = Change(
            name=typed.name,
            type=typed.type,
            manager=member_id(ctx, typed.manager),
            segments=None if typed.segments is None else tuple(typed.segments),
            full_name=typed.full_name,
            credit_code=typed.credit_code,
            address=typed.address,
            payment_days=typed.payment_days,
            aliases=None if typed.aliases is None else tuple(typed.aliases),
            fields=values,
        )
        customer = directory.customer_of_code(ctx, code)
        customer_files.change_file(ctx, customer, wanted, is_anyway=is_anyway)
        return _file(ctx, code)

    return change(settings, tenant, act)


def read_customer(settings: Settings, tenant: str, code: str) -> dict[str, object]:
    """Give everything a customer's file says.

    Raises:
        UnknownCustomer: no such code.
    """
    return look(settings, tenant, lambda ctx: _file(ctx, code))


def list_duplicates(settings: Settings, tenant: str, level: Level) -> list[Row]:
    """List the pairs of customers that are at least so surely one unit."""
    wanted = list(Level)[: list(Level).index(level) + 1]

    def ask(ctx: Context) -> list[Row]:
        return [
            {
                "level": pair.likeness.level.value,
                "hints": [hint.value for hint in pair.likeness.hints],
                "codes": [pair.one.code, pair.other.code],
                "names": [pair.one.name, pair.other.name],
            }
            for pair in find_pairs(ctx)
            if pair.likeness.level in wanted
        ]

    return look(settings, tenant, ask)


def word_pair(pair: Row) -> list[str]:
    """Give a pair as people read it: both customers, how surely they are one, and why."""
    both = [f"{name} {code}" for name, code in zip(pair["names"], pair["codes"], strict=True)]
    return [*both, _words()["twin_level"][pair["level"]], word_hints(pair["hints"])]


def keep_field(
    settings: Settings, tenant: str, named: tuple[str, str], kind: FieldKind, choices: Sequence[str]
) -> dict[str, object]:
    """Keep a field, named by type and name.

    Raises:
        ValueError: a choice without choices, or choices for something else.
    """
    if (kind is FieldKind.CHOICE) != bool(choices):
        raise ValueError("--choice is for --kind choice, which needs at least one")

    def act(ctx: Context) -> dict[str, object]:
        saved = customer_files.save_field(ctx, *named, kind, choices)
        return {"type": saved.customer_type, "name": saved.name, "kind": saved.kind.value}

    return change(settings, tenant, act)


def drop_field(settings: Settings, tenant: str, customer_type: str, name: str) -> dict[str, object]:
    """Take a field out of the catalogue.

    Raises:
        UnknownField: the type has none of this name.
    """

    def act(ctx: Context) -> dict[str, object]:
        customer_files.remove_field(ctx, customer_type, name)
        return {"removed": name}

    return change(settings, tenant, act)


def catalogue(settings: Settings, tenant: str) -> list[Row]:
    """List the fields by type and place."""

    def ask(ctx: Context) -> list[Row]:
        return [
            {
                "type": one.customer_type,
                "name": one.name,
                "kind": one.kind.value,
                "choices": list(one.choices),
            }
            for one in ctx.work.customer_fields.all()
        ]

    return look(settings, tenant, ask)


def add_starter_fields(settings: Settings, tenant: str) -> dict[str, object]:
    """Add the usual fields of the usual types that are not there."""

    def act(ctx: Context) -> dict[str, object]:
        return {"added": len(give_starter_fields(ctx))}

    return change(settings, tenant, act)


def give_starter_fields(ctx: Context) -> list[str]:
    """Add the usual fields of the usual types that are not there; give their names."""
    there = {(one.customer_type, one.name) for one in ctx.work.customer_fields.all()}
    rows: Iterable[Row] = read_toml("customers")["starter"]  # type: ignore[assignment]
    new = [row for row in rows if (row["type"], row["name"]) not in there]
    for row in new:
        kind, choices = FieldKind(row["kind"]), row.get("choices", ())
        customer_files.save_field(ctx, row["type"], row["name"], kind, choices)
    return [row["name"] for row in new]


def enter_contract(
    settings: Settings,
    tenant: str,
    named: tuple[str, str],
    *,
    customer: str,
    amount: str,
    signed_on: str,
    project: str,
) -> dict[str, object]:
    """Add a contract, named by number and name.

    Raises:
        DomainError: unknown customer or project, a number that is taken, another's project.
        ValueError: the amount or the day can't be read.
    """
    fen = _fen(amount)
    day = date.fromisoformat(signed_on)

    def act(ctx: Context) -> dict[str, object]:
        made = customer_files.add_contract(
            ctx,
            named,
            directory.customer_of_code(ctx, customer),
            amount=fen,
            signed_on=day,
            project=directory.project_of_code(ctx, project) if project else None,
        )
        return {"contract": made.number, "amount": _yuan(made.amount)}

    return change(settings, tenant, act)


def word_hints(hints: Iterable[str]) -> str:
    """Word what two customers have in common."""
    words = _words()["twin_hint"]
    return read_toml("customers")["piece"]["list"].join(words[hint] for hint in hints)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEMPLATES / "parts" / "words.toml").read_text(encoding="utf-8"))


def _fen(typed: str) -> int:
    try:
        fen = read_amount(typed)
    except Wrong:
        raise ValueError(f"not an amount: {typed}") from None
    if fen < 0:
        raise ValueError(f"not an amount: {typed}")
    return fen


def _yuan(fen: int) -> str:
    return f"{fen // FEN}.{fen % FEN:02d}"


def _alike(one: Alike) -> Row:
    return {
        "code": one.customer.code,
        "name": one.customer.name,
        "level": one.likeness.level.value,
        "hints": [hint.value for hint in one.likeness.hints],
    }


def _file(ctx: Context, code: str) -> dict[str, object]:
    file = directory.read_customer(ctx, code)
    details = file.details
    return {
        "code": file.customer.code,
        "name": file.customer.name,
        "type": file.customer.type,
        "segments": list(file.segments),
        "manager": file.manager.name if file.manager else "",
        "full_name": details.full_name,
        "credit_code": details.credit_code,
        "address": details.address,
        "payment_days": details.payment_days,
        "aliases": list(details.aliases),
        "fields": dict(details.fields),
        "contacts": [
            {"contact": one.name, "may_see": one.may_see, "may_redeem": one.may_redeem}
            for one in file.contacts
        ],
        "contracts": [
            {
                "number": one.number,
                "name": one.name,
                "amount": _yuan(one.amount),
                "signed_on": one.signed_on.isoformat(),
            }
            for one in file.contracts
        ],
    }
