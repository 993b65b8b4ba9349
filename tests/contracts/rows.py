"""Rows the contract tests start from: one of everything, with plain values."""

from datetime import date, timedelta
from typing import Any

from domain.alerts import Alert, AlertKind, Severity
from domain.customers import Contact, Customer
from domain.deliveries import Delivery, DeliveryKind
from domain.events import BusinessEvent, EventType
from domain.ids import (
    AlertId,
    ChannelId,
    ContactId,
    CustomerId,
    DeliveryId,
    EventId,
    InboxId,
    MemberId,
    MilestoneId,
    ProjectId,
    ReviewId,
)
from domain.inbox import InboxItem
from domain.members import Member, Role
from domain.ports import Work
from domain.projects import Milestone, Project
from domain.reviews import Review
from tests.support.fakes import START

LI = Member(MemberId("m-li"), "李经理", frozenset({Role.PROJECT_MANAGER, Role.SALES}))
WANG = Member(MemberId("m-wang"), "王主管", frozenset({Role.SUPERVISOR}))
LEFT = Member(MemberId("m-zhao"), "赵", frozenset({Role.SALES}), is_active=False)
ACME = Customer(CustomerId("c-acme"), "K001", "滨江置业", LI.id)
BETA = Customer(CustomerId("c-beta"), "K002", "城南建设", None)
CHEN = Contact(ContactId("k-chen"), ACME.id, "陈工", "13800000000", may_redeem=True)
BINJIANG = Project(ProjectId("p-bj"), "P001", "滨江一期", ACME.id, LI.id)
ROOF = Milestone(MilestoneId("ms-roof"), BINJIANG.id, "封顶", date(2026, 11, 20))
BAD_REVIEW = Review(ReviewId("r-1"), ACME.id, CHEN.id, BINJIANG.id, 1, "墙面开裂 😡", START)


def people(work: Work) -> None:
    """Add members, a customer with a contact, and a project with a milestone."""
    for member in (LI, WANG, LEFT):
        work.members.add(member)
    for customer in (ACME, BETA):
        work.customers.add(customer)
    work.customers.add_contact(CHEN)
    work.projects.add(BINJIANG)
    work.projects.add_milestone(ROOF)


def an_event(number: int = 1, **changes: Any) -> BusinessEvent:
    """Make an event that Li recorded for the project."""
    fields: dict[str, Any] = {
        "id": EventId(f"e-{number}"),
        "source": "chat",
        "source_id": f"s-{number}",
        "type": EventType.MILESTONE_ACCEPTED,
        "customer": ACME.id,
        "project": BINJIANG.id,
        "occurred_at": START,
        "recorded_at": START + timedelta(seconds=number),
        "recorded_by": LI.id,
        "data": {"milestone": "封顶", "days_late": -1, "satisfied": True},
    }
    return BusinessEvent(**(fields | changes))


def an_alert(number: int = 1, **changes: Any) -> Alert:
    """Make a new alert about the bad review."""
    fields: dict[str, Any] = {
        "id": AlertId(f"a-{number}"),
        "number": number,
        "kind": AlertKind.BAD_REVIEW,
        "severity": Severity.RED,
        "dedupe_key": f"review:{number}",
        "customer": ACME.id,
        "project": BINJIANG.id,
        "review": None,
        "opened_at": START + timedelta(seconds=number),
    }
    return Alert(**(fields | changes))


def a_delivery(number: int = 1, **changes: Any) -> Delivery:
    """Make a queued push to one account."""
    fields: dict[str, Any] = {
        "id": DeliveryId(f"d-{number:03d}"),
        "channel": ChannelId("app"),
        "external_id": "zhangsan",
        "kind": DeliveryKind.PUSH,
        "view": "alert",
        "data": {"number": number, "text": "预警"},
        "dedupe_key": f"alert:{number}",
        "created_at": START + timedelta(seconds=number),
    }
    return Delivery(**(fields | changes))


def an_item(number: int = 1, **changes: Any) -> InboxItem:
    """Make a new message of one account."""
    fields: dict[str, Any] = {
        "id": InboxId(f"i-{number:03d}"),
        "channel": ChannelId("app"),
        "source_id": f"msg-{number}",
        "sender": "zhangsan",
        "payload": {"text": "余额", "parts": [1, None, True]},
        "received_at": START + timedelta(seconds=number),
    }
    return InboxItem(**(fields | changes))
