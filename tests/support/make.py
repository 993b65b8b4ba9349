"""Builders: one of everything with plain values; a test names only what it is about."""

from datetime import date, datetime, timedelta
from typing import Any

from domain.alerts import Alert, AlertKind, Severity
from domain.apikeys import ApiKey, Scope
from domain.approvals import APPROVAL_VALID, Approval, ApprovalKind
from domain.channels import ChannelKind, Identity
from domain.customers import Contact, Customer, Invitation, hash_code
from domain.deliveries import Delivery, DeliveryKind
from domain.events import BusinessEvent, EventType
from domain.ids import (
    AlertId,
    ApiKeyId,
    ApprovalId,
    ChannelId,
    ContactId,
    CustomerId,
    DeliveryId,
    EntryId,
    EventId,
    InvitationId,
    LotId,
    MemberId,
    MilestoneId,
    ProjectId,
    RedemptionId,
    ReviewId,
    RewardId,
    TicketId,
)
from domain.ledger import Account, Cause, Entry, Reason
from domain.lots import Lot
from domain.members import Member, Role
from domain.projects import Milestone, Project
from domain.redemptions import CONFIRM_WITHIN, Redemption
from domain.reviews import Review
from domain.rewards import Reward, RewardKind
from domain.rules.model import DebtPolicy, Direction, Fixed, RuleVersion
from domain.tickets import Ticket, TicketKind
from tests.support.fakes import START
from tests.support.stores import MAIN


def a_member(name: str, *roles: Role, is_active: bool = True) -> Member:
    """Make a member whose id is the name."""
    return Member(MemberId(name), name, frozenset(roles), is_active)


def a_customer(code: str = "C001", name: str = "滨江置业", manager: str | None = None) -> Customer:
    """Make a customer whose id is the code."""
    return Customer(CustomerId(code), code, name, MemberId(manager) if manager else None)


def a_contact(name: str = "wang", customer: str = "C001", **changes: Any) -> Contact:
    """Make a contact whose id is the name, and who may redeem."""
    fields: dict[str, Any] = {"phone": "13800138000", "may_redeem": True} | changes
    return Contact(ContactId(name), CustomerId(customer), name, **fields)


def a_project(code: str, name: str, customer: str = "C001", manager: str | None = None) -> Project:
    """Make a project whose id is the code."""
    managed_by = MemberId(manager) if manager else None
    return Project(ProjectId(code), code, name, CustomerId(customer), managed_by)


def a_milestone(project: str, name: str, planned_on: date) -> Milestone:
    """Make a milestone whose id names its project."""
    return Milestone(MilestoneId(f"{project}/{name}"), ProjectId(project), name, planned_on)


def an_identity(**changes: Any) -> Identity:
    """Make a customer's account that wrote just now."""
    fields: dict[str, Any] = {
        "channel": ChannelId("kf"),
        "kind": ChannelKind.WECOM_KF,
        "external_id": "wm-wang",
        "contact": ContactId("wang"),
        "last_inbound_at": START,
    }
    return Identity(**(fields | changes))


def an_invitation(code: str = "ABCD2345", **changes: Any) -> Invitation:
    """Make a code for the contact wang that is good for three days."""
    fields: dict[str, Any] = {
        "id": InvitationId(f"inv-{code}"),
        "code_hash": hash_code(MAIN, code),
        "contact": ContactId("wang"),
        "member": None,
        "created_by": None,
        "created_at": START,
        "expires_at": START + timedelta(hours=72),
    }
    return Invitation(**(fields | changes))


def an_event(**changes: Any) -> BusinessEvent:
    """Make a milestone that was accepted on its planned day."""
    fields: dict[str, Any] = {
        "id": EventId("event-1"),
        "source": "erp",
        "source_id": "HT-1",
        "type": EventType.MILESTONE_ACCEPTED,
        "customer": CustomerId("C001"),
        "project": ProjectId("P001"),
        "occurred_at": START,
        "recorded_at": START,
        "recorded_by": None,
        "data": {"milestone": "主体", "planned_on": "2026-11-22", "accepted_on": "2026-11-22"},
    }
    return BusinessEvent(**(fields | changes))


def a_rule(code: str = "a-rule", **changes: Any) -> RuleVersion:
    """Make a rule that gives 50 points for an accepted milestone, from the start on."""
    fields: dict[str, Any] = {
        "version": 1,
        "trigger": EventType.MILESTONE_ACCEPTED,
        "conditions": (),
        "formula": Fixed(50),
        "direction": Direction.EARN,
        "valid_months": 24,
        "debt_policy": DebtPolicy.TAKE_AND_OWE,
        "effective_from": START,
    }
    return RuleVersion(code=code, **(fields | changes))


def a_review(stars: int = 1, **changes: Any) -> Review:
    """Make a review of P001 by wang."""
    fields: dict[str, Any] = {
        "id": ReviewId("review-1"),
        "customer": CustomerId("C001"),
        "contact": ContactId("wang"),
        "project": ProjectId("P001"),
        "text": "渗水三次没人管",
        "given_at": START,
    }
    return Review(stars=stars, **(fields | changes))


