"""Campaigns in words: factor, days, whom; nothing is guessed."""

from datetime import date

import pytest

from handlers.parsing.campaigns import (
    CampaignFound,
    CampaignUnclear,
    Target,
    TargetKind,
    parse_campaign,
)
from handlers.parsing.gaps import Part, Why

TODAY = date(2026, 11, 22)
ESTATE = Target(TargetKind.CUSTOMER_TYPE, "地产", ("地产",))
OLD = Target(TargetKind.SEGMENT, "老客户", ("老客户",))
SIGNED = Target(TargetKind.EVENT, "contract_signed", ("签约", "合同"))
TWICE = Target(TargetKind.PROJECT_TYPE, "市政", ("市政",))
TWICE_TOO = Target(TargetKind.SEGMENT, "市政", ("市政",))
TARGETS = (ESTATE, OLD, SIGNED, TWICE, TWICE_TOO)
DAYS = "12月1日到12月31日"


@pytest.mark.parametrize(
    ("words", "percent"),
    [
        ("双倍积分", 200),
        ("翻倍", 200),
        ("两倍积分", 200),
        ("三倍", 300),
        ("1.5倍", 150),
        ("一点五倍积分", 150),
        ("1.25 倍", 125),
        ("10倍积分", 1000),
        ("\uff12倍", 200),
    ],
)
def test_the_factor_is_understood(words: str, percent: int) -> None:
    found = parse_campaign(f"{words} {DAYS}", TODAY, TARGETS)
    assert isinstance(found, CampaignFound)
    assert (found.percent, found.targets) == (percent, ())


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("12月1日到12月31日", (2026, 12, 1), (2026, 12, 31)),
        ("从12月1日起至31日止", (2026, 12, 1), (2026, 12, 31)),
        ("12.1-12.31", (2026, 12, 1), (2026, 12, 31)),
        ("12月20日~1月10日", (2026, 12, 20), (2027, 1, 10)),
        ("2026-12-01 2026-12-31", (2026, 12, 1), (2026, 12, 31)),
        ("12月12日当天", (2026, 12, 12), (2026, 12, 12)),
        ("到12月31日", (2026, 11, 22), (2026, 12, 31)),
        ("明天到月底", (2026, 11, 23), (2026, 11, 30)),
    ],
)
def test_the_days_are_understood(
    days: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    found = parse_campaign(f"双倍积分 {days}", TODAY, TARGETS)
    assert isinstance(found, CampaignFound), found
    assert (found.first, found.last) == (date(*first), date(*last))
    assert (found.targets, found.name) == ((), "双倍积分")


@pytest.mark.parametrize(
    ("words", "targets", "name"),
    [
        ("地产", (ESTATE,), "双倍积分 地产"),
        ("地产客户", (ESTATE,), "双倍积分 地产客户"),
        ("仅限老客户", (OLD,), "双倍积分 老客户"),
        ("地产、签约", (ESTATE, SIGNED), "双倍积分 地产 签约"),
        ("地产 地产", (ESTATE,), "双倍积分 地产"),
        ("所有客户", (), "双倍积分"),
    ],
)
def test_whom_it_is_for_is_understood(words: str, targets: tuple[Target, ...], name: str) -> None:
    for text in (f"双倍积分 {DAYS} {words}", f"{words} {DAYS} 双倍积分"):
        found = parse_campaign(text, TODAY, TARGETS)
        assert isinstance(found, CampaignFound), found
        assert (found.targets, found.name) == (targets, name)


@pytest.mark.parametrize(
    ("words", "part", "why"),
    [
        (DAYS, Part.PERCENT, Why.MISSING),
        ("双倍积分", Part.DATE, Why.MISSING),
        ("双倍积分 12月1日", Part.END, Why.MISSING),
        ("双倍积分 12月31日到12月1日", Part.END, Why.REFUSED),
        ("双倍积分 2月30日到3月1日", Part.DATE, Why.REFUSED),
        ("双倍积分 12月1日到2月30日", Part.DATE, Why.REFUSED),
        (f"双倍积分 {DAYS} 火星", Part.TARGET, Why.REFUSED),
        (f"双倍积分 {DAYS} 市政", Part.TARGET, Why.AMBIGUOUS),
    ],
)
def test_what_is_open_is_named(words: str, part: Part, why: Why) -> None:
    found = parse_campaign(words, TODAY, TARGETS)
    assert isinstance(found, CampaignUnclear)
    assert [(gap.part, gap.why) for gap in found.gaps] == [(part, why)]


def test_a_long_name_is_cut() -> None:
    targets = [Target(TargetKind.SEGMENT, "x" * 38, ("x" * 38,))]
    found = parse_campaign(f"双倍积分 {DAYS} {'x' * 38}", TODAY, targets)
    assert isinstance(found, CampaignFound)
    assert len(found.name) == 40
