"""活动 双倍积分 …: previewed, handed to a second person with one tap, counted when approved."""

from datetime import UTC, datetime

import pytest

from domain.drafts import DraftKind, DraftState
from domain.errors import ErrorCode
from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.members import Role
from domain.rules.model import Comparison, Condition, Multiplier
from handlers.usecases.points import preview
from handlers.views import ApprovalCard, CampaignDropped, CampaignPreview, Refusal, RuleList
from tests.handlers.approval_steps import card_of, earn, stored as stored_approval
from tests.handlers.rule_steps import AMOUNTS, TIERS, live, save, stored, submit
from tests.support.chat import Chat
from tests.support.make import a_customer, a_member, a_project, an_event
from tests.support.stores import MAIN

DECEMBER = "12月1日到12月31日"
IN_DECEMBER = datetime(2026, 12, 10, tzinfo=UTC)


def look(chat: Chat, words: str, who: str = "zhou") -> CampaignPreview:
    card = chat.says(who, words)
    assert isinstance(card, CampaignPreview), card
    return card


def worth(chat: Chat, at: datetime, customer: str = "C001") -> int:
    event = an_event(
        id=EventId("e"),
        source_id="HT-never-booked",
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId(customer),
        project=None,
        data={"amount": 10_000_000},
        occurred_at=at,
    )
    points: int = chat.acts(lambda ctx: preview(ctx, event).points)
    return points


def furnish(chat: Chat) -> None:
    """Give customers types and segments, a project a type, the firm tiers."""
    state = chat.store.committed(MAIN)
    old = a_customer("C001", "滨江置业", "sun")
    state.customers["C001"] = type(old)(old.id, old.code, old.name, old.account_manager, "地产")
    project = a_project("P001", "滨江一期", "C001", "li")
    state.projects["P001"] = type(project)(
        project.id, project.code, project.name, project.customer, project.manager, type="市政"
    )
    state.segments["C002"] = ("老客户", "市政")
    save(chat, TIERS, kind=DraftKind.PROGRAMME)
    submit(chat)
    chat.says("zhang", "批准 1")


