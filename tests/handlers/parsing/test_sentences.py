"""The fields of understood and unclear sentences; their outcomes are in the corpus."""

from datetime import date

from domain.ids import MilestoneId, ProjectId
from handlers.parsing.gaps import Part, Why
from handlers.parsing.names import Named, NameIndex
from handlers.parsing.outcomes import Outcome
from handlers.parsing.problems import ImpossibleDate, NotWhole, StarsOutOfRange
from handlers.parsing.sentences import (
    InviteFound,
    InviteUnclear,
    RecordFound,
    RecordUnclear,
    ReviewFound,
    ReviewUnclear,
    Typed,
    parse_invite,
    parse_record,
    parse_review,
)
from tests.handlers.parsing.town import CUSTOMERS, PROJECTS, TODAY, milestones_of


def record(text: str, today: date = TODAY) -> RecordFound | RecordUnclear:
    """Read a record of the town."""
    return parse_record(text, projects=PROJECTS, milestones_of=milestones_of, today=today)


def test_a_record_echoes_the_words_it_was_read_from() -> None:
    assert record("bjyq主体昨天下午验收通过，甲方很满意") == RecordFound(
        project_id=ProjectId("bj1"),
        milestone_id=MilestoneId("主体结构"),
        occurred_on=date(2026, 6, 16),
        outcome=Outcome.PASSED,
        note="甲方很满意",
        typed=Typed(name="bjyq", milestone="主体", date="昨天下午", outcome="验收通过"),
    )


def test_a_record_without_a_day_is_today_and_says_that_none_was_typed() -> None:
    found = record("滨江一期主体通过")
    assert isinstance(found, RecordFound)
    assert (found.occurred_on, found.typed.date) == (TODAY, "")


def test_yesterday_is_counted_from_the_day_it_was_sent_on() -> None:
    found = record("滨江一期主体昨天通过", today=date(2026, 3, 1))
    assert isinstance(found, RecordFound)
    assert found.occurred_on == date(2026, 2, 28)


def test_an_unclear_record_keeps_what_was_understood() -> None:
    unclear = record("滨江二期主体昨天通过，甲方在场")
    assert isinstance(unclear, RecordUnclear)
    [gap] = unclear.gaps
    assert (gap.part, gap.why) == (Part.MILESTONE, Why.AMBIGUOUS)
    assert [match.named.name for match in gap.choices] == ["主体一层", "主体二层", "主体封顶"]
    assert unclear.project_id == "bj2"
    assert unclear.milestone_id is None
    assert unclear.occurred_on == date(2026, 6, 16)
    assert unclear.outcome is Outcome.PASSED
    assert unclear.note == "甲方在场"


def test_a_future_day_is_never_a_record() -> None:
    unclear = record("滨江一期主体明天验收通过")
    assert isinstance(unclear, RecordUnclear)
    assert [(gap.part, gap.why) for gap in unclear.gaps] == [(Part.DATE, Why.FUTURE)]
    assert unclear.occurred_on == date(2026, 6, 18)


def test_an_impossible_day_is_refused_with_its_parts() -> None:
    unclear = record("滨江一期主体2月30日通过")
    assert isinstance(unclear, RecordUnclear)
    [gap] = unclear.gaps
    assert isinstance(gap.problem, ImpossibleDate)
    assert (gap.problem.month, gap.problem.day) == (2, 30)
    assert unclear.occurred_on is None


def test_a_longer_project_that_begins_alike_is_asked_about() -> None:
    projects = NameIndex(
        [Named(ProjectId("a"), "滨江一期"), Named(ProjectId("b"), "滨江一期商业街")]
    )
    unclear = parse_record(
        "滨江一期商业主体昨天通过", projects=projects, milestones_of=lambda _: [], today=TODAY
    )
    assert isinstance(unclear, RecordUnclear)
    assert {match.named.id for match in unclear.gaps[0].choices} == {"a", "b"}
    apart = parse_record(
        "滨江一期 主体昨天通过", projects=projects, milestones_of=lambda _: [], today=TODAY
    )
    assert isinstance(apart, RecordUnclear)
    assert apart.project_id == "a"


def test_a_number_that_goes_on_is_another_name() -> None:
    projects = NameIndex([Named(ProjectId("a"), "滨江1", "A1")])
    for text in ("滨江15 主体昨天通过", "A12 主体昨天通过", "BA1 主体昨天通过"):
        unclear = parse_record(text, projects=projects, milestones_of=lambda _: [], today=TODAY)
        assert isinstance(unclear, RecordUnclear)
        assert unclear.project_id is None


