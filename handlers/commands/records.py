"""record (or just the sentence), undo, projects."""

from collections.abc import Sequence

from domain.calendar import business_date
from domain.errors import NotPassed, UnknownMilestone
from domain.ids import MilestoneId, ProjectId
from domain.projects import Milestone, Project, days_late
from handlers.actors import index_of, member_of, recordable_projects, visible_projects
from handlers.begun import asks
from handlers.contract import Context, Reply
from handlers.parsing.gaps import Part, Why
from handlers.parsing.names import Named
from handlers.parsing.outcomes import Outcome
from handlers.parsing.sentences import RecordFound, RecordUnclear, Typed, parse_record
from handlers.permissions import Permission
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.points import preview_undo
from handlers.usecases.records import open_undo as open_undo_ticket, understand, understand_undo
from handlers.views import ProjectLine, ProjectList, RecordPreview, UndoPreview
from handlers.vocabulary import first_word


@router.command("record", needs=Permission.RECORD_EVENT)
def record(words: str, ctx: Context) -> Reply:
    """Show what a delivery sentence would record, on a card that confirms it."""
    return _preview(ctx, words, _parse(ctx, words))


def record_sentence(ctx: Context, text: str) -> Reply | None:
    """Take a bare sentence as a record if it reads like one; None when it is just talk."""
    parsed = _parse(ctx, text)
    if isinstance(parsed, RecordUnclear) and parsed.is_talk:
        return None
    return _preview(ctx, text, parsed)


@router.command("undo", needs=Permission.RECORD_EVENT)
def undo(words: str, ctx: Context) -> Reply:
    """Show what undoing the last record would change."""
    del words
    member = member_of(ctx)
    recorded = understand_undo(ctx, member)
    return asks(
        UndoPreview(
            ticket=open_undo_ticket(ctx, member, recorded),
            project=recorded.project.name,
            customer=recorded.customer.name,
            milestone=recorded.milestone.name,
            accepted_on=recorded.accepted_on.isoformat(),
            points=preview_undo(ctx, recorded.booked.event),
        )
    )


@router.command("projects", needs=Permission.ANYBODY, is_private=True)
def projects(words: str, ctx: Context) -> Reply:
    """List the projects one may see, with the next milestone of each."""
    del words
    milestones = ctx.work.projects.milestones
    lines = tuple(project_line(one, milestones(one.id)) for one in visible_projects(ctx))
    return Reply(ProjectList(lines))


def project_line(project: Project, milestones: Sequence[Milestone]) -> ProjectLine:
    """Show a project with the next of its milestones, which come by planned day."""
    coming = [m for m in milestones if m.accepted_on is None]
    return ProjectLine(
        name=project.name,
        next_milestone=coming[0].name if coming else "",
        planned_on=coming[0].planned_on.isoformat() if coming else "",
        accepted=len(milestones) - len(coming),
        total=len(milestones),
    )


def _parse(ctx: Context, words: str) -> RecordFound | RecordUnclear:
    def milestones_of(project: ProjectId) -> Sequence[Named[MilestoneId]]:
        return [Named(m.id, m.name) for m in ctx.work.projects.milestones(project)]

    return parse_record(
        words,
        projects=index_of(recordable_projects(ctx)),
        milestones_of=milestones_of,
        today=business_date(ctx.sent_at),
    )


def _preview(ctx: Context, words: str, parsed: RecordFound | RecordUnclear) -> Reply:
    if isinstance(parsed, RecordUnclear):
        return _unclear(ctx, words, parsed)
    project = ctx.work.projects.get(parsed.project_id)
    milestone = ctx.work.projects.milestone(parsed.milestone_id)
    if parsed.outcome is not Outcome.PASSED:
        raise NotPassed(project.name, milestone.name)
    shown = understand(ctx, project, milestone, parsed.occurred_on, parsed.note)
    return asks(
        RecordPreview(
            ticket=shown.ticket,
            project=project.name,
            customer=shown.customer.name,
            milestone=milestone.name,
            planned_on=milestone.planned_on.isoformat(),
            accepted_on=shown.accepted_on.isoformat(),
            days_late=days_late(milestone.planned_on, shown.accepted_on),
            points=shown.points,
            note=shown.note,
            short=shown.short,
            twin_at=shown.twin.recorded_at.isoformat(timespec="seconds") if shown.twin else "",
            twin_source=shown.twin.source if shown.twin else "",
        )
    )


def _unclear(ctx: Context, words: str, parsed: RecordUnclear) -> Reply:
    first = parsed.gaps[0]
    if first.part is Part.MILESTONE and first.why is Why.MISSING and parsed.project_id:
        project = ctx.work.projects.get(parsed.project_id)
        names = tuple(m.name for m in ctx.work.projects.milestones(project.id))
        raise UnknownMilestone(project.name, names)
    typed = _typed_part(first.part, parsed.typed) or words
    return ask(ctx, first_word("record"), words, parsed.gaps, typed)


def _typed_part(part: Part, typed: Typed) -> str:
    return {
        Part.PROJECT: typed.name,
        Part.MILESTONE: typed.milestone,
        Part.DATE: typed.date,
        Part.OUTCOME: typed.outcome,
    }.get(part, "")
