"""Which customers are one unit: levels and hints, and finding all pairs without comparing all."""

from itertools import combinations
from time import process_time

import pytest
from hypothesis import given, strategies as st

from domain.duplicates import Hint, Level, Likeness, NameForms, Profile, Register, compare, pairs

CODE, OTHER = "91350100M000100Y43", "91110000802100433B"


def named(name: str, short: str = "") -> NameForms:
    """Make a name without a place."""
    return NameForms(name, short or name, (short or name,))


def profile(
    *names: NameForms, aliases: tuple[NameForms, ...] = (), code: str = "", phones: str = ""
) -> Profile:
    """Make a profile."""
    return Profile(frozenset(names), frozenset(aliases), code, frozenset(phones.split()))


HOUSE = named("滨江置业有限公司", "滨江置业")
SHORT = named("滨江置业")
PLACED = NameForms("杭州滨江置业有限公司", "杭州滨江置业", ("杭州|滨江置业", "滨江置业"))
FULLY = NameForms(
    "浙江杭州滨江置业", "浙江杭州滨江置业", ("浙江|杭州|滨江置业", "杭州|滨江置业", "滨江置业")
)
ELSEWHERE = NameForms("宁波滨江置业", "宁波滨江置业", ("宁波|滨江置业", "滨江置业"))
STRANGER = named("城南建设")


@pytest.mark.parametrize(
    ("one", "other", "level", "hints"),
    [
        (profile(SHORT, code=CODE), profile(STRANGER, code=CODE), Level.SAME, "credit_code"),
        (profile(SHORT), profile(SHORT), Level.SAME, "name"),
        (profile(SHORT, code=CODE), profile(SHORT), Level.SAME, "name"),
        (profile(SHORT, HOUSE), profile(HOUSE), Level.SAME, "name"),
        (
            profile(SHORT, code=CODE, phones="1"),
            profile(SHORT, code=CODE, phones="1 2"),
            Level.SAME,
            "credit_code name phone",
        ),
        (profile(SHORT, code=CODE), profile(SHORT, code=OTHER), Level.LIKELY, "name"),
        (profile(SHORT), profile(HOUSE), Level.LIKELY, "short_name"),
        (profile(STRANGER, aliases=(SHORT,)), profile(SHORT), Level.LIKELY, "short_name"),
        (profile(SHORT, code=CODE), profile(HOUSE, code=OTHER), Level.MAYBE, "short_name"),
        (profile(SHORT), profile(PLACED), Level.MAYBE, "place_name"),
        (profile(FULLY), profile(PLACED), Level.MAYBE, "place_name"),
        (profile(SHORT), profile(FULLY), Level.MAYBE, "place_name"),
        (profile(SHORT, phones="1"), profile(PLACED, phones="1"), Level.LIKELY, "place_name phone"),
        (profile(SHORT, phones="1"), profile(STRANGER, phones="1"), Level.MAYBE, "phone"),
        (
            profile(SHORT, code=CODE, phones="1"),
            profile(PLACED, code=OTHER, phones="1"),
            Level.MAYBE,
            "place_name phone",
        ),
    ],
)
def test_what_two_have_in_common_makes_the_level(
    one: Profile, other: Profile, level: Level, hints: str
) -> None:
    likeness = Likeness(level, tuple(Hint(hint) for hint in hints.split()))
    assert compare(one, other) == likeness
    assert compare(other, one) == likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (profile(SHORT), profile(STRANGER)),
        (profile(ELSEWHERE), profile(PLACED)),
        (profile(SHORT, code=CODE), profile(STRANGER, code=OTHER)),
        (profile(SHORT, phones="1"), profile(STRANGER, phones="2")),
        (profile(SHORT), profile()),
    ],
)
def test_two_places_or_nothing_in_common_are_two_units(one: Profile, other: Profile) -> None:
    assert compare(one, other) is None
    assert compare(other, one) is None


def test_a_register_gives_the_surest_first_and_forgets_what_was_replaced() -> None:
    register = Register[str]()
    register.put("phone", profile(STRANGER, phones="1"))
    register.put("short", profile(HOUSE))
    register.put("same", profile(SHORT))
    asked = profile(SHORT, phones="1")

    assert [key for key, _ in register.alike(asked)] == ["same", "short", "phone"]
    register.put("same", profile(STRANGER))
    assert [key for key, _ in register.alike(asked)] == ["short", "phone"]
    assert register.alike(profile(named("没有见过"))) == []


NAMES = [SHORT, HOUSE, PLACED, FULLY, ELSEWHERE, STRANGER]
PROFILES = st.builds(
    Profile,
    st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2),
    st.frozensets(st.sampled_from(NAMES), max_size=1),
    st.sampled_from(["", CODE, OTHER]),
    st.frozensets(st.sampled_from("123"), max_size=2),
)


@given(st.lists(PROFILES, max_size=12))
def test_keys_find_what_comparing_all_would_find(profiles: list[Profile]) -> None:
    numbered = list(enumerate(profiles))
    naive = {
        (a, b, likeness)
        for (a, one), (b, other) in combinations(numbered, 2)
        if (likeness := compare(one, other)) is not None
    }
    assert set(pairs(numbered)) == naive


@pytest.mark.untraced
def test_a_whole_file_is_looked_through_in_time_that_grows_with_it() -> None:
    def seconds(size: int) -> float:
        file = [
            (n, profile(named(f"客户{n}有限公司", f"客户{n}"), code=f"C{n}", phones="1"))
            for n in range(size)
        ]
        began = process_time()
        found = list(pairs(file))
        # A phone that everybody has says nothing: it makes no millions of pairs.
        assert len(found) <= 50 * size
        return process_time() - began

    seconds(500)
    small, large = seconds(1000), seconds(8000)
    assert large < 8 * small * 4
