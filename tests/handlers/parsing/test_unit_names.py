"""Units' names in the forms in which they are compared."""

import pytest

from domain.duplicates import Hint, Level, compare
from handlers.parsing.unit_names import name_forms, profile_of


@pytest.mark.parametrize(
    ("name", "short", "placed"),
    [
        ("滨江置业有限公司", "滨江置业", ("滨江置业",)),
        ("滨江置业股份有限公司", "滨江置业", ("滨江置业",)),
        ("滨江置业有限责任公司", "滨江置业", ("滨江置业",)),
        ("滨江置业股份公司", "滨江置业", ("滨江置业",)),
        ("滨江置业总公司", "滨江置业", ("滨江置业",)),
        ("滨江集团公司", "滨江集团", ("滨江集团",)),
        (
            "滨江置业有限公司杭州分公司",
            "滨江置业有限公司杭州分公司",
            ("滨江置业有限公司杭州分公司",),
        ),
        ("有限公司", "有限公司", ("有限公司",)),
        ("江有限公司", "江有限公司", ("江有限公司",)),
        ("杭州滨江置业", "杭州滨江置业", ("杭州|滨江置业", "滨江置业")),
        (
            "浙江省杭州市萧山区滨江置业有限公司",
            "浙江省杭州市萧山区滨江置业",
            ("浙江|杭州|萧山|滨江置业", "杭州|萧山|滨江置业", "萧山|滨江置业", "滨江置业"),
        ),
        ("广西壮族自治区交投集团", "广西壮族自治区交投集团", ("广西|交投集团", "交投集团")),
        ("义乌市城投", "义乌市城投", ("义乌|城投", "城投")),
        ("杭州市", "杭州市", ("杭州市",)),
    ],
)
def test_the_legal_form_and_the_places_are_parted(
    name: str, short: str, placed: tuple[str, ...]
) -> None:
    forms = name_forms(name)
    assert (forms.short, forms.placed) == (short, placed)


@pytest.mark.parametrize(
    ("one", "other", "level", "hint"),
    [
        ("滨江置业（杭州）有限公司", "滨江置业(杭州) 有限公司", Level.SAME, Hint.NAME),
        ("ＡＢＣ　建设", "abc建设", Level.SAME, Hint.NAME),
        ("中建3局", "中建三局", Level.SAME, Hint.NAME),
        ("滨江置业", "滨江置业有限公司", Level.LIKELY, Hint.SHORT_NAME),
        ("滨江置业有限责任公司", "滨江置业股份有限公司", Level.LIKELY, Hint.SHORT_NAME),
        ("滨江置业", "杭州市滨江置业有限公司", Level.MAYBE, Hint.PLACE_NAME),
        ("浙江杭州滨江置业", "杭州滨江置业", Level.MAYBE, Hint.PLACE_NAME),
    ],
)
def test_spellings_of_one_unit_are_alike(one: str, other: str, level: Level, hint: Hint) -> None:
    found = compare(profile_of([one], ()), profile_of([other], ()))
    assert found is not None
    assert (found.level, found.hints) == (level, (hint,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("杭州城投", "宁波城投"),
        ("中建三局", "中建八局"),
        ("滨江置业有限公司", "滨江置业有限公司杭州分公司"),
        ("滨江集团", "滨江置业"),
        ("（）", "()"),
    ],
)
def test_neighbours_are_two_units(one: str, other: str) -> None:
    assert compare(profile_of([one], ()), profile_of([other], ())) is None


def test_a_profile_has_names_aliases_code_and_phones() -> None:
    made = profile_of(["滨江置业", ""], ["滨江", "-"], "91", ["1", "1"])
    assert {form.whole for form in made.names} == {"滨江置业"}
    assert {form.whole for form in made.aliases} == {"滨江"}
    assert (made.credit_code, made.phones) == ("91", frozenset({"1"}))
