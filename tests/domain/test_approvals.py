"""An approval's life: pending, then ended once; who asks never decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.approvals import (
    APPROVAL_VALID,
    REASON_MAX,
    Approval,
    ApprovalState,
    approve,
    decline,
    expire,
    withdraw,
)
from domain.errors import ApprovalClosed, ApprovalExpired, ApprovalNotYours, OwnApproval
from domain.ids import MemberId
from tests.support.fakes import START
from tests.support.make import an_approval

ZHOU, ZHANG, ZHAO = MemberId("zhou"), MemberId("zhang"), MemberId("zhao")
LATER = START + timedelta(minutes=5)
TOO_LATE = START + APPROVAL_VALID

Act = Callable[[Approval], Approval]


def approved(approval: Approval) -> Approval:
    return approve(approval, ZHANG, decided_by_name="", note="同意", now=LATER)


def declined(approval: Approval) -> Approval:
    return decline(approval, ZHANG, decided_by_name="", note="金额不对", now=LATER)


def withdrawn(approval: Approval) -> Approval:
    return withdraw(approval, ZHOU, decided_by_name="", now=LATER)


def late(act: str) -> Act:
    """Give what somebody does who comes second, or after the end."""

    def do(approval: Approval) -> Approval:
        if act == "withdraw":
            return withdraw(approval, ZHOU, decided_by_name="张主管", now=TOO_LATE)
        end = approve if act == "approve" else decline
        return end(approval, ZHAO, decided_by_name="张主管", note="", now=TOO_LATE)

    return do


LATE = [late("approve"), late("decline"), late("withdraw")]


@pytest.mark.parametrize(
    ("act", "state", "note"),
    [
        (approved, ApprovalState.APPROVED, "同意"),
        (declined, ApprovalState.DECLINED, "金额不对"),
    ],
)
def test_another_person_decides(act: Act, state: ApprovalState, note: str) -> None:
    assert act(an_approval()) == replace(
        an_approval(), state=state, decided_by=ZHANG, decided_at=LATER, note=note, version=2
    )


@pytest.mark.parametrize("end", [approve, decline])
def test_who_asks_cannot_decide(end: Callable[..., Approval]) -> None:
    with pytest.raises(OwnApproval) as refused:
        end(an_approval(), ZHOU, decided_by_name="", note="", now=LATER)
    assert refused.value.details() == {"number": 1}


def test_what_the_machine_asks_anybody_may_decide_who_may() -> None:
    assert approved(an_approval(asked_by=None)).decided_by == ZHANG


def test_a_long_note_is_cut() -> None:
    ended = decline(an_approval(), ZHANG, decided_by_name="", note="长" * 999, now=LATER)
    assert ended.note == "长" * REASON_MAX


def test_who_asks_takes_back_and_nobody_has_decided() -> None:
    assert withdrawn(an_approval()) == replace(
        an_approval(), state=ApprovalState.WITHDRAWN, decided_at=LATER, version=2
    )


@pytest.mark.parametrize("asked_by", [ZHOU, None])
def test_only_who_asks_takes_back(asked_by: MemberId | None) -> None:
    with pytest.raises(ApprovalNotYours) as refused:
        withdraw(an_approval(asked_by=asked_by), ZHANG, decided_by_name="", now=LATER)
    assert refused.value.details() == {"number": 1}


@pytest.mark.parametrize("asked_by", [ZHOU, None])
def test_the_machine_takes_anything_back(asked_by: MemberId | None) -> None:
    ended = withdraw(an_approval(asked_by=asked_by), None, decided_by_name="", now=LATER)
    assert ended.state is ApprovalState.WITHDRAWN


@pytest.mark.parametrize("second", LATE)
@pytest.mark.parametrize(
    ("first", "decided_by"), [(approved, "张主管"), (declined, "张主管"), (withdrawn, "张主管")]
)
def test_an_approval_ends_once_and_says_how(first: Act, decided_by: str, second: Act) -> None:
    ended = first(an_approval())
    with pytest.raises(ApprovalClosed) as refused:
        second(ended)
    assert refused.value.details() == {
        "number": 1,
        "state": ended.state,
        "decided_by": decided_by,
        "decided_at": LATER,
    }


@pytest.mark.parametrize("second", LATE)
@pytest.mark.parametrize(
    "approval",
    [an_approval(), expire(an_approval(), TOO_LATE)],
    ids=["not yet swept", "expired"],
)
def test_what_nobody_decided_in_time_is_over(approval: Approval, second: Act) -> None:
    with pytest.raises(ApprovalExpired) as refused:
        second(approval)
    assert refused.value.details() == {"number": 1, "expired_at": TOO_LATE}


def test_it_can_be_decided_until_the_last_moment() -> None:
    now = TOO_LATE - timedelta(microseconds=1)
    ended = approve(an_approval(), ZHANG, decided_by_name="", note="", now=now)
    assert ended.decided_at == now


def test_expiring_ends_it_without_anybody() -> None:
    assert expire(an_approval(), TOO_LATE) == replace(
        an_approval(), state=ApprovalState.EXPIRED, decided_at=TOO_LATE, version=2
    )


@pytest.mark.parametrize(
    ("approval", "now"), [(an_approval(), LATER), (approved(an_approval()), TOO_LATE)]
)
def test_expiring_what_is_not_due_is_a_bug(approval: Approval, now: datetime) -> None:
    with pytest.raises(ValueError, match="1"):
        expire(approval, now)
