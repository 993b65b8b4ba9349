"""Lotteries, their urns and draws as rows; the seed is encrypted until a lottery is closed."""

from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.draws import Draw
from domain.ids import CustomerId, LotteryId
from domain.lotteries import Lottery, LotteryState, Prize, PrizeKind
from domain.ports import Conflict
from domain.repositories import Lotteries
from storage.cipher import Cipher
from storage.counters import next_number
from storage.db import Db, Missing, Row
from storage.values import time_of, time_or_none

_SELECT = """
    SELECT id, number, name, price, opens_at, closes_at, per_day, per_customer, state, commitment,
           seed, drawn, head, published_at, closed_at, version
    FROM lotteries WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_LOCK = _GET + " FOR UPDATE"
_FIND_NUMBER = _SELECT + " AND number = :number"
_ALL = _SELECT + " ORDER BY number"
_OVERDUE = """
    SELECT id FROM lotteries
    WHERE tenant_id = :tenant AND state = 'open' AND closes_at <= :now ORDER BY number
"""
_PRIZES = """
    SELECT place, kind, name, tickets, remaining, points, months, reward_id, has_stock,
           worth
    FROM lottery_prizes WHERE tenant_id = :tenant AND lottery_id = :lottery ORDER BY place
"""
_ADD = """
    INSERT INTO lotteries (tenant_id, id, number, name, price, opens_at, closes_at, per_day,
        per_customer, state, commitment, seed, drawn, head, published_at, closed_at, version)
    VALUES (:tenant, :id, :number, :name, :price, :opens_at, :closes_at, :per_day,
        :per_customer, :state, :commitment, :seed, :drawn, :head, :published_at, :closed_at,
        :version)
"""
_ADD_PRIZE = """
    INSERT INTO lottery_prizes (tenant_id, lottery_id, place, kind, name, tickets, remaining,
        points, months, reward_id, has_stock, worth)
    VALUES (:tenant, :lottery, :place, :kind, :name, :tickets, :remaining,
        :points, :months, :reward, :has_stock, :worth)
"""
_PUBLISH = """
    UPDATE lotteries SET state = :state, commitment = :commitment, seed = :seed,
        published_at = :published_at, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_SAVE = """
    UPDATE lotteries SET drawn = :drawn, head = :head, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_CLOSE = """
    UPDATE lotteries SET state = :state, seed = :seed, closed_at = :closed_at, version = :version
    WHERE tenant_id = :tenant AND id = :id AND version = :version - 1
"""
_TAKE = """
    UPDATE lottery_prizes SET remaining = :remaining
    WHERE tenant_id = :tenant AND lottery_id = :lottery AND place = :place
        AND remaining <> :remaining
"""
_SEED = "SELECT state, seed FROM lotteries WHERE tenant_id = :tenant AND id = :id"
_SELECT_DRAWS = """
    SELECT id, lottery_id, number, source, customer_id, contact_id, prize, price, drawn_at,
           previous, hash
    FROM draws WHERE tenant_id = :tenant
"""
_FIND_DRAW = _SELECT_DRAWS + " AND source = :source"
_DRAWS = _SELECT_DRAWS + " AND lottery_id = :lottery ORDER BY number"
_ADD_DRAW = """
    INSERT INTO draws (tenant_id, id, lottery_id, number, source, customer_id, contact_id, prize,
        price, drawn_at, previous, hash)
    VALUES (:tenant, :id, :lottery, :number, :source, :customer, :contact, :prize,
        :price, :drawn_at, :previous, :hash)
"""
_COUNT = """
    SELECT COALESCE(SUM(CASE WHEN drawn_at >= :since THEN 1 ELSE 0 END), 0), COUNT(*) FROM draws
    WHERE tenant_id = :tenant AND lottery_id = :lottery AND customer_id = :customer
