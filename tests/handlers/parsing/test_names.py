"""Ranking and deciding: what is taken, what is asked, what is left alone."""

from functools import partial
from itertools import product

import pytest

from handlers.parsing.names import (
    GAP,
    SURE,
    Match,
    Named,
    NameIndex,
    Nothing,
    One,
    Reason,
    Several,
    decide,
    fold,
    rank,
)
from tests.handlers.parsing.stopwatch import busy_seconds
from tests.handlers.parsing.town import CUSTOMERS, PROJECTS


def _match(name: str, score: int) -> Match[str]:
    return Match(Named(name, name), score, Reason.PREFIX)


def test_a_good_match_far_ahead_is_taken() -> None:
    first = _match("a", SURE)
    assert decide([first, _match("b", SURE - GAP)]) == One(first)
    assert decide([first]) == One(first)


def test_a_close_second_or_a_poor_first_is_asked_about() -> None:
    close = [_match("a", SURE + 5), _match("b", SURE + 5 - GAP + 1)]
    assert decide(close) == Several(tuple(close))
    poor = [_match("a", SURE - 1)]
    assert decide(poor) == Several(tuple(poor))
    assert decide([]) == Nothing()


def test_thresholds_can_be_set() -> None:
    matches = [_match("a", 70), _match("b", 60)]
    assert decide(matches, sure=70, gap=10) == One(matches[0])


def test_a_list_used_once_needs_no_index() -> None:
    assert rank("bjyq", PROJECTS.named)[0].named.id == "bj1"


def test_the_best_reason_of_all_names_counts() -> None:
    [first, *_] = CUSTOMERS.rank("绿城中国")
    assert (first.named.id, first.score, first.reason) == ("lc", 100, Reason.EXACT)


def test_a_typo_is_never_taken_without_asking() -> None:
    index = NameIndex([Named("3", "中建三局集团有限公司")])
    assert isinstance(decide(index.rank("中建八局集团有限公司")), Several)


def test_one_character_is_never_an_answer_unless_it_is_the_whole_name() -> None:
    index = NameIndex([Named("a", "鑫"), Named("b", "滨江一期")])
    assert isinstance(decide(index.rank("滨")), Several)
    assert decide(index.rank("鑫")) == One(Match(Named("a", "鑫"), 100, Reason.EXACT))


def test_two_of_the_same_name_are_asked_about() -> None:
    index = NameIndex([Named("a", "滨江一期"), Named("b", "滨江一期")])
    decision = decide(index.rank("滨江一期"))
    assert isinstance(decision, Several)
    assert {match.named.id for match in decision.matches} == {"a", "b"}


def test_a_shared_code_names_both() -> None:
    index = NameIndex([Named("a", "甲楼", "X1"), Named("b", "乙楼", "X1")])
    assert {match.named.id for match in index.rank("x1")} == {"a", "b"}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("综合楼", Reason.CONTAINS),
        ("城南医院综合楼地下二层大厅", Reason.CONTAINS),
        ("依院综合", Reason.PINYIN),
        ("城医楼", Reason.ABBREVIATION),
        ("chengnanyiyuan", Reason.PREFIX),
        ("yyzh", Reason.INITIALS),
        ("城南医苑综合搂", Reason.PINYIN),
        ("城东医院综合楼", Reason.TYPO),
    ],
)
def test_each_way_of_typing_has_its_reason(typed: str, reason: Reason) -> None:
    index = NameIndex([Named("hosp", "城南医院综合楼")])
    assert [match.reason for match in index.rank(typed)] == [reason]


def test_latin_names_are_found_by_a_part() -> None:
    index = NameIndex([Named("a", "万科Mall二期"), Named("b", "城南医院")])
    assert [match.named.id for match in index.rank("mall")] == ["a"]


def test_letters_in_the_wrong_order_are_no_abbreviation() -> None:
    index = NameIndex([Named("a", "城南医院综合楼大厅改造")])
    assert index.rank("楼城厅") == []


def test_nothing_typed_matches_nothing() -> None:
    assert PROJECTS.rank("") == []
    assert PROJECTS.rank("。！ ") == []


def test_a_name_of_nothing_but_a_legal_tail_stays_as_it_is() -> None:
    index = NameIndex([Named("a", "集团公司"), Named("b", "")])
    assert [match.named.id for match in index.rank("集团公司")] == ["a"]


def test_the_limit_keeps_the_best() -> None:
    index = NameIndex(Named(str(number), f"滨江{number}号楼") for number in range(30))
    assert len(index.rank("滨江")) == 10
    assert len(index.rank("滨江", limit=3)) == 3


def test_folding_ignores_width_case_blanks_and_the_script_of_digits() -> None:
    assert fold(" ＢＪ－００1 （一期）") == fold("bj〇〇一 1期")


def test_ten_thousand_names_are_ranked_in_sixty_milliseconds() -> None:
    parts = "滨江城南医院重庆长安科技大道绿洲新湖"
    names = [
        "".join(letters) for letters in product(parts[:10], parts[3:13], parts[:10], parts[5:15])
    ]
    index = NameIndex(
        Named(str(number), f"{name}{number}号有限公司") for number, name in enumerate(names)
    )
    assert len(names) == 10_000
    for typed in ("滨江一期", "bjyq", "南医院重庆", "binjiang"):
        assert busy_seconds(partial(index.rank, typed)) < 0.06
