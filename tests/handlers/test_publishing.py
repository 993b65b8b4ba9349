"""Rules going live: by two people, from when on, in what order; taken back and rolled back."""

from datetime import datetime, timedelta

import pytest

from domain.approvals import ApprovalState, Verdict
from domain.drafts import DraftKind, DraftState
from domain.errors import (
    ApprovalClosed,
    NothingToRollBack,
    NotPermitted,
    OwnApproval,
    RuleHasErrors,
    TooLateToWithdraw,
    UnknownApproval,
    UnknownDraft,
    UnknownRule,
    VersionTaken,
)
from domain.events import EventType
from domain.members import Role
from domain.rules.model import PerUnit
from handlers.usecases.points import preview
from handlers.views import ApprovalCard, RuleNotice
from tests.handlers.approval_steps import card_of, earn, stored as stored_approval, wallet
from tests.handlers.rule_steps import (
    AMOUNTS,
    LATER,
    TIERS,
    judge,
    judge_approval,
    live,
    note_tested,
    roll_back,
    save,
    stored,
    submit,
    versions,
    withdraw,
)
from tests.handlers.test_drafts import unchanged
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_member, an_event
from tests.support.stores import MAIN


def test_a_second_person_publishes_the_next_version_with_both_names(chat: Chat) -> None:
    save(chat)
    submit(chat)
    chat.pass_time(hours=1)
    judge(chat)
    [_, second] = versions(chat)
    assert (second.rule.version, second.rule.formula) == (2, PerUnit("amount", 1_000_000, 12))
    assert second.rule.effective_from == second.publication.at == chat.clock.now()
    assert (second.publication.by, second.publication.approved_by) == ("zhou", "zhang")
    assert (stored(chat).state, stored(chat).published_version) == (DraftState.PUBLISHED, 2)
    assert chat.actions()[-2:] == ["approval_approved", "rule_published"]
    assert points_at(chat, chat.clock.now()) == 120
    assert points_at(chat, chat.clock.now() - timedelta(seconds=1)) == 100


def test_a_later_begin_is_waited_for(chat: Chat) -> None:
    live(chat, AMOUNTS | {"effective_from": LATER})
    earn(chat, 100)
    assert wallet(chat) == (100, 0)
    assert versions(chat)[1].rule.effective_from > chat.clock.now()


@pytest.mark.parametrize("typed", ["批准 1", "驳回 1 不对"])
def test_who_submits_does_not_decide(chat: Chat, typed: str) -> None:
    save(chat, who="zhang")
    submit(chat, who="zhang")
    refused = chat.refused("zhang", lambda: chat.says("zhang", typed))
    assert refused.code == "own_approval"
    assert len(versions(chat)) == 1


def test_who_has_written_it_does_not_approve_what_another_submits(chat: Chat) -> None:
    save(chat, who="zhang")
    submit(chat, who="zhou")
    unchanged(chat, OwnApproval, lambda: judge(chat, who="zhang"))
    judge(chat, who="zhang", yes=False)
    assert stored(chat).state is DraftState.DECLINED


def test_the_card_shows_field_by_field_what_changes(chat: Chat) -> None:
    earn(chat, 1)
    save(chat)
    note_tested(chat)
    submit(chat)
    card = card_of(chat, "zhao")
    [change] = card.changes
    assert list(change["differing"]) == ["formula", "name"]  # type: ignore[index]
    assert change["is_tested"]  # type: ignore[index]
    after, before = change["after"], change["before"]  # type: ignore[index]
    assert (before["formula"]["points"], after["formula"]["points"]) == (10, 12)
    assert chat.presses("zhao", card, "approve").state == "approved"  # type: ignore[attr-defined]
    assert len(versions(chat)) == 2


def test_the_programme_goes_the_same_way(chat: Chat) -> None:
    save(chat, TIERS, kind=DraftKind.PROGRAMME)
    submit(chat)
    card = card_of(chat, "zhao")
    assert isinstance(card, ApprovalCard)
    assert card.programme is not None
    judge(chat)
    programmes = chat.store.committed(MAIN).programmes
    assert programmes[1].point_fen == 80
    notice = chat.last("zhao")
    assert (notice.what, notice.code, notice.version) == ("published", "", 1)
    save(chat, TIERS | {"point_fen": 90}, kind=DraftKind.PROGRAMME)
    submit(chat, 2)
    shown = card_of_number(chat, 2).programme
    assert shown["differing"] == ["point_fen"]  # type: ignore[index]


def card_of_number(chat: Chat, number: int) -> ApprovalCard:
    [card] = [
        view
        for view in chat.phone("zhao")
        if isinstance(view, ApprovalCard) and view.number == number
    ]
    return card


def test_what_was_judged_beside_an_old_version_is_not_published(chat: Chat) -> None:
    save(chat)
    save(chat, AMOUNTS | {"priority": 7})
    submit(chat, 1)
    submit(chat, 2, who="zhang")
    judge(chat, 1)
    refused = unchanged(chat, VersionTaken, lambda: judge(chat, 2, who="zhao"))
    assert isinstance(refused, VersionTaken)
    assert (refused.rule, refused.version) == ("contract-amount", 2)
    judge(chat, 2, who="zhao", yes=False)
    submit(chat, 2, who="zhang")
    judge(chat, 2, who="zhao")
    assert [one.rule.version for one in versions(chat)] == [1, 2, 3]


