"""Customers learn of points that end or were given back, and of tiers that were lost."""

from collections.abc import Iterable
from datetime import timedelta

from domain.calendar import business_date
from domain.facts import PointsExpiring, PointsReinstated
from domain.repositories import Source
from handlers.actors import seeing
from handlers.addressing import Push, ToContact
from handlers.contract import Context
from handlers.usecases.expiry import SOURCES_SHOWN
from handlers.views import ExpiringLot, ExpiryNotice, PointsSource, ReinstatementNotice

_INSTANT = timedelta(microseconds=1)


def points_expiring(ctx: Context, fact: PointsExpiring) -> Iterable[Push]:
    """Tell a customer's contacts what ends, when, and what had earned most of it."""
    window, customer = fact.window, fact.customer
    sources = ctx.work.endings.sources(customer, window.after, window.until, SOURCES_SHOWN)
    notice = ExpiryNotice(
        customer=ctx.work.customers.get(customer).name,
        level=window.level,
        points=sum(points for _, points in fact.ends),
        ends=tuple(
            ExpiringLot(points, business_date(expires_at - _INSTANT).isoformat())
            for expires_at, points in fact.ends
        ),
        sources=tuple(points_source(ctx, source) for source in sources),
    )
    for contact in seeing(ctx, customer):
        key = f"expiry:{customer}:{ctx.today.isoformat()}:{window.level}"
        yield ToContact(contact, notice, key)


def points_reinstated(ctx: Context, fact: PointsReinstated) -> Iterable[Push]:
    """Tell a customer's contacts that expired points are back, and until when."""
    notice = ReinstatementNotice(
        customer=ctx.work.customers.get(fact.customer).name,
        points=fact.points,
        last_day=fact.last_day.isoformat(),
        available_after=fact.wallet.available,
        debt_after=fact.wallet.debt,
    )
    for contact in seeing(ctx, fact.customer):
        yield ToContact(contact, notice, f"approval:{fact.approval.id}:reinstated")


def points_source(ctx: Context, source: Source) -> PointsSource:
    """Show what earned points."""
    event = ctx.work.events.get(source.event).event if source.event else None
    project = ctx.work.projects.get(event.project).name if event and event.project else ""
    return PointsSource(
        points=source.points,
        event=event.type if event else "",
        reason=source.reason,
        project=project,
        milestone=str(event.data.get("milestone", "")) if event else "",
        on=business_date(event.occurred_at).isoformat() if event else "",
    )
