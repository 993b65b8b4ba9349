"""The demo's firm, made through the same use cases as a real one."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.channel_configs import DINGTALK, WECOM
from domain.calendar import BUSINESS_ZONE
from domain.channels import ChannelKind
from domain.customers import Customer
from domain.events import BusinessEvent, EventType
from domain.ids import EventId, MemberId
from domain.members import Member, Role
from domain.programme import Programme
from domain.projects import Project
from domain.repositories import Publication
from domain.rules.codec import read_as
from handlers.contract import Context
from handlers.usecases.points import book
from handlers.usecases.setup import (
    add_customer,
    add_member,
    add_milestone,
    add_project,
    give_account,
)

SEED = Path(__file__).with_name("seed.json")
SOURCE = "demo"


def read_seed() -> dict[str, Any]:
    """Read what the firm is made of."""
    data: dict[str, Any] = json.loads(SEED.read_text(encoding="utf-8"))
    return data


def seed(ctx: Context) -> None:
    """Make the firm; a data folder that has members keeps what it has."""
    if ctx.work.members.all():
        return
    data = read_seed()
    programme: Programme = read_as(Programme, data["programme"])
    ctx.work.rules.add_programme(programme, Publication(ctx.now))
    members = {row["key"]: _member(ctx, row) for row in data["members"]}
    customers = {
        row["code"]: add_customer(ctx, row["code"], row["name"], members[row["manager"]].id)
        for row in data["customers"]
    }
    projects = {row["code"]: _project(ctx, row, customers, members) for row in data["projects"]}
    for row in data["contracts"]:
        _contract(ctx, row, projects[row["project"]])


def _member(ctx: Context, row: dict[str, Any]) -> Member:
    member = add_member(ctx, row["name"], (Role(role) for role in row["roles"]))
    is_alerted = Role.SUPERVISOR in member.roles
    if "wecom" in row:
        give_account(ctx, member, WECOM, ChannelKind.WECOM_APP, row["wecom"], is_alerted=is_alerted)
    if "dingtalk" in row:
        give_account(
            ctx, member, DINGTALK, ChannelKind.DINGTALK, row["dingtalk"], is_alerted=is_alerted
        )
    return member


def _project(
    ctx: Context,
    row: dict[str, Any],
    customers: dict[str, Customer],
    members: dict[str, Member],
) -> Project:
    customer = customers[row["customer"]]
    manager = members[row["manager"]]
    project = add_project(ctx, row["code"], row["name"], customer, manager.id)
    for step in row["milestones"]:
        planned_on = ctx.today + timedelta(days=step["planned_in_days"])
        milestone = add_milestone(ctx, project, step["name"], planned_on)
        if "accepted_in_days" in step:
            on = ctx.today + timedelta(days=step["accepted_in_days"])
            ctx.work.projects.set_accepted(milestone.id, on)
            data = {
                "milestone": milestone.name,
                "milestone_id": str(milestone.id),
                "planned_on": planned_on.isoformat(),
                "accepted_on": on.isoformat(),
            }
            source_id = f"{row['code']}-{step['name']}"
            event = _event(
                ctx, EventType.MILESTONE_ACCEPTED, project, source_id, on, recorded_by=manager.id
            )
            event.data.update(data)
            book(ctx, event)
    return project


def _contract(ctx: Context, row: dict[str, Any], project: Project) -> None:
    on = ctx.today + timedelta(days=row["signed_in_days"])
    event = _event(ctx, EventType.CONTRACT_SIGNED, project, f"{row['project']}-contract", on)
    event.data["amount"] = row["amount_fen"]
    book(ctx, event)


def _event(
    ctx: Context,
    event_type: EventType,
    project: Project,
    source_id: str,
    on: date,
    *,
    recorded_by: MemberId | None = None,
) -> BusinessEvent:
    return BusinessEvent(
        id=EventId(ctx.ids.new()),
        source=SOURCE,
        source_id=source_id,
        type=event_type,
        customer=project.customer,
        project=project.id,
        occurred_at=datetime.combine(on, time(12), BUSINESS_ZONE).astimezone(UTC),
        recorded_at=ctx.now,
        recorded_by=recorded_by,
        data={},
    )
