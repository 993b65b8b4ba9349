"""Drafts of rules and of the programme: made, checked, tested, handed to a second person.

What becomes of them then stands in publishing.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from domain import drafts as life
from domain.approvals import Approval, ApprovalKind, Revision
from domain.drafts import Document, Draft, DraftKind, code_of, read_document
from domain.errors import DraftUntested, RuleHasErrors, UnknownDraft, UnknownRule
from domain.events import EventValue
from domain.ids import BacktestId, DraftId
from domain.programme import Programme
from domain.programme_checks import check_programme
from domain.replay.drafts import Draft as ReplayDraft, Period
from domain.repositories import Published
from domain.rules.checks import check_rule
from domain.rules.codec import canonical, to_json
from domain.rules.findings import Finding, Severity
from domain.rules.model import RuleVersion
from handlers.actors import member_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.parsing.numbers import parse_number
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask

DocumentT = TypeVar("DocumentT", RuleVersion, Programme)


@dataclass(frozen=True, slots=True)
class Family:
    """Everything published under one code."""

    newest: Document | None
    """The highest version that was not withdrawn: what a new one takes the place of."""
    last_number: int
    """The highest number ever given, 0 when none was."""


def save_draft(
    ctx: Context, written: object, kind: DraftKind = DraftKind.RULE, number: int | None = None
) -> Draft:
    """Store what a rule or the programme is to say, as a new draft or in the place of one.

    The number of its version is ours to give, whatever is written; without a begin it begins at
    once. Locks the draft.

    Raises:
        NotPermitted: the actor may not edit rules.
        UnknownDraft: no such number.
        DraftClosed: it waits for a verdict, or has ended.
        RuleMalformed: it is no rule, or no programme.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    by = member_of(ctx).id
    before = None if number is None else find_draft(ctx, str(number))
    document = _read(ctx, written, before.kind if before else kind)
    if before is not None:
        after = life.change(before, document, by, ctx.now)
        ctx.work.drafts.save(after)
    else:
        after = Draft(
            id=DraftId(ctx.ids.new()),
            number=ctx.work.drafts.next_number(),
            kind=kind,
            code=code_of(document),
            content=canonical(document),
            created_by=by,
            created_at=ctx.now,
            changed_by=by,
            changed_at=ctx.now,
        )
        ctx.work.drafts.add(after)
    write_note(
        ctx, "draft_saved", f"rule_draft:{after.id}", after={"code": after.code, "says": after.says}
    )
    return after


def draft_changed(ctx: Context, written: Iterable[object]) -> list[Draft]:
    """Draft those of several rules that say something else than what is published.

    Raises:
        NotPermitted: the actor may not edit rules.
        RuleMalformed: one is no rule.
    """
    made = []
    for one in written:
        document = _read(ctx, one, DraftKind.RULE)
        newest = family_of(ctx, code_of(document)).newest
        if newest is None or life.what_it_says(newest) != life.what_it_says(document):
            made.append(save_draft(ctx, one))
    return made


def switch_off(ctx: Context, code: str, at: datetime) -> Draft:
    """Draft the version that ends a rule from an instant on.

    Raises:
        NotPermitted: the actor may not edit rules.
        UnknownRule: no such code.
    """
    newest = family_of(ctx, code).newest
    if not isinstance(newest, RuleVersion):
        raise UnknownRule(code)
    ended = replace(newest, is_off=True, effective_from=at, effective_to=None)
    return save_draft(ctx, to_json(ended))


def find_draft(ctx: Context, typed: str) -> Draft:
    """Find and lock a draft by the number people type.

    Raises:
        UnknownDraft: no such number.
    """
    number = parse_number(typed)
    found = None if number is None else ctx.work.drafts.find_number(number)
    if found is None:
        raise UnknownDraft(typed)
    return found


def findings_of(ctx: Context, document: Document) -> list[Finding]:
    """Check what a document would be if it were published now; errors first."""
    if isinstance(document, Programme):
        versions = ctx.work.rules.programmes().versions
        return check_programme(to_publish(ctx, document, versions), versions, now=ctx.now)
    others = in_use(ctx.work.rules.published())
    return check_rule(to_publish(ctx, document, others), others, now=ctx.now)


@dataclass(frozen=True, slots=True)
class Tested:
    """A stored draft as a back-test takes it."""

    number: int
    says: str
    draft: ReplayDraft
    today: date

    def within(self, period: Period) -> Period:
        """Give a period that is over, so that a draft that has yet to begin counts in it."""
        return period if period.last is not None else replace(period, last=self.today)


def as_tested(ctx: Context, number: int) -> Tested:
    """Give a stored draft as a back-test takes it.

    Raises:
        UnknownDraft: no such number.
        DraftClosed: it waits for a verdict, or has ended: it could keep no result.
    """
    found = find_draft(ctx, str(number))
    life.refuse_closed(found)
    document = found.document
    if isinstance(document, Programme):
        draft = ReplayDraft(programme=document)
    else:
        draft = ReplayDraft((document,))
    return Tested(found.number, found.says, draft, ctx.today)


