"""How contacts can be reached, and what became of notices, as lines of a card."""

from datetime import datetime

from domain.channels import ChannelKind
from domain.deliveries import DeliveryState
from domain.ids import ChannelId, CustomerId
from handlers.contract import Context
from handlers.usecases.reachability import ToldTo, read_notices, read_reach
from handlers.views import DeliveryLine, ReachLine

NOTICES_SHOWN = 8
_HAVE_REASONS = (DeliveryState.HELD, DeliveryState.BY_HAND, DeliveryState.DEAD)


def reach_lines(ctx: Context, customer: CustomerId) -> tuple[ReachLine, ...]:
    """Say per contact and account how they can be reached now; a contact without one has a line."""
    lines: list[ReachLine] = []
    for found in read_reach(ctx, customer):
        name = found.contact.name
        lines += [
            ReachLine(
                contact=name,
                channel=road.identity.kind,
                obstacle=road.reach.obstacle or "",
                until=_iso(road.reach.window_until),
                messages_left=road.reach.messages_left,
            )
            for road in found.roads
        ] or [ReachLine(name, "", "no_account", "", None)]
    return tuple(lines)


def delivery_lines(
    ctx: Context, customer: CustomerId, limit: int = NOTICES_SHOWN
) -> tuple[DeliveryLine, ...]:
    """Say what has really become of the customer's last notices, newest first."""
    kinds = {channel.id: channel.kind for channel in ctx.work.channels.all()}
    return tuple(_line(ctx, told, kinds) for told in read_notices(ctx, customer, limit))


def _line(ctx: Context, told: ToldTo, kinds: dict[ChannelId, ChannelKind]) -> DeliveryLine:
    notice, outcome = told.notice, told.notice.outcome
    state = outcome.delivery.state
    return DeliveryLine(
        contact=told.contact.name,
        channel=kinds.get(outcome.delivery.channel, ""),
        about_view=notice.delivery.view,
        about_data=notice.delivery.data,
        state=state,
        since=_iso(outcome.since),
        reason=(outcome.delivery.reason or "") if state in _HAVE_REASONS else "",
        told_by=ctx.work.members.get(outcome.told_by).name if outcome.told_by else "",
        is_joint=notice is not outcome,
    )


def _iso(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant is not None else ""
