"""Drafts: what they say, and what can become of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain import drafts as life
from domain.drafts import PROGRAMME_CODE, Draft, DraftKind, DraftState
from domain.errors import DraftClosed, RuleMalformed
from domain.ids import ApprovalId, BacktestId, DraftId, MemberId
from domain.programme import DEFAULT
from domain.rules.codec import canonical, to_json
from domain.rules.model import Fixed
from tests.domain.rules.making import DAY, START, a_rule

LI, WANG = MemberId("li"), MemberId("wang")
RULE = a_rule()
DRAFT = Draft(
    id=DraftId("d-1"),
    number=1,
    kind=DraftKind.RULE,
    code=RULE.code,
    content=canonical(RULE),
    created_by=LI,
    created_at=START,
    changed_by=LI,
    changed_at=START,
    backtest=BacktestId("bt"),
)
SUBMITTED = replace(DRAFT, state=DraftState.SUBMITTED, approval=ApprovalId("ap"))


def test_what_is_said_does_not_depend_on_number_and_begin() -> None:
    later = replace(RULE, version=7, effective_from=START + DAY)
    assert life.what_it_says(later) == life.what_it_says(RULE) == DRAFT.says
    assert life.what_it_says(replace(RULE, formula=Fixed(51))) != DRAFT.says
    assert life.what_it_says(replace(RULE, effective_to=START + DAY)) != DRAFT.says


def test_what_was_written_comes_back() -> None:
    assert DRAFT.document == RULE
    programme = replace(
        DRAFT, kind=DraftKind.PROGRAMME, code=PROGRAMME_CODE, content=canonical(DEFAULT)
    )
    assert programme.document == DEFAULT
    assert life.code_of(DEFAULT) == PROGRAMME_CODE
    assert life.read_document(to_json(RULE), DraftKind.RULE) == RULE


@pytest.mark.parametrize("kind", DraftKind)
def test_what_is_neither_is_refused_with_its_place(kind: DraftKind) -> None:
    with pytest.raises(RuleMalformed) as refused:
        life.read_document({"version": "x"}, kind)
    assert (refused.value.place, refused.value.problem) in {
        ("version", "wrong_type"),
        ("code", "missing"),
    }


def test_changing_keeps_the_test_only_of_the_same() -> None:
    later = life.change(DRAFT, replace(RULE, effective_from=START + DAY), WANG, START + DAY)
    assert (later.backtest, later.version, later.changed_by) == ("bt", 2, WANG)
    other = life.change(DRAFT, replace(RULE, formula=Fixed(51)), WANG, START + DAY)
    assert (other.backtest, other.created_by) == (None, LI)
    again = life.change(
        replace(SUBMITTED, state=DraftState.DECLINED), RULE, LI, START + timedelta(days=2)
    )
    assert (again.state, again.approval) == (DraftState.DRAFT, None)


def test_the_life_of_a_draft() -> None:
    submitted = life.submit(life.note_tested(DRAFT, BacktestId("bt-2")), ApprovalId("ap"))
    assert (submitted.state, submitted.backtest, submitted.version) == ("submitted", "bt-2", 3)
    assert life.published(submitted, 4).published_version == 4
    assert life.declined(submitted).state is DraftState.DECLINED
    reopened = life.reopened(submitted)
    assert (reopened.state, reopened.approval) == (DraftState.DRAFT, None)
    assert life.drop(reopened).state is DraftState.DROPPED


@pytest.mark.parametrize("state", [DraftState.SUBMITTED, DraftState.PUBLISHED, DraftState.DROPPED])
@pytest.mark.parametrize(
    "act",
    [
        lambda draft: life.change(draft, RULE, LI, START),
        lambda draft: life.note_tested(draft, BacktestId("x")),
        lambda draft: life.submit(draft, ApprovalId("x")),
        life.drop,
        life.refuse_closed,
    ],
    ids=["change", "test", "submit", "drop", "ask"],
)
def test_what_waits_or_has_ended_is_not_touched(
    state: DraftState, act: Callable[[Draft], object]
) -> None:
    closed = replace(SUBMITTED, state=state)
    with pytest.raises(DraftClosed) as refused:
        act(closed)
    assert (refused.value.number, refused.value.state) == (1, state)
