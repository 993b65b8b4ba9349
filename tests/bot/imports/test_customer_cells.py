"""Cells of a sheet of customers: people with their phones, payment days."""

from typing import Any

import pytest

from bot.imports import customer_cells
from bot.imports.problems import Bad, FileFault


@pytest.mark.parametrize(
    ("names", "phones", "people"),
    [
        ("王建国", "13800138000", [("王建国", "13800138000")]),
        ("王建国", "138 0013 8000", [("王建国", "13800138000")]),
        ("王建国", 13800138000.0, [("王建国", "13800138000")]),
        ("王工13800138000/陈工", None, [("王工/陈工", "13800138000")]),
        (
            "王工:13800138000\n陈工(13900139001)",
            None,
            [("王工", "13800138000"), ("陈工", "13900139001")],
        ),
        (
            "王工；陈工",
            "13800138000/13900139001",
            [("王工", "13800138000"), ("陈工", "13900139001")],
        ),
        (
            "王工 13800138000、陈工",
            "13900139001",
            [("王工", "13800138000"), ("陈工", "13900139001")],
        ),
        ("王工、陈工", None, [("王工", None), ("陈工", None)]),
        (None, None, []),
        ("无", "-", []),
    ],
)
def test_people_are_read_with_their_phones(
    names: Any, phones: Any, people: list[tuple[str, str | None]]
) -> None:
    assert customer_cells.read_people(names, phones) == (people, [])


@pytest.mark.parametrize(
    ("names", "phones", "lost"),
    [
        ("王工 139", None, []),
        ("王工 1390013", None, [("not_a_phone", "1390013", False)]),
        ("王工", "0571-88886666", [("not_a_phone", "0571-88886666", True)]),
        ("王工", "总机转", [("not_a_phone", "总机转", True)]),
        ("13800138000", None, [("phone_alone", "13800138000", False)]),
        (None, "13800138000", [("phone_alone", "13800138000", True)]),
    ],
)
def test_what_is_not_kept_of_people_is_said(
    names: Any, phones: Any, lost: list[tuple[str, str, bool]]
) -> None:
    _, found = customer_cells.read_people(names, phones)
    assert [(str(one.code), one.found, one.is_phone) for one in found] == lost


@pytest.mark.parametrize(
    ("names", "phones"),
    [("王工、陈工", "13800138000"), ("王工", "13800138000、13900139001")],
)
def test_whose_phone_it_is_must_be_told(names: str, phones: str) -> None:
    with pytest.raises(Bad) as bad:
        customer_cells.read_people(names, phones)
    assert bad.value.code is FileFault.MANY_PHONES


@pytest.mark.parametrize(
    ("value", "days"),
    [
        *((30, 30), ("45天", 45), ("60 日", 60), ("3个月", 90), ("2月", 60)),
        *(("现结", 0), (30.0, 30)),
    ],
)
def test_payment_days_are_read_as_people_say_them(value: Any, days: int) -> None:
    assert customer_cells.read_payment_days(value) == days
