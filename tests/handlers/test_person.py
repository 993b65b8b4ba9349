"""转人工: a human is asked to take over, and the customer hears who."""

from domain.facts import PersonWanted
from handlers.views import HelpMenu, PersonComing, PersonWantedCard
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer, a_member
from tests.support.stores import KF, MAIN


def test_the_account_manager_is_asked_and_named(chat: Chat) -> None:
    assert chat.says("wang", "转人工") == PersonComing("sun")
    assert chat.phone("sun") == [PersonWantedCard("滨江置业", "wang", "13800138000")]
    assert [type(fact) for fact in chat.facts] == [PersonWanted]


def test_without_an_account_manager_the_supervisors_are_asked(chat: Chat) -> None:
    assert chat.says("chen", "人工") == PersonComing("")
    card = PersonWantedCard("城南建设", "chen", "")
    assert chat.phone("zhang") == chat.phone("zhang@app") == chat.phone("zhao") == [card]


def test_an_account_manager_who_has_left_is_neither_asked_nor_named(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", is_active=False))
        work.customers.add(a_customer("C003", "望江集团", "gone"))
        work.customers.add_contact(a_contact("liu", "C003"))
        work.commit()
    chat.joins("liu", KF, "wm-liu", contact="liu")
    assert chat.says("liu", "转人工") == PersonComing("")
    assert chat.phone("zhao") == [PersonWantedCard("望江集团", "liu", "13800138000")]


def test_asking_twice_asks_twice(chat: Chat) -> None:
    chat.says("wang", "转人工")
    chat.says("wang", "转人工")
    assert len(chat.phone("sun")) == 2


def test_a_member_who_types_it_gets_the_menu(chat: Chat) -> None:
    assert isinstance(chat.says("li", "转人工"), HelpMenu)
    assert chat.facts == []
