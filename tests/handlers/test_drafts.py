"""Drafting rules: who may, what is read, what is checked, tested and handed to a second person."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from domain.approvals import ApprovalState
from domain.drafts import DraftKind, DraftState
from domain.errors import (
    DraftClosed,
    DraftUntested,
    NoApprover,
    NotPermitted,
    RuleHasErrors,
    RuleMalformed,
    UnknownDraft,
    UnknownRule,
)
from domain.ids import BacktestId
from domain.members import Role
from domain.replay.drafts import Period
from domain.rules.findings import FindingCode
from domain.rules.model import PerUnit, RuleVersion
from handlers.contract import Context
from handlers.usecases import drafts
from tests.handlers.approval_steps import (
    acting_as,
    earn,
    expire_old,
    stored as stored_approval,
)
from tests.handlers.rule_steps import (
    AMOUNTS,
    LATER,
    TIERS,
    judge,
    live,
    note_tested,
    save,
    stored,
    submit,
    take,
)
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_member
from tests.support.stores import MAIN


def unchanged(chat: Chat, kind: type[Exception], act: Callable[[], Any]) -> Exception:
    """Let something be refused; nothing may change."""
    before = chat.state()
    with pytest.raises(kind) as refused:
        act()
    assert chat.state() == before
    return refused.value


def test_a_draft_gets_the_next_version_and_begins_at_once(chat: Chat) -> None:
    draft = save(chat, AMOUNTS | {"version": 99})
    rule = draft.document
    assert isinstance(rule, RuleVersion)
    assert (draft.number, draft.code, draft.state) == (1, "contract-amount", DraftState.DRAFT)
    assert (draft.created_by, draft.changed_at) == ("zhou", START)
    assert (rule.version, rule.effective_from) == (2, START)
    assert rule.formula == PerUnit("amount", 1_000_000, 12)
    assert stored(chat) == draft
    assert chat.actions() == ["draft_saved"]


def test_a_draft_of_the_programme_counts_its_own_versions(chat: Chat) -> None:
    draft = save(chat, TIERS, kind=DraftKind.PROGRAMME)
    assert draft.document.version == 1
    live_programme(chat, draft.number)
    assert save(chat, TIERS, kind=DraftKind.PROGRAMME).document.version == 2


def live_programme(chat: Chat, number: int) -> None:
    submit(chat, number)
    judge(chat, number)


@pytest.mark.parametrize("who", ["zhou", "zhang", "qian"])
def test_finance_supervisors_and_admins_edit_rules(chat: Chat, who: str) -> None:
    assert save(chat, who=who).changed_by == who


@pytest.mark.parametrize("who", ["li", "sun", "fang"])
def test_others_do_not(chat: Chat, who: str) -> None:
    save(chat)
    for act in (
        lambda: save(chat, who=who),
        lambda: submit(chat, who=who),
        lambda: chat.acts(lambda ctx: drafts.drop_draft(acting_as(ctx, who), 1)),
    ):
        unchanged(chat, NotPermitted, act)


@pytest.mark.parametrize(
    ("written", "place", "problem"),
    [
        ([], "", "not_an_object"),
        (AMOUNTS | {"formula": {"kind": "magic"}}, "formula.kind", "unknown_kind"),
        (AMOUNTS | {"effective_from": "soon"}, "effective_from", "not_a_time"),
        ({"code": "x"}, "trigger", "missing"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(
    chat: Chat, written: Any, place: str, problem: str
) -> None:
    refused = unchanged(chat, RuleMalformed, lambda: save(chat, written))
    assert isinstance(refused, RuleMalformed)
    assert (refused.place, refused.problem) == (place, problem)


def test_what_is_no_programme_is_refused(chat: Chat) -> None:
    unchanged(chat, RuleMalformed, lambda: save(chat, AMOUNTS, kind=DraftKind.PROGRAMME))


def test_changing_what_it_says_forgets_the_test_and_changing_when_does_not(chat: Chat) -> None:
    save(chat)
    note_tested(chat)
    assert save(chat, AMOUNTS | {"effective_from": LATER}, number=1).backtest == "bt-1"
    assert save(chat, AMOUNTS | {"priority": 7}, number=1, who="zhang").backtest is None
    assert (stored(chat).changed_by, stored(chat).created_by) == ("zhang", "zhou")


def test_a_draft_stays_of_its_kind(chat: Chat) -> None:
    save(chat)
    unchanged(chat, RuleMalformed, lambda: save(chat, TIERS, number=1, kind=DraftKind.PROGRAMME))


@pytest.mark.parametrize("typed", ["99", "x", ""])
def test_an_unknown_number_is_refused(chat: Chat, typed: str) -> None:
    unchanged(chat, UnknownDraft, lambda: chat.acts(lambda ctx: drafts.find_draft(ctx, typed)))


def test_a_test_of_something_else_does_not_count(chat: Chat) -> None:
    says = save(chat).says
    save(chat, AMOUNTS | {"priority": 7}, number=1)

    def act(ctx: Context) -> Any:
        return drafts.note_backtest(ctx, 1, BacktestId("bt-1"), says)

    unchanged(chat, DraftUntested, lambda: chat.acts(act))


def test_the_check_speaks_of_what_would_be_published_now(chat: Chat) -> None:
    save(chat)
    chat.pass_time(days=3)
    assert findings(chat) == []
    save(chat, AMOUNTS | {"formula": {"kind": "fixed", "points": 0}}, number=1)
    assert findings(chat)[0] is FindingCode.NOT_POSITIVE


def findings(chat: Chat, number: int = 1) -> list[FindingCode]:
    found: list[FindingCode] = chat.acts(
        lambda ctx: [
            one.code
            for one in drafts.findings_of(ctx, drafts.find_draft(ctx, str(number)).document)
        ]
    )
    return found


def test_the_programme_is_checked_too(chat: Chat) -> None:
    save(chat, TIERS | {"point_fen": 0}, kind=DraftKind.PROGRAMME)
    assert findings(chat) == [FindingCode.NUMBER_OUT_OF_RANGE]
    unchanged(chat, RuleHasErrors, lambda: submit(chat))


def test_a_draft_with_errors_is_not_handed_on(chat: Chat) -> None:
    save(chat, AMOUNTS | {"valid_months": 0})
    refused = unchanged(chat, RuleHasErrors, lambda: submit(chat))
    assert isinstance(refused, RuleHasErrors)
    assert (refused.number, refused.count, refused.place) == (1, 1, "valid_months")


def test_without_a_past_nothing_needs_to_be_tested(chat: Chat) -> None:
    save(chat)
    approval = submit(chat)
    assert stored(chat).state is DraftState.SUBMITTED
    assert stored(chat).approval == approval.id
    [revision] = stored_approval(chat).summary["revisions"]
    assert not revision["is_tested"]


def test_with_a_past_exactly_this_must_be_tested(chat: Chat) -> None:
    earn(chat, 50)
    save(chat)
    unchanged(chat, DraftUntested, lambda: submit(chat))
    note_tested(chat)
    submit(chat)
    [revision] = stored_approval(chat).summary["revisions"]
    assert revision["is_tested"]
    assert '"points":10' in revision["before"]
    assert '"points":12' in revision["after"]
    assert stored_approval(chat).summary["name"] == "签约积分"


def test_a_new_rule_has_nothing_before_and_goes_by_its_code(chat: Chat) -> None:
    save(chat, AMOUNTS | {"code": "own", "name": ""})
    submit(chat)
    assert stored_approval(chat).summary["name"] == "own"
    assert stored_approval(chat).summary["revisions"][0]["before"] == ""


def test_what_waits_is_neither_changed_nor_submitted_again_nor_dropped(chat: Chat) -> None:
    save(chat)
    submit(chat)
    says = stored(chat).says
    for act in (
        lambda: save(chat, number=1),
        lambda: submit(chat),
        lambda: chat.acts(lambda ctx: drafts.drop_draft(acting_as(ctx, "zhou"), 1)),
        lambda: chat.acts(lambda ctx: drafts.note_backtest(ctx, 1, BacktestId("b"), says)),
    ):
        unchanged(chat, DraftClosed, act)


def test_what_is_taken_back_can_be_changed_and_submitted_again(chat: Chat) -> None:
    save(chat)
    take(chat, submit(chat))
    assert (stored(chat).state, stored(chat).approval) == (DraftState.DRAFT, None)
    save(chat, AMOUNTS | {"priority": 7}, number=1)
    assert submit(chat).number == 2


def test_what_nobody_decides_is_a_draft_again(chat: Chat) -> None:
    save(chat)
    submit(chat)
    chat.pass_time(days=8)
    chat.acts(expire_old)
    assert stored(chat).state is DraftState.DRAFT
    assert stored_approval(chat).state is ApprovalState.EXPIRED


def test_what_is_declined_can_be_changed_and_submitted_again(chat: Chat) -> None:
    save(chat)
    submit(chat)
    judge(chat, yes=False)
    assert stored(chat).state is DraftState.DECLINED
    assert save(chat, number=1).state is DraftState.DRAFT
    submit(chat)


def test_what_is_dropped_is_over(chat: Chat) -> None:
    save(chat)
    chat.acts(lambda ctx: drafts.drop_draft(acting_as(ctx, "zhang"), 1))
    assert stored(chat).state is DraftState.DROPPED
    unchanged(chat, DraftClosed, lambda: save(chat, number=1))
    unchanged(chat, DraftClosed, lambda: submit(chat))


def test_without_a_second_person_nothing_is_handed_on(chat: Chat) -> None:
    members = chat.store.committed(MAIN).members
    for name in ("zhang", "zhao", "qian"):
        members[name] = a_member(name, Role.SUPERVISOR, is_active=False)
    save(chat)
    unchanged(chat, NoApprover, lambda: submit(chat))


def test_two_drafts_wait_under_one_approval(chat: Chat) -> None:
    save(chat)
    save(chat, AMOUNTS | {"code": "other"})
    approval = submit(chat, 1, 2)
    assert [stored(chat, n).approval for n in (1, 2)] == [approval.id] * 2
    assert len(stored_approval(chat).summary["revisions"]) == 2


def test_only_what_has_changed_is_drafted_from_a_file(chat: Chat) -> None:
    same = AMOUNTS | {"name": "", "formula": AMOUNTS["formula"] | {"points": 10}}

    def act(ctx: Context) -> list[int]:
        made = drafts.draft_changed(acting_as(ctx, "zhou"), [same, AMOUNTS])
        return [draft.number for draft in made]

    assert chat.acts(act) == [1]


def test_a_rule_is_ended_by_a_draft(chat: Chat) -> None:
    at = START + timedelta(days=9)

    def act(ctx: Context) -> Any:
        return drafts.switch_off(acting_as(ctx, "zhou"), "contract-amount", at)

    draft = chat.acts(act)
    assert (draft.document.is_off, draft.document.effective_from) == (True, at)
    assert draft.document.version == 2


@pytest.mark.parametrize("code", ["nothing", "*programme"])
def test_what_is_no_rule_is_not_ended(chat: Chat, code: str) -> None:
    def act(ctx: Context) -> Any:
        return drafts.switch_off(acting_as(ctx, "zhou"), code, START)

    unchanged(chat, UnknownRule, lambda: chat.acts(act))


def test_a_published_draft_is_over(chat: Chat) -> None:
    assert live(chat).state is DraftState.PUBLISHED
    unchanged(chat, DraftClosed, lambda: save(chat, number=1))


def test_a_back_test_takes_what_is_stored_and_a_period_that_is_over(chat: Chat) -> None:
    save(chat)
    save(chat, TIERS, kind=DraftKind.PROGRAMME)
    rule, programme = (chat.acts(partial(drafts.as_tested, number=number)) for number in (1, 2))
    assert ([one.code for one in rule.draft.rules], rule.draft.programme) == (
        ["contract-amount"],
        None,
    )
    assert (programme.draft.rules, programme.draft.programme.point_fen) == ((), 80)
    assert rule.says == stored(chat).says
    today, day = rule.today, date(2026, 1, 2)
    assert rule.within(Period()) == Period(None, today)
    assert rule.within(Period(day)) == Period(day, today)
    assert rule.within(Period(day, day)) == Period(day, day)


def test_a_draft_that_waits_for_a_verdict_is_not_tested(chat: Chat) -> None:
    save(chat)
    submit(chat)
    unchanged(chat, DraftClosed, lambda: chat.acts(partial(drafts.as_tested, number=1)))
    unchanged(chat, UnknownDraft, lambda: chat.acts(partial(drafts.as_tested, number=9)))
