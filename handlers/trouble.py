"""Making undeliverable messages visible to the people who can mend it."""

from domain.deliveries import Delivery
from domain.facts import DeliveryDied
from domain.repositories import AuditNote
from handlers.contract import Context
from handlers.views import DeliveryTrouble


def report_trouble(ctx: Context, delivery: Delivery, code: str) -> None:
    """Note that a message is lost; admins hear of it at most once an hour per channel and code."""
    if delivery.view == DeliveryTrouble.view_name:
        return
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=ctx.actor_name,
            channel=delivery.channel,
            action="delivery_died",
            subject=f"delivery:{delivery.id}",
            after={"code": code},
        )
    )
    ctx.work.emit(DeliveryDied(delivery.id, delivery.channel, delivery.external_id, code))
