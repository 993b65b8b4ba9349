"""What a customer wants, and what staff handed over, in every usual form."""

import pytest

from domain.ids import RewardId
from handlers.parsing.gaps import Part, Why
from handlers.parsing.handing_over import Handled, parse_handled
from handlers.parsing.names import Named, NameIndex
from handlers.parsing.problems import NotPositive, NotWhole, ParseProblem, TooLarge
from handlers.parsing.redeeming import Wanted, WantUnclear, parse_page, parse_wanted

UPKEEP, VOUCHER, BOX = RewardId("upkeep"), RewardId("voucher"), RewardId("box")
REWARDS = NameIndex(
    [
        Named(UPKEEP, "空调保养", "1"),
        Named(VOUCHER, "5,000 元工程款抵用券", "2"),
        Named(BOX, "礼盒 3", "3"),
    ]
)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("空调保养", 1),
        ("空调保养 2", 2),
        ("空调保养 2份", 2),
        ("空调保养2份", 2),
        ("空调保养 两份", 2),
        ("空调保养 ２ 份", 2),
        ("空调保养 十二张", 12),
        ("空调保养 x3", 3),
        ("空调保养 ×3份", 3),
        ("空调保养*3", 3),
        ("空调保养 1百份", 100),
        ("两份空调保养", 2),
        ("空调保养 貳份", 2),
        ("兩份空调保养", 2),
        ("3 份 空调保养", 3),
        ("空调保修 2份", None),
        ("ktby 2份", 2),
        ("kongtiaobaoyang", 1),
    ],
)
def test_how_many_is_understood(text: str, quantity: int | None) -> None:
    found = parse_wanted(text, REWARDS)
    if quantity is None:
        assert isinstance(found, WantUnclear)
        assert found.gaps[0].why is Why.AMBIGUOUS
    else:
        assert found == Wanted(None, UPKEEP, quantity)


@pytest.mark.parametrize(
    ("text", "number", "quantity"),
    [("2", 2, 1), ("#2", 2, 1), ("2 3", 2, 3), ("2 三份", 2, 3), ("２ ｘ ３", 2, 3), ("99", 99, 1)],
)
def test_a_number_names_a_reward(text: str, number: int, quantity: int) -> None:
    assert parse_wanted(text, REWARDS) == Wanted(number, None, quantity)


def test_a_number_that_belongs_to_the_name_is_no_quantity() -> None:
    assert parse_wanted("礼盒 3", REWARDS) == Wanted(None, BOX, 1)
    assert parse_wanted("礼盒 3 2份", REWARDS) == Wanted(None, BOX, 2)
    assert parse_wanted("5000元工程款抵用券", REWARDS) == Wanted(None, VOUCHER, 1)


@pytest.mark.parametrize(
    ("amount", "problem"),
    [
        ("0份", NotPositive),
        ("-1", NotPositive),
        ("负2份", NotPositive),
        ("1.5份", NotWhole),
        ("1000份", TooLarge),
        ("10000000000000000000 份", TooLarge),
    ],
)
def test_t24_what_cannot_be_is_refused_by_its_reason(
    amount: str, problem: type[ParseProblem]
) -> None:
    found = parse_wanted(f"空调保养 {amount}", REWARDS)
    assert isinstance(found, WantUnclear)
    [gap] = found.gaps
    assert (gap.part, gap.why, type(gap.problem)) == (Part.QUANTITY, Why.REFUSED, problem)


@pytest.mark.parametrize("text", ["火星旅行", "两份", "份"])
def test_what_names_nothing_is_missing(text: str) -> None:
    found = parse_wanted(text, REWARDS)
    assert isinstance(found, WantUnclear)
    assert (found.gaps[0].part, found.gaps[0].why) == (Part.REWARD, Why.MISSING)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("", 1),
        ("更多", 2),
        ("更多 3", 3),
        ("第2页", 2),
        ("第 12 页", 12),
        ("下一页", 2),
        ("3", None),
    ],
)
def test_pages_are_asked_for(text: str, page: int | None) -> None:
    assert parse_page(text) == page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12", Handled("12", None, "")),
        ("12 2", Handled("12", 2, "")),
        ("12 两份 首次上门", Handled("12", 2, "首次上门")),
        ("12 貳份 萬先生", Handled("12", 2, "萬先生")),
        ("12 2号楼已装", Handled("12", None, "2号楼已装")),
        ("12 首次上门", Handled("12", None, "首次上门")),
        ("#12 3张 已寄出 SF1", Handled("#12", 3, "已寄出 SF1")),
    ],
)
def test_what_was_handed_over_is_understood(text: str, said: Handled) -> None:
    assert parse_handled(text) == said


@pytest.mark.parametrize("text", ["12 0", "12 1.5份", "12 1000", "12 -1"])
def test_what_cannot_be_handed_over_is_refused(text: str) -> None:
    with pytest.raises(ParseProblem):
        parse_handled(text)
