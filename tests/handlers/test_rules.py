"""规则: what counts, in plain sentences; for staff what is coming, drafted and has been."""

import pytest

from domain.drafts import DraftKind
from domain.errors import UnknownRule
from handlers.usecases.rulebook import history_of
from handlers.views import ChooseCard, Refusal, RuleDetail, RuleList
from tests.handlers.rule_steps import AMOUNTS, LATER, TIERS, live, save, withdraw
from tests.support.chat import Chat

CODES = [
    "complaint-unsatisfied",
    "contract-amount",
    "milestone-late",
    "milestone-on-time",
    "referral-signed",
    "suggestion-adopted",
]


def codes(rules: RuleList) -> list[str]:
    return [rule.code for rule in rules.in_force]


@pytest.mark.parametrize("typed", ["规则", "規則", "怎么得分", "看看规则"])
@pytest.mark.parametrize("who", ["wang", "li"])
def test_everybody_sees_what_is_in_force(chat: Chat, who: str, typed: str) -> None:
    save(chat)
    live(chat, AMOUNTS | {"effective_from": LATER})
    shown = chat.says(who, typed)
    assert isinstance(shown, RuleList)
    assert (shown.is_staff, shown.is_campaigns) == (False, False)
    assert (codes(shown), shown.in_force_count) == (CODES[:5], len(CODES))
    assert (shown.scheduled, shown.drafts) == ((), ())


def test_who_edits_rules_sees_what_is_coming(chat: Chat) -> None:
    live(chat, AMOUNTS | {"effective_from": LATER})
    save(chat, TIERS, kind=DraftKind.PROGRAMME)
    save(chat)
    shown = chat.says("zhou", "规则")
    assert isinstance(shown, RuleList)
    assert shown.is_staff
    [coming] = shown.scheduled
    assert (coming.code, coming.version) == ("contract-amount", 2)
    assert [(draft.number, draft.code, draft.name) for draft in shown.drafts] == [
        (2, "", ""),
        (3, "contract-amount", "签约积分"),
    ]


def test_what_was_ended_or_withdrawn_counts_no_more(chat: Chat) -> None:
    live(chat, AMOUNTS | {"is_off": True})
    live(chat, AMOUNTS | {"code": "own", "effective_from": LATER})
    withdraw(chat, 1, "own")
    shown = chat.says("wang", "规则")
    assert isinstance(shown, RuleList)
    assert codes(shown) == [code for code in CODES if code != "contract-amount"]


@pytest.mark.parametrize("typed", ["规则 签约", "规则 contract-amount", "规则 合同"])
def test_one_rule_is_shown_in_full(chat: Chat, typed: str) -> None:
    shown = chat.says("wang", typed)
    assert isinstance(shown, RuleDetail)
    assert (shown.rule.code, shown.rule.version, shown.issues) == ("contract-amount", 1, ())


def test_for_staff_with_its_versions_and_who_approved_them(chat: Chat) -> None:
    live(chat)
    live(chat, AMOUNTS | {"effective_from": LATER, "priority": 7})
    shown = chat.says("zhou", "规则 签约积分")
    assert isinstance(shown, RuleDetail)
    assert shown.rule.version == 2
    assert [(one.version, one.state, one.approved_by) for one in shown.issues] == [
        (3, "scheduled", "zhang"),
        (2, "in_force", "zhang"),
        (1, "past", ""),
    ]
    withdraw(chat, 3)
    again = chat.says("zhou", "规则 签约积分")
    assert isinstance(again, RuleDetail)
    assert again.issues[0].state == "withdrawn"


def test_a_rule_that_only_begins_is_shown_to_staff(chat: Chat) -> None:
    live(chat, AMOUNTS | {"code": "own", "name": "开门红", "effective_from": LATER})
    shown = chat.says("zhou", "规则 开门红")
    assert isinstance(shown, RuleDetail)
    assert shown.rule.code == "own"
    assert isinstance(chat.says("wang", "规则 开门红"), Refusal)


def test_where_several_are_meant_one_chooses(chat: Chat) -> None:
    card = chat.says("wang", "规则 验收")
    assert isinstance(card, ChooseCard)
    assert card.what == "rule"
    label = card.choices[0].label
    chosen = chat.taps("wang", card.choices[0].action)
    assert isinstance(chosen, RuleDetail)
    assert chosen.rule.code == label


def test_an_unknown_rule_is_said_to_be(chat: Chat) -> None:
    refused = chat.refused("wang", lambda: chat.says("wang", "规则 天气预报"))
    assert refused == Refusal("unknown_rule", {"asked": "天气预报"})


def test_a_rule_that_never_was_has_no_history(chat: Chat) -> None:
    before = chat.state()
    with pytest.raises(UnknownRule):
        chat.acts(lambda ctx: history_of(ctx, "never"))
    assert chat.state() == before
