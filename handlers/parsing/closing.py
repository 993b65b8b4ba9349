"""How an alert was closed, in words: 施工质量 返工 已重做防水."""

from dataclasses import dataclass

from domain.alerts import Cause, Measure

_CAUSES: dict[str, Cause] = {
    "施工质量": Cause.WORKMANSHIP,
    "质量": Cause.WORKMANSHIP,
    "施工": Cause.WORKMANSHIP,
    "材料": Cause.MATERIAL,
    "进度": Cause.SCHEDULE,
    "工期": Cause.SCHEDULE,
    "沟通": Cause.COMMUNICATION,
    "服务": Cause.COMMUNICATION,
    "其他": Cause.OTHER,
}
_MEASURES: dict[str, Measure] = {
    "返工": Measure.REWORK,
    "维修": Measure.REWORK,
    "整改": Measure.REWORK,
    "上门": Measure.VISIT,
    "回访": Measure.VISIT,
    "补偿": Measure.COMPENSATION,
    "赔偿": Measure.COMPENSATION,
    "解释": Measure.EXPLAINED,
    "说明": Measure.EXPLAINED,
    "其他": Measure.OTHER,
}


@dataclass(frozen=True, slots=True)
class Closing:
    """Cause, measure and what else was said."""

    cause: Cause
    measure: Measure
    note: str


def parse_closing(words: str) -> Closing | None:
    """Read cause, then measure, then a note; None when either of the first two is missing."""
    parts = words.split(maxsplit=2)
    if len(parts) < 2:  # noqa: PLR2004  cause and measure
        return None
    cause = _CAUSES.get(parts[0])
    measure = _MEASURES.get(parts[1])
    if cause is None or measure is None:
        return None
    return Closing(cause, measure, parts[2] if len(parts) > 2 else "")  # noqa: PLR2004
