"""What the commands `zhufen rules` do, through the usual use cases."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.cli_setup import act_as, look
from bot.presenter import Presenter
from bot.settings import Settings
from bot.sheets.limits import Unreadable
from bot.sheets.problems import word_fault, word_problem
from bot.sheets.rules_loading import load_rules
from bot.sheets.rules_saving import save_rules
from bot.wiring import TEMPLATES
from domain.approvals import Verdict
from domain.calendar import end_of_business_day
from domain.drafts import DraftKind
from domain.ids import MemberId
from domain.repositories import Published
from domain.rules.codec import to_json
from domain.rules.findings import Finding, Severity
from domain.rules.model import RuleVersion
from handlers.contract import Context
from handlers.rule_views import rule_said, state_of
from handlers.usecases import drafts, publishing
from handlers.usecases.decisions import decide_draft as decide
from handlers.usecases.rulebook import history_of, read_rulebook

Found = dict[str, Any]


def list_rules(settings: Settings, tenant: str) -> Found:
    """List the rules in force, the scheduled ones and the drafts."""
    words = Presenter(TEMPLATES, public_url="")

    def question(ctx: Context) -> Found:
        book = read_rulebook(ctx)
        return {
            "in_force": [_line(rule, words) for rule in book.in_force],
            "scheduled": [_line(rule, words) for rule in book.scheduled],
            "drafts": [
                {"code": draft.code, "version": f"#{draft.number}", "says": draft.state.value}
                for draft in book.drafts
            ],
        }

    return look(settings, tenant, question)


def show_rule(settings: Settings, tenant: str, code: str) -> Found:
    """Show every version of a rule, newest first.

    Raises:
        UnknownRule: no such code.
    """
    words = Presenter(TEMPLATES, public_url="")

    def question(ctx: Context) -> Found:
        history = history_of(ctx, code)
        versions = [_version(ctx, one, history, words) for one in history]
        return {"code": code, "versions": versions}

    return look(settings, tenant, question)


def export_rules(settings: Settings, tenant: str, file: Path) -> Found:
    """Write the rules in force into a workbook; a file that is there is replaced.

    Raises:
        ValueError: the file can't be written.
    """
    rules = look(settings, tenant, lambda ctx: read_rulebook(ctx).in_force)
    try:
        file.write_bytes(save_rules(rules))
    except OSError as error:
        raise ValueError(f"{file.name}: {error.strerror}") from None
    return {"file": file.name, "rules": len(rules)}


def draft_rules(settings: Settings, tenant: str, by: str, file: Path, number: int | None) -> Found:
    """Draft the rules of a file that say something else than what is published.

    Raises:
        ValueError: the file is no JSON object or list, or can't be read at all.
        RuleMalformed: a rule can't be read.
    """
    written, problems = _written(file)
    if number is not None and len(written) != 1:
        raise ValueError("one rule is needed for one draft")

    def act(ctx: Context) -> list[int]:
        if number is None:
            return [draft.number for draft in drafts.draft_changed(ctx, written)]
        return [drafts.save_draft(ctx, written[0], DraftKind.RULE, number).number]

    return {
        "drafts": [] if problems else act_as(settings, tenant, by, act),
        "problems": problems,
    }


def check_draft(settings: Settings, tenant: str, number: int) -> Found:
    """Check a draft.

    Raises:
        UnknownDraft: no such number.
    """
    words = Presenter(TEMPLATES, public_url="")

    def question(ctx: Context) -> list[Finding]:
        return drafts.findings_of(ctx, drafts.find_draft(ctx, str(number)).document)

    findings = look(settings, tenant, question)
    return {
        "errors": sum(one.severity is Severity.ERROR for one in findings),
        "findings": [
            {
                "severity": one.severity.value,
                "code": one.code.value,
                "place": one.place,
                "data": {name: to_json(value) for name, value in one.data.items()},
                "said": words.word("parts/finding.txt.j2", {"finding": one.code.value}),
            }
            for one in findings
        ],
    }


def submit_draft(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Hand a draft to a second person.

    Raises:
        DomainError: as the use case has it.
    """
    approval = act_as(settings, tenant, by, lambda ctx: drafts.submit_drafts(ctx, [number]))
    return {"draft": number, "approval": approval.number}


