"""What the set-up commands of the command line do, through the usual use cases."""

import contextlib
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from bot.channel_configs import SealedChannel, platforms_of_rows, seal
from bot.codec import view_to_json
from bot.doctor.checks import Finding, Patient, examine
from bot.doctor.client import platform_time
from bot.embedded import DataFolderInUse, ServerDidNotStart
from bot.presenter import Form, Presenter
from bot.settings import Settings
from bot.sheets.limits import Unreadable
from bot.wiring import MAIN, RULES_SINCE, TEMPLATES, Parts, WrongSecretKey
from bot.workers.scheduler import BEAT
from domain.channels import Channel, ChannelKind
from domain.errors import DomainError, InvalidPhone, UnknownCustomer
from domain.ids import ChannelId, MemberId, TenantId
from domain.members import Role
from domain.ports import Conflict, Work
from domain.rules.codec import Malformed
from handlers.contract import Actor, Context, MemberActor
from handlers.parsing.people import find_phone
from handlers.refusals import refusal_of
from handlers.usecases import binding, contacts, setup
from storage.channels import ChannelConfig
from storage.db import StatementFailed
from storage.engine import UnsupportedDatabase
from storage.migrate import NotMigrated, UnknownRevision, check, is_current, upgrade

EXPECTED = (
    Conflict,
    DataFolderInUse,
    Malformed,
    NotMigrated,
    OperationalError,
    ServerDidNotStart,
    StatementFailed,
    UnknownRevision,
    Unreadable,
    UnsupportedDatabase,
    ValueError,
    WrongSecretKey,
    LookupError,
)
"""Failures that a person at the keyboard can do something about."""

_ACCOUNTS = {"wecom": ChannelKind.WECOM_APP, "dingtalk": ChannelKind.DINGTALK}
T = TypeVar("T")


def run_migrations(settings: Settings) -> str:
    """Bring the database to the newest schema and give what was done."""
    return "upgraded" if upgrade(settings.resolved_database_url) else "current"


def check_migrations() -> list[str]:
    """Migrate an empty scratch database and list where it differs from the models."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'check.db'}"
        upgrade(url)
        if not is_current(url):
            return ["not at the newest revision"]
        return check(url)


def word_refusal(error: DomainError) -> str:
    """Word a refusal as the chat does."""
    presenter = Presenter(TEMPLATES, public_url="")
    view = refusal_of(error)
    return presenter.render(view.view_name, view_to_json(view), Form.PLAIN).text


def examine_installation(settings: Settings) -> list[dict[str, str]]:
    """Run the doctor's checks and give each finding with what to do about it."""
    words = tomllib.loads((TEMPLATES / "doctor.toml").read_text(encoding="utf-8"))
    parts = Parts(settings)
    url = settings.resolved_database_url

    def beat() -> datetime | None:
        found = parts.store.last_beat(BEAT)
        return found.at if found else None

    def waiting(now: datetime) -> float:
        # Opened only when it is asked: looking at an empty folder makes nothing.
        return parts.store.backtest_queue.oldest_due_seconds(now)

    def ask(question: Callable[[Work], list[Finding]]) -> list[Finding]:
        with parts.store.reading(MAIN) as work:
            return question(work)

    patient = Patient(
        clock=parts.clock,
        is_migrated=lambda: is_current(url),
        ping_queue=lambda: bool(parts.redis.ping()),
        scheduler_beat=beat,
        oldest_backtest_seconds=waiting,
        connection=parts.connections.of(MAIN),
        platform_time=platform_time,
        ask=ask,
    )
    return [
        {
            "check": found.check,
            "name": words["check"][found.check],
            "status": found.status,
            "code": found.code,
            "detail": found.detail,
            "fix": words["fix"].get(f"{found.check}.{found.code}", ""),
        }
        for found in examine(patient)
    ]


def add_tenant(settings: Settings, tenant: str, name: str) -> dict[str, object]:
    """Make a tenant with the starter rules.

    Raises:
        ValueError: there is one of this id.
    """
    with opened_parts(settings) as parts:
        if not parts.store.add_tenant(TenantId(tenant), name):
            raise ValueError(f"tenant exists: {tenant}")
        parts.runtime.act(
            TenantId(tenant), lambda ctx: setup.publish_starter_rules(ctx, RULES_SINCE)
        )
    return {"tenant": tenant}


def add_channel(
    settings: Settings, tenant: str, kind: str, values: dict[str, str]
) -> dict[str, object]:
    """Store a platform connection of a tenant, secrets encrypted, after trying to build it.

    Raises:
        ValueError: unknown kind, or values that can't work with what the tenant has already.
        LookupError: no such tenant, or a value is missing.
    """
    channel, owner = Channel(ChannelId(kind), ChannelKind(kind)), TenantId(tenant)
    if owner == MAIN:
        raise ValueError("tenant main is connected by the settings")
    with opened_parts(settings, owner) as parts:
        row = seal(owner, channel, values, parts.cipher)
        others = [
            SealedChannel(other.channel, other.settings, other.secrets)
            for other in parts.store.channel_configs(owner)
            if other.channel.id != channel.id
        ]
        kinds = {other.channel.kind for other in others}
        if channel.kind is ChannelKind.WECOM_KF and ChannelKind.WECOM_APP not in kinds:
            raise ValueError("wecom_kf needs wecom_app first")
        platforms_of_rows(owner, [*others, row], parts.cipher)
        account = values.get("open_kfid") or values.get("client_id") or values.get("corp_id", "")
        parts.store.save_channel(owner, ChannelConfig(channel, account, row.settings, row.secrets))
    return {"tenant": tenant, "channel": channel.id}


