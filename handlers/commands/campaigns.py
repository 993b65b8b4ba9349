"""campaign: points raised for some days, previewed before a second person is asked."""

from domain.errors import UsageError
from handlers.begun import asks
from handlers.commands.rules import rule_list
from handlers.contract import Context, Reply
from handlers.parsing.campaigns import CampaignUnclear, parse_campaign
from handlers.permissions import Permission
from handlers.routing import router
from handlers.rule_views import condition_said, rule_said
from handlers.unclear import ask
from handlers.usecases.campaigns import offer_campaign, plan_campaign, targets
from handlers.usecases.rulebook import read_rulebook
from handlers.views import CampaignPreview
from handlers.vocabulary import LIST_WORDS, first_word

RAISED_SHOWN = 4
"""A preview has room for so many rules."""


@router.command("campaign", needs=Permission.EDIT_RULES, is_private=True)
def campaign(words: str, ctx: Context) -> Reply:
    """Preview a campaign, or list those there are."""
    if words in LIST_WORDS:
        return Reply(rule_list(ctx, read_rulebook(ctx).campaigns(), is_campaigns=True))
    if not words:
        raise UsageError("campaign", "percent_missing")
    asked = parse_campaign(words, ctx.today, targets(ctx))
    if isinstance(asked, CampaignUnclear):
        return ask(ctx, first_word("campaign"), words, asked.gaps, asked.typed)
    planned = plan_campaign(ctx, asked)
    return asks(
        CampaignPreview(
            ticket=offer_campaign(ctx, planned),
            name=planned.name,
            percent=planned.percent,
            first_day=planned.first.isoformat(),
            last_day=planned.last.isoformat(),
            whom=tuple(condition_said(planned.rules[0], one) for one in planned.conditions),
            rules=tuple(rule_said(rule) for rule in planned.raised[:RAISED_SHOWN]),
            rule_count=len(planned.raised),
        )
    )
