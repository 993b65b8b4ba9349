"""Looking up the rules in force, what is scheduled and what is drafted."""

from dataclasses import dataclass

from domain.drafts import Draft
from domain.errors import UnknownRule
from domain.repositories import Published
from domain.rules.model import RuleVersion
from handlers.contract import Context
from handlers.rule_views import state_of


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything published and drafted, by code."""

    in_force: tuple[RuleVersion, ...]
    scheduled: tuple[RuleVersion, ...]
    drafts: tuple[Draft, ...]

    @property
    def names(self) -> dict[str, str]:
        """Give the names of rules by code, where they have one."""
        return {rule.code: rule.name for rule in (*self.in_force, *self.scheduled)}

    def campaigns(self) -> "Rulebook":
        """Keep only campaigns."""
        return Rulebook(
            tuple(rule for rule in self.in_force if rule.is_campaign),
            tuple(rule for rule in self.scheduled if rule.is_campaign),
            tuple(
                draft
                for draft in self.drafts
                if isinstance(document := draft.document, RuleVersion) and document.is_campaign
            ),
        )


def read_rulebook(ctx: Context) -> Rulebook:
    """Read what is in force now, what is scheduled, and what has not ended of the drafts.

    A version that ends its rule is scheduled until it does.
    """
    by_state: dict[str, list[RuleVersion]] = {}
    published = ctx.work.rules.published()
    for one in published:
        state = state_of(one, published, ctx.now)
        if not (one.rule.is_off and state == "in_force"):
            by_state.setdefault(state, []).append(one.rule)
    return Rulebook(
        tuple(by_state.get("in_force", ())),
        tuple(by_state.get("scheduled", ())),
        tuple(ctx.work.drafts.open()),
    )


def history_of(ctx: Context, code: str) -> list[Published]:
    """List every version of a rule, newest first.

    Raises:
        UnknownRule: no such code.
    """
    found = [one for one in ctx.work.rules.published() if one.rule.code == code]
    if not found:
        raise UnknownRule(code)
    return found[::-1]


def shown_version(ctx: Context, history: list[Published]) -> Published:
    """Give the version a rule is shown by: the one in force, else the newest."""
    in_force = [one for one in history if state_of(one, history, ctx.now) == "in_force"]
    return in_force[0] if in_force else history[0]
