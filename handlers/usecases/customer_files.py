"""The customer file: opening one, changing it, and what its type has fields for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from domain.customer_files import (
    Contract,
    Details,
    FieldKind,
    TypeField,
    clean_aliases,
    fill_gaps,
    read_credit_code,
    read_fields,
)
from domain.customers import Customer
from domain.errors import CodeTaken, CustomerMismatch, UnknownField
from domain.ids import ContractId, MemberId
from domain.projects import Project
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.contacts import NewContact
from handlers.usecases.duplicates import (
    Alike,
    find_alike,
    profile_of_details,
    refuse_twins,
    stored_profile,
)
from handlers.usecases.setup import add_contacts, add_customer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """What is given of a customer that is new; the details as they were typed."""

    code: str
    name: str
    manager: MemberId | None = None
    type: str = ""
    segments: tuple[str, ...] = ()
    details: Details = field(default_factory=Details)
    contacts: tuple[NewContact, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise in a file; None leaves it as it is."""

    name: str | None = None
    type: str | None = None
    manager: MemberId | None = None
    segments: tuple[str, ...] | None = None
    full_name: str | None = None
    credit_code: str | None = None
    address: str | None = None
    payment_days: int | None = None
    aliases: tuple[str, ...] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """By their names; an empty value clears one."""


def read_details(ctx: Context, name: str, customer_type: str, typed: Details) -> Details:
    """Read details as they were typed.

    Raises:
        InvalidCreditCode: the credit code is none.
        UnknownField: the type has no field of a name.
        InvalidField: a value does not fit its field.
    """
    aliases = clean_aliases(typed.aliases, (name, typed.full_name))
    code = typed.credit_code and read_credit_code(typed.credit_code)
    fields = read_fields(customer_type, ctx.work.customer_fields.all(), typed.fields)
    return replace(typed, aliases=aliases, credit_code=code, fields=fields)


def open_file(
    ctx: Context, given: Given, *, is_anyway: bool = False
) -> tuple[Customer, list[Alike]]:
    """Add a customer with all that is given, unless it is there; say who may be the same too.

    Locks the entering of customers.

    Raises:
        CodeTaken: there is one of this code.
        CustomerExists: the unit is a customer already.
        CustomerAlike: it likely is, and `is_anyway` doesn't say otherwise.
        InvalidCreditCode, UnknownField, InvalidField: see `read_details`.
    """
    ctx.work.files.lock_entry()
    details = read_details(ctx, given.name, given.type, given.details)
    if ctx.work.customers.find_by_code(given.code) is not None:
        raise CodeTaken("customer", given.code)
    phones = [contact.phone for contact in given.contacts]
    profile = profile_of_details(ctx, given.name, details, phones)
    alike = refuse_twins(given.name, find_alike(ctx, profile), is_anyway=is_anyway)
    return add_file(ctx, replace(given, details=details)), alike


def add_file(ctx: Context, given: Given) -> Customer:
    """Add a customer whose details have been read, without looking for twins.

    Raises:
        CodeTaken: there is one of this code.
    """
    customer = add_customer(
        ctx,
        given.code,
        given.name,
        given.manager,
        customer_type=given.type,
        segments=given.segments,
    )
    if given.details != Details():
        ctx.work.files.save(customer.id, given.details)
    add_contacts(ctx, customer, given.contacts)
    return customer


def fill_file(ctx: Context, customer: Customer, given: Given) -> bool:
    """Add to a customer what its file doesn't have: details, contacts by name; False if nothing.

    What is known stays as it is, and who has left stays away. The details have been read.
    """
    known = ctx.work.files.get(customer.id)
    filled, _ = fill_gaps(known, given.details)
    new = new_people(ctx, customer, given)
    add_contacts(ctx, customer, new)
    if filled != known:
        ctx.work.files.save(customer.id, filled)
        _note(ctx, (customer, known), (customer, filled))
    return bool(new) or filled != known


def new_people(ctx: Context, customer: Customer, given: Given) -> list[NewContact]:
    """List who is given of a customer and was never a contact of it, by name."""
    customers = ctx.work.customers
    people = [*customers.contacts(customer.id), *customers.past_contacts(customer.id)]
    names = {contact.name for contact in people}
    return [contact for contact in given.contacts if contact.name not in names]


def change_file(
    ctx: Context, customer: Customer, change: Change, *, is_anyway: bool = False
) -> Customer:
    """Change what a file says, unless that makes it another customer's twin.

    With another type the values of the old type's fields go; the audit record has them. Locks the
    entering of customers.

    Raises:
        CustomerExists: the unit is another customer already.
        CustomerAlike: it likely is, and `is_anyway` doesn't say otherwise.
        InvalidCreditCode, UnknownField, InvalidField: see `read_details`.
    """
    ctx.work.files.lock_entry()
    changed = replace(
        customer,
        name=_either(change.name, customer.name),
        type=_either(change.type, customer.type),
        account_manager=_either(change.manager, customer.account_manager),
    )
    known = ctx.work.files.get(customer.id)
    details = _changed_details(ctx, known, changed, change, keeps=changed.type == customer.type)
    _refuse_new_twins(ctx, customer, (changed.name, details), is_anyway=is_anyway)
    ctx.work.customers.save(changed)
    ctx.work.files.save(customer.id, details)
    if change.segments is not None:
        ctx.work.customers.set_segments(customer.id, change.segments)
    _note(ctx, (customer, known), (changed, details))
    return changed


