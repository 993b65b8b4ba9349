"""The talk on a call's card: what it quotes, what it can't, and calls an earlier release queued."""

from typing import Any

import pytest

from bot.codec import view_to_json
from bot.presenter import CardFault, Form, Presenter
from handlers.incoming import MediaKind
from handlers.views import BindAsk, DidYouMean, PersonComing, PersonWantedCard, TalkLine
from tests.cards.examples import (
    EXAMPLES,
    PRESENTER,
    PUBLIC_URL,
    TEMPLATES,
    as_it_stands,
    has_card,
)
from tests.cards.test_catalogue import WORDS

AT = "2026-11-27T16:04:59+00:00"
NEW_FIELDS = {"cause", "talk", "examples", "is_called", "wants_person", "is_missed", "guesses"}


def card(*lines: TalkLine) -> dict[str, Any]:
    return view_to_json(PersonWantedCard("滨江置业", "王建国", "13800138000", talk=lines))


def quoted(*lines: TalkLine) -> list[str]:
    """Give how lines of a talk are worded."""
    rendered = PRESENTER.render("person_wanted_card", card(*lines), Form.PLAIN)
    return rendered.text.split("\n")[-len(lines) :]


def test_times_are_the_firms() -> None:
    assert quoted(TalkLine(AT, "said", "余额")) == ["00:04「余额」"]


def test_everything_that_can_be_sent_has_words() -> None:
    assert set(WORDS["sent"]) == {"pressed", *MediaKind}
    for kind, word in WORDS["sent"].items():
        assert quoted(TalkLine(AT, kind, "")) == [f"00:04「（{word}）」"]


@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if not name.startswith("voucher_codes")]
)
def test_every_answer_can_be_quoted(name: str) -> None:
    view = EXAMPLES[name]
    line = TalkLine(AT, "said", "余额", view.view_name, view_to_json(view))
    [shown] = quoted(line)
    begin = PRESENTER.render(view.view_name, view_to_json(view), Form.PLAIN).text.split("\n")[0]
    assert shown.startswith(f"00:04「余额」→ {begin[:20]}")
    assert len(shown) <= len("00:04「余额」→ ") + 30


def test_what_can_no_longer_be_quoted_is_left_out_and_reported() -> None:
    faults: list[CardFault] = []
    presenter = Presenter(TEMPLATES, public_url=PUBLIC_URL, report=faults.append)
    gone = TalkLine(AT, "said", "甲", "view_of_long_ago", {})
    changed = TalkLine(AT, "said", "乙", "balance", {"points": 50})
    for form in (Form.WECOM, Form.DINGTALK):
        rendered = presenter.render("person_wanted_card", card(gone, changed), form)
        assert rendered.text.split("\n")[-2:] == ["00:04「甲」", "00:04「乙」"]
        assert rendered.card is not None
    assert {(fault.view, fault.form) for fault in faults} == {
        ("view_of_long_ago", Form.PLAIN),
        ("balance", Form.PLAIN),
    }


def test_codes_are_not_opened_even_if_they_were_quoted() -> None:
    presenter = Presenter(TEMPLATES, public_url=PUBLIC_URL, reveal=as_it_stands)
    codes = view_to_json(EXAMPLES["voucher_codes.normal"])
    assert codes["codes"]
    quoted = card(TalkLine(AT, "said", "甲", "voucher_codes", codes))
    for form in (Form.PLAIN, Form.WECOM, Form.DINGTALK):
        shown = presenter.render("person_wanted_card", quoted, form)
        # What the voucher is stands first; what it takes to use it comes behind.
        assert shown.text.endswith("\n00:04「甲」→ 您的券码：5,000 元工程款抵用券")
        for voucher in codes["codes"]:
            assert voucher["code"]["concealed"] not in f"{shown.text} {shown.card}"


@pytest.mark.parametrize(
    "view",
    [
        PersonWantedCard("滨江置业", "王建国", "13800138000"),
        PersonComing("陈静"),
        BindAsk(is_kept=True),
        DidYouMean(("余额",)),
        DidYouMean(()),
    ],
    ids=lambda view: str(view.view_name),
)
def test_rows_of_an_earlier_release_are_still_shown(view: Any) -> None:
    new = NEW_FIELDS - ({"guesses"} if isinstance(view, DidYouMean) else set())
    whole = view_to_json(view)
    earlier = {name: value for name, value in whole.items() if name not in new}
    assert earlier != whole
    for form in (form for form in Form if form is Form.PLAIN or has_card(view, form)):
        shown = PRESENTER.render(view.view_name, earlier, form)
        assert shown == PRESENTER.render(view.view_name, whole, form)
