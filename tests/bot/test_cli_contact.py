"""The commands for a customer's contacts, as a person or a script sees them."""

import pytest

from tests.support.desk import Desk


def invited(desk: Desk, name: str, *options: str) -> tuple[object, object]:
    made = desk.run("invite", "C001", name, *options, "--json").json()
    return made["may_see"], made["may_redeem"]


def contacts(desk: Desk) -> dict[str, tuple[bool, bool]]:
    listed = desk.run("contact", "list", "C001", "--json").json()["contacts"]
    return {one["contact"]: (one["may_see"], one["may_redeem"]) for one in listed}


def test_the_first_contact_redeems_unless_it_is_said_otherwise(desk: Desk) -> None:
    assert invited(desk, "王建国") == (True, True)
    assert invited(desk, "李四") == (True, False)
    assert invited(desk, "赵六", "--redeem") == (True, True)
    assert invited(desk, "孙七", "--no-see") == (False, False)
    assert contacts(desk) == {
        "孙七": (False, False),
        "李四": (True, False),
        "王建国": (True, True),
        "赵六": (True, True),
    }
    assert "王建国" in desk.run("contact", "list", "C001").out


def test_rights_are_given_and_taken_and_given_back(desk: Desk) -> None:
    invited(desk, "王建国")
    rights = ("contact", "rights", "C001", "王建国")
    shown = {"contact": "王建国", "may_see": True, "may_redeem": False}
    assert desk.run(*rights, "--no-redeem", "--json").json() == shown
    assert desk.run(*rights, "--json").json() == shown
    assert desk.run(*rights, "--no-see", "--json").json() == shown | {"may_see": False}
    again = desk.run(*rights, "--redeem", "--json").json()
    assert again == shown | {"may_redeem": True}


def test_who_leaves_is_off_the_list(desk: Desk) -> None:
    invited(desk, "王建国")
    invited(desk, "李四", "--redeem")
    left = desk.run("contact", "leave", "C001", "王建国", "--json").json()
    assert left == {"left": "王建国", "accounts": 0, "notices": 1, "redeemers": ["李四"]}
    assert contacts(desk) == {"李四": (True, True)}
    said = desk.is_refused("contact", "leave", "C001", "王建国")
    assert "李四" in said


@pytest.mark.parametrize(
    "options",
    [
        ("list", "C404"),
        ("rights", "C404", "王建国", "--redeem"),
        ("rights", "C001", "王", "--redeem"),
        ("leave", "C001", "无名"),
        ("leave", "C001", "王建国", "--tenant", "nobody"),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, options: tuple[str, ...]) -> None:
    invited(desk, "王建国")
    before = contacts(desk)
    desk.is_refused("contact", *options)
    assert contacts(desk) == before
