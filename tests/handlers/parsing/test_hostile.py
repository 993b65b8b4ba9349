"""No text, however made, breaks a grammar or keeps it busy."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given, settings, strategies as st

from handlers.parsing.adjusting import parse_adjustment
from handlers.parsing.amounts import parse_money_fen, parse_points
from handlers.parsing.commands import split_command
from handlers.parsing.dates import find_date, parse_date
from handlers.parsing.normalise import MAX_CHARACTERS, is_empty_talk, normalise, same_length_fold
from handlers.parsing.numbers import parse_number
from handlers.parsing.problems import ParseProblem
from handlers.parsing.sentences import (
    RecordFound,
    ReviewFound,
    parse_invite,
    parse_record,
    parse_review,
)
from tests.handlers.parsing.stopwatch import busy_seconds
from tests.handlers.parsing.town import (
    CUSTOMERS,
    PROJECTS,
    TODAY,
    VOCABULARY,
    milestones_of,
)

GRAMMARS: dict[str, Callable[[str], object]] = {
    "normalise": normalise,
    "is_empty_talk": is_empty_talk,
    "parse_points": parse_points,
    "parse_money_fen": parse_money_fen,
    "parse_date": lambda text: parse_date(text, today=TODAY),
    "find_date": lambda text: find_date(text, TODAY),
    "rank": PROJECTS.rank,
    "split_command": lambda text: split_command(text, VOCABULARY),
    "parse_record": lambda text: parse_record(
        text, projects=PROJECTS, milestones_of=milestones_of, today=TODAY
    ),
    "parse_review": lambda text: parse_review(text, PROJECTS),
    "parse_invite": lambda text: parse_invite(text, CUSTOMERS),
    "parse_adjustment": lambda text: parse_adjustment(text, CUSTOMERS),
    "parse_number": parse_number,
}

WORDS = (
    *"0123456789一二两三五十百千万亿零点半元块角分整年月日号天周底初前后上下个星★-−.,，。/@[]?？负¥wk",
    *(
        "滨江",
        "一期",
        "bjyq",
        "主体",
        "竣工验收",
        "昨天",
        "上周",
        "验收",
        "通过",
        "未",
        "没有",
        "不",
        "全部",
        "了",
        "吗",
    ),
    *(
        "余额",
        "积分",
        "评价",
        "查",
        "我的",
        "13800138000",
        "王建国",
        "有限公司",
        " ",
        "\u3000",
        "\u200b",
        "²",
        "𠮷",
        "😀",
    ),
)
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=14).map("".join))


@pytest.mark.parametrize("name", GRAMMARS)
@given(text=texts)
@example(text="\ud800")
@example(text="ﷺ" * 50)
@settings(max_examples=150, deadline=None)
def test_no_text_raises_anything_but_a_parse_problem(name: str, text: str) -> None:
    with suppress(ParseProblem):
        GRAMMARS[name](text)


@given(text=texts)
@settings(max_examples=150, deadline=None)
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    clean = normalise(text)
    assert normalise(clean) == clean
    assert len(clean) <= MAX_CHARACTERS
    assert clean == " ".join(clean.split())
    assert not set(clean) & set("\x00\u200b\u200e\u202e\ufeff")
    clean.encode()


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_folding_in_place_never_moves_anything(text: str) -> None:
    assert len(same_length_fold(text)) == len(text)


@given(text=texts, today=st.dates(date(2002, 1, 1), date(2100, 12, 31)))
@settings(max_examples=150, deadline=None)
def test_a_found_day_stands_where_it_is_said_to(text: str, today: date) -> None:
    try:
        found = find_date(text, today)
    except ParseProblem:
        return
    if found:
        assert 0 <= found.start < found.end <= len(text)
        assert date(2000, 1, 1) <= found.date <= date(today.year + 10, 12, 31)


@given(text=texts)
@settings(max_examples=150, deadline=None)
def test_what_is_found_is_within_its_limits(text: str) -> None:
    found = parse_record(text, projects=PROJECTS, milestones_of=milestones_of, today=TODAY)
    if isinstance(found, RecordFound):
        assert found.occurred_on <= TODAY
    else:
        assert found.gaps
    review = parse_review(text, PROJECTS)
    if isinstance(review, ReviewFound):
        assert 1 <= review.stars <= 5
    else:
        assert review.gaps


@given(points=st.integers(1, 1_000_000_000))
@settings(max_examples=100, deadline=None)
def test_plain_numbers_are_read_as_they_are(points: int) -> None:
    assert parse_points(str(points)) == points
    assert parse_points(f"{points:,}") == points
    assert parse_money_fen(f"{points // 100}.{points % 100:02}元") == points


def _chinese(number: int) -> str:
    """Write a number below 10^8 as a schoolbook does."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        joint = "零" if 0 < low < 1000 else ""
        return f"{_chinese(high)}万{joint}{_chinese(low) if low else ''}"
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            written += ("零" if gap and written else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return written


@given(points=st.integers(1, 99_999_999))
@settings(max_examples=200, deadline=None)
def test_schoolbook_numerals_are_read_back(points: int) -> None:
    assert parse_points(_chinese(points)) == points
    assert parse_money_fen(_chinese(points) + "元整") == points * 100


@pytest.mark.parametrize("name", GRAMMARS)
@pytest.mark.parametrize(
    "unit",
    [
        *("1", "1 ", "1.", "1,", "一", "十", "零", "万", "2026-", "上个月", "三个", "二〇"),
        *("滨江", "滨江一期", "主体 ", "验收", "全部", "没有", "。", "的", "查", "看", "还有"),
        *(
            "a",
            "a ",
            "@a ",
            "[a]",
            "/",
            "★",
            "星",
            "13800138000 ",
            "ﷺ",
            "x\u0301",
            "²a",
            " ",
            "\u200b",
        ),
    ],
)
def test_twenty_thousand_characters_take_less_than_fifty_milliseconds(name: str, unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert busy_seconds(lambda: GRAMMARS[name](text)) < 0.05
