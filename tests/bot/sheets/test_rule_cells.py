"""Cells that hold several lines: conditions, steps, caps."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sheets.problems import Wrong
from bot.sheets.reading import CellError, CellValue
from bot.sheets.rule_cells import read_caps, read_conditions, read_steps
from domain.events import EventType
from domain.rules.fields import FieldKind
from domain.rules.model import Cap, Scope, Step, Window
from tests.domain.rules.making import where

AMOUNT, NUMBER = FieldKind.AMOUNT, FieldKind.NUMBER
SIGNED = EventType.CONTRACT_SIGNED
ROUND = 1_000_000
"""Ten thousand yuan in fen."""


def refused(read: Callable[[Any], object], value: CellValue) -> str:
    with pytest.raises(Wrong) as wrong:
        read(value)
    return wrong.value.code.value


def test_conditions_stand_one_a_line() -> None:
    text = (
        "金额  不少于 10万\n\n 客户类型 属于 政府、能源 \n金额 属于 1,000；2万\n客户分群 不是 沉默"
    )
    assert read_conditions(SIGNED, text) == (
        where("amount", "ge", 10 * ROUND),
        where("customer.type", "in", ("政府", "能源")),
        where("amount", "in", (100_000, 2 * ROUND)),
        where("customer.segments", "ne", "沉默"),
    )
    assert read_conditions(EventType.COMPLAINT_CLOSED, "满意 是 否") == (
        where("satisfied", "eq", value=False),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("金额", "not_a_condition"),
        ("金额 大于", "not_a_condition"),
        ("高度 大于 5", "not_a_condition"),
        ("金额 约 5", "not_a_condition"),
        ("金额 是 1、2", "not_a_condition"),
        ("金额 大于 很多", "not_a_number"),
        (CellError("#REF!"), "formula_error"),
    ],
)
def test_what_is_no_condition_is_refused(text: CellValue, code: str) -> None:
    assert refused(lambda one: read_conditions(SIGNED, one), text) == code


def test_steps_and_caps_stand_one_a_line() -> None:
    assert read_steps(AMOUNT, "10万：50\n20万: 90分") == (
        Step(10 * ROUND, 50),
        Step(20 * ROUND, 90),
    )
    assert read_steps(NUMBER, "-3：0") == (Step(-3, 0),)
    assert read_caps("每个客户 每月 500分 3次\n全部 累计 2次") == (
        Cap(Scope.CUSTOMER, Window.MONTH, 500, 3),
        Cap(Scope.TENANT, Window.EVER, times=2),
    )


@pytest.mark.parametrize("text", ["10万", "10万：", "：5", "10万：-5", "很多：5"])
def test_what_is_no_step_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(Wrong) as wrong:
        read_steps(AMOUNT, f"1万：1\n{text}")
    assert (wrong.value.code, wrong.value.data["line"]) == ("not_a_step", 2)


@pytest.mark.parametrize(
    "text",
    [
        "每个客户",
        "每人 每月 5分",
        "每个客户 每世纪 5分",
        "每个客户 每月 5",
        "每个客户 每月 5分 6分",
        "每个客户 每月 五五分",
    ],
)
def test_what_is_no_cap_is_refused_with_its_line(text: str) -> None:
    assert refused(read_caps, text) == "not_a_cap"
