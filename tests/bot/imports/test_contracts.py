"""Sheets of contracts: added once to the customers there are, everything wrong said."""

from datetime import date
from typing import Any

import pytest

from bot.imports.filing import Filer, FileSummary
from bot.imports.problems import word_place, word_row_problem
from tests.bot.imports.conftest import Firm, ignore
from tests.support.stores import MAIN

HEADINGS = "合同编号,合同名称,客户,项目,合同金额（万元）,签订日期\n"
GOOD = HEADINGS + "HT-1,一期总包,滨江置业,滨江一期,120,2026-06-30\nHT-2,,C001,,0.5,2026/7/1\n"


def brings(firm: Firm, text: str, **options: bool) -> FileSummary:
    return Filer(firm.runtime, MAIN).contracts(text.encode(), ignore, **options)


def contracts(firm: Firm) -> list[tuple[Any, ...]]:
    """Give the contracts of 滨江置业."""
    with firm.store.reading(MAIN) as work:
        customer = work.customers.find_by_code("C001")
        assert customer is not None
        return [
            (one.number, one.name, one.amount, one.signed_on, one.project is not None)
            for one in work.contracts.of_customer(customer.id)
        ]


def test_contracts_are_checked_added_and_known_again(firm: Firm) -> None:
    checked = brings(firm, GOOD, checks=True)
    before = contracts(firm)
    done = brings(firm, GOOD)
    again = brings(firm, GOOD)

    assert (checked.states, before) == ({"added": 2}, [])
    assert (done.states, again.states) == ({"added": 2}, {"known": 2})
    assert (done.problems, again.problems) == ([], [])
    assert contracts(firm) == [
        ("HT-2", "HT-2", 500_000, date(2026, 7, 1), False),
        ("HT-1", "一期总包", 120_000_000, date(2026, 6, 30), True),
    ]
    assert [row.customer for row in done.rows] == ["滨江置业有限公司"] * 2


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        (",一期,C001,,1,2026-06-30", "A2", "missing"),
        ("HT-9,一期,,,1,2026-06-30", "C2", "missing"),
        ("HT-9,一期,无名,,1,2026-06-30", "C2", "unknown_customer"),
        ("HT-9,一期,城南建设,,1,2026-06-30", "C2", "ambiguous"),
        ("HT-9,一期,C001,没有,1,2026-06-30", "D2", "unknown_project"),
        ("HT-9,一期,C001,P003,1,2026-06-30", "D2", "mismatch"),
        ("HT-9,一期,C001,,很多,2026-06-30", "E2", "not_a_number"),
        ("HT-9,一期,C001,,1,2027-06-30", "F2", "future"),
        ("HT-1,二期,C001,,1,2026-06-30", "A4", "number_twice"),
    ],
)
def test_every_problem_is_said_with_row_and_column(
    small_firm: Firm, row: str, place: str, code: str
) -> None:
    rows = f"{row}\n" if place.endswith("2") else GOOD.removeprefix(HEADINGS) + f"{row}\n"
    found = brings(small_firm, HEADINGS + rows)

    assert [(word_place(one.place), str(one.code)) for one in found.problems] == [(place, code)]
    assert all(word_row_problem(one) for one in found.problems)
    assert contracts(small_firm) == []


def test_a_project_of_several_is_asked_about(small_firm: Firm) -> None:
    found = brings(small_firm, HEADINGS + "HT-9,一期,C001,滨江,1,2026-06-30\n")
    assert [str(one.code) for one in found.problems] in (["ambiguous"], ["unknown_project"])


def test_one_that_is_there_with_other_content_is_said_and_the_others_can_be_added(
    firm: Firm,
) -> None:
    brings(firm, GOOD)
    changed = GOOD.replace("120", "130") + "HT-3,三期,C002,,1,2026-06-30\n"
    refused = brings(firm, changed)
    skipped = brings(firm, changed, skip_bad=True)

    assert [(word_place(one.place), str(one.code)) for one in refused.problems] == [
        ("2", "contract_differs")
    ]
    assert refused.is_done is False
    assert skipped.states == {"skipped": 1, "known": 1, "added": 1}
    assert len(contracts(firm)) == 2


def test_the_same_row_twice_is_one_contract(small_firm: Firm) -> None:
    found = brings(small_firm, GOOD + "HT-1,一期总包,滨江置业,滨江一期,120,2026-06-30\n")

    assert (found.problems, found.states) == ([], {"added": 2, "known": 1})
    assert len(contracts(small_firm)) == 2


def test_a_file_without_contracts_is_said(small_firm: Firm) -> None:
    found = brings(small_firm, "电话\n1\n")
    assert [str(one.code) for one in found.problems] == ["no_contract_headings"]
