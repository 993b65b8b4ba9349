"""Business events over the API: what each type holds, and what it made of the points."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import Body, Response
from pydantic import Field, StringConstraints, field_validator, model_validator

from bot.api.declaring import changing
from bot.api.gate import Admitted, api_router
from bot.api.values import Code, Day, Given, Instant, Line, Moment, Shown, Unreadable, Yuan
from bot.api.wallets import EntryShown, entry_shown
from domain.apikeys import Scope
from domain.errors import ErrorCode
from domain.events import OWN_SOURCES, EventType, EventValue
from handlers.contract import Context
from handlers.usecases.api_events import Taken, Told, take_event
from handlers.usecases.statement import explain

router = api_router()


class Nothing(Given):
    """An event that says all by its type."""


class ContractSignedData(Given):
    """A contract and its amount."""

    amount: Yuan


class MilestoneAcceptedData(Given):
    """A dated step that was accepted."""

    milestone: Line = Field(examples=["Main structure"])
    planned_on: Day
    accepted_on: Day


class PaymentReceivedData(Given):
    """Money that came in."""

    amount: Yuan
    due_on: Day
    paid_on: Day


class ReferralSignedData(Given):
    """Somebody the customer has recommended."""

    referred: Line = Field(examples=["Jiangbei Industry"])


class ComplaintClosedData(Given):
    """How a complaint ended."""

    satisfied: bool


class ReviewSubmittedData(Given):
    """A review, by its measures."""

    stars: int = Field(ge=1, le=5)
    length: int = Field(ge=0, le=100_000, description="Characters.")
    photos: int = Field(ge=0, le=1_000)


class EventGiven(Given):
    """What every event says; customer and project are codes, and one of them is enough."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")] = Field(
        description="Names your system.", examples=["erp"]
    )
    id: Line = Field(description="Names the fact in your system.", examples=["HT-2026-118"])
    customer: Code | None = Field(default=None, examples=["C001"])
    project: Code | None = Field(default=None, examples=["P101"])
    occurred_at: Instant

    @field_validator("source")
    @classmethod
    def _is_not_ours(cls, given: str) -> str:
        if given in OWN_SOURCES:
            raise Unreadable("reserved_source")
        return given

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        if self.customer is None and self.project is None:
            raise Unreadable("about_nobody")
        return self


class ContractSigned(EventGiven):
    """A contract was signed."""

    type: Literal["contract_signed"]
    data: ContractSignedData


class MilestoneAccepted(EventGiven):
    """A milestone was accepted; the project's milestone of this name is marked as accepted."""

    type: Literal["milestone_accepted"]
    data: MilestoneAcceptedData


class PaymentReceived(EventGiven):
    """Money came in."""

    type: Literal["payment_received"]
    data: PaymentReceivedData


class SuggestionAdopted(EventGiven):
    """A customer's suggestion was adopted."""

    type: Literal["suggestion_adopted"]
    data: Nothing = Nothing()


class ReferralSigned(EventGiven):
    """Somebody the customer has recommended signed."""

    type: Literal["referral_signed"]
    data: ReferralSignedData


class ComplaintClosed(EventGiven):
    """A complaint was closed."""

    type: Literal["complaint_closed"]
    data: ComplaintClosedData


class ReviewSubmitted(EventGiven):
    """A review was given elsewhere."""

    type: Literal["review_submitted"]
    data: ReviewSubmittedData


class CheckIn(EventGiven):
    """A customer checked in."""

    type: Literal["check_in"]
    data: Nothing = Nothing()


class SurveyCompleted(EventGiven):
    """A customer completed a survey."""

    type: Literal["survey_completed"]
    data: Nothing = Nothing()


AnyEvent = Annotated[
    ContractSigned
    | MilestoneAccepted
    | PaymentReceived
    | SuggestionAdopted
    | ReferralSigned
    | ComplaintClosed
    | ReviewSubmitted
    | CheckIn
    | SurveyCompleted,
    Body(
        discriminator="type",
        openapi_examples={
            "contract": {
                "summary": "A contract of 1.2 million yuan",
                "value": {
                    "source": "erp",
                    "id": "HT-2026-118",
                    "type": "contract_signed",
                    "customer": "C001",
                    "occurred_at": "2026-06-30T14:05:00+08:00",
                    "data": {"amount": "1200000.00"},
                },
            },
            "milestone": {
                "summary": "A milestone accepted two days early",
                "value": {
                    "source": "erp",
                    "id": "YS-2026-007",
                    "type": "milestone_accepted",
                    "project": "P101",
                    "occurred_at": "2026-06-28T10:00:00+08:00",
                    "data": {
                        "milestone": "Main structure",
                        "planned_on": "2026-06-30",
                        "accepted_on": "2026-06-28",
                    },
                },
            },
        },
    ),
]


class EventShown(Shown):
    """An event as it was counted, with every entry it made."""

    source: str
    id: str
    type: str
    customer: str
    project: str | None
    occurred_at: Moment
    recorded_at: Moment
    points: int
    """What it was worth in all, debt included; negative when it cost points."""
    entries: list[EntryShown]


@router.post(
    "/events",
    **changing(
        Scope.EVENTS_WRITE,
        EventShown,
        ErrorCode.UNKNOWN_CUSTOMER,
        ErrorCode.UNKNOWN_PROJECT,
        ErrorCode.EVENT_CONFLICT,
        ErrorCode.MILESTONE_RECORDED,
        ErrorCode.CUSTOMER_MISMATCH,
        ErrorCode.FUTURE_DATE,
        ErrorCode.TIME_OUT_OF_RANGE,
    ),
)
def tell_event(given: AnyEvent, call: Admitted) -> Response:
    """Count an event once per (source, id); told again, it gets the same answer."""

    def act(ctx: Context) -> EventShown:
        return _shown(ctx, take_event(ctx, _told(given)))

    return call.do(act)


def _told(given: AnyEvent) -> Told:
    return Told(
        source=given.source,
        source_id=given.id,
        type=EventType(given.type),
        customer=given.customer,
        project=given.project,
        occurred_at=given.occurred_at,
        data={name: _value(value) for name, value in given.data},
    )


def _value(value: EventValue | date) -> EventValue:
    return value.isoformat() if isinstance(value, date) else value


def _shown(ctx: Context, taken: Taken) -> EventShown:
    booked = taken.booked
    return EventShown(
        source=booked.event.source,
        id=booked.event.source_id,
        type=booked.event.type,
        customer=taken.customer.code,
        project=taken.project.code if taken.project else None,
        occurred_at=booked.event.occurred_at,
        recorded_at=booked.event.recorded_at,
        points=booked.points,
        entries=[entry_shown(each) for each in explain(ctx, booked.entries)],
    )
