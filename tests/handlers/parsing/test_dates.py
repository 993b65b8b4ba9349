"""Days inside sentences, borders of years and months, and refusals with their fields."""

from datetime import date

import pytest

from handlers.parsing.dates import EARLIEST, DateFound, find_date, parse_date
from handlers.parsing.problems import DateOutOfRange, ImpossibleDate
from tests.handlers.parsing.town import TODAY


@pytest.mark.parametrize(
    ("text", "phrase", "day"),
    [
        ("滨江一期 主体昨天验收通过", "昨天", date(2026, 6, 16)),
        ("上周五下午3点半主体验收", "上周五下午3点半", date(2026, 6, 12)),
        ("主体６月３０日前验收", "６月３０日", date(2026, 6, 30)),
        ("回款50万 6.10", "6.10", date(2026, 6, 10)),
        ("06-10 主体", "06-10", date(2026, 6, 10)),
        ("路基 6/12 合格", "6/12", date(2026, 6, 12)),
        ("第20260610号文", "20260610", date(2026, 6, 10)),
        ("三日后复验", "三日后", date(2026, 6, 20)),
        ("6月10日 8:30 开会", "6月10日 8:30", date(2026, 6, 10)),
        ("6.10 主体 昨天", "昨天", date(2026, 6, 16)),
        ("13.5 和 6.10", "6.10", date(2026, 6, 10)),
    ],
)
def test_a_day_is_found_where_it_stands(text: str, phrase: str, day: date) -> None:
    found = find_date(text, TODAY)
    assert found is not None
    assert (text[found.start : found.end], found.date) == (phrase, day)


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "3号楼验收通过",
        "15号线",
        "第3号文",
        "目前天气不错",
        "以后天天来",
        "每周一例会",
        "3日内整改",
        "层高3.5米",
        "版本1.2.3",
        "1-2期验收",
        "单价6.10元",
        "6月30万回款",
        "20991301",
        "32.15",
    ],
)
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert find_date(text, TODAY) is None


def test_a_bare_number_pair_is_marked_as_less_clear() -> None:
    assert find_date("昨天", TODAY) == DateFound(date(2026, 6, 16), 0, 2)
    assert find_date("6.10", TODAY) == DateFound(date(2026, 6, 10), 0, 4, is_clear=False)


def test_a_day_that_no_calendar_has_is_refused_with_its_parts() -> None:
    with pytest.raises(ImpossibleDate) as refused:
        find_date("主体2月30日通过", TODAY)
    assert (refused.value.year, refused.value.month, refused.value.day) == (None, 2, 30)
    with pytest.raises(ImpossibleDate) as refused:
        parse_date("2026年2月29日", today=TODAY)
    assert (refused.value.year, refused.value.month, refused.value.day) == (2026, 2, 29)


def test_a_day_far_away_is_refused_with_the_range() -> None:
    with pytest.raises(DateOutOfRange) as refused:
        parse_date("2099-01-01", today=TODAY)
    assert refused.value.earliest == EARLIEST
    assert refused.value.latest == date(2036, 12, 31)
    assert parse_date("2036-12-31", today=TODAY) == date(2036, 12, 31)
    assert parse_date("2000-01-01", today=TODAY) == date(2000, 1, 1)


def test_yesterday_crosses_month_and_year() -> None:
    assert parse_date("昨天", today=date(2026, 1, 1)) == date(2025, 12, 31)
    assert parse_date("前天", today=date(2024, 3, 1)) == date(2024, 2, 28)


def test_a_day_without_year_is_the_nearest_in_the_preferred_direction() -> None:
    new_year = date(2026, 1, 5)
    assert parse_date("12月30日", today=new_year) == date(2025, 12, 30)
    assert parse_date("12月30日", today=new_year, prefer="future") == date(2025, 12, 30)
    assert parse_date("3月1日", today=new_year) == date(2025, 3, 1)
    assert parse_date("3月1日", today=new_year, prefer="future") == date(2026, 3, 1)
    assert parse_date("1月20日", today=new_year) == date(2026, 1, 20)


def test_leap_day_without_year_is_taken_from_a_near_leap_year() -> None:
    assert parse_date("2月29日", today=date(2025, 3, 1)) == date(2024, 2, 29)
    assert parse_date("2月29日", today=date(2027, 12, 1), prefer="future") == date(2028, 2, 29)


def test_a_day_of_the_month_skips_months_without_it() -> None:
    assert parse_date("31号", today=date(2026, 5, 2)) == date(2026, 3, 31)
    assert parse_date("31号", today=date(2026, 6, 10), prefer="future") == date(2026, 7, 31)


def test_months_ago_keep_the_day_or_take_the_last_one() -> None:
    assert parse_date("一个月前", today=date(2026, 3, 31)) == date(2026, 2, 28)
    assert parse_date("一个月后", today=date(2026, 1, 15)) == date(2026, 2, 15)


def test_weekdays_count_from_monday() -> None:
    sunday = date(2026, 6, 21)
    assert parse_date("周日", today=sunday) == sunday
    assert parse_date("上周日", today=sunday) == date(2026, 6, 14)
    assert parse_date("周一", today=sunday) == date(2026, 6, 15)
    assert parse_date("周一", today=sunday, prefer="future") == date(2026, 6, 22)
    assert parse_date("周6", today=sunday) == date(2026, 6, 20)


def test_month_end_knows_leap_years() -> None:
    assert parse_date("2024年2月底", today=TODAY) == date(2024, 2, 29)
    assert parse_date("上月末", today=date(2024, 3, 5)) == date(2024, 2, 29)
