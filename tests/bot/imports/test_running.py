"""Imports from end to end: checked, counted once, run again, extended, taken back."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bot.imports import running
from bot.imports.running import UnknownBatch
from domain.ids import BatchId
from handlers.contract import Context
from handlers.usecases import setup
from handlers.usecases.imports import Undone, undo_part
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.bot.imports.conftest import Firm, ignore
from tests.support.stores import MAIN

HEADINGS = "来源编号,类型,客户,项目,日期,金额,里程碑,计划日期,满意,被推荐单位\n"
GOOD = (
    HEADINGS
    + "HT-1,合同签订,C001,,2026-03-01,50万元,,,,\n"
    + "YS-1,节点验收,,P001,2026-07-02,,主体验收,,,\n"
    + "TS-1,投诉结案,C001,P001,2026-07-05,,,,不满意,\n"
    + "TJ-1,推荐签约,C002,,2026-08-01,,,,,江北集团\n"
)
BALANCES = {"C001": (430, 0, 3), "C002": (30, 0, 1), "C003": (0, 0, 0)}
NOTHING = {"C001": (0, 0, 0), "C002": (0, 0, 0), "C003": (0, 0, 0)}


def test_a_check_says_what_would_be_counted_and_writes_nothing(firm: Firm) -> None:
    found = firm.checks(GOOD)

    assert found.is_well
    assert found.states == {"counted": 4}
    assert found.points == 460
    assert found.by_rule == {
        "contract-amount": 500,
        "milestone-late": -20,
        "complaint-unsatisfied": -50,
        "referral-signed": 30,
    }
    assert found.by_customer == {"滨江置业有限公司": 430, "城南建设": 30}
    assert found.batch is None
    assert firm.balances() == NOTHING
    assert firm.importer.batches() == []


def test_an_import_counts_every_row_and_says_so(firm: Firm) -> None:
    done = firm.imports(GOOD)

    assert done.is_well
    assert done.points == 460
    assert firm.balances() == BALANCES
    assert [(row.place.row, row.points, row.entries) for row in done.rows] == [
        (2, 500, (1,)),
        (3, -20, (2,)),
        (4, -50, (3,)),
        (5, 30, (1,)),
    ]
    assert firm.accepted_on("P001", "主体验收") == date(2026, 7, 2)
    [batch] = firm.importer.batches()
    assert (batch["batch"], batch["file"], batch["rows"]) == (done.batch, "台账.csv", 4)
    if isinstance(firm.store, SqlStore):
        assert check_all(firm.store.database, MAIN)[1] == []


def test_the_same_file_again_counts_nothing_twice_and_stays_one_import(firm: Firm) -> None:
    first = firm.imports(GOOD)
    again = firm.imports(GOOD)

    assert again.is_well
    assert again.states == {"repeated": 4}
    assert [row.points for row in again.rows] == [500, -20, -50, 30]
    assert again.points == 0
    assert again.batch == first.batch
    assert firm.balances() == BALANCES


def test_an_extended_file_counts_what_is_new(firm: Firm) -> None:
    without_ids = GOOD.replace("HT-1", "").replace("TS-1", "")
    firm.imports(without_ids)

    done = firm.imports(without_ids + ",建议采纳,C003,,2026-09-01,,,,,\n")

    assert done.states == {"repeated": 4, "counted": 1}
    assert firm.balances() == BALANCES | {"C003": (30, 0, 1)}
    assert len(firm.importer.batches()) == 2


def test_a_wrong_row_keeps_the_whole_file_out(firm: Firm) -> None:
    done = firm.imports(GOOD + "X-1,合同签订,没有这家,,2026-03-01,1万,,,,\n")

    assert not done.is_well
    assert [one.code for one in done.problems] == ["unknown_customer"]
    assert done.batch is None
    assert firm.balances() == NOTHING
    assert firm.importer.batches() == []
    assert firm.accepted_on("P001", "主体验收") is None


def test_wrong_rows_can_be_skipped(firm: Firm) -> None:
    wrong = "X-1,合同签订,没有这家,,2026-03-01,1万,,,,\n"
    done = firm.imports(GOOD + wrong + "HT-1,合同签订,C002,,2026-03-01,1万,,,,\n", skip_bad=True)

    assert not done.is_well
    assert done.states == {"counted": 4, "skipped": 2}
    assert firm.balances() == BALANCES
    assert "没有客户「没有这家」" in done.rows[4].detail
    assert "来源编号「HT-1」与2相同，内容却不同" in done.rows[5].detail


def test_a_number_that_was_used_for_something_else_is_refused(firm: Firm) -> None:
    firm.imports(GOOD)
    other = HEADINGS + "HT-1,合同签订,C001,,2026-03-01,60万元,,,,\n"

    checked, refused = firm.checks(other), firm.imports(other)
    skipped = firm.imports(other, skip_bad=True)

    for found in (checked, refused, skipped):
        assert [one.code for one in found.problems] == ["event_conflict"]
        assert found.states == {"refused": 1}
    assert "HT-1" in skipped.rows[0].detail
    assert firm.balances() == BALANCES


def test_of_numbers_used_for_something_else_the_supervisors_hear_once_per_file(firm: Firm) -> None:
    firm.imports(GOOD)
    other = GOOD.replace("50万元", "60万元").replace("江北集团", "江南集团")

    firm.checks(other)
    assert firm.warnings() == []
    for _ in range(2):
        firm.imports(other)
        assert firm.warnings() == [("event_conflict", "import HT-1")]
    assert firm.balances() == BALANCES


def test_a_milestone_is_accepted_once(firm: Firm) -> None:
    firm.imports(GOOD)
    again = "Y-{n},节点验收,,P001,2026-07-{n},,主体验收,,,\n"
    other = HEADINGS + again.format(n="03") + again.format(n="04")

    checked, done = firm.checks(other), firm.imports(other, skip_bad=True)

    for found in (checked, done):
        assert [one.code for one in found.problems] == ["milestone_recorded"] * 2
    assert "2026-07-02" in done.rows[0].detail
    assert firm.balances() == BALANCES
    assert firm.accepted_on("P001", "主体验收") == date(2026, 7, 2)


def test_of_two_rows_about_one_milestone_the_first_counts(firm: Firm) -> None:
    row = "Y-{n},节点验收,,P001,2026-07-{n},,主体验收,,,\n"
    file = HEADINGS + row.format(n="03") + row.format(n="04") + row.format(n="03")

    checked, done = firm.checks(file), firm.imports(file, skip_bad=True)

    assert checked.states == done.states == {"counted": 1, "refused": 1, "repeated": 1}
    assert firm.balances()["C001"] == (0, 20, 1)
    assert firm.accepted_on("P001", "主体验收") == date(2026, 7, 3)


def test_an_import_is_undone_once_and_harmlessly_again(firm: Firm) -> None:
    batch = str(firm.imports(GOOD).batch)

    foreseen = firm.importer.check_undo(batch)
    before = firm.balances()
    undone = firm.importer.undo(batch, ignore)
    again = firm.importer.undo(batch, ignore)

    assert before == BALANCES
    assert foreseen == undone
    assert (undone.events, undone.points) == (4, -460)
    assert (again.events, again.points) == (0, 0)
    assert firm.balances() == {"C001": (0, 0, 6), "C002": (0, 0, 2), "C003": (0, 0, 0)}
    assert firm.accepted_on("P001", "主体验收") is None
    assert [one["is_undone"] for one in firm.importer.batches()] == [True]


def test_what_was_undone_counts_anew_only_when_asked(firm: Firm) -> None:
    firm.importer.undo(str(firm.imports(GOOD).batch), ignore)

    plain = firm.imports(GOOD)
    emptied = firm.balances()
    foreseen = firm.checks(GOOD, again=True)
    asked = firm.imports(GOOD, again=True)
    twice = firm.imports(GOOD, again=True)

    assert plain.states == {"undone": 4}
    assert emptied["C001"] == (0, 0, 6)
    assert foreseen.states == asked.states == {"counted": 4}
    assert twice.states == {"repeated": 4}
    assert {code: one[0] for code, one in firm.balances().items()} == {
        "C001": 430,
        "C002": 30,
        "C003": 0,
    }
    firm.importer.undo(str(asked.batch), ignore)
    assert firm.imports(GOOD, again=True).states == {"counted": 4}


def test_a_milestone_that_was_accepted_anew_stays_when_the_import_is_undone(firm: Firm) -> None:
    batch = str(firm.imports(GOOD).batch)
    with firm.store.work(MAIN) as work:
        project = work.projects.find_by_code("P001")
        assert project is not None
        [milestone] = work.projects.milestones(project.id)
        work.projects.set_accepted(milestone.id, date(2026, 7, 9))
        work.commit()

    firm.importer.undo(batch, ignore)

    assert firm.accepted_on("P001", "主体验收") == date(2026, 7, 9)


def test_an_unknown_import_is_named(small_firm: Firm) -> None:
    with pytest.raises(UnknownBatch, match="nope"):
        small_firm.importer.undo("nope", ignore)
    with pytest.raises(UnknownBatch, match="nope"):
        small_firm.importer.check_undo("nope")
    assert small_firm.balances() == NOTHING


def test_the_progress_reaches_the_end(small_firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PART", 3)
    told: list[tuple[int, int]] = []
    file = running.Source("a.csv", GOOD.encode())

    small_firm.importer.run(file, lambda done, total: told.append((done, total)))

    assert told == [(3, 4), (4, 4)]


ROWS = st.tuples(
    st.sampled_from(["合同签订", "节点验收", "投诉结案", "推荐签约", "建议采纳"]),
    st.sampled_from(["C001", "C002", "滨江置业", "没有这家"]),
    st.integers(1, 28),
    st.integers(0, 200),
    st.sampled_from(["是", "否", "也许", ""]),
    st.sampled_from(["", "N-1", "N-2", "N-3"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROWS, max_size=12), part=st.integers(1, 12))
def test_what_is_foreseen_is_what_is_done(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[object, ...]], part: int
) -> None:
    monkeypatch.setattr(running, "PART", part)
    lines = [
        f"{number},{kind},{who},,2026-05-{day:02d},{amount}万,主体,2026-05-14,{flag},江北\n"
        for kind, who, day, amount, flag, number in rows
    ]
    file = HEADINGS + "".join(lines)
    before = firm.balances()

    foreseen = firm.checks(file)
    done = firm.imports(file, skip_bad=True)

    after = firm.balances()
    moved = sum(after[code][0] - after[code][1] for code in after)
    moved -= sum(before[code][0] - before[code][1] for code in before)
    assert foreseen.states == done.states
    assert foreseen.problems == done.problems
    assert foreseen.points == done.points == moved == sum(foreseen.by_customer.values())


def test_what_is_undone_meanwhile_is_left_alone(firm: Firm) -> None:
    batch = str(firm.imports(GOOD).batch)
    with firm.store.reading(MAIN) as work:
        events = work.events.of_batch(BatchId(batch))
    firm.runtime.act(MAIN, lambda ctx: assert_undone(undo_part(ctx, events[:2]), 2))

    firm.runtime.act(MAIN, lambda ctx: assert_undone(undo_part(ctx, events), 2))

    assert [points for *points, _ in firm.balances().values()] == [[0, 0]] * 3


def assert_undone(undone: Undone, events: int) -> None:
    assert undone.events == events


def test_contacts_and_projects_are_told_to_the_rules(firm: Firm) -> None:
    headings = "类型,客户,项目,日期,联系人\n"
    rows = "建议采纳,C001,P001,2026-01-02,王建国\n签到,C001,,2026-01-02,王建国\n"

    assert firm.imports(headings + rows).states == {"counted": 2}

    with firm.store.reading(MAIN) as work:
        [batch] = work.batches.latest(1)
        stored = [work.events.get(event) for event in work.events.of_batch(batch.id)]
    assert ['"contact"' in one.facts for one in stored] == [True, True]
    assert ['"project.code":"P001"' in one.facts for one in stored] == [True, False]


def test_a_project_that_may_be_two_is_asked_about(firm: Firm) -> None:
    def add_same(ctx: Context) -> None:
        south = ctx.work.customers.find_by_code("C002")
        assert south is not None
        setup.add_project(ctx, "P009", "滨江一期", south, None)

    firm.runtime.act(MAIN, add_same)
    headings = "类型,客户,项目,日期\n"

    asked = firm.imports(headings + "签到,,滨江一期,2026-01-02\n")
    known = firm.imports(headings + "签到,C002,滨江一期,2026-01-02\n")

    assert [one.code for one in asked.problems] == ["ambiguous"]
    assert known.states == {"counted": 1}
