"""What happens to drafts in several tests: writing, testing, handing on, deciding."""

from typing import Any

from domain.approvals import Approval, Verdict
from domain.drafts import Draft, DraftKind
from domain.ids import BacktestId
from domain.repositories import Published
from domain.rules.model import RuleVersion
from handlers.contract import Context
from handlers.usecases import drafts, publishing
from handlers.usecases.decisions import decide, decide_draft, take_back
from tests.handlers.approval_steps import acting_as
from tests.support.chat import Chat
from tests.support.stores import MAIN

AMOUNTS: dict[str, Any] = {
    "code": "contract-amount",
    "name": "签约积分",
    "trigger": "contract_signed",
    "conditions": [],
    "formula": {"kind": "per_unit", "field": "amount", "unit": 1_000_000, "points": 12},
    "direction": "earn",
}
LATER = "2026-12-01T00:00:00+08:00"
TIERS: dict[str, Any] = {
    "tiers": {"tiers": [{"code": "silver", "name": "银卡", "threshold": 100}]},
    "point_fen": 80,
}


def save(
    chat: Chat,
    written: Any = None,
    *,
    who: str = "zhou",
    number: int | None = None,
    kind: DraftKind = DraftKind.RULE,
) -> Draft:
    """Let somebody write a draft; the contract rule with 12 points unless told."""
    given = AMOUNTS if written is None else written
    found: Draft = chat.acts(
        lambda ctx: drafts.save_draft(acting_as(ctx, who), given, kind, number)
    )
    return found


def note_tested(chat: Chat, number: int = 1) -> Draft:
    """Let exactly what a draft says be tested."""

    def act(ctx: Context) -> Draft:
        says = drafts.find_draft(ctx, str(number)).says
        return drafts.note_backtest(ctx, number, BacktestId("bt-1"), says)

    found: Draft = chat.acts(act)
    return found


def submit(chat: Chat, *numbers: int, who: str = "zhou") -> Approval:
    """Let somebody hand drafts on; the first unless told."""
    found: Approval = chat.acts(
        lambda ctx: drafts.submit_drafts(acting_as(ctx, who), numbers or (1,))
    )
    return found


def judge(chat: Chat, number: int = 1, *, who: str = "zhang", yes: bool = True) -> None:
    """Let somebody decide about a draft."""
    verdict = Verdict.APPROVE if yes else Verdict.DECLINE
    chat.acts(lambda ctx: decide_draft(acting_as(ctx, who), number, verdict, ""))


def judge_approval(chat: Chat, approval: Approval, who: str, verdict: Verdict) -> None:
    """Let somebody decide about an approval."""
    chat.acts(lambda ctx: decide(acting_as(ctx, who), approval.id, verdict, ""))


def take(chat: Chat, approval: Approval, who: str = "zhou") -> None:
    """Let somebody take back what they have asked for."""
    chat.acts(lambda ctx: take_back(acting_as(ctx, who), approval.id))


def live(chat: Chat, written: Any = None, *, who: str = "zhou", by: str = "zhang") -> Draft:
    """Let a draft go through its whole life."""
    draft = save(chat, written, who=who)
    submit(chat, draft.number, who=who)
    judge(chat, draft.number, who=by)
    return stored(chat, draft.number)


def roll_back(chat: Chat, code: str = "contract-amount", who: str = "zhang") -> RuleVersion:
    """Let somebody go back to the version before."""
    found: RuleVersion = chat.acts(lambda ctx: publishing.roll_back(acting_as(ctx, who), code))
    return found


def withdraw(chat: Chat, version: int, code: str = "contract-amount", who: str = "zhang") -> None:
    """Let somebody take back a version."""
    chat.acts(lambda ctx: publishing.withdraw_version(acting_as(ctx, who), code, version))


def stored(chat: Chat, number: int = 1) -> Draft:
    """Give a stored draft."""
    [found] = [d for d in chat.store.committed(MAIN).drafts.values() if d.number == number]
    return found


def versions(chat: Chat, code: str = "contract-amount") -> list[Published]:
    """Give what is published under a code."""
    return [
        one for (own, _), one in sorted(chat.store.committed(MAIN).rules.items()) if own == code
    ]
