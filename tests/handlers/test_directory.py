"""Customers and projects by their codes: opened whole or not at all, read as they are."""

from datetime import date
from typing import Any

import pytest

from domain.errors import (
    CodeTaken,
    DomainError,
    UnknownCustomer,
    UnknownMember,
    UnknownProject,
)
from handlers.usecases.contacts import NewContact
from handlers.usecases.customer_files import Given
from handlers.usecases.directory import (
    CustomerFile,
    ProjectFile,
    customer_of_code,
    open_customer,
    open_project,
    project_of_code,
    read_customer,
    read_project,
)
from tests.support.chat import Chat

PROJECT: dict[str, Any] = {
    "named": ("P009", "江北一期"),
    "customer": "C001",
    "manager": "li",
    "project_type": "市政",
    "milestones": [("竣工", date(2027, 6, 30)), ("主体", date(2026, 12, 20))],
}


def test_a_customer_is_opened_with_its_contacts(chat: Chat) -> None:
    people = (NewContact("王", "13800138009"), NewContact("陈"))
    made = chat.acts(
        lambda ctx: open_customer(
            ctx,
            Given(
                "C009",
                "江北实业",
                type="地产",
                segments=("老客户", "重点"),
                contacts=people,
            ),
        )
    )

    assert isinstance(made, CustomerFile)
    assert (made.customer.code, made.customer.name) == ("C009", "江北实业")
    assert made.customer.account_manager is None
    assert (made.customer.type, made.segments) == ("地产", ("老客户", "重点"))
    assert {(c.name, c.phone) for c in made.contacts} == {("王", "13800138009"), ("陈", None)}
    assert chat.acts(lambda ctx: read_customer(ctx, "C009")) == made
    assert chat.actions() == ["customer_added", "contact_added", "contact_added"]


@pytest.mark.parametrize(
    ("people", "rights"),
    [
        ([NewContact("a"), NewContact("b")], [(True, True), (True, False)]),
        ([NewContact("a", see=False), NewContact("b")], [(False, False), (True, True)]),
        ([NewContact("a", redeem=False), NewContact("b")], [(True, False), (True, True)]),
        ([NewContact("a"), NewContact("b", redeem=True)], [(True, False), (True, True)]),
        (
            [NewContact("a", redeem=True), NewContact("b", see=True, redeem=True)],
            [(True, True), (True, True)],
        ),
        ([NewContact("a", see=False, redeem=True)], [(False, False)]),
    ],
)
def test_one_may_redeem_unless_it_is_said_who(
    chat: Chat, people: list[NewContact], rights: list[tuple[bool, bool]]
) -> None:
    made = chat.acts(
        lambda ctx: open_customer(ctx, Given("C009", "江北实业", contacts=tuple(people)))
    )
    assert [(c.may_see, c.may_redeem) for c in made.contacts] == rights


def test_a_project_is_opened_with_its_milestones(chat: Chat) -> None:
    made = chat.acts(lambda ctx: open_project(ctx, **PROJECT))

    assert isinstance(made, ProjectFile)
    assert (made.project.code, made.project.name) == ("P009", "江北一期")
    assert made.project.type == "市政"
    assert made.manager is not None
    assert (made.customer.code, made.manager.name) == ("C001", "li")
    assert [step.name for step in made.milestones] == ["主体", "竣工"]
    assert chat.acts(lambda ctx: read_project(ctx, "P009")) == made


def test_a_project_needs_neither_manager_nor_milestones(chat: Chat) -> None:
    bare = PROJECT | {"manager": None, "milestones": []}
    made = chat.acts(lambda ctx: open_project(ctx, **bare))

    assert (made.manager, made.milestones) == (None, [])


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"named": ("P001", "别的")}, CodeTaken),
        ({"customer": "C404"}, UnknownCustomer),
        ({"manager": "nobody"}, UnknownMember),
    ],
)
def test_a_project_that_does_not_fit_is_refused_whole(
    chat: Chat, changes: dict[str, Any], kind: type[DomainError]
) -> None:
    before = chat.state()
    with pytest.raises(kind):
        chat.acts(lambda ctx: open_project(ctx, **(PROJECT | changes)))
    assert chat.state() == before


def test_what_is_not_there_is_named(chat: Chat) -> None:
    with pytest.raises(UnknownCustomer) as customer:
        chat.acts(lambda ctx: customer_of_code(ctx, "C404"))
    with pytest.raises(UnknownProject) as project:
        chat.acts(lambda ctx: project_of_code(ctx, "P404"))
    assert customer.value.details() == {"asked": "C404", "guesses": ()}
    assert project.value.details() == {"asked": "P404", "guesses": ()}
