"""The presenter: text always, cards when they work, nothing people type breaks out, and fast."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from jinja2 import UndefinedError
from structlog.testing import capture_logs

from bot.codec import view_to_json
from bot.presenter import CardFault, Form, Presenter, TextFault, cleaning, filters as f, rendering
from bot.presenter.cleaning import clean, clean_data, clean_link
from storage.cipher import AesGcmCipher
from tests.cards.examples import CARDS, EXAMPLES, TEMPLATES

PUBLIC_URL = "https://zhufen.example.com"


class Faults(list[CardFault]):
    """What the presenter reported."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of templates with nothing but empty word tables and a text."""
    (tmp_path / "parts").mkdir()
    for name in ("words", "command_words"):
        (tmp_path / "parts" / f"{name}.toml").write_text("")
    write(tmp_path, "plain.txt.j2", "{{ name }} {{ points | signed }}")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    view = folder / "cards" / "sample"
    view.mkdir(parents=True, exist_ok=True)
    (view / name).write_text(text, encoding="utf-8")


def present(folder: Path, form: Form, faults: Faults | None = None, **data: Any) -> Any:
    report = (faults if faults is not None else Faults()).append
    presenter = Presenter(folder, public_url=PUBLIC_URL, report=report)
    return presenter.render("sample", {"name": "王建国", "points": 50, **data}, form)


def test_text_comes_with_every_form_and_a_card_only_where_there_is_one(folder: Path) -> None:
    write(folder, "wecom.json.j2", '{"card_type": {{ name }} }')
    rendered = {form: present(folder, form) for form in Form}
    assert {r.text for r in rendered.values()} == {"王建国 +50"}
    assert rendered[Form.WECOM].card == {"card_type": "王建国"}
    assert [rendered[form].card for form in Form if form is not Form.WECOM] == [None] * 3
    assert rendered[Form.WECOM].view == "sample"


@pytest.mark.parametrize(
    "template",
    [
        '{"title": {{ no_such_field }} }',
        '{"title": {{ name }}, }',
        "[{{ name }}]",
        '{"title": {{ name | no_such_filter }} }',
        '{"title": {{ name | day }} }',
        '{"title": {{ name.missing.deeper }} }',
        '{"title": {{ points / 0 }} }',
        '{"title": {{ points | clip(3) }} }',
        '{% include "no/such/part.json.j2" %}',
        '{"title": {% if %} }',
    ],
)
def test_broken_card_is_reported_and_its_text_goes_out(folder: Path, template: str) -> None:
    write(folder, "wecom.json.j2", template)
    faults = Faults()
    rendered = present(folder, Form.WECOM, faults)
    assert (rendered.text, rendered.card) == ("王建国 +50", None)
    assert [(fault.view, fault.form) for fault in faults] == [("sample", Form.WECOM)]


def test_missing_field_is_named_in_the_report(folder: Path) -> None:
    write(folder, "kf.json.j2", '{"title": {{ no_such_field }} }')
    faults = Faults()
    present(folder, Form.KF, faults)
    assert isinstance(faults[0].error, UndefinedError)
    assert "no_such_field" in str(faults[0].error)


def test_broken_card_is_logged_without_content(folder: Path) -> None:
    write(folder, "wecom.json.j2", '{"title": {{ name | day }} }')
    with capture_logs() as logs:
        Presenter(folder, public_url=PUBLIC_URL).render(
            "sample", {"name": "王建国", "points": 50}, Form.WECOM
        )
    assert logs == [
        {
            "event": "card_template_failed",
            "log_level": "error",
            "view": "sample",
            "form": "wecom",
            "error": "ValueError",
        }
    ]


@pytest.mark.parametrize("template", ["{{ no_such_field }}", "{{ nothing }}", "{% if %}"])
def test_broken_text_keeps_the_message_back(folder: Path, template: str) -> None:
    write(folder, "plain.txt.j2", template)
    with pytest.raises(TextFault) as fault:
        present(folder, Form.PLAIN, nothing=None)
    assert str(fault.value) == "sample"


def test_unknown_view_is_a_text_fault() -> None:
    with pytest.raises(TextFault):
        Presenter(TEMPLATES, public_url=PUBLIC_URL).render("no_such_view", {}, Form.PLAIN)


def test_notice_about_an_unknown_view_is_a_text_fault() -> None:
    view = EXAMPLES["tell_customer.normal"]
    data = {**view_to_json(view), "about_view": "no_such_view"}
    with pytest.raises(TextFault):
        Presenter(TEMPLATES, public_url=PUBLIC_URL).render(view.view_name, data, Form.PLAIN)


