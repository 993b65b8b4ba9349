"""rules: what gives and takes points, in plain sentences."""

from domain.errors import UnknownRule
from handlers.contract import Context, MemberActor, Reply
from handlers.menu import rights
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import Named, NameIndex, Nothing, One, decide
from handlers.permissions import Permission
from handlers.routing import router
from handlers.rule_views import draft_line, issue_line, rule_coming, rule_said
from handlers.unclear import ask
from handlers.usecases.rulebook import Rulebook, history_of, read_rulebook, shown_version
from handlers.views import RuleDetail, RuleList
from handlers.vocabulary import EVENT_WORDS, first_word

IN_FORCE_SHOWN, COMING_SHOWN = 5, 3
"""A card has room for so many rules, drafts and versions to come."""


@router.command("rules", needs=Permission.ANYBODY)
def rules(words: str, ctx: Context) -> Reply:
    """Show the rules in force, or one of them in full."""
    book = read_rulebook(ctx)
    if not words:
        return Reply(rule_list(ctx, book, is_campaigns=False))
    coming = book.scheduled if may_edit(ctx) else ()
    known = {rule.code: rule for rule in (*coming, *book.in_force)}
    asked = NameIndex(
        Named(code, rule.name or code, code, EVENT_WORDS[rule.trigger])
        for code, rule in known.items()
    )
    match decide(asked.rank(words)):
        case One(match):
            return Reply(_detail(ctx, match.named.id, book))
        case Nothing():
            raise UnknownRule(words)
        case several:
            gap = Gap(Part.RULE, Why.AMBIGUOUS, choices=tuple(several.matches))
            return ask(ctx, first_word("rules"), words, [gap], words)


def rule_list(ctx: Context, book: Rulebook, *, is_campaigns: bool) -> RuleList:
    """Show what is in force; to who edits rules also what is coming and what is drafted."""
    is_staff = may_edit(ctx)
    scheduled = book.scheduled if is_staff else ()
    drafts = book.drafts if is_staff else ()
    return RuleList(
        is_staff=is_staff,
        is_campaigns=is_campaigns,
        in_force=tuple(rule_said(rule, book.names) for rule in book.in_force[:IN_FORCE_SHOWN]),
        in_force_count=len(book.in_force),
        scheduled=tuple(rule_coming(rule) for rule in scheduled[:COMING_SHOWN]),
        scheduled_count=len(scheduled),
        drafts=tuple(draft_line(ctx, draft) for draft in drafts[:COMING_SHOWN]),
        draft_count=len(drafts),
    )


def may_edit(ctx: Context) -> bool:
    """Tell whether the speaker edits rules."""
    return isinstance(ctx.actor, MemberActor) and Permission.EDIT_RULES in rights(ctx)


def _detail(ctx: Context, code: str, book: Rulebook) -> RuleDetail:
    history = history_of(ctx, code)
    is_staff = may_edit(ctx)
    return RuleDetail(
        is_staff=is_staff,
        rule=rule_said(shown_version(ctx, history).rule, book.names),
        issues=tuple(issue_line(ctx, one, history) for one in history) if is_staff else (),
    )