def drop_draft(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Give a draft up.

    Raises:
        DomainError: as the use case has it.
    """
    draft = act_as(settings, tenant, by, lambda ctx: drafts.drop_draft(ctx, number))
    return {"draft": draft.number, "state": draft.state.value}


def decide_draft(
    settings: Settings, tenant: str, by: str, number: int, *, verdict: str, note: str
) -> Found:
    """Approve or decline what somebody else has submitted.

    Raises:
        DomainError: as the use case has it.
    """

    def act(ctx: Context) -> Found:
        decide(ctx, number, Verdict(verdict), note)
        draft = drafts.find_draft(ctx, str(number))
        return {
            "draft": number,
            "state": draft.state.value,
            "code": draft.code,
            "version": draft.published_version,
        }

    return act_as(settings, tenant, by, act)


def withdraw_version(settings: Settings, tenant: str, by: str, code: str, version: int) -> Found:
    """Take back a version before it begins.

    Raises:
        DomainError: as the use case has it.
    """
    act_as(settings, tenant, by, lambda ctx: publishing.withdraw_version(ctx, code, version))
    return {"withdrawn": code, "version": version}


def roll_back(settings: Settings, tenant: str, by: str, code: str) -> Found:
    """Let the version before the present one hold again.

    Raises:
        DomainError: as the use case has it.
    """
    rule = act_as(settings, tenant, by, lambda ctx: publishing.roll_back(ctx, code))
    return {"code": code, "version": rule.version}


def switch_off(settings: Settings, tenant: str, by: str, code: str, at: str) -> Found:
    """Draft the version that ends a rule from the begin of a day.

    Raises:
        ValueError: the day is no date.
        DomainError: as the use case has it.
    """
    day = date.fromisoformat(at) - timedelta(days=1) if at else None

    def act(ctx: Context) -> Found:
        start = ctx.now if day is None else end_of_business_day(day)
        return {"drafts": [drafts.switch_off(ctx, code, start).number]}

    return act_as(settings, tenant, by, act)


def show_programme(settings: Settings, tenant: str) -> Found:
    """Give the programme in force as JSON."""
    found: Found = look(
        settings, tenant, lambda ctx: to_json(ctx.work.rules.programmes().at(ctx.now))
    )
    return found


def draft_programme(
    settings: Settings, tenant: str, by: str, file: Path, number: int | None
) -> Found:
    """Draft what a JSON file says of the programme.

    Raises:
        ValueError: the file is no JSON.
        RuleMalformed: it is no programme.
    """
    written = _json_of(file)
    draft = act_as(
        settings,
        tenant,
        by,
        lambda ctx: drafts.save_draft(ctx, written, DraftKind.PROGRAMME, number),
    )
    return {"drafts": [draft.number]}


def _written(file: Path) -> tuple[list[Any], list[str]]:
    """Read the rules of a file as JSON, or what is wrong in it."""
    if file.suffix.lower() != ".xlsx":
        read = _json_of(file)
        if isinstance(read, dict) and read.keys() == {"rules"}:
            # As a back-test takes it.
            read = read["rules"]
        return read if isinstance(read, list) else [read], []
    try:
        loaded = load_rules(_bytes_of(file))
    except Unreadable as error:
        raise ValueError(word_fault(error)) from None
    problems = [word_problem(problem) for problem in loaded.problems]
    return [to_json(rule) for rule in loaded.rules], problems


def _json_of(file: Path) -> Any:
    data = _bytes_of(file)
    try:
        return json.loads(data)
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file.name}: {error.strerror}") from None


def _line(rule: RuleVersion, words: Presenter) -> Found:
    return {
        "code": rule.code,
        "version": rule.version,
        "says": words.word("parts/rule_said.txt.j2", {"rule": asdict(rule_said(rule))}),
        "content": to_json(rule),
    }


def _version(
    ctx: Context, published: Published, history: list[Published], words: Presenter
) -> Found:
    return {
        **_line(published.rule, words),
        "state": state_of(published, history, ctx.now),
        "published_by": _name(ctx, published.publication.by),
        "approved_by": _name(ctx, published.publication.approved_by),
    }


def _name(ctx: Context, member: MemberId | None) -> str:
    return ctx.work.members.get(member).name if member else ""