def test_notice_of_a_view_without_a_body_is_its_plain_text() -> None:
    view = EXAMPLES["tell_customer.normal"]
    about = {"about_view": "failure", "about_data": {"reference": "01KREF"}}
    text = Presenter(TEMPLATES, public_url=PUBLIC_URL).render(
        view.view_name, {**view_to_json(view), **about}, Form.PLAIN
    )
    assert "01KREF" in text.text


def test_values_are_encoded_and_cannot_leave_their_place(folder: Path) -> None:
    write(
        folder, "wecom.json.j2", '{"a": {{ name }}, "b": {{ "「" ~ name ~ "」" }}, "c": [null, 1]}'
    )
    name = 'x", "b": "y</script>{{7*7}}'
    card = present(folder, Form.WECOM, name=name).card
    wide = 'x", "b": "y＜/script＞{{7＊7}}'
    assert card == {"a": wide, "b": f"「{wide}」", "c": [1]}


def test_text_longer_than_a_message_is_cut_with_a_sign(folder: Path) -> None:
    text = present(folder, Form.PLAIN, name="好" * 1000).text
    assert len(text.encode()) <= 2048
    assert text.endswith("好…")


@given(st.lists(st.text("ab \n", max_size=6), max_size=8), st.integers(1, 20))
def test_text_worded_only_as_far_as_it_is_shown_is_the_cut_text(
    pieces: list[str], most: int
) -> None:
    whole = rendering._tidy("".join(pieces))
    assert f.clip(rendering._begin(pieces, most), most) == f.clip(whole, most)


@given(st.lists(st.text("ab \n", max_size=6), max_size=8), st.integers(1, 20))
@example(["a  ", " b"], 2)
def test_a_first_line_worded_only_as_far_as_it_is_shown_is_the_cut_line(
    pieces: list[str], most: int
) -> None:
    line = rendering._tidy("".join(pieces)).partition("\n")[0]
    assert f.clip(rendering._first_line(pieces, most), most) == f.clip(line, most)


def test_what_is_cut_off_is_not_worded(folder: Path) -> None:
    write(folder, "title.txt.j2", "{{ name }}{{ name }}{{ no_such_field }}")
    write(folder, "plain.txt.j2", '{{ wording("cards/sample/title.txt.j2", most=5) }}')
    assert present(folder, Form.PLAIN).text == "王建国王…"
    write(folder, "plain.txt.j2", '{{ wording("cards/sample/title.txt.j2", most=6) }}')
    with pytest.raises(TextFault):
        present(folder, Form.PLAIN)


def test_field_called_like_a_method_of_dictionaries_is_shown(folder: Path) -> None:
    write(folder, "plain.txt.j2", "{{ order.items }} {{ order.get('items') }}")
    assert present(folder, Form.PLAIN, order={"items": 3}).text == "3 3"


def test_empty_lines_and_indentation_of_templates_do_not_show(folder: Path) -> None:
    write(folder, "plain.txt.j2", "\n{% if points %}\n  {{ name }}\n\n\n{% endif %}\nb \n")
    assert present(folder, Form.PLAIN).text == "王建国\nb"


def test_public_address_is_given_to_cards() -> None:
    view = EXAMPLES["record_done.normal"]
    presenter = Presenter(TEMPLATES, public_url="https://punkte.example.org")
    card = presenter.render(view.view_name, view_to_json(view), Form.WECOM).card
    assert card is not None
    assert card["card_action"] == {"type": 1, "url": "https://punkte.example.org"}


def test_rendering_any_card_takes_less_than_a_millisecond() -> None:
    presenter = Presenter(TEMPLATES, public_url=PUBLIC_URL)
    slow = []
    for name, form in CARDS:
        view = EXAMPLES[name]
        data = view_to_json(view)
        presenter.render(view.view_name, data, form)
        # On a busy machine most tries are somebody else's; a slow template is slow in all of them.
        tries = (_seconds(presenter, view.view_name, data, form) for _ in range(200))
        if not any(seconds < 0.001 for seconds in tries):
            slow.append((name, form))
    assert slow == []


