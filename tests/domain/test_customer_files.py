"""Credit codes, fields of a type, and filling a file's gaps."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from domain.customer_files import (
    TEXT_MAX,
    Details,
    FieldKind,
    TypeField,
    check_letter,
    clean_aliases,
    fill_gaps,
    read_credit_code,
    read_fields,
    read_value,
)
from domain.errors import InvalidCreditCode, InvalidField, UnknownField

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Published by the firms themselves; the first is the standard's own example.
REAL = ["91350100M000100Y43", "914403001922038216", "91110000802100433B", "91330100799655058B"]
TEXT, NUMBER = (
    TypeField("政府", "主管部门", FieldKind.TEXT),
    TypeField("政府", "预算年度", FieldKind.NUMBER),
)
DAY = TypeField("政府", "立项", FieldKind.DATE)
CHOICE = TypeField("能源", "类别", FieldKind.CHOICE, ("电网", "油气"))
CATALOGUE = [TEXT, NUMBER, DAY, CHOICE]


@pytest.mark.parametrize("code", REAL)
def test_real_credit_codes_are_read(code: str) -> None:
    assert read_credit_code(code) == code


@pytest.mark.parametrize(
    "typed",
    ["91350100 M000 100Y43", "９１３５０１００ｍ０００１００ｙ４３", "91350100-M000100Y4-3"],
)
def test_a_credit_code_is_read_in_any_width_case_and_grouping(typed: str) -> None:
    assert read_credit_code(typed) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "length"),
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y433", "length"),
        ("91350100M000100Y4O", "letters"),
        ("9135010中M000100Y43", "letters"),
        ("91350100M000100Y44", "check"),
        ("91350100M000100Y34", "check"),
    ],
)
def test_what_is_no_credit_code_is_refused_with_why(typed: str, problem: str) -> None:
    with pytest.raises(InvalidCreditCode) as refused:
        read_credit_code(typed)
    assert (refused.value.asked, refused.value.problem) == (typed, problem)


@given(st.text(LETTERS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(LETTERS))
def test_one_wrong_letter_never_passes(body: str, place: int, letter: str) -> None:
    code = body + check_letter(body)
    assert read_credit_code(code) == code
    changed = code[:place] + letter + code[place + 1 :]
    if changed != code:
        with pytest.raises(InvalidCreditCode):
            read_credit_code(changed)


@given(st.text(LETTERS, min_size=17, max_size=17), st.integers(0, 15))
def test_two_neighbours_in_the_wrong_order_never_pass(body: str, place: int) -> None:
    code = body + check_letter(body)
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if turned != code:
        with pytest.raises(InvalidCreditCode):
            read_credit_code(turned)


@pytest.mark.parametrize(
    ("known", "typed", "kept"),
    [
        (TEXT, " 住建局  二处 ", "住建局 二处"),
        (NUMBER, "２０２６", "2026"),
        (NUMBER, "1,250.5", "1250.5"),
        (NUMBER, "-3", "-3"),
        (DAY, "2026/6/30", "2026-06-30"),
        (DAY, "2026.06.30", "2026-06-30"),
        (CHOICE, "油气", "油气"),
    ],
)
def test_values_are_kept_in_one_form(known: TypeField, typed: str, kept: str) -> None:
    assert read_value(known, typed) == kept
    assert read_value(known, kept) == kept


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        (TEXT, " "),
        (TEXT, "长" * (TEXT_MAX + 1)),
        (NUMBER, "明年"),
        (NUMBER, "1.23456"),
        (DAY, "2026-02-30"),
        (DAY, "明年"),
        (CHOICE, "煤"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(known: TypeField, typed: str) -> None:
    with pytest.raises(InvalidField) as refused:
        read_value(known, typed)
    assert refused.value.name == known.name
    assert refused.value.kind == known.kind
    assert refused.value.choices == known.choices


def test_fields_are_those_of_the_type() -> None:
    assert read_fields("政府", CATALOGUE, {"预算年度": "2026"}) == {"预算年度": "2026"}
    assert read_fields("地产", CATALOGUE, {}) == {}
    with pytest.raises(UnknownField) as refused:
        read_fields("政府", CATALOGUE, {"类别": "电网"})
    assert refused.value.known == ("主管部门", "预算年度", "立项")


def test_aliases_are_sorted_and_say_something() -> None:
    assert clean_aliases(["滨江 ", "滨江", "", "江滨", "滨江置业"], ["滨江置业"]) == (
        "江滨",
        "滨江",
    )


def test_gaps_are_filled_and_what_is_known_stays() -> None:
    known = Details("滨江置业有限公司", "A", "", None, ("滨江",), {"区域": "华东"})
    given_ = Details("滨江置业公司", "A", "路 1 号", 0, ("江滨",), {"区域": "华南", "集团": "滨"})
    filled, differing = fill_gaps(known, given_)

    assert filled == Details(
        "滨江置业有限公司", "A", "路 1 号", 0, ("江滨", "滨江"), {"区域": "华东", "集团": "滨"}
    )
    assert differing == ("full_name", "区域")
    assert fill_gaps(known, Details()) == (known, ())
    assert fill_gaps(filled, replace(given_, payment_days=3))[1] == (
        "full_name",
        "payment_days",
        "区域",
    )
