"""What the API answers about rules, drafts and findings."""

from collections.abc import Iterable
from typing import Any

from bot.api.values import Moment, Shown
from domain.drafts import Draft
from domain.ids import MemberId
from domain.repositories import Published
from domain.rules.codec import to_json
from domain.rules.findings import Finding
from handlers.contract import Context
from handlers.rule_views import differing_fields, state_of
from handlers.usecases.drafts import family_of
from handlers.usecases.rulebook import history_of, read_rulebook


class ChangeShown(Shown):
    """A field in which a draft differs from the version it would replace."""

    field: str
    before: Any
    after: Any


class DraftShown(Shown):
    """A draft of a rule or of the programme."""

    number: int
    kind: str
    code: str
    state: str
    content: dict[str, Any]
    is_new: bool
    """Nothing was published under its code yet."""
    changes: list[ChangeShown]
    says: str
    """The hash of what it says, whatever its number and begin; back-tests and approvals name it."""
    backtest: str | None
    approval: int | None
    """The number of the approval it waits for, or that has decided it."""
    published_version: int | None
    changed_by: str
    changed_at: Moment


class FindingShown(Shown):
    """One thing the check has found."""

    severity: str
    code: str
    place: str
    data: dict[str, Any]


class ChecksShown(Shown):
    """Everything the check has found, errors first."""

    findings: list[FindingShown]


class RuleShown(Shown):
    """A version of a rule."""

    code: str
    version: int
    name: str
    content: dict[str, Any]


class RulesShown(Shown):
    """The rules in force, the scheduled ones, and the drafts that have not ended."""

    in_force: list[RuleShown]
    scheduled: list[RuleShown]
    drafts: list[DraftShown]


class VersionShown(Shown):
    """A published version of a rule."""

    version: int
    state: str
    content: dict[str, Any]
    content_hash: str
    published_at: Moment
    published_by: str | None
    approved_by: str | None
    withdrawn_at: Moment | None


class RuleVersionsShown(Shown):
    """A rule with all its versions, newest first."""

    code: str
    versions: list[VersionShown]


def rules_shown(ctx: Context) -> RulesShown:
    """Show everything there is."""
    book = read_rulebook(ctx)
    in_force, scheduled = (
        [
            RuleShown(code=rule.code, version=rule.version, name=rule.name, content=to_json(rule))
            for rule in rules
        ]
        for rules in (book.in_force, book.scheduled)
    )
    shown = [draft_shown(ctx, draft) for draft in book.drafts]
    return RulesShown(in_force=in_force, scheduled=scheduled, drafts=shown)


def draft_shown(ctx: Context, draft: Draft) -> DraftShown:
    """Show a draft beside what it would replace."""
    document, before = draft.document, family_of(ctx, draft.code).newest
    approval = ctx.work.approvals.find(draft.approval) if draft.approval else None
    return DraftShown(
        number=draft.number,
        kind=draft.kind,
        code=draft.code,
        state=draft.state,
        content=to_json(document),
        is_new=before is None,
        changes=[
            ChangeShown(
                field=name,
                before=to_json(getattr(before, name)),
                after=to_json(getattr(document, name)),
            )
            for name in differing_fields(before, document)
        ],
        says=draft.says,
        backtest=draft.backtest,
        approval=approval.number if approval else None,
        published_version=draft.published_version,
        changed_by=ctx.work.members.get(draft.changed_by).name,
        changed_at=draft.changed_at,
    )


def checks_shown(findings: Iterable[Finding]) -> ChecksShown:
    """Show what a check has found."""
    return ChecksShown(
        findings=[
            FindingShown(
                severity=one.severity,
                code=one.code,
                place=one.place,
                data={name: to_json(value) for name, value in one.data.items()},
            )
            for one in findings
        ]
    )


def history_shown(ctx: Context, code: str) -> RuleVersionsShown:
    """Show a rule with all its versions."""
    history = history_of(ctx, code)
    return RuleVersionsShown(code=code, versions=[_version(ctx, one, history) for one in history])


def version_shown(ctx: Context, code: str, version: int) -> VersionShown:
    """Show one version of a rule."""
    history = history_of(ctx, code)
    [found] = [one for one in history if one.rule.version == version]
    return _version(ctx, found, history)


def _version(ctx: Context, published: Published, history: list[Published]) -> VersionShown:
    return VersionShown(
        version=published.rule.version,
        state=state_of(published, history, ctx.now),
        content=to_json(published.rule),
        content_hash=published.content_hash,
        published_at=published.publication.at,
        published_by=_name(ctx, published.publication.by),
        approved_by=_name(ctx, published.publication.approved_by),
        withdrawn_at=published.withdrawn_at,
    )


def _name(ctx: Context, member: MemberId | None) -> str | None:
    return ctx.work.members.get(member).name if member else None