def test_a_campaign_for_all_raises_everything_that_gives_points(chat: Chat) -> None:
    earn(chat, 1)
    card = look(chat, f"活动 双倍积分 {DECEMBER}")
    assert (card.name, card.percent, card.whom) == ("双倍积分", 200, ())
    assert (card.first_day, card.last_day) == ("2026-12-01", "2026-12-31")
    assert [rule.code for rule in card.rules] == [
        "contract-amount",
        "milestone-on-time",
        "suggestion-adopted",
        "referral-signed",
    ]
    assert chat.store.committed(MAIN).drafts == {}

    shown = chat.presses("zhou", card, "confirm")
    assert isinstance(shown, ApprovalCard)
    assert (shown.is_mine, shown.name, len(shown.changes)) == (True, "双倍积分", 4)
    assert stored_approval(chat).number == 1
    assert chat.phone("zhou")[-1] == shown
    assert worth(chat, IN_DECEMBER) == 100

    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    assert worth(chat, IN_DECEMBER) == 200
    assert worth(chat, datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == 100
    assert worth(chat, datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == 200
    assert worth(chat, datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == 100
    published = [
        one.rule for one in chat.store.committed(MAIN).rules.values() if one.rule.is_campaign
    ]
    assert len({rule.code for rule in published}) == 4
    assert {stored(chat, n).state for n in range(2, 6)} == {DraftState.PUBLISHED}


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("地产", "customer.type", "地产"),
        ("地产客户", "customer.type", "地产"),
        ("仅限老客户", "customer.segments", "老客户"),
        ("银卡", "customer.tier", "silver"),
        ("silver", "customer.tier", "silver"),
    ],
)
def test_a_campaign_is_for_a_part(chat: Chat, words: str, field: str, value: str) -> None:
    furnish(chat)
    card = look(chat, f"活动 1.5倍 {DECEMBER} {words}")
    [whom] = card.whom
    assert (whom.field, list(whom.wanted), card.percent) == (field, [value], 150)
    chat.presses("zhou", card, "confirm")
    rule = stored(chat, 3).document
    assert rule.conditions == (Condition(field, Comparison.ONE_OF, (value,)),)  # type: ignore[union-attr]


def test_only_who_is_meant_gets_more(chat: Chat) -> None:
    furnish(chat)
    chat.presses("zhou", look(chat, f"活动 三倍积分 {DECEMBER} 地产"), "confirm")
    chat.says("zhang", "批准 2")
    assert (worth(chat, IN_DECEMBER), worth(chat, IN_DECEMBER, "C002")) == (300, 100)


@pytest.mark.parametrize(
    ("words", "codes", "of"),
    [
        ("签约", ["contract-amount"], ()),
        ("contract-amount", ["contract-amount"], ("contract-amount",)),
        ("验收 推荐", ["milestone-on-time", "referral-signed"], ()),
    ],
)
def test_a_campaign_raises_only_what_is_named(
    chat: Chat, words: str, codes: list[str], of: tuple[str, ...]
) -> None:
    card = look(chat, f"活动 双倍积分 {DECEMBER} {words}")
    assert [rule.code for rule in card.rules] == codes
    chat.presses("zhou", card, "confirm")
    formula = stored(chat, 2).document.formula  # type: ignore[union-attr]
    assert formula == Multiplier(200, of)


def test_the_added_points_live_as_long_as_what_is_raised(chat: Chat) -> None:
    live(chat, AMOUNTS | {"valid_months": 6, "matures_after_days": 7, "qualifies": False})
    chat.presses("zhou", look(chat, f"活动 双倍积分 {DECEMBER} 签约"), "confirm")
    rule = stored(chat, 3).document
    assert (rule.valid_months, rule.matures_after_days, rule.qualifies) == (6, 7, False)  # type: ignore[union-attr]


def test_what_has_begun_begins_today(chat: Chat) -> None:
    card = look(chat, "活动 双倍积分 11月20日到12月20日")
    assert (card.first_day, card.last_day) == ("2026-11-22", "2026-12-20")
    chat.presses("zhou", card, "confirm")
    chat.says("zhang", "批准 1")
    assert worth(chat, chat.clock.now()) == 200


def test_a_dropped_preview_is_over(chat: Chat) -> None:
    card = look(chat, f"活动 双倍积分 {DECEMBER}")
    assert chat.presses("zhou", card, "cancel") == CampaignDropped("双倍积分")
    refused = chat.refused("zhou", lambda: chat.presses("zhou", card, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED
    assert chat.store.committed(MAIN).drafts == {}


def test_a_second_tap_asks_nobody_again(chat: Chat) -> None:
    card = look(chat, f"活动 双倍积分 {DECEMBER}")
    chat.presses("zhou", card, "confirm")
    refused = chat.refused("zhou", lambda: chat.presses("zhou", card, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED


def test_without_a_second_person_the_tap_does_nothing(chat: Chat) -> None:
    card = look(chat, f"活动 双倍积分 {DECEMBER}")
    for name in ("zhang", "zhao", "qian"):
        chat.store.committed(MAIN).members[name] = a_member(name, Role.SUPERVISOR, is_active=False)
    refused = chat.refused("zhou", lambda: chat.presses("zhou", card, "confirm"))
    assert refused.code == ErrorCode.NO_APPROVER


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("活动", ErrorCode.USAGE, "percent_missing"),
        ("活动 12月1日到12月31日", ErrorCode.USAGE, "percent_missing"),
        ("活动 双倍积分", ErrorCode.USAGE, "date_missing"),
        ("活动 双倍积分 12月1日", ErrorCode.USAGE, "end_missing"),
        ("活动 双倍积分 12月31日到12月1日", ErrorCode.USAGE, "end_refused"),
        ("活动 双倍积分 11月1日到11月20日", ErrorCode.USAGE, "end_past"),
        ("活动 双倍积分 12月1日到12月31日 火星客户", ErrorCode.USAGE, "target_refused"),
        ("活动 双倍积分 12月1日到12月31日 签到", ErrorCode.USAGE, "target_missing"),
        ("活动 双倍积分 2月30日到3月1日", ErrorCode.IMPOSSIBLE_DATE, None),
        ("活动 双倍积分 12月1日到2月30日", ErrorCode.IMPOSSIBLE_DATE, None),
        ("活动 99倍 12月1日到12月31日", ErrorCode.USAGE, "percent_refused"),
        ("活动 1倍积分 12月1日到12月31日", ErrorCode.USAGE, "percent_refused"),
    ],
)
def test_what_is_not_clear_is_asked_for(
    chat: Chat, words: str, code: ErrorCode, problem: str | None
) -> None:
    refused = chat.refused("zhou", lambda: chat.says("zhou", words))
    assert refused.code == code
    assert refused.details.get("problem") == problem


def test_a_word_with_two_meanings_is_not_guessed(chat: Chat) -> None:
    furnish(chat)
    words = f"活动 双倍积分 {DECEMBER} 市政"
    refused = chat.refused("zhou", lambda: chat.says("zhou", words))
    assert refused == Refusal(ErrorCode.USAGE, {"command": "活动", "problem": "target_ambiguous"})


def test_campaigns_are_listed(chat: Chat) -> None:
    shown = chat.says("zhou", "活动 列表")
    assert isinstance(shown, RuleList)
    assert (shown.is_campaigns, shown.in_force, shown.drafts) == (True, (), ())
    save(chat)
    chat.presses("zhou", look(chat, f"活动 双倍积分 {DECEMBER} 签约"), "confirm")
    chat.presses("zhou", look(chat, "活动 双倍积分 到12月31日 推荐"), "confirm")
    chat.says("zhang", "批准 2")
    listed = chat.says("zhang", "活动 列表")
    assert isinstance(listed, RuleList)
    assert [rule.event for rule in listed.in_force] == ["referral_signed"]
    assert [draft.number for draft in listed.drafts] == [3]