def save_field(
    ctx: Context, customer_type: str, name: str, kind: FieldKind, choices: Iterable[str] = ()
) -> TypeField:
    """Keep a field of the customers of a type, behind those there are, or change what it holds."""
    catalogue = ctx.work.customer_fields.all()
    known = {one.name: one for one in catalogue if one.customer_type == customer_type}
    last = max((one.position for one in known.values()), default=-1)
    position = known[name].position if name in known else last + 1
    saved = TypeField(customer_type, name, kind, tuple(dict.fromkeys(choices)), position)
    ctx.work.customer_fields.save(saved)
    subject = f"customer_field:{customer_type}/{name}"
    write_note(
        ctx, "customer_field_saved", subject, after={"kind": kind, "choices": list(saved.choices)}
    )
    return saved


def remove_field(ctx: Context, customer_type: str, name: str) -> None:
    """Take a field out of the catalogue; values that are kept stay readable.

    Raises:
        UnknownField: the type has none of this name.
    """
    if not ctx.work.customer_fields.remove(customer_type, name):
        catalogue = ctx.work.customer_fields.all()
        known = tuple(one.name for one in catalogue if one.customer_type == customer_type)
        raise UnknownField(customer_type, name, known)
    write_note(ctx, "customer_field_removed", f"customer_field:{customer_type}/{name}")


def add_contract(
    ctx: Context,
    named: tuple[str, str],
    customer: Customer,
    *,
    amount: int,
    signed_on: date,
    project: Project | None,
) -> Contract:
    """Add a contract, named by number and name, with its amount in fen.

    Raises:
        CodeTaken: there is one of this number.
        CustomerMismatch: the project is somebody else's.
    """
    number, name = named
    if ctx.work.contracts.find_number(number) is not None:
        raise CodeTaken("contract", number)
    if project is not None and project.customer != customer.id:
        raise CustomerMismatch(customer.code, project.code)
    contract = Contract(
        id=ContractId(ctx.ids.new()),
        customer=customer.id,
        number=number,
        name=name,
        amount=amount,
        signed_on=signed_on,
        project=None if project is None else project.id,
    )
    ctx.work.contracts.add(contract)
    after = {"customer": customer.id, "number": number, "amount": amount}
    write_note(ctx, "contract_added", f"contract:{contract.id}", after=after)
    return contract


def _changed_details(
    ctx: Context, known: Details, changed: Customer, change: Change, *, keeps: bool
) -> Details:
    kept = dict(known.fields) if keeps else {}
    given = {name: value for name, value in change.fields.items() if value}
    typed = replace(
        known,
        full_name=_either(change.full_name, known.full_name),
        credit_code=_either(change.credit_code, known.credit_code),
        address=_either(change.address, known.address),
        payment_days=_either(change.payment_days, known.payment_days),
        aliases=_either(change.aliases, known.aliases),
        fields=given,
    )
    read = read_details(ctx, changed.name, changed.type, typed)
    left = {name: value for name, value in kept.items() if name not in change.fields}
    return replace(read, fields={**left, **read.fields})


def _refuse_new_twins(
    ctx: Context, customer: Customer, after: tuple[str, Details], *, is_anyway: bool
) -> None:
    """Refuse twins that there were not before; those there were are for merging."""
    before = stored_profile(ctx, customer)
    known = {
        one.customer.id: one.likeness.level for one in find_alike(ctx, before, besides=customer.id)
    }
    name, details = after
    profile = replace(profile_of_details(ctx, name, details, ()), phones=before.phones)
    found = find_alike(ctx, profile, besides=customer.id)
    new = [one for one in found if known.get(one.customer.id) is not one.likeness.level]
    refuse_twins(name, new, is_anyway=is_anyway)


def _note(ctx: Context, before: tuple[Customer, Details], after: tuple[Customer, Details]) -> None:
    """Write down what has changed, and only that."""
    was, now = _said(*before), _said(*after)
    changed = [name for name in now if was[name] != now[name]]
    write_note(
        ctx,
        "customer_changed",
        f"customer:{after[0].id}",
        before={name: was[name] for name in changed},
        after={name: now[name] for name in changed},
    )


def _said(customer: Customer, details: Details) -> dict[str, object]:
    return {
        "name": customer.name,
        "type": customer.type,
        "manager": customer.account_manager,
        "full_name": details.full_name,
        "credit_code": details.credit_code,
        "address": details.address,
        "payment_days": details.payment_days,
        "aliases": list(details.aliases),
        "fields": dict(details.fields),
    }


def _either(new: T | None, old: T) -> T:
    return old if new is None else new