"""
_COUNTER = "lottery"


class SqlLotteries(Lotteries):
    """Lotteries in the database."""

    def __init__(self, db: Db, cipher: Cipher) -> None:
        self._db = db
        self._cipher = cipher

    @override
    def next_number(self) -> int:
        return next_number(self._db, _COUNTER)

    @override
    def add(self, lottery: Lottery) -> None:
        self._db.run(
            _ADD,
            id=lottery.id,
            number=lottery.number,
            name=lottery.name,
            price=lottery.price,
            opens_at=lottery.opens_at,
            closes_at=lottery.closes_at,
            per_day=lottery.per_day,
            per_customer=lottery.per_customer,
            state=lottery.state,
            commitment=lottery.commitment,
            seed=lottery.seed,
            drawn=lottery.drawn,
            head=lottery.head,
            published_at=lottery.published_at,
            closed_at=lottery.closed_at,
            version=lottery.version,
        )
        self._db.many(_ADD_PRIZE, [_prize_values(lottery.id, prize) for prize in lottery.prizes])

    @override
    def get(self, lottery: LotteryId) -> Lottery:
        return self._found(lottery, self._db.one(_GET, id=lottery))

    @override
    def lock(self, lottery: LotteryId) -> Lottery:
        return self._found(lottery, self._db.one(_LOCK, id=lottery))

    @override
    def find_number(self, number: int) -> Lottery | None:
        row = self._db.one(_FIND_NUMBER, number=number)
        return None if row is None else self._lottery(row)

    @override
    def all(self) -> list[Lottery]:
        return [self._lottery(row) for row in self._db.all(_ALL)]

    @override
    def overdue(self, now: datetime) -> list[LotteryId]:
        return [id_ for (id_,) in self._db.all(_OVERDUE, now=now)]

    @override
    def publish(self, lottery: Lottery, seed: str) -> None:
        changed = self._db.run(
            _PUBLISH,
            id=lottery.id,
            state=lottery.state,
            commitment=lottery.commitment,
            seed=self._cipher.encrypt(seed, self._place(lottery.id)),
            published_at=lottery.published_at,
            version=lottery.version,
        )
        if changed != 1:
            raise Conflict("lottery")

    @override
    def secret(self, lottery: LotteryId) -> str:
        row = self._db.one(_SEED, id=lottery)
        if row is None or row[1] is None:
            raise Missing("seed", lottery)
        state, seed = row
        if state == LotteryState.CLOSED:
            return str(seed)
        return self._cipher.decrypt(seed, self._place(lottery))

    @override
    def save(self, lottery: Lottery) -> None:
        if lottery.state is LotteryState.CLOSED:
            changed = self._db.run(
                _CLOSE,
                id=lottery.id,
                state=lottery.state,
                seed=lottery.seed,
                closed_at=lottery.closed_at,
                version=lottery.version,
            )
        else:
            changed = self._db.run(
                _SAVE,
                id=lottery.id,
                drawn=lottery.drawn,
                head=lottery.head,
                version=lottery.version,
            )
        if changed != 1:
            raise Conflict("lottery")
        for prize in lottery.prizes:
            self._db.run(_TAKE, lottery=lottery.id, place=prize.place, remaining=prize.left)

    @override
    def add_draw(self, draw: Draw) -> None:
        self._db.run(
            _ADD_DRAW,
            id=draw.id,
            lottery=draw.lottery,
            number=draw.number,
            source=draw.source,
            customer=draw.customer,
            contact=draw.contact,
            prize=draw.prize,
            price=draw.price,
            drawn_at=draw.drawn_at,
            previous=draw.previous,
            hash=draw.hash,
        )

    @override
    def find_draw(self, source: str) -> Draw | None:
        row = self._db.one(_FIND_DRAW, source=source)
        return None if row is None else _draw(row)

    @override
    def draws(self, lottery: LotteryId) -> list[Draw]:
        return [_draw(row) for row in self._db.all(_DRAWS, lottery=lottery)]

    @override
    def count(self, lottery: LotteryId, customer: CustomerId, since: datetime) -> tuple[int, int]:
        [(recent, ever)] = self._db.all(_COUNT, lottery=lottery, customer=customer, since=since)
        return int(recent), int(ever)

    def _found(self, lottery: LotteryId, row: Row | None) -> Lottery:
        if row is None:
            raise Missing("lottery", lottery)
        return self._lottery(row)

    def _lottery(self, row: Row) -> Lottery:
        (id_, number, name, price, opens_at, closes_at, per_day, per_customer, *life) = row
        (state, commitment, seed, drawn, head, published_at, closed_at, version) = life
        prizes = tuple(_prize(found) for found in self._db.all(_PRIZES, lottery=id_))
        return Lottery(
            id=id_,
            number=number,
            name=name,
            price=price,
            opens_at=time_of(opens_at),
            closes_at=time_of(closes_at),
            per_day=per_day,
            per_customer=per_customer,
            prizes=prizes,
            state=LotteryState(state),
            commitment=commitment,
            drawn=drawn,
            head=head,
            seed=seed if state == LotteryState.CLOSED else None,
            published_at=time_or_none(published_at),
            closed_at=time_or_none(closed_at),
            version=version,
        )

    def _place(self, lottery: LotteryId) -> str:
        return f"lottery:{self._db.tenant}/{lottery}"


def _prize_values(lottery: LotteryId, prize: Prize) -> dict[str, Any]:
    return {
        "lottery": lottery,
        "place": prize.place,
        "kind": prize.kind,
        "name": prize.name,
        "tickets": prize.count,
        "remaining": prize.left,
        "points": prize.points,
        "months": prize.months,
        "reward": prize.reward,
        "has_stock": prize.has_stock,
        "worth": prize.worth,
    }


def _prize(row: Row) -> Prize:
    (place, kind, name, tickets, remaining, points, months, reward, *rest) = row
    has_stock, worth = rest
    return Prize(
        place=place,
        kind=PrizeKind(kind),
        name=name,
        count=tickets,
        left=remaining,
        points=points,
        months=months,
        reward=reward,
        has_stock=bool(has_stock),
        worth=worth,
    )


def _draw(row: Row) -> Draw:
    (id_, lottery, number, source, customer, contact, prize, price, at, previous, hash_) = row
    return Draw(
        id=id_,
        lottery=lottery,
        number=number,
        source=source,
        customer=customer,
        contact=contact,
        prize=prize,
        price=price,
        drawn_at=time_of(at),
        previous=previous,
        hash=hash_,
    )