def test_what_can_no_longer_be_published_stays_pending(chat: Chat) -> None:
    save(chat, AMOUNTS | {"effective_to": "2026-11-25T00:00:00+08:00"})
    submit(chat)
    chat.pass_time(days=5)
    unchanged(chat, RuleHasErrors, lambda: judge(chat))
    assert stored_approval(chat).state is ApprovalState.PENDING


@pytest.mark.parametrize("number", [1, 2])
def test_what_was_not_submitted_is_not_decided(chat: Chat, number: int) -> None:
    save(chat)
    kind = UnknownApproval if number == 1 else UnknownDraft
    unchanged(chat, kind, lambda: judge(chat, number))


def test_only_who_may_decide_does(chat: Chat) -> None:
    save(chat, who="zhang")
    approval = submit(chat, who="zhang")
    unchanged(chat, NotPermitted, lambda: judge(chat, who="zhou"))
    unchanged(chat, NotPermitted, lambda: judge_approval(chat, approval, "zhou", Verdict.APPROVE))


def test_the_first_verdict_counts(chat: Chat) -> None:
    save(chat)
    submit(chat)
    judge(chat)
    unchanged(chat, ApprovalClosed, lambda: judge(chat, who="zhao"))


def test_the_other_supervisors_are_told(chat: Chat) -> None:
    save(chat)
    submit(chat)
    chat.says("zhang", "批准 1")
    assert chat.last("zhao") == RuleNotice(
        what="published",
        code="contract-amount",
        name="签约积分",
        version=2,
        is_off=False,
        starts_at=START.isoformat(timespec="seconds"),
        by="zhou",
        approved_by="zhang",
    )
    assert not any(isinstance(view, RuleNotice) for view in chat.phone("zhang"))


def test_without_supervisors_the_admins_are_told(chat: Chat) -> None:
    for name in ("zhang", "zhao"):
        chat.store.committed(MAIN).members[name] = a_member(name, Role.SALES)
    chat.store.committed(MAIN).members["ma"] = a_member("ma", Role.ADMIN)
    live(chat, by="qian")
    assert isinstance(chat.last("ma"), RuleNotice)


def test_a_scheduled_version_is_taken_back(chat: Chat) -> None:
    live(chat, AMOUNTS | {"effective_from": LATER})
    withdraw(chat, 2)
    assert versions(chat)[1].withdrawn_at == chat.clock.now()
    assert chat.last("zhao").what == "withdrawn"
    chat.pass_time(days=30)
    earn(chat, 100)
    assert wallet(chat) == (100, 0)
    unchanged(chat, UnknownRule, lambda: withdraw(chat, 2))
    save(chat)
    note_tested(chat, 2)
    submit(chat, 2)
    judge(chat, 2)
    assert stored(chat, 2).published_version == 3


def test_what_has_begun_is_not_taken_back(chat: Chat) -> None:
    live(chat)
    refused = unchanged(chat, TooLateToWithdraw, lambda: withdraw(chat, 2))
    assert isinstance(refused, TooLateToWithdraw)
    assert refused.started_at == START
    unchanged(chat, NotPermitted, lambda: withdraw(chat, 2, who="zhou"))


def test_rolling_back_lets_the_version_before_hold_again(chat: Chat) -> None:
    live(chat)
    live(chat, AMOUNTS | {"effective_from": LATER, "priority": 7})
    chat.pass_time(hours=2)
    again = roll_back(chat)
    assert (again.version, again.formula) == (4, PerUnit("amount", 1_000_000, 10))
    assert again.effective_from == chat.clock.now()
    publication = versions(chat)[3].publication
    assert (publication.by, publication.approved_by) == ("zhang", None)
    assert versions(chat)[2].withdrawn_at == chat.clock.now()
    notices = [view for view in chat.phone("zhao") if isinstance(view, RuleNotice)]
    assert [notice.what for notice in notices[-2:]] == ["withdrawn", "rolled_back"]
    assert "rule_rolled_back" in chat.actions()
    assert points_at(chat, chat.clock.now()) == 100
    assert points_at(chat, chat.clock.now() - timedelta(seconds=1)) == 120


def points_at(chat: Chat, at: datetime) -> int:
    """Give what a contract of 100,000 yuan that was signed at an instant is worth."""
    event = an_event(type=EventType.CONTRACT_SIGNED, data={"amount": 10_000_000}, occurred_at=at)
    points: int = chat.acts(lambda ctx: preview(ctx, event).points)
    return points


def test_there_must_be_something_to_go_back_to(chat: Chat) -> None:
    unchanged(chat, NothingToRollBack, lambda: roll_back(chat))
    unchanged(chat, UnknownRule, lambda: roll_back(chat, "nothing"))
    unchanged(chat, NotPermitted, lambda: roll_back(chat, who="zhou"))


def test_what_has_ended_does_not_come_back(chat: Chat) -> None:
    live(chat, AMOUNTS | {"code": "own", "effective_to": LATER})
    live(chat, AMOUNTS | {"code": "own", "priority": 7})
    chat.pass_time(days=30)
    unchanged(chat, NothingToRollBack, lambda: roll_back(chat, "own"))
    assert versions(chat, "own")[0].rule.effective_to == START.replace(
        year=2026, month=11, day=30, hour=16, minute=0
    )
    assert START + timedelta(days=30) == chat.clock.now()


def test_what_no_longer_fits_the_others_does_not_come_back(chat: Chat) -> None:
    live(chat, AMOUNTS | {"code": "own", "group": "g", "stacking": "highest"})
    live(chat, AMOUNTS | {"code": "own"})
    live(chat, AMOUNTS | {"group": "g", "stacking": "first"})
    unchanged(chat, RuleHasErrors, lambda: roll_back(chat, "own"))
