"""Filing customers from a file beside those there are and those before them."""

from typing import Any

import pytest

from domain.customer_files import Details
from domain.duplicates import Hint, Level
from handlers.usecases.contacts import NewContact
from handlers.usecases.customer_files import Given
from handlers.usecases.customer_imports import Filed, Filing, State
from tests.support.chat import Chat

CODE = "91350100M000100Y43"


def files(chat: Chat, *given: Given, anyway: bool = False, writes: bool = True) -> list[Filed]:
    """File customers in one go."""

    def act(ctx: Any) -> list[Filed]:
        filing = Filing(ctx, is_anyway=anyway, writes=writes)
        return [filing.file(one, place) for place, one in enumerate(given)]

    found: list[Filed] = chat.acts(act)
    return found


def test_one_that_is_new_is_added_under_its_code_or_the_next(chat: Chat) -> None:
    found = files(chat, Given("C009", "江北实业"), Given("", "云栖科技园"), Given("", "东海港务"))

    assert [one.state for one in found] == [State.ADDED] * 3
    assert [one.customer and one.customer.code for one in found] == ["C009", "KH0001", "KH0002"]


def test_one_that_is_there_is_known_or_filled(chat: Chat) -> None:
    more = Given("", "滨江 置业", details=Details(address="江南路"), contacts=(NewContact("wang"),))
    found = files(chat, Given("C001", "滨江置业"), more)
    [again] = files(chat, more)

    assert [one.state for one in found] == [State.KNOWN, State.FILLED]
    assert {one.customer and one.customer.code for one in (*found, again)} == {"C001"}
    assert again.state is State.KNOWN
    [differing] = files(chat, Given("C001", "滨江置业", details=Details(address="别处")))
    assert (differing.state, differing.differing) == (State.KNOWN, ("address",))


def test_a_contact_alone_fills_a_file(chat: Chat) -> None:
    [found] = files(chat, Given("C001", "滨江置业", contacts=(NewContact("赵工"),)))
    assert found.state is State.FILLED


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (Given("C001", "云栖科技园"), None),
        (Given("C001", "云栖科技园", contacts=(NewContact("王", "13800138000"),)), None),
        (Given("C009", "滨江置业"), Level.SAME),
        (Given("C009", "滨江置业有限公司"), Level.LIKELY),
        (Given("", "滨江置业有限公司"), Level.LIKELY),
    ],
)
def test_twins_are_refused_with_who_they_are(chat: Chat, given: Given, level: Level | None) -> None:
    before = chat.state()
    [found] = files(chat, given)

    assert found.state is State.REFUSED
    assert found.twin is not None
    assert found.twin.key == "C001"
    assert (found.twin.likeness.level if found.twin.likeness else None) is level
    assert chat.state() == before


def test_a_likely_twin_is_added_when_somebody_has_looked(chat: Chat) -> None:
    [found] = files(chat, Given("", "滨江置业有限公司"), anyway=True)

    assert found.state is State.ADDED
    assert [(one.key, one.likeness and one.likeness.hints) for one in found.alike] == [
        ("C001", (Hint.SHORT_NAME,))
    ]


@pytest.mark.parametrize("writes", [True, False])
def test_those_before_count_whether_anything_is_written_or_not(chat: Chat, writes: bool) -> None:
    before = chat.state()
    found = files(
        chat,
        Given("", "江北实业", details=Details(credit_code=CODE)),
        Given("", "完全不同", details=Details(credit_code=CODE)),
        Given("", "江北实业公司"),
        Given("C001", "滨江置业", details=Details(address="江南路")),
        writes=writes,
    )

    states = [State.ADDED, State.REFUSED, State.REFUSED, State.FILLED]
    assert [one.state for one in found] == states
    assert [one.twin and one.twin.key for one in found] == [None, 0, 0, None]
    assert (chat.state() == before) is not writes
