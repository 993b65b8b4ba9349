"""How an alert was closed, in words."""

from domain.alerts import Cause, Measure
from handlers.parsing.closing import Closing, parse_closing


def test_cause_and_measure_come_first_the_rest_is_a_note() -> None:
    said = parse_closing("施工质量 返工 已重做防水 三天内复查")
    assert said == Closing(Cause.WORKMANSHIP, Measure.REWORK, "已重做防水 三天内复查")
    assert parse_closing("材料 赔偿") == Closing(Cause.MATERIAL, Measure.COMPENSATION, "")


def test_words_without_both_are_refused() -> None:
    assert parse_closing("") is None
    assert parse_closing("返工") is None
    assert parse_closing("天气 返工") is None
    assert parse_closing("材料 祈祷") is None
