"""Looking for customers that are there already, when one is entered and in the whole file."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.customer_files import Details
from domain.customers import Customer
from domain.duplicates import Level, Likeness, Profile, compare, pairs
from domain.errors import CustomerAlike, CustomerExists
from domain.ids import CustomerId
from handlers.contract import Context
from handlers.parsing.unit_names import profile_of


@dataclass(frozen=True, slots=True)
class Alike:
    """A customer that is there, and how alike it is."""

    customer: Customer
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers that may be one."""

    one: Customer
    other: Customer
    likeness: Likeness


def profile_of_details(
    ctx: Context, name: str, details: Details, phones: Iterable[str | None]
) -> Profile:
    """Give what a customer with these phones of contacts is compared by."""
    marks = [ctx.work.files.mark(phone) for phone in phones if phone]
    return profile_of((name, details.full_name), details.aliases, details.credit_code, marks)


def find_alike(ctx: Context, profile: Profile, *, besides: CustomerId | None = None) -> list[Alike]:
    """List the customers that are alike, the surest first; `besides` itself is none of them."""
    work = ctx.work
    candidates = work.files.having_phones(profile.phones)
    if profile.credit_code:
        candidates.update(work.files.with_credit_code(profile.credit_code))
    spelled = work.files.spellings()
    meant = [
        customer
        for customer in work.customers.all()
        if customer.id != besides
        and (
            customer.id in candidates
            or compare(profile_of([customer.name], spelled.get(customer.id, ())), profile)
        )
    ]
    compared = [(customer, compare(profile, stored_profile(ctx, customer))) for customer in meant]
    found = [Alike(customer, likeness) for customer, likeness in compared if likeness]
    order = list(Level)
    return sorted(found, key=lambda one: order.index(one.likeness.level))


def stored_profile(ctx: Context, customer: Customer) -> Profile:
    """Give what a customer of the file is compared by."""
    contacts = ctx.work.customers.contacts(customer.id)
    details = ctx.work.files.get(customer.id)
    return profile_of_details(ctx, customer.name, details, (one.phone for one in contacts))


def refuse_twins(name: str, alike: Iterable[Alike], *, is_anyway: bool) -> list[Alike]:
    """Refuse what is there already; give those that only may be the same.

    `is_anyway` says that a likely one was looked at and is another unit.

    Raises:
        CustomerExists: one is the same.
        CustomerAlike: one is likely the same.
    """
    found = list(alike)
    same = [one for one in found if one.likeness.level is Level.SAME]
    likely = [one for one in found if one.likeness.level is Level.LIKELY]
    if same:
        raise CustomerExists(name, *_said(same))
    if likely and not is_anyway:
        raise CustomerAlike(name, *_said(likely))
    return found


def find_pairs(ctx: Context) -> list[Pair]:
    """List the customers of the whole file that may be one, the surest first."""
    customers = {one.id: one for one in ctx.work.customers.all()}
    known = ((customer.id, profile) for customer, profile in profiles(ctx))
    found = [Pair(customers[a], customers[b], likeness) for a, b, likeness in pairs(known)]
    order = list(Level)
    return sorted(found, key=lambda pair: order.index(pair.likeness.level))


def profiles(ctx: Context) -> Iterable[tuple[Customer, Profile]]:
    """Give what every customer of the file is compared by, in the order of their codes."""
    details, marks = ctx.work.files.all(), ctx.work.files.phone_marks()
    for customer in ctx.work.customers.all():
        known = details.get(customer.id, Details())
        yield (
            customer,
            profile_of(
                (customer.name, known.full_name),
                known.aliases,
                known.credit_code,
                marks.get(customer.id, ()),
            ),
        )


def _said(alike: list[Alike]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return (
        tuple(one.customer.code for one in alike),
        tuple(one.customer.name for one in alike),
        tuple(" ".join(one.likeness.hints) for one in alike),
    )