def add_member(
    settings: Settings,
    tenant: str,
    name: str,
    roles: Sequence[str],
    *,
    accounts: dict[str, str],
    alerts: Sequence[str],
) -> dict[str, object]:
    """Add a member with the accounts that are known, or a code to bind with.

    Raises:
        ValueError: no such role, an account that is somebody's, or alerts without an account.
        LookupError: the platform of an account is not connected.
    """
    given = {app: user for app, user in accounts.items() if user}
    for app in alerts:
        if app and app not in given:
            raise ValueError(f"alerts need an account on: {app}")

    def act(ctx: Context) -> dict[str, object]:
        member = setup.add_member(ctx, name, [Role(role) for role in roles])
        for app, user in given.items():
            channel = _channel_for(ctx, app)
            known = ctx.work.identities.find(channel.id, user)
            if known is not None and known.is_bound:
                raise ValueError(f"{app} account is somebody's already")
            setup.give_account(
                ctx, member, channel.id, channel.kind, user, is_alerted=app in alerts
            )
        code = "" if given else setup.invite_member(ctx, member)
        return {"member": member.id, "bind_code": code}

    return change(settings, tenant, act)


def add_project(
    settings: Settings,
    tenant: str,
    named: tuple[str, str],
    *,
    customer: str,
    manager: str,
    milestones: Sequence[str],
) -> dict[str, object]:
    """Add a project with milestones given as name=YYYY-MM-DD.

    Raises:
        UnknownCustomer: no such code.
        UnknownMember: no member of the manager's name.
        CodeTaken: there is one of this code.
        ValueError: a milestone isn't name=date.
    """

    def act(ctx: Context) -> dict[str, object]:
        owner = ctx.work.customers.find_by_code(customer)
        if owner is None:
            raise UnknownCustomer(customer)
        code, name = named
        project = setup.add_project(ctx, code, name, owner, member_id(ctx, manager))
        for step in milestones:
            title, _, day = step.partition("=")
            setup.add_milestone(ctx, project, title.strip(), date.fromisoformat(day.strip()))
        return {"project": project.code, "milestones": len(milestones)}

    return change(settings, tenant, act)


def invite_contact(
    settings: Settings,
    tenant: str,
    named: tuple[str, str, str],
    *,
    see: bool | None,
    redeem: bool | None,
) -> dict[str, object]:
    """Make a one-time code for a contact, named by the customer's code, name and phone.

    What isn't said of the rights is as usual for a new contact, and stays for a known one.

    Raises:
        UnknownCustomer: no such code.
        InvalidPhone: no mobile number.
    """
    customer, contact, phone = named
    found = find_phone(phone)
    number = found.number if found else None
    if phone and number is None:
        raise InvalidPhone

    def act(ctx: Context) -> dict[str, object]:
        owner = ctx.work.customers.find_by_code(customer)
        if owner is None:
            raise UnknownCustomer(customer)
        invited = binding.invite_contact(ctx, owner, contact, number)
        now = contacts.set_rights(ctx, invited.contact.id, see=see, redeem=redeem)
        return {
            "customer": owner.name,
            "contact": contact,
            "may_see": now.may_see,
            "may_redeem": now.may_redeem,
            "code": invited.code,
            "link": invited.link or "",
        }

    return change(settings, tenant, act)


def ask(settings: Settings, tenant: str, question: Callable[[Work], T]) -> T:
    """Read what a question is about, in one transaction.

    Raises:
        LookupError: no such tenant.
    """
    with (
        opened_parts(settings, TenantId(tenant)) as parts,
        parts.store.reading(TenantId(tenant)) as work,
    ):
        return question(work)


def change(
    settings: Settings,
    tenant: str,
    act: Callable[[Context], T],
    actor: Callable[[Work], Actor] | None = None,
) -> T:
    """Let the machine or somebody do something in one transaction; give what it makes.

    Raises:
        LookupError: no such tenant.
    """
    made: list[T] = []
    with opened_parts(settings, TenantId(tenant)) as parts:
        parts.runtime.act(TenantId(tenant), lambda ctx: made.append(act(ctx)), actor=actor)
    return made[-1]


def act_as(settings: Settings, tenant: str, name: str, act: Callable[[Context], T]) -> T:
    """Let a member do something from the command line.

    Raises:
        UnknownMember: no member of that name.
    """
    return change(settings, tenant, act, lambda work: MemberActor(setup.member_in(work, name)))


def look(settings: Settings, tenant: str, question: Callable[[Context], T]) -> T:
    """Read something as the machine itself, in one transaction.

    Raises:
        LookupError: no such tenant.
    """
    with opened_parts(settings, TenantId(tenant)) as parts:
        return parts.runtime.look(TenantId(tenant), question)


@contextlib.contextmanager
def opened_parts(settings: Settings, tenant: TenantId = MAIN) -> Iterator[Parts]:
    """Open the installation for a command: migrated, with the main tenant; closed at the end.

    Raises:
        LookupError: no such tenant.
    """
    upgrade(settings.resolved_database_url)
    parts = Parts(settings)
    parts.set_up_main()
    try:
        if tenant not in parts.store.tenants():
            raise LookupError(f"no tenant: {tenant}")
        yield parts
    finally:
        parts.store.close()


def _channel_for(ctx: Context, app: str) -> Channel:
    kind = _ACCOUNTS[app]
    for channel in ctx.work.channels.all():
        if channel.kind is kind:
            return channel
    raise LookupError(f"not connected: {app}")


def member_id(ctx: Context, name: str) -> MemberId | None:
    """Give the id of the member of a name; None for no name.

    Raises:
        UnknownMember: there is none, or several.
    """
    return setup.member_named(ctx, name).id if name else None
