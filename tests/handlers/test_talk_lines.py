"""The talk that who takes over reads: the last lines, the contact's own, without any code."""

import dataclasses
from typing import get_args, get_type_hints

import pytest

from domain.voucher_codes import complete, grouped
from domain.vouchers import Concealed
from handlers.incoming import Entered, Unsupported
from handlers.parsing.hiding import HIDDEN
from handlers.talk_views import FOR_THEIR_EYES, LINES_SHOWN
from handlers.views import VIEWS, BoundCustomer, TalkLine
from tests.handlers.expiring import sign
from tests.handlers.talk_steps import told, wanted
from tests.support.chat import Chat

VOUCHER = grouped(complete("K7QD3M9X0123ABCD"))
CODE = "7K2M9QXA"
OPENS_SOMETHING = {"link", "token", "qr"}
"""How fields are called that hold what opens something to whoever has it."""


def test_the_last_lines_are_handed_over_oldest_first_with_their_times(chat: Chat) -> None:
    for number in range(7):
        chat.says("wang", "余额" if number % 2 else "项目")
        chat.pass_time(minutes=1)
    chat.says("wang", "转人工")
    [card] = wanted(chat)
    assert LINES_SHOWN == 5
    assert told(card) == [
        ("said", "余额", "balance"),
        ("said", "项目", "project_list"),
        ("said", "余额", "balance"),
        ("said", "项目", "project_list"),
        ("said", "转人工", ""),
    ]
    times = [line.at for line in card.talk]
    assert times == [f"2026-11-22T02:0{minute}:00+00:00" for minute in (3, 4, 5, 6, 7)]


def test_what_was_said_half_a_day_ago_is_left_out(chat: Chat) -> None:
    chat.says("wang", "余额")
    chat.pass_time(hours=12)
    chat.says("wang", "转人工")
    assert told(wanted(chat)[0]) == [("said", "转人工", "")]


def test_nobody_elses_words_are_handed_over(unit: Chat) -> None:
    unit.says("lisi", "项目")
    unit.says("wang", "转人工")
    assert told(wanted(unit)[0]) == [("said", "转人工", "")]


def test_what_an_account_said_before_it_was_bound_anew_is_not_handed_over(chat: Chat) -> None:
    chat.says("wang", "余额")
    code = chat.says("sun", "邀请 城南建设 周工").code  # type: ignore[attr-defined]
    assert isinstance(chat.says("wang", f"绑定 {code}"), BoundCustomer)
    chat.says("wang", "项目")
    chat.says("wang", "转人工")
    [card] = wanted(chat, "zhao")
    assert (card.customer, card.contact) == ("城南建设", "周工")
    assert told(card) == [("said", "项目", "project_list"), ("said", "转人工", "")]


def test_buttons_and_links_are_named_without_their_tickets(chat: Chat) -> None:
    chat.presses("wang", "no-such-ticket", "confirm")
    chat.says("wang", "按 no-such-ticket:confirm")
    chat.says("wang", "按 图纸施工")
    chat.says("wang", "转人工")
    assert told(wanted(chat)[0]) == [
        ("pressed", "", "refusal"),
        ("pressed", "", "refusal"),
        ("said", "按 图纸施工", "did_you_mean"),
        ("said", "转人工", ""),
    ]


def test_what_nobody_has_said_is_left_out(chat: Chat) -> None:
    chat.gives("wang", Entered(welcome_code="welcome-1"))
    chat.gives("wang", Unsupported("red_packet", is_message=True))
    chat.gives("wang", Unsupported("change_contact", is_message=False))
    chat.says("wang", "转人工")
    assert told(wanted(chat)[0]) == [("other", "", "help_menu"), ("said", "转人工", "")]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (f"绑定 {CODE}", f"绑定 {HIDDEN}"),
        (f"綁定{CODE}", f"綁定 {HIDDEN}"),
        ("绑定 7K2M", f"绑定 {HIDDEN}"),
        ("绑定", "绑定"),
        ("绑定不了怎么办", "绑定不了怎么办"),
        (CODE, HIDDEN),
        (CODE.lower(), HIDDEN),
        (f"帮定 {CODE}", f"帮定 {HIDDEN}"),
        (f"核销 {VOUCHER}", f"核销 {HIDDEN}"),
        (f"核销 {VOUCHER} 2000 滨江一期", f"核销 {HIDDEN}"),
        (f"撤销核销 {VOUCHER}", f"撤销核销 {HIDDEN}"),
        (VOUCHER, HIDDEN),
        (f"这个券码 {VOUCHER.lower()} 用不了", f"这个券码 {HIDDEN} 用不了"),
        (f"评价 {VOUCHER} 1 渗水", f"评价 {HIDDEN} 渗水"),
    ],
)
def test_codes_are_hidden_and_so_are_answers_that_may_repeat_them(
    chat: Chat, typed: str, shown: str
) -> None:
    chat.says("wang", typed)
    chat.says("wang", "转人工")
    line = wanted(chat)[0].talk[0]
    assert line.text == shown
    assert line.answer_view != ""
    assert (line.answer_data is None) == (HIDDEN in shown)
    kept = f"{[delivery.data for delivery in chat.deliveries('sun')]}".upper().replace("-", "")
    assert CODE not in kept
    assert VOUCHER.replace("-", "") not in kept


def test_an_answer_for_the_customers_eyes_only_is_not_handed_over(chat: Chat) -> None:
    sign(chat, 300)
    proof = chat.says("wang", "凭证")
    chat.says("wang", "转人工")
    line = wanted(chat)[0].talk[0]
    assert line == TalkLine(line.at, "said", "凭证", "proof_link", None)
    token: str = proof.token  # type: ignore[attr-defined]
    assert token
    assert token not in f"{chat.deliveries('sun')}"


def test_every_view_that_opens_something_is_for_the_customers_eyes_only() -> None:
    opening = {
        view.view_name  # type: ignore[attr-defined]
        for view in VIEWS
        if _holds_a_secret(view)
    }
    assert opening == FOR_THEIR_EYES


def _holds_a_secret(part: object) -> bool:
    """Tell whether a view, or what is in it, has a field that opens something."""
    if part is Concealed:
        return True
    if isinstance(part, type) and dataclasses.is_dataclass(part):
        hints = get_type_hints(part)
        names = {field.name for field in dataclasses.fields(part)}
        return bool(names & OPENS_SOMETHING) or any(_holds_a_secret(hints[name]) for name in names)
    return any(_holds_a_secret(inner) for inner in get_args(part))