def note_backtest(ctx: Context, number: int, backtest: BacktestId, says: str) -> Draft:
    """Keep that a draft was tested; `says` tells what was tested (domain/drafts.what_it_says).

    Locks the draft.

    Raises:
        UnknownDraft: no such number.
        DraftClosed: it waits for a verdict, or has ended.
        DraftUntested: it says something else by now.
    """
    before = find_draft(ctx, str(number))
    if before.says != says:
        raise DraftUntested(before.number)
    after = life.note_tested(before, backtest)
    ctx.work.drafts.save(after)
    write_note(
        ctx, "draft_tested", f"rule_draft:{after.id}", after={"backtest": backtest, "says": says}
    )
    return after


def submit_drafts(ctx: Context, numbers: Sequence[int], name: str = "") -> Approval:
    """Hand drafts to a second person, under one approval; `name` is what they are called together.

    Locks the drafts.

    Raises:
        NotPermitted: the actor may not edit rules.
        UnknownDraft: no such number.
        DraftClosed: one was submitted before, or has ended.
        RuleHasErrors: the check finds what keeps one from being published.
        DraftUntested: one has not been tested as it is, and must be.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    found = [find_draft(ctx, str(number)) for number in numbers]
    families = [family_of(ctx, draft.code) for draft in found]
    for draft in found:
        life.refuse_closed(draft)
        refuse_errors(ctx, draft.document, draft.number)
        if draft.backtest is None and needs_backtest(ctx, draft):
            raise DraftUntested(draft.number)
    payload: dict[str, EventValue] = {
        draft.code: family.last_number for draft, family in zip(found, families, strict=True)
    }
    revisions = [_revision(draft, family) for draft, family in zip(found, families, strict=True)]
    called = name or _name(found[0].document)
    approval = ask(
        ctx,
        ApprovalKind.RULE,
        f"rule_draft:{found[0].id}",
        payload,
        {"name": called, "revisions": revisions},
    )
    for draft in found:
        ctx.work.drafts.save(life.submit(draft, approval.id))
    return approval


def drop_draft(ctx: Context, number: int) -> Draft:
    """Give a draft up. Locks it.

    Raises:
        NotPermitted: the actor may not edit rules.
        UnknownDraft: no such number.
        DraftClosed: it waits for a verdict, or has ended.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    after = life.drop(find_draft(ctx, str(number)))
    ctx.work.drafts.save(after)
    write_note(ctx, "draft_dropped", f"rule_draft:{after.id}", after={"code": after.code})
    return after


def needs_backtest(ctx: Context, draft: Draft) -> bool:
    """Tell whether a draft must be tested on the recorded past before a second person sees it.

    Without a past there is nothing to test, and what a campaign may cost is bounded by its end.
    """
    document = draft.document
    if isinstance(document, RuleVersion) and document.is_campaign:
        return False
    return ctx.work.events.has_any()


def refuse_errors(ctx: Context, document: Document, number: int) -> None:
    """Let pass what may be published.

    Raises:
        RuleHasErrors: with the first of the errors.
    """
    errors = [one for one in findings_of(ctx, document) if one.severity is Severity.ERROR]
    if errors:
        raise RuleHasErrors(number, len(errors), errors[0].place, errors[0].code)


def to_publish(ctx: Context, document: DocumentT, others: Iterable[DocumentT]) -> DocumentT:
    """Give a document as it would be published now: the next version, beginning now at earliest."""
    code = code_of(document)
    version = max((one.version for one in others if code_of(one) == code), default=0) + 1
    start = max(document.effective_from, ctx.now)
    return replace(document, version=version, effective_from=start)


def in_use(published: Iterable[Published]) -> list[RuleVersion]:
    """Give the versions that were not withdrawn."""
    return [one.rule for one in published if one.withdrawn_at is None]


def family_of(ctx: Context, code: str) -> Family:
    """Look up what was published under a code."""
    if code == life.PROGRAMME_CODE:
        versions: Sequence[Document] = ctx.work.rules.programmes().versions
        return _family(versions, versions)
    own = [one for one in ctx.work.rules.published() if one.rule.code == code]
    return _family([one.rule for one in own], in_use(own))


def _family(every: Sequence[Document], valid: Sequence[Document]) -> Family:
    newest = max(valid, key=lambda one: one.version, default=None)
    return Family(newest, max((one.version for one in every), default=0))


def _name(document: Document) -> str:
    """Give what people know a rule by; the programme has no name."""
    return document.name or document.code if isinstance(document, RuleVersion) else ""


def _revision(draft: Draft, family: Family) -> Revision:
    return {
        "kind": draft.kind.value,
        "before": canonical(family.newest) if family.newest else "",
        "after": draft.content,
        "is_tested": draft.backtest is not None,
    }


def _read(ctx: Context, written: object, kind: DraftKind) -> Document:
    if not isinstance(written, Mapping):
        return read_document(written, kind)
    begin = written.get("effective_from", ctx.now.isoformat())
    document = read_document({**written, "version": 1, "effective_from": begin}, kind)
    last = family_of(ctx, code_of(document)).last_number
    return replace(document, version=last + 1)