def an_alert(**changes: Any) -> Alert:
    """Make a new alert about P001."""
    fields: dict[str, Any] = {
        "id": AlertId("alert-1"),
        "number": 1,
        "kind": AlertKind.BAD_REVIEW,
        "severity": Severity.AMBER,
        "dedupe_key": "bad_review:P001",
        "customer": CustomerId("C001"),
        "project": ProjectId("P001"),
        "review": ReviewId("review-1"),
        "opened_at": START,
    }
    return Alert(**(fields | changes))


def an_approval(**changes: Any) -> Approval:
    """Make 200 points for C001, asked for by the member zhou."""
    fields: dict[str, Any] = {
        "id": ApprovalId("approval-1"),
        "number": 1,
        "kind": ApprovalKind.ADJUSTMENT,
        "subject": "adjustment:C001:+200",
        "payload": {"customer": "C001", "points": 200},
        "summary": {"points": 200, "grounds": "渗水补偿"},
        "customer": CustomerId("C001"),
        "asked_by": MemberId("zhou"),
        "asked_at": START,
        "expires_at": START + APPROVAL_VALID,
    }
    return Approval(**(fields | changes))


def a_ticket(kind: TicketKind = TicketKind.RECORD, **changes: Any) -> Ticket:
    """Make a ticket of the member li that is good for an hour."""
    fields: dict[str, Any] = {
        "id": TicketId("ticket-1"),
        "member": MemberId("li"),
        "contact": None,
        "payload": {},
        "created_at": START,
        "expires_at": START + timedelta(hours=1),
    }
    return Ticket(kind=kind, **(fields | changes))


def a_delivery(**changes: Any) -> Delivery:
    """Make a queued notice for the contact wang."""
    fields: dict[str, Any] = {
        "id": DeliveryId("delivery-1"),
        "channel": ChannelId("kf"),
        "external_id": "wm-wang",
        "kind": DeliveryKind.PUSH,
        "view": "points_notice",
        "data": {"points": 50},
        "dedupe_key": "points:1",
        "created_at": START,
    }
    return Delivery(**(fields | changes))


def a_cause(**changes: Any) -> Cause:
    """Make what an entry is booked for: an event of the start's month."""
    fields: dict[str, Any] = {
        "event": EventId("event-1"),
        "rule": "milestone-on-time",
        "rule_version": 1,
        "actor": "member:li",
        "effective_at": START,
        "recorded_at": START,
        "key": "event:event-1:milestone-on-time",
        "period": "2026-11",
    }
    return Cause(**(fields | changes))


def a_lot(name: str, remaining: int, expires_at: datetime, points: int | None = None) -> Lot:
    """Make a lot; unless said otherwise nothing has been taken from it."""
    return Lot(
        LotId(name), EntryId(f"of-{name}"), points or remaining, remaining, START, expires_at
    )


def an_entry(**changes: Any) -> Entry:
    """Make an entry that earned 50 points; its hash is not the right one."""
    fields: dict[str, Any] = {
        "id": EntryId("entry-1"),
        "customer": CustomerId("C001"),
        "seq": 1,
        "debit": Account.ISSUED,
        "credit": Account.AVAILABLE,
        "points": 50,
        "reason": Reason.AWARD,
        "cause": a_cause(),
        "key": "event:event-1:milestone-on-time#0",
        "event_seal": "5" * 64,
        "reverses": None,
        "reversal_part": None,
        "qualifying": 50,
        "available_after": 50,
        "held_after": 0,
        "pending_after": 0,
        "debt_after": 0,
        "previous": "0" * 64,
    }
    return Entry(**(fields | changes))


def an_api_key(**changes: Any) -> ApiKey:
    """Make a key that may only read and stands for no member."""
    fields: dict[str, Any] = {
        "id": ApiKeyId("0" * 26),
        "name": "ERP",
        "hash": "0" * 64,
        "last": "aaaa",
        "scopes": frozenset({Scope.READ}),
        "member": None,
        "created_at": START,
    }
    return ApiKey(**(fields | changes))


def a_reward(**changes: Any) -> Reward:
    """Make a service that anybody may have any number of."""
    fields: dict[str, Any] = {
        "id": RewardId("reward-1"),
        "number": 1,
        "name": "空调保养",
        "kind": RewardKind.SERVICE,
        "points": 800,
    }
    return Reward(**(fields | changes))


def a_redemption(**changes: Any) -> Redemption:
    """Make one that is held and waits for nobody."""
    fields: dict[str, Any] = {
        "id": RedemptionId("redemption-1"),
        "number": 1,
        "source": "ticket:t-1",
        "customer": CustomerId("C001"),
        "contact": ContactId("wang"),
        "member": None,
        "reward": RewardId("reward-1"),
        "reward_version": 1,
        "name": "空调保养",
        "kind": RewardKind.SERVICE,
        "quantity": 1,
        "points_each": 800,
        "cost_each": 30_000,
        "value_each": 0,
        "valid_days": None,
        "is_partly_usable": False,
        "has_stock": False,
        "waits_for_contact": False,
        "waits_for_approver": False,
        "waits_for_confirmation": False,
        "held_at": START,
        "expires_at": START + CONFIRM_WITHIN,
    }
    return Redemption(**(fields | changes))
