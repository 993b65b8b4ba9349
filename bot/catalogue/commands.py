"""What the commands `zhufen rewards` do, through the usual use cases."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.catalogue.loading import read_listing, read_pairs
from bot.catalogue.planning import Plan, plan_rows
from bot.catalogue.problems import Place, RowProblem, word_fault
from bot.catalogue.report import report_of, selling_json
from bot.catalogue.saving import save_catalogue
from bot.catalogue.words import heading_for
from bot.cli_setup import act_as, look
from bot.presenter import Presenter
from bot.settings import Settings
from bot.wiring import TEMPLATES
from domain.calendar import BUSINESS_ZONE
from domain.reward_checks import Fault, RewardFinding
from domain.reward_terms import terms_to_json, value_to_json
from handlers.contract import Context
from handlers.reward_views import state_of, tier_names
from handlers.usecases import rewards
from handlers.usecases.reward_report import read_report
from handlers.usecases.rewards import Shelved
from handlers.usecases.stock import move_stock

Found = dict[str, Any]
_MOVES_SHOWN: Final = 20


def list_rewards(settings: Settings, tenant: str) -> Found:
    """List the catalogue by number."""

    def question(ctx: Context) -> Found:
        return {"rewards": [_shown(one, ctx.now) for one in rewards.read_catalogue(ctx)]}

    return look(settings, tenant, question)


def show_reward(settings: Settings, tenant: str, asked: str) -> Found:
    """Show a reward with what is surprising about it and the last moves of its stock.

    Raises:
        UnknownReward: no such number or name.
    """
    words = Presenter(TEMPLATES, public_url="")

    def question(ctx: Context) -> Found:
        reward = rewards.find_reward(ctx, asked)
        return {
            **_shown(rewards.read_one(ctx, reward), ctx.now),
            "findings": [_finding(one, words) for one in rewards.findings_of(ctx, reward)],
            "moves": [
                {
                    "at": one.at.astimezone(BUSINESS_ZONE).isoformat(" ", "seconds"),
                    "move": one.move.value,
                    "quantity": one.quantity,
                    "actor": one.actor,
                    "note": one.note,
                }
                for one in ctx.work.stocks.moves(reward.id, _MOVES_SHOWN)
            ],
        }

    return look(settings, tenant, question)


def add_reward(
    settings: Settings, tenant: str, by: str, name: str, pairs: Mapping[str, str]
) -> Found:
    """Add a reward whose terms are written as in a file's columns; the report is an import's.

    Raises:
        DomainError: as `save_changes`.
    """

    def plan(ctx: Context) -> Plan:
        made = plan_rows(ctx, read_pairs({"points": "", **pairs, "name": name}, ctx.today))
        for change in made.changes:
            if change.before is not None:
                place, data = Place("", heading=heading_for("name")), {"found": change.after.number}
                made.problems.append(RowProblem(place, Fault.NAME_TAKEN, data, "name"))
        return made

    return _done(settings, tenant, by, "", plan)


def change_reward(
    settings: Settings, tenant: str, by: str, number: int, pairs: Mapping[str, str]
) -> Found:
    """Change the terms of a reward that are given; what is not given stays.

    Raises:
        DomainError: as `save_changes`.
    """

    def plan(ctx: Context) -> Plan:
        return plan_rows(ctx, read_pairs({**pairs, "number": str(number)}, ctx.today))

    return _done(settings, tenant, by, "", plan)


def put_on(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Put a reward on offer.

    Raises:
        DomainError: as the use case has it.
    """

    def act(ctx: Context) -> Found:
        rewards.put_on(ctx, number)
        return {"number": number, "is_active": True}

    return act_as(settings, tenant, by, act)


def take_off(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Take a reward off.

    Raises:
        DomainError: as the use case has it.
    """

    def act(ctx: Context) -> Found:
        return {"number": number, "is_active": rewards.take_off(ctx, number).is_active}

    return act_as(settings, tenant, by, act)


def move(
    settings: Settings, tenant: str, by: str, number: int, *, quantity: int, note: str
) -> Found:
    """Let so many come in, or (negative) take so many out.

    Raises:
        DomainError: as the use case has it.
    """

    def act(ctx: Context) -> Found:
        stock = move_stock(ctx, rewards.find_reward(ctx, str(number)), quantity, note)
        return {"number": number, "available": stock.available, "held": stock.held}

    return act_as(settings, tenant, by, act)


def report_rewards(settings: Settings, tenant: str) -> Found:
    """Report how rewards sell, and what that says about their prices."""

    def question(ctx: Context) -> Found:
        return {"rewards": [selling_json(one) for one in read_report(ctx)]}

    return look(settings, tenant, question)


def export_catalogue(settings: Settings, tenant: str, file: Path) -> Found:
    """Write the catalogue into a workbook; a file that is there is replaced.

    Raises:
        ValueError: the file can't be written.
    """

    def question(ctx: Context) -> tuple[int, bytes]:
        shelf = rewards.read_catalogue(ctx)
        return len(shelf), save_catalogue(shelf, tier_names(ctx))

    count, data = look(settings, tenant, question)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise ValueError(f"{file.name}: {error.strerror}") from None
    return {"file": file.name, "rewards": count}


def check_catalogue(settings: Settings, tenant: str, name: str, data: bytes) -> Found:
    """Say what importing a file would do; writes nothing.

    Raises:
        Unreadable: the file is no table, or beyond the limits.
    """

    def question(ctx: Context) -> Found:
        return report_of(name, plan_rows(ctx, read_listing(data, ctx.today)), None)

    return look(settings, tenant, question)


def import_catalogue(settings: Settings, tenant: str, by: str, name: str, data: bytes) -> Found:
    """Do what a file says, all of it or nothing; the same file again changes nothing.

    Raises:
        Unreadable: the file is no table, or beyond the limits.
        DomainError: as `save_changes`.
    """

    def plan(ctx: Context) -> Plan:
        return plan_rows(ctx, read_listing(data, ctx.today))

    return _done(settings, tenant, by, name, plan)


def _done(
    settings: Settings, tenant: str, by: str, note: str, plan: Callable[[Context], Plan]
) -> Found:
    def act(ctx: Context) -> Found:
        planned = plan(ctx)
        if planned.problems:
            return report_of(note, planned, None)
        saved = rewards.save_changes(ctx, planned.changes, note)
        return report_of(note, planned, saved.approval)

    return act_as(settings, tenant, by, act)


def _finding(finding: RewardFinding, words: Presenter) -> Found:
    return {
        "severity": finding.severity.value,
        "field": finding.place,
        "code": finding.fault.value,
        "data": {name: value_to_json(value) for name, value in finding.data.items()},
        "text": word_fault(finding.fault, finding.place, finding.data, words),
    }


def _shown(shelved: Shelved, now: datetime) -> Found:
    reward, stock = shelved.reward, shelved.stock
    return {
        "number": reward.number,
        **terms_to_json(reward),
        "state": state_of(reward, now),
        "version": reward.version,
        "available": stock.available if stock else None,
        "held": stock.held if stock else None,
        "gone": stock.gone if stock else None,
    }
