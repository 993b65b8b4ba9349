"""Whatever a reward says survives the way into a workbook and back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st

from bot.catalogue.loading import read_listing
from bot.catalogue.saving import save_catalogue
from domain.ids import RewardId
from domain.rewards import (
    MONEY_MAX,
    POINTS_MAX,
    STOCK_MAX,
    Limit,
    LimitPeriod,
    Reward,
    RewardKind,
    Stock,
)
from handlers.usecases.rewards import Shelved

TODAY = date(2026, 11, 22)
NASTY = ("不限", "是", "a、b", '"', 'a"b', " x ", "=1+1", "-5", "#REF!", "Ａ", "1e5", "10", "无")
TEXTS = st.text(max_size=12).filter(str.isprintable) | st.sampled_from(NASTY)
NAMES = TEXTS.filter(str.strip)
MINUTES = st.integers(0, 100 * 365 * 24 * 60).map(lambda n: timedelta(minutes=n))
TIMES = st.none() | st.builds(
    lambda far, days: datetime(2000, 1, 1, 16, tzinfo=UTC) + far + days,
    st.just(timedelta()) | MINUTES,
    st.integers(0, 300).map(timedelta),
)
ADDRESSES = st.just("") | st.from_regex(r"https://[a-z]{1,9}\.cn/[a-z?=&0-9]{0,30}", fullmatch=True)
STOCKS = st.builds(Stock, *[st.integers(0, STOCK_MAX)] * 3)


@st.composite
def shelved(draw: st.DrawFn) -> Shelved:
    stock = draw(st.none() | STOCKS)
    reward = Reward(
        id=RewardId("reward-1"),
        number=draw(st.integers(1, 999_999)),
        name=draw(NAMES),
        kind=draw(st.sampled_from(RewardKind)),
        points=draw(st.integers(1, POINTS_MAX)),
        cost=draw(st.integers(0, MONEY_MAX)),
        value=draw(st.integers(0, MONEY_MAX)),
        description=draw(TEXTS),
        picture=draw(ADDRESSES),
        is_active=draw(st.booleans()),
        limit=draw(st.none() | st.builds(Limit, st.integers(1, 999), st.sampled_from(LimitPeriod))),
        tier=draw(st.sampled_from(["", "silver", "gold"])),
        segments=draw(st.frozensets(NAMES.map(str.strip), max_size=3)),
        opens_at=draw(TIMES),
        closes_at=draw(TIMES),
        valid_days=draw(st.none() | st.integers(0, 3650)),
        is_partly_usable=draw(st.booleans()),
        needs_contact=draw(st.booleans()),
        needs_approver=draw(st.booleans()),
        has_stock=stock is not None,
        version=draw(st.integers(1, 99)),
    )
    return Shelved(reward, stock)


@given(shelved())
def test_a_reward_is_read_as_it_was_written(one: Shelved) -> None:
    listing = read_listing(save_catalogue([one], {"silver": "无", "gold": "金,牌"}), TODAY)
    assert (listing.problems, listing.unused) == ([], [])
    [row] = listing.rows
    called = {"silver": "无", "gold": "金,牌"}.get(one.reward.tier, "")
    assert replace(one.reward, **row.terms) == replace(one.reward, tier=called)
    assert (row.number, row.version) == (one.reward.number, one.reward.version)
    if one.stock is not None:
        assert (row.stock, row.used) == (one.stock.available, one.stock.held + one.stock.gone)