def _seconds(presenter: Presenter, view: str, data: dict[str, Any], form: Form) -> float:
    start = time.perf_counter()
    presenter.render(view, data, form)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (f.signed(50), "+50"),
        (f.signed(-20), "\u221220"),
        (f.signed(0), "0"),
        (f.signed(-1280), "\u22121,280"),
        (f.thousands(1280), "1,280"),
        (f.day("2026-06-30"), "2026-06-30"),
        (f.day("2026-06-30T16:00:00+00:00"), "2026-07-01"),
        (f.day_near("2026-06-30", "2026-11-21T02:30:00+00:00"), "06-30"),
        (f.day_near("2025-12-31T16:30:00+00:00", "2026-11-21"), "01-01"),
        (f.day_near("2025-06-30", "2026-11-21"), "2025-06-30"),
        (f.clock("2026-06-30T06:05:00+00:00"), "06-30 14:05"),
        (f.clock("2026-06-30T23:59:59+08:00"), "06-30 23:59"),
        (f.clock("2026-06-30"), "06-30"),
        (f.clip("滨江一期", 4), "滨江一期"),
        (f.clip("滨江一期工程", 4), "滨江一…"),
        (f.clip("滨 江一期", 3), "滨…"),
        (f.clip("滨江…一期", 4), "滨江…"),
        (f.clip_bytes("滨江一期", 12), "滨江一期"),
        (f.clip_bytes("滨江一期", 11), "滨江…"),
        (f.byte_length("滨a"), 4),
        (f.stars(2), "★★☆☆☆"),
        (f.hard_breaks("a\nb"), "a  \nb"),
    ],
)
def test_formats(shown: object, expected: object) -> None:
    assert shown == expected


@given(st.text(), st.integers(1, 40))
def test_cut_text_has_at_most_so_many_characters(text: str, characters: int) -> None:
    assert len(f.clip(text, characters)) <= characters


@given(st.text(), st.integers(3, 60))
def test_cut_text_has_at_most_so_many_bytes(text: str, size: int) -> None:
    assert len(f.clip_bytes(text, size).encode()) <= size


MARKS = st.text(alphabet="aZ9 :/&;#~_*[]<>@\\`\n\u202e\u200b中＠javscript", max_size=40)


@given(st.text() | MARKS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert json.loads(json.dumps(once)) == once


@given(st.text() | MARKS)
def test_quick_look_never_lets_pass_what_would_be_changed(text: str) -> None:
    assert clean(text) == cleaning._repair(text)


@given(st.text() | MARKS)
def test_cleaned_text_is_one_line_without_markup(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert set("<>[]*`\\@") & set(cleaned) == set()
    assert not cleaned.startswith("#")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("java\u200bscript:alert(1)", "javascript：alert(1)"),
        ("见 https://evil.example/x", "见 https：//evil.example/x"),
        ("&#x6a;avascript", "＆#x6a;avascript"),
        ("a__b _c_", "a＿＿b ＿c＿"),
        ("half \ud800 pair", "half pair"),
    ],
)
def test_links_and_markup_become_text(typed: str, shown: str) -> None:
    assert clean(typed) == shown


def test_address_from_a_platform_stays_only_where_it_belongs() -> None:
    link = "https://work.weixin.qq.com/kfid/kfc?enc_scene=E&scene_param=7K2M9QXA"
    assert clean_data({"link": link, "note": link}, frozenset({"link"})) == {
        "link": link,
        "note": link.replace(":", "："),
    }
    assert clean_link("javascript:alert(1)") == "javascript：alert(1)"
    assert clean_link(f"{link}\n<b>") == clean(f"{link} <b>")


def test_codes_are_opened_in_the_message_that_is_for_their_owner_only() -> None:
    asked: list[str] = []

    def reveal(place: str, concealed: str) -> str:
        asked.append(place)
        return concealed

    view = EXAMPLES["voucher_codes.normal"]
    data = view_to_json(view)
    presenter = Presenter(TEMPLATES, public_url=PUBLIC_URL, reveal=reveal)
    shown = presenter.render(view.view_name, data, Form.KF).text
    assert "K7QD-3M9X-0123-ABCD1" in shown
    assert f"{PUBLIC_URL}/app/voucher/main." in shown
    assert sorted(asked) == ["voucher:main/v-3", "voucher_page:main"]
    task = view_to_json(EXAMPLES["tell_customer.normal"])
    about = {"about_view": view.view_name, "about_data": data}
    for form in Form:
        told = presenter.render("tell_customer", {**task, **about}, form)
        assert "补发券码 12" in told.text
        assert "K7QD" not in f"{told.text}{told.card}".replace("-", "")
    assert len(asked) == 2


def test_codes_that_can_not_be_opened_keep_the_message_back() -> None:
    view = EXAMPLES["voucher_codes.normal"]
    data = view_to_json(view)
    cipher = AesGcmCipher(bytes(32))
    for presenter in (
        Presenter(TEMPLATES, public_url=PUBLIC_URL),
        Presenter(TEMPLATES, public_url=PUBLIC_URL, reveal=cipher.reveal),
    ):
        with pytest.raises(TextFault):
            presenter.render(view.view_name, data, Form.PLAIN)
    assert cipher.reveal("here", cipher.encrypt("CODE", "here")) == "CODE"
