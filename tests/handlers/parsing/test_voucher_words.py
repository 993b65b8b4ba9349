"""What is typed after 核销."""

import pytest

from domain.errors import VoucherMistyped
from domain.voucher_codes import complete, grouped
from handlers.parsing.problems import NotPositive, NotWhole, ParseProblem, TooLarge
from handlers.parsing.vouchers import UseAsked, parse_use

CODE = complete("K7QD3M9X0123ABCD")


@pytest.mark.parametrize(
    ("rest", "amount", "project"),
    [
        ("", None, ""),
        ("5000", 500_000, ""),
        ("5000元", 500_000, ""),
        ("5000 元", 500_000, ""),
        ("5000 元 滨江一期", 500_000, "滨江一期"),
        ("五千 滨江 一期", 500_000, "滨江 一期"),
        ("2,000.50 P001", 200_050, "P001"),
        ("滨江一期", None, "滨江一期"),
        ("滨江 一期", None, "滨江 一期"),
        ("元 滨江", None, "元 滨江"),
        ("，5000", 500_000, ""),
        ("５０００", 500_000, ""),
        ("²", None, "²"),
    ],
)
def test_amount_and_project_may_be_left_out(rest: str, amount: int | None, project: str) -> None:
    assert parse_use(f"{grouped(CODE)} {rest}") == UseAsked(CODE, amount, project)


@pytest.mark.parametrize(
    ("rest", "problem"),
    [("0", NotPositive), ("-3", NotPositive), ("1.001", NotWhole), ("9" * 20, TooLarge)],
)
def test_what_looks_like_an_amount_and_is_none_is_refused(
    rest: str, problem: type[ParseProblem]
) -> None:
    with pytest.raises(problem):
        parse_use(f"{CODE} {rest}")


def test_without_a_code_nothing_is_read() -> None:
    with pytest.raises(VoucherMistyped):
        parse_use("5000 滨江一期")
