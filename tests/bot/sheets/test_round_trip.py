"""Whatever a rule says survives the way into a workbook and back."""

from hypothesis import given, strategies as st

from bot.sheets.rules_loading import load_rules
from bot.sheets.rules_saving import save_rules
from domain.rules.codec import canonical
from domain.rules.model import RuleVersion
from tests.bot.sheets.making import rules


@given(st.lists(rules(), min_size=1, max_size=2, unique_by=lambda r: (r.code, r.version)))
def test_rules_are_read_as_they_were_written(made: list[RuleVersion]) -> None:
    loaded = load_rules(save_rules(made))
    assert loaded.problems == ()
    assert [canonical(rule) for rule in loaded.rules] == [canonical(rule) for rule in made]
    assert list(loaded.rules) == made
