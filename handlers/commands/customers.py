"""customer, customer_statement: what staff ask about a customer, by any name it has."""

from domain.customers import Customer
from domain.errors import UnknownCustomer, UsageError
from handlers.actors import customer_index
from handlers.commands.points import statement_of
from handlers.commands.records import project_line
from handlers.contract import Context, Reply
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import Nothing, One, decide
from handlers.permissions import Permission
from handlers.reach_views import delivery_lines, reach_lines
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.customer_card import Glance, look_at
from handlers.usecases.statement import Explained
from handlers.views import CustomerAlert, CustomerCard, CustomerContact, MovementLine
from handlers.vocabulary import first_word

FIELDS_SHOWN, NAMES_SHOWN, LINES_SHOWN = 2, 3, 2
ROADS_SHOWN, NOTICES_SHOWN = 2, 1
"""The rest is asked for by a command of its own."""


@router.command("customer", needs=Permission.SEE_CUSTOMERS, is_private=True)
def customer(words: str, ctx: Context) -> Reply:
    """Show a customer at a glance."""
    found = _meant(ctx, "customer", words)
    return found if isinstance(found, Reply) else Reply(_card(ctx, look_at(ctx, found)))


@router.command("customer_statement", needs=Permission.SEE_CUSTOMERS, is_private=True)
def customer_statement(words: str, ctx: Context) -> Reply:
    """Show a customer's last entries, as the customer sees them."""
    found = _meant(ctx, "customer_statement", words)
    return found if isinstance(found, Reply) else Reply(statement_of(ctx, found))


def _meant(ctx: Context, command: str, words: str) -> Customer | Reply:
    """Find the customer that is named, or ask which one.

    Raises:
        UsageError: nothing was typed.
        UnknownCustomer: nothing comes near.
    """
    if not words:
        raise UsageError(command, f"{Part.CUSTOMER}_{Why.MISSING}")
    match decide(customer_index(ctx).rank(words)):
        case One(match):
            return ctx.work.customers.get(match.named.id)
        case Nothing():
            raise UnknownCustomer(words)
        case several:
            gap = Gap(Part.CUSTOMER, Why.AMBIGUOUS, choices=tuple(several.matches))
            return ask(ctx, first_word(command), words, [gap], words)


def _card(ctx: Context, glance: Glance) -> CustomerCard:
    file, wallet, review = glance.file, glance.wallet, glance.review
    details = file.details
    return CustomerCard(
        code=file.customer.code,
        name=file.customer.name,
        full_name=details.full_name,
        credit_code=details.credit_code,
        address=details.address,
        type=file.customer.type,
        fields=tuple((name, details.fields[name]) for name in glance.field_names[:FIELDS_SHOWN]),
        aliases=details.aliases[:NAMES_SHOWN],
        segments=file.segments[:NAMES_SHOWN],
        manager=file.manager.name if file.manager else "",
        payment_days=details.payment_days,
        tier=glance.tier,
        available=wallet.available,
        held=wallet.held,
        pending=wallet.pending,
        debt=wallet.debt,
        contacts=tuple(
            CustomerContact(
                one.name,
                one.phone or "",
                is_bound=one.id in glance.bound,
                may_see=one.may_see,
                may_redeem=one.may_redeem,
            )
            for one in file.contacts[:LINES_SHOWN]
        ),
        contact_count=len(file.contacts),
        projects=tuple(project_line(*one) for one in glance.projects[:LINES_SHOWN]),
        project_count=len(glance.projects),
        contract_count=len(file.contracts),
        contract_fen=sum(one.amount for one in file.contracts),
        stars=review.stars if review else 0,
        reviewed_at=review.given_at.isoformat(timespec="seconds") if review else "",
        reviewed=ctx.work.projects.get(review.project).name if review else "",
        alerts=tuple(
            CustomerAlert(one.number, one.kind, one.severity, one.state)
            for one in glance.alerts[:LINES_SHOWN]
        ),
        alert_count=len(glance.alerts),
        movements=tuple(_movement(ctx, one) for one in glance.movements),
        reach=reach_lines(ctx, file.customer.id)[:ROADS_SHOWN],
        notices=delivery_lines(ctx, file.customer.id, NOTICES_SHOWN),
        as_of=ctx.now.isoformat(timespec="seconds"),
    )


def _movement(ctx: Context, item: Explained) -> MovementLine:
    event = item.event
    subject = ""
    if event is not None and event.project is not None:
        project = ctx.work.projects.get(event.project).name
        subject = f"{project} {event.data.get('milestone', '')}".strip()
    return MovementLine(
        on=item.entry.cause.recorded_at.isoformat(timespec="seconds"),
        reason=item.entry.reason,
        points=item.entry.change,
        debt_change=item.debt_change,
        subject=subject,
    )