def test_a_part_of_one_project_needs_its_milestone_right_behind() -> None:
    projects = NameIndex([Named(ProjectId("hosp"), "城南医院综合楼")])

    def read(text: str) -> RecordFound | RecordUnclear:
        return parse_record(text, projects=projects, milestones_of=milestones_of, today=TODAY)

    assert isinstance(read("城南主体昨天通过"), RecordFound)
    unclear = read("城南花园主体昨天通过")
    assert isinstance(unclear, RecordUnclear)
    assert unclear.project_id is None
    assert [match.named.id for match in unclear.gaps[0].choices] == ["hosp"]


def test_the_words_to_be_replaced_by_a_choice_are_the_name_alone() -> None:
    unclear = record("滨江主体昨天验收通过")
    assert isinstance(unclear, RecordUnclear)
    assert unclear.typed.name == "滨江"
    review = parse_review("滨江5星很好", PROJECTS)
    assert isinstance(review, ReviewUnclear)
    assert (review.typed.name, review.stars, review.text) == ("滨江", 5, "很好")


def test_a_milestone_with_another_number_is_asked_about() -> None:
    def steps(_: ProjectId) -> list[Named[MilestoneId]]:
        return [Named(MilestoneId("m"), "主体一层"), Named(MilestoneId("n"), "防水")]

    for text in ("滨江一期主体三层昨天通过", "滨江一期主体昨天通过"):
        unclear = parse_record(text, projects=PROJECTS, milestones_of=steps, today=TODAY)
        assert isinstance(unclear, RecordUnclear)
        assert [match.named.id for match in unclear.gaps[0].choices] == ["m"]
    sure = parse_record("滨江一期防水昨天通过", projects=PROJECTS, milestones_of=steps, today=TODAY)
    assert isinstance(sure, RecordFound)


def test_two_names_of_one_milestone_are_one_choice() -> None:
    def steps(_: ProjectId) -> list[Named[MilestoneId]]:
        return [Named(MilestoneId("m"), "主体结构", aliases=("主体工程结构",))]

    found = parse_record(
        "滨江一期主体昨天通过", projects=PROJECTS, milestones_of=steps, today=TODAY
    )
    assert isinstance(found, RecordFound)
    assert found.milestone_id == "m"


def test_a_review_echoes_project_and_stars() -> None:
    assert parse_review("宾江一期：打五分 师傅很负责", PROJECTS) == ReviewFound(
        ProjectId("bj1"), 5, "师傅很负责", Typed(name="宾江一期", stars="打五分")
    )


def test_a_review_of_an_unclear_project_keeps_stars_and_text() -> None:
    unclear = parse_review("滨江 5 很好", PROJECTS)
    assert isinstance(unclear, ReviewUnclear)
    assert (unclear.project_id, unclear.stars, unclear.text) == (None, 5, "很好")


def test_stars_that_are_none_are_refused_with_the_scale() -> None:
    for text in ("滨江一期 0 差", "滨江一期 6 差", "滨江一期 -1 差"):
        unclear = parse_review(text, PROJECTS)
        assert isinstance(unclear, ReviewUnclear)
        problem = unclear.gaps[0].problem
        assert isinstance(problem, StarsOutOfRange)
        assert (problem.lowest, problem.highest) == (1, 5)
        assert unclear.stars is None
    half = parse_review("滨江一期 1.5 差", PROJECTS)
    assert isinstance(half, ReviewUnclear)
    assert isinstance(half.gaps[0].problem, NotWhole)


def test_an_invitation_without_number_has_none() -> None:
    found = parse_invite("滨江置业 王建国", CUSTOMERS)
    assert isinstance(found, InviteFound)
    assert (found.contact, found.phone, found.typed.name) == ("王建国", None, "滨江置业")


def test_a_malformed_number_is_refused_and_not_kept() -> None:
    unclear = parse_invite("滨江置业 王建国 1380013800", CUSTOMERS)
    assert isinstance(unclear, InviteUnclear)
    assert (unclear.customer_id, unclear.contact, unclear.phone) == ("bjzy", "王建国", None)


def test_a_company_that_only_ends_like_a_customer_is_asked_about() -> None:
    customers = NameIndex([Named(CUSTOMERS.named[0].id, "滨江置业")])
    unclear = parse_invite("上海滨江置业 王建国", customers)
    assert isinstance(unclear, InviteUnclear)
    assert [(gap.part, gap.why) for gap in unclear.gaps[:1]] == [(Part.CUSTOMER, Why.AMBIGUOUS)]
