"""Draws: fair, decided by seed and number alone, and replayed so that every change is found."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.draws import (
    Draw,
    DrawFault,
    FoundFault,
    commitment_of,
    draw_hash,
    next_draw,
    pointed_at,
    replay,
    taken,
    ticket_at,
)
from domain.ids import ContactId, CustomerId, DrawId, LotteryId, RewardId
from domain.ledger import GENESIS
from domain.lotteries import Lottery, LotteryState, Prize, PrizeKind

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
SEED = "k" * 43
COUNTS = st.lists(st.integers(1, 12), min_size=1, max_size=8)
SEEDS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789-_", min_size=43, max_size=43)


def a_lottery(counts: Sequence[int] = (2, 3, 5), seed: str = SEED, **changes: Any) -> Lottery:
    """Make an open lottery with so many tickets of each prize."""
    prizes = tuple(
        Prize(place, PrizeKind.POINTS, f"奖{place}", count, count, points=place, months=12)
        for place, count in enumerate(counts, 1)
    )
    fields: dict[str, Any] = {
        "id": LotteryId("lottery-1"),
        "number": 1,
        "name": "新年抽奖",
        "price": 20,
        "opens_at": NOW,
        "closes_at": NOW + timedelta(days=30),
        "per_day": None,
        "per_customer": None,
        "prizes": prizes,
        "state": LotteryState.OPEN,
    }
    made = Lottery(**(fields | changes))
    return replace(made, commitment=commitment_of(seed, made.terms()))


def play(lottery: Lottery, times: int, seed: str = SEED) -> tuple[Lottery, list[Draw]]:
    """Draw so often."""
    made: list[Draw] = []
    for number in range(1, times + 1):
        prize = next_draw(lottery, seed)
        draw = Draw(
            id=DrawId(f"draw-{number}"),
            lottery=lottery.id,
            number=number,
            source=f"ticket:{number}",
            customer=CustomerId(f"C{number % 3}"),
            contact=ContactId(f"k{number % 3}"),
            prize=prize.place,
            price=lottery.price,
            drawn_at=NOW + timedelta(seconds=number),
            previous=lottery.head,
        )
        draw = replace(draw, hash=draw_hash(draw))
        lottery = taken(lottery, prize.place, draw.hash)
        made.append(draw)
    return lottery, made


def counts(lottery: Lottery) -> list[int]:
    return [prize.left for prize in lottery.prizes]


@given(COUNTS, SEEDS, st.data())
def test_what_is_drawn_and_what_is_left_make_what_there_was(
    amounts: list[int], seed: str, data: st.DataObject
) -> None:
    times = data.draw(st.integers(0, sum(amounts)))
    lottery, draws = play(a_lottery(amounts, seed), times, seed)
    drawn = Counter(draw.prize for draw in draws)
    assert [left + drawn[place] for place, left in enumerate(counts(lottery), 1)] == amounts
    assert lottery.left == sum(amounts) - times
    assert (lottery.drawn, min(counts(lottery)) >= 0) == (times, True)
    assert list(replay(lottery, seed, draws)) == []


@given(SEEDS, st.integers(1, 10**9), st.integers(1, 20_000))
def test_a_draw_points_into_the_urn_and_always_at_the_same_ticket(
    seed: str, number: int, total: int
) -> None:
    position = pointed_at(seed, LotteryId("l"), number, total)
    assert 0 <= position < total
    assert pointed_at(seed, LotteryId("l"), number, total) == position


def test_the_mapping_is_the_one_that_is_documented() -> None:
    def bits(number: int, attempt: int) -> int:
        key, message = SEED.encode(), f"lottery-1:{number}:{attempt}".encode()
        digest = hmac.new(key, message, hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") >> (64 - 3)

    thrown_away = 0
    for number in range(1, 200):
        attempt = 0
        while bits(number, attempt) >= 5:
            attempt += 1
        thrown_away += attempt
        assert pointed_at(SEED, LotteryId("lottery-1"), number, 5) == bits(number, attempt)
    assert thrown_away > 20


def test_an_urn_of_one_needs_no_luck() -> None:
    assert pointed_at(SEED, LotteryId("l"), 7, 1) == 0


@pytest.mark.parametrize("total", [2, 3, 7, 10, 1_000])
def test_every_ticket_is_as_likely_as_any_other(total: int) -> None:
    """χ² with a fixed seed: the 99.9 % point of its distribution, by Wilson and Hilferty."""
    times = 100_000
    seen = Counter(pointed_at(SEED, LotteryId("l"), n, total) for n in range(times))
    assert chi_square(seen, [times / total] * total) < chi_square_limit(total - 1)


def test_a_hundred_thousand_first_draws_keep_to_the_odds() -> None:
    odds, times = [1, 9, 40, 950], 100_000
    total = sum(odds)
    lottery = a_lottery(odds)
    seen = Counter(
        ticket_at(lottery.prizes, pointed_at(SEED, LotteryId(f"l{n}"), 1, total)).place - 1
        for n in range(times)
    )
    assert chi_square(seen, [times * one / total for one in odds]) < chi_square_limit(3)


def test_the_last_ticket_is_as_fair_as_the_first() -> None:
    """Without putting back: every place in the order of draws gets the prize as often."""
    urns, size = 3_000, 5
    places: Counter[int] = Counter()
    for number in range(urns):
        lottery = a_lottery([1, size - 1], id=LotteryId(f"l{number}"))
        _, draws = play(lottery, size)
        places.update(draw.number - 1 for draw in draws if draw.prize == 1)
    assert sum(places.values()) == urns
    assert chi_square(places, [urns / size] * size) < chi_square_limit(size - 1)


def chi_square(seen: Counter[int], expected: Sequence[float]) -> float:
    return sum((seen[place] - want) ** 2 / want for place, want in enumerate(expected))


def chi_square_limit(freedom: int) -> float:
    normal, part = 3.0902, 2 / (9 * freedom)
    return float(freedom * (1 - part + normal * part**0.5) ** 3)


@given(SEEDS, SEEDS)
def test_a_commitment_binds_the_seed(seed: str, other: str) -> None:
    terms = a_lottery().terms()
    assert (commitment_of(seed, terms) == commitment_of(other, terms)) == (seed == other)


TERMS_CHANGED: dict[str, Callable[[Lottery], Lottery]] = {
    "name": lambda one: replace(one, name="别的抽奖"),
    "number": lambda one: replace(one, number=2),
    "price": lambda one: replace(one, price=21),
    "opens_at": lambda one: replace(one, opens_at=NOW + timedelta(seconds=1)),
    "closes_at": lambda one: replace(one, closes_at=NOW + timedelta(days=31)),
    "per_day": lambda one: replace(one, per_day=1),
    "per_customer": lambda one: replace(one, per_customer=1),
    "a prize's name": lambda one: with_prize(one, name="空"),
    "a prize's points": lambda one: with_prize(one, points=100),
    "a prize's months": lambda one: with_prize(one, months=1),
    "a prize's kind": lambda one: with_prize(one, kind=PrizeKind.NOTHING),
    "a prize's reward": lambda one: with_prize(one, reward=RewardId("tea")),
    "a prize's worth": lambda one: with_prize(one, worth=1),
    "a prize's count": lambda one: with_prize(one, count=3, left=3),
}


def with_prize(lottery: Lottery, **changes: Any) -> Lottery:
    first, *rest = lottery.prizes
    return replace(lottery, prizes=(replace(first, **changes), *rest))


@pytest.mark.parametrize("name", TERMS_CHANGED)
def test_a_commitment_binds_all_that_was_promised(name: str) -> None:
    lottery, draws = play(a_lottery(), 4)
    found = list(replay(TERMS_CHANGED[name](lottery), SEED, draws))
    assert found[0] == FoundFault(DrawFault.COMMITMENT)


def test_what_is_left_is_no_promise() -> None:
    lottery = a_lottery()
    assert with_prize(lottery, left=0).terms() == lottery.terms()


def test_terms_do_not_depend_on_the_zone_they_were_read_in() -> None:
    lottery = a_lottery()
    zone = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
    assert replace(lottery, opens_at=zone).terms() == lottery.terms()


Tamper = Callable[[Lottery, list[Draw]], tuple[Lottery, list[Draw]]]


def rehashed(draws: Sequence[Draw]) -> list[Draw]:
    """Chain draws anew, as somebody would who has the database."""
    made: list[Draw] = []
    head = GENESIS
    for draw in draws:
        changed = replace(draw, previous=head)
        changed = replace(changed, hash=draw_hash(changed))
        made.append(changed)
        head = changed.hash
    return made


def changed(place: int, **changes: Any) -> Tamper:
    def tamper(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
        draws[place] = replace(draws[place], **changes)
        return lottery, draws

    return tamper


def other_prize(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    """Give somebody another prize, and chain and count everything anew."""
    first = draws[0]
    place = next(prize.place for prize in lottery.prizes if prize.place != first.prize)
    made = rehashed([replace(first, prize=place), *draws[1:]])
    back = tuple(
        replace(p, left=p.left + (p.place == first.prize) - (p.place == place))
        for p in lottery.prizes
    )
    return replace(lottery, prizes=back, head=made[-1].hash), made


def swapped(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    """Give one customer the number of another, and chain everything anew."""
    one, two = 0, next(n for n, draw in enumerate(draws) if draw.prize != draws[0].prize)
    draws[one], draws[two] = (
        replace(draws[two], number=draws[one].number),
        replace(draws[one], number=draws[two].number),
    )
    made = rehashed(draws)
    return replace(lottery, head=made[-1].hash), made


def swapped_rows(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    """Swap two rows with all that is in them but the numbers."""
    draws[0], draws[1] = replace(draws[1], number=1), replace(draws[0], number=2)
    return lottery, draws


def cut(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    return lottery, draws[:-1]


def missing(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    del draws[3]
    return lottery, draws


def longer(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    """Add a draw to an urn that is empty."""
    last = draws[-1]
    draws.append(replace(last, number=last.number + 1, previous=last.hash))
    return lottery, draws


def full_again(lottery: Lottery, draws: list[Draw]) -> tuple[Lottery, list[Draw]]:
    return with_prize(lottery, left=1), draws


TAMPERED: dict[str, tuple[Tamper, set[DrawFault]]] = {
    "a customer": (changed(2, customer=CustomerId("friend")), {DrawFault.HASH}),
    "a contact": (changed(2, contact=ContactId("friend")), {DrawFault.HASH}),
    "an id": (changed(2, id=DrawId("friend")), {DrawFault.HASH}),
    "a time": (changed(2, drawn_at=NOW), {DrawFault.HASH}),
    "a hash": (changed(2, hash="0" * 64), {DrawFault.HASH}),
    "the last hash": (changed(-1, hash="0" * 64), {DrawFault.HASH, DrawFault.HEAD}),
    "a price": (changed(2, price=1), {DrawFault.HASH, DrawFault.PRIZE}),
    "a lottery": (changed(2, lottery=LotteryId("x")), {DrawFault.HASH, DrawFault.NUMBER}),
    "a number": (changed(2, number=8), {DrawFault.HASH, DrawFault.NUMBER}),
    "another prize": (other_prize, {DrawFault.PRIZE}),
    "numbers swapped": (swapped, {DrawFault.PRIZE}),
    "rows swapped": (swapped_rows, {DrawFault.HASH}),
    "the end cut off": (cut, {DrawFault.LEFT, DrawFault.HEAD}),
    "one taken out": (missing, {DrawFault.NUMBER, DrawFault.HASH, DrawFault.HEAD}),
    "one too many": (longer, {DrawFault.HASH, DrawFault.PRIZE, DrawFault.LEFT, DrawFault.HEAD}),
    "a prize put back": (full_again, {DrawFault.LEFT}),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_whatever_is_changed_afterwards_is_found(name: str) -> None:
    tamper, expected = TAMPERED[name]
    lottery, draws = play(a_lottery(), 10)
    assert list(replay(lottery, SEED, draws)) == []
    tampered, rows = tamper(lottery, list(draws))
    assert expected <= {one.fault for one in replay(tampered, SEED, rows)}


def test_a_changed_row_is_named() -> None:
    lottery, draws = play(a_lottery(), 10)
    draws[4] = replace(draws[4], customer=CustomerId("friend"))
    assert list(replay(lottery, SEED, draws)) == [FoundFault(DrawFault.HASH, 5)]


def test_another_seed_does_not_fit() -> None:
    lottery, draws = play(a_lottery(), 10)
    found = list(replay(lottery, "x" * 43, draws))
    assert found[0] == FoundFault(DrawFault.COMMITMENT)
    assert DrawFault.PRIZE in {one.fault for one in found}


def test_who_stands_for_somebody_without_saying_who() -> None:
    _, [first, second, *_] = play(a_lottery(), 4)
    assert len(first.who) == 64
    assert first.who != replace(first, contact=second.contact).who
    assert "C1" not in first.who


def test_a_ticket_beyond_the_urn_is_a_bug() -> None:
    with pytest.raises(ValueError, match="0"):
        ticket_at(a_lottery([2]).prizes, 2)
