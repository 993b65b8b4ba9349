"""项目: the projects one may see, with the next milestone of each."""

from datetime import date

from domain.ids import MilestoneId
from handlers.views import ProjectLine, ProjectList
from tests.support.chat import Chat
from tests.support.make import a_project
from tests.support.stores import MAIN

ONE = ProjectLine("滨江一期", "主体验收", "2026-11-25", 0, 2)
TWO = ProjectLine("滨江二期", "主体验收", "2026-11-01", 0, 1)
SQUARE = ProjectLine("城南广场", "主体验收", "2026-11-30", 0, 1)


def test_a_customer_sees_the_own_projects(chat: Chat) -> None:
    assert chat.says("wang", "项目") == ProjectList((ONE, TWO))
    assert chat.says("chen", "我的项目") == ProjectList((SQUARE,))


def test_a_project_manager_sees_the_ones_they_manage_and_others_see_all(chat: Chat) -> None:
    assert chat.says("li", "项目") == ProjectList((ONE, TWO))
    assert chat.says("ma", "项目") == ProjectList((SQUARE,))
    for who in ("sun", "zhang", "qian"):
        assert chat.says(who, "项目") == ProjectList((ONE, TWO, SQUARE))


def test_accepted_milestones_are_counted_and_the_next_one_is_shown(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.projects.set_accepted(MilestoneId("P001/主体验收"), date(2026, 11, 21))
        work.projects.set_accepted(MilestoneId("P002/主体验收"), date(2026, 11, 21))
        work.commit()
    one = ProjectLine("滨江一期", "竣工验收", "2027-06-30", 1, 2)
    two = ProjectLine("滨江二期", "", "", 1, 1)
    assert chat.says("wang", "项目") == ProjectList((one, two))


def test_a_project_without_milestones_is_listed_too(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.projects.add(a_project("P004", "城南公园", "C002"))
        work.commit()
    assert chat.says("chen", "项目") == ProjectList((SQUARE, ProjectLine("城南公园", "", "", 0, 0)))
