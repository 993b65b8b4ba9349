"""How a customer can be reached, and what notices have become, over the API."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bot.api.declaring import reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Moment, Shown
from domain.channels import ChannelKind, Unreachable
from domain.deliveries import DeliveryState
from domain.errors import ErrorCode
from handlers.contract import Context
from handlers.usecases.directory import customer_of_code
from handlers.usecases.reachability import ContactReach, ToldTo, read_notices, read_reach

router = api_router()

PAGE_MAX = 100


class AccountShown(Shown):
    """One account of a contact; a notice goes out to it now unless something is in the way."""

    channel: ChannelKind
    obstacle: Unreachable | None
    window_until: Moment | None
    messages_left: int | None
    """Null where messages are not counted."""


class ContactReached(Shown):
    """A contact with its accounts; without any, everything is told by hand."""

    contact: str
    by_hand_only: bool
    accounts: list[AccountShown]


class NoticeShown(Shown):
    """A notice and what has really become of it."""

    id: str
    contact: str
    about: str
    """What kind of notice it is."""
    created_at: Moment
    state: DeliveryState
    """Of the message that carried it, if it went out together with others."""
    since: Moment
    reason: str | None
    told_by: str | None
    """The member who has told it by hand."""
    carried_by: str | None


class NoticesShown(Shown):
    """How a customer can be reached now, and its last notices, newest first."""

    customer: str
    reach: list[ContactReached]
    notices: list[NoticeShown]


class Last(BaseModel):
    """How many notices are wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=20, ge=1, le=PAGE_MAX)


@router.get("/customers/{code}/notices", **reading(NoticesShown, ErrorCode.UNKNOWN_CUSTOMER))
def read_customer_notices(code: str, last: Annotated[Last, Query()], call: Admitted) -> Response:
    """Give how a customer's contacts can be reached, and what their last notices became."""

    def look(ctx: Context) -> NoticesShown:
        customer = customer_of_code(ctx, code)
        return NoticesShown(
            customer=customer.code,
            reach=[_reach(found) for found in read_reach(ctx, customer.id)],
            notices=[_notice(ctx, told) for told in read_notices(ctx, customer.id, last.limit)],
        )

    return call.read(look)


def _reach(found: ContactReach) -> ContactReached:
    return ContactReached(
        contact=found.contact.name,
        by_hand_only=not found.is_open,
        accounts=[
            AccountShown(
                channel=road.identity.kind,
                obstacle=road.reach.obstacle,
                window_until=road.reach.window_until,
                messages_left=road.reach.messages_left,
            )
            for road in found.roads
        ],
    )


def _notice(ctx: Context, told: ToldTo) -> NoticeShown:
    notice, outcome = told.notice, told.notice.outcome
    return NoticeShown(
        id=notice.delivery.id,
        contact=told.contact.name,
        about=notice.delivery.view,
        created_at=notice.delivery.created_at,
        state=outcome.delivery.state,
        since=outcome.since,
        reason=outcome.delivery.reason,
        told_by=ctx.work.members.get(outcome.told_by).name if outcome.told_by else None,
        carried_by=notice.carried_by.delivery.id if notice.carried_by else None,
    )
