"""客户 and 客户明细: what staff see of a customer, and that nobody else does."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.channels import KF_WINDOW
from domain.customer_files import Details, FieldKind
from domain.errors import ErrorCode
from domain.ids import CustomerId
from domain.programme import Programme
from domain.repositories import Publication
from domain.tiers import Tier, TierPolicy, month_of
from handlers.usecases.customer_files import (
    Change,
    Given,
    add_contract,
    change_file,
    open_file as open_,
    save_field,
)
from handlers.usecases.directory import customer_of_code
from handlers.views import (
    ChooseCard,
    CustomerCard,
    CustomerContact,
    DidYouMean,
    MovementLine,
    ProjectLine,
    ReachLine,
    Statement,
)
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN


def card(chat: Chat, words: str, who: str = "sun") -> CustomerCard:
    shown = chat.says(who, words)
    assert isinstance(shown, CustomerCard), shown
    return shown


def fill(ctx: Any) -> None:
    """Let C001 have a file and a contract."""
    save_field(ctx, "地产", "区域", FieldKind.TEXT)
    save_field(ctx, "地产", "集团", FieldKind.TEXT)
    river = customer_of_code(ctx, "C001")
    change = Change(
        type="地产",
        full_name="滨江置业有限公司",
        payment_days=45,
        aliases=("大滨江",),
        fields={"集团": "滨江集团", "区域": "华东"},
        segments=("重点",),
    )
    change_file(ctx, river, change)
    on = date(2026, 6, 30)
    add_contract(ctx, ("HT-1", "一期"), river, amount=120_000_000, signed_on=on, project=None)


def test_a_card_says_what_the_file_says_and_how_things_stand(chat: Chat) -> None:
    chat.acts(fill)
    chat.joins("wang", chat.account("wang").channel, "wm-wang", contact="wang")
    preview = chat.says("li", "滨江一期 主体昨天验收通过")
    chat.presses("li", preview, "confirm")
    chat.says("wang", "评价 滨江一期 1 渗水三次没人管")
    shown = card(chat, "客户 滨江置业")

    assert (shown.code, shown.name, shown.type, shown.manager) == (
        *("C001", "滨江置业", "地产", "sun"),
    )
    assert shown.fields == (("区域", "华东"), ("集团", "滨江集团"))
    assert (shown.full_name, shown.payment_days) == ("滨江置业有限公司", 45)
    assert (shown.aliases, shown.segments) == (("大滨江",), ("重点",))
    assert shown.contacts == (
        CustomerContact("wang", "13800138000", is_bound=True, may_see=True, may_redeem=True),
    )
    assert shown.projects == (
        ProjectLine("滨江一期", "竣工验收", "2027-06-30", 1, 2),
        ProjectLine("滨江二期", "主体验收", "2026-11-01", 0, 1),
    )
    assert (shown.contract_count, shown.contract_fen) == (1, 120_000_000)
    assert (shown.stars, shown.reviewed) == (1, "滨江一期")
    assert [(one.number, one.kind, one.state) for one in shown.alerts] == [(1, "bad_review", "new")]
    assert shown.available > 0
    assert MovementLine(
        START.isoformat(timespec="seconds"), "award", 50, 0, "滨江一期 主体验收"
    ) in [replace(one, points=50) for one in shown.movements]
    until = (START + KF_WINDOW).isoformat(timespec="seconds")
    assert shown.reach == (ReachLine("wang", "wecom_kf", "", until, 5),)
    assert [(one.about_view, one.state) for one in shown.notices] == [("points_notice", "sent")]


def test_a_new_customer_has_an_empty_card(chat: Chat) -> None:
    chat.acts(lambda ctx: open_(ctx, Given("C009", "江北实业")))
    shown = card(chat, "客户 江北")

    assert (shown.manager, shown.tier, shown.stars, shown.reviewed_at) == ("", "", 0, "")
    assert (shown.contacts, shown.projects, shown.movements, shown.alerts) == ((), (), (), ())
    assert (shown.contract_count, shown.contract_fen, shown.payment_days) == (0, 0, None)
    assert (shown.reach, shown.notices) == ((), ())


@pytest.mark.parametrize(("earned", "name"), [(600, "银"), (0, "")])
def test_the_card_names_the_tier(chat: Chat, earned: int, name: str) -> None:
    tiers = TierPolicy((Tier("silver", "银", 500),))
    with chat.store.work(MAIN) as work:
        work.rules.add_programme(Programme(1, START, tiers=tiers), Publication(START))
        if earned:
            work.earned.add(CustomerId("C001"), month_of(START.date()), earned)
        work.commit()

    assert card(chat, "客户 C001").tier == name


def test_values_of_a_field_that_went_are_shown_behind_the_others(chat: Chat) -> None:
    chat.acts(fill)
    chat.acts(lambda ctx: ctx.work.customer_fields.remove("地产", "区域"))

    assert card(chat, "客户 C001").fields == (("集团", "滨江集团"), ("区域", "华东"))


@pytest.mark.parametrize(
    "words",
    [
        "客户 C001",
        "客户 滨江置业",
        "客戶 大滨江",
        "查客户 滨江置业有限公司",
        "客户：binjiang",
        "客户档案 bjzy",
    ],
)
def test_a_customer_is_found_by_any_name_it_has(chat: Chat, words: str) -> None:
    chat.acts(fill)
    assert card(chat, words).code == "C001"


def test_of_several_one_is_chosen(chat: Chat) -> None:
    chat.acts(lambda ctx: open_(ctx, Given("C009", "滨江建设")))
    asked = chat.says("fang", "客户 滨江")

    assert isinstance(asked, ChooseCard)
    assert asked.what == "customer"
    chosen = next(one for one in asked.choices if one.label == "滨江建设")
    shown = chat.presses("fang", chosen.action.partition(":")[0], chosen.action.partition(":")[2])
    assert isinstance(shown, CustomerCard)
    assert shown.code == "C009"


def test_a_statement_is_shown_as_the_customer_sees_it(chat: Chat) -> None:
    preview = chat.says("li", "滨江一期 主体昨天验收通过")
    chat.presses("li", preview, "confirm")
    chat.joins("wang", chat.account("wang").channel, "wm-wang", contact="wang")
    shown = chat.says("zhang", "客户明细 滨江置业")

    assert isinstance(shown, Statement)
    assert shown == chat.says("wang", "明细")
    assert shown.lines


@pytest.mark.parametrize("command", ["客户", "客户明细"])
@pytest.mark.parametrize(
    ("words", "code"),
    [("", ErrorCode.USAGE), (" 完全没有这家", ErrorCode.UNKNOWN_CUSTOMER)],
)
def test_nobody_named_is_refused(chat: Chat, command: str, words: str, code: ErrorCode) -> None:
    refusal = chat.refused("sun", lambda: chat.says("sun", command + words))
    assert refusal.code == code


@pytest.mark.parametrize("command", ["客户", "客户明细"])
@pytest.mark.parametrize("who", ["li", "zhou", "wang"])
def test_only_who_may_see_customers_sees_one(chat: Chat, who: str, command: str) -> None:
    refusal = chat.refused(who, lambda: chat.says(who, f"{command} 城南建设"))
    assert refusal.code == ErrorCode.NOT_PERMITTED


@pytest.mark.parametrize("command", ["客户", "客户明细"])
def test_a_customer_is_not_shown_to_a_whole_group(chat: Chat, command: str) -> None:
    refusal = chat.refused("sun", lambda: chat.says("sun", f"{command} 城南建设", group=True))
    assert refusal.code == ErrorCode.PRIVATE_ONLY


@pytest.mark.parametrize("text", ["客户经理是谁", "客户说很满意", "客户满意吗"])
def test_words_glued_to_the_command_are_talk(chat: Chat, text: str) -> None:
    assert chat.says("wang", text) == DidYouMean((), ("balance", "redeem"))


def test_a_sentence_about_a_customer_is_still_a_record(chat: Chat) -> None:
    shown = chat.says("li", "客户确认滨江一期主体昨天验收通过")
    assert not isinstance(shown, CustomerCard)
    assert not isinstance(shown, DidYouMean)


def test_an_alias_is_understood_by_every_command(chat: Chat) -> None:
    details = Details(aliases=("老城南",))
    chat.acts(lambda ctx: ctx.work.files.save(CustomerId("C002"), details))

    invited: Any = chat.says("sun", "邀请 老城南 赵工")
    asked: Any = chat.says("zhou", "调整 老城南 +200 补偿")
    assert (invited.customer, asked.customer) == ("城南建设", "城南建设")


def test_what_was_moved_by_hand_stands_among_the_movements(chat: Chat) -> None:
    chat.says("zhou", "调整 滨江置业 +200 渗水补偿")
    chat.says("zhang", "批准 1")

    assert card(chat, "客户 滨江置业").movements == (
        MovementLine(START.isoformat(timespec="seconds"), "adjustment", 200, 0, ""),
    )
