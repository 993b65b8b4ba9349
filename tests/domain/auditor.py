"""A second, deliberately naive ledger: every point is a token that is moved by hand.

No accounts, no formulas, no counters: what a rule gives stands here as numbers, and how far a cap
is used or a tier is reached is found out from the history each time. Slow, and easy to believe. It
shares no code with domain/. Its firm is the one of tests/support/small_firm.py.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
MONTH_CAP, QUARTER_CAP, CHECK_INS_A_DAY = 30, 60, 2
FLOOR = 10
WAIT = timedelta(days=5)
TIERS = (("silver", 20, 150, 4), ("gold", 45, 200, 6))
OWED_UNTIL_MONTHS = 24

Told = list[tuple[str, int, int, str]]
"""Rule, points asked for, points booked, how it ended."""


@dataclass(eq=False)
class Token:
    """One point."""

    lot: int
    ends_at: datetime
    from_at: datetime | None = None
    place: str = "available"
    """available, pending, held, lapsed; gone is everything else."""


@dataclass(eq=False)
class Fact:
    """One event with what became of it, part by part."""

    at: datetime
    parts: list[tuple[str, list[Token]]] = field(default_factory=list)
    booked: list[tuple[str, int]] = field(default_factory=list)
    """What each rule has given."""
    is_undone: bool = False

    def given(self, *rules: str) -> int:
        return sum(points for rule, points in self.booked if rule in rules)


def begin_of_month_after(at: datetime, months: int) -> datetime:
    """Give the first instant after the last day of a month so many months later."""
    local = at.astimezone(SHANGHAI)
    year, month = local.year, local.month
    for _ in range(months + 1):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return datetime(year, month, 1, tzinfo=SHANGHAI)


class Auditor:
    """What a wallet must hold, found out the slow way."""

    def __init__(self) -> None:
        self.now = datetime(2000, 1, 1, tzinfo=SHANGHAI)
        self.tokens: list[Token] = []
        self.debt = 0
        self.lots = 0
        self.facts: list[Fact] = []
        self.holds: list[list[Token]] = []
        self.refunded: dict[int, int] = {}
        self.came_back: dict[int, list[int]] = {}
        """How many points of a spent hold have come back."""

    def count(self, place: str) -> int:
        """Count the tokens at a place."""
        return sum(token.place == place for token in self.tokens)

    def left(self) -> dict[tuple[int, bool], int]:
        """Count what is left per lot, and whether it waits."""
        left: dict[tuple[int, bool], int] = {}
        for token in self.tokens:
            if token.place in {"available", "pending"}:
                key = (token.lot, token.place == "pending")
                left[key] = left.get(key, 0) + 1
        return left

    # What happens to the wallet.

    def opens(self, now: datetime) -> None:
        """Let waiting points come whose time it is, then drop those whose time is over."""
        self.now = now
        waiting = [
            (token.from_at, token.lot, place, token)
            for place, token in enumerate(self.tokens)
            if token.place == "pending" and token.from_at is not None
        ]
        for from_at, _, _, token in sorted(waiting):
            if from_at <= now:
                self._give([token])
        self._lapse()

    def tells(self, kind: str, amount: int, at: datetime) -> Told:
        """Count one event."""
        fact = Fact(at)
        self.facts.append(fact)
        before = self.level(at)
        told: Told = getattr(self, f"_{kind}")(fact, amount)
        if before:
            code, _, percent, _ = TIERS[before - 1]
            extra = fact.given("amount", "check-in", "give") * (percent - 100) // 100
            if extra:
                told.append(self._tier(fact, code, extra, "extra:"))
        for code, _, _, gift in TIERS[before : self.level(at)]:
            if not any(f.given("gift:" + code) for f in self._standing()):
                told.append(self._tier(fact, code, gift, "gift:"))
        return told

    def takes_back(self, number: int) -> None:
        """Put everything one event did back, last things first."""
        fact = self.facts[number]
        fact.is_undone = True
        for kind, tokens in reversed(fact.parts):
            if kind == "owed":
                self._give_owed(len(tokens))
            elif kind == "taken":
                self._give(tokens)
            elif kind == "earned":
                self._claw_back(tokens)
            else:
                for _ in tokens:
                    self._lose_one()
            self._lapse()

    def hold(self, points: int) -> bool:
        """Set points aside, or nothing."""
        if points > self.count("available"):
            return False
        taken = [token for token in (self._lose_one("held") for _ in range(points)) if token]
        self.holds.append(taken)
        return True

    def settle(self, number: int) -> None:
        """Spend what was set aside."""
        for token in self.holds[number]:
            token.place = "gone"

    def refund(self, number: int, points: int) -> None:
        """Give back of what was spent, one by one; what pays a debt comes back to no lot."""
        self.refunded[number] = self.refunded.get(number, 0) + points
        for _ in range(points):
            if self.debt:
                self.debt -= 1
            else:
                # What has come back once may be gone again, for something else.
                back = self.came_back.setdefault(number, [])
                away = [t for t in self.holds[number] if t.place == "gone" and id(t) not in back]
                token = max(away, key=lambda t: (t.ends_at, t.lot))
                token.place = "available"
                back.append(id(token))
        self._lapse()

    def still_spent(self, number: int) -> int:
        """Count what can still come back of a spent hold."""
        return len(self.holds[number]) - self.refunded.get(number, 0)

    def release(self, number: int) -> None:
        """Give it back."""
        self._give(self.holds[number])
        self._lapse()

    def reinstate(self, lots: dict[int, int], ends_at: datetime) -> None:
        """Give back so many points of each lot that have lapsed, as a new lot."""
        for lot, points in lots.items():
            lapsed = [t for t in self.tokens if t.lot == lot and t.place == "lapsed"]
            for token in lapsed[:points]:
                token.place = "gone"
        self._earn(sum(lots.values()), ends_at)

    def level(self, at: datetime) -> int:
        """Find the highest tier reached in this month or the one of grace before it."""
        month = self._month(at)
        best = 0
        for last in (month - 1, month):
            earned = sum(
                fact.given("amount", "give")
                for fact in self._standing()
                if last - 1 <= self._month(fact.at) <= last
            )
            best = max(best, sum(earned >= threshold for _, threshold, _, _ in TIERS))
        return best

    # What the rules say.

    def _signed(self, fact: Fact, amount: int) -> Told:
        used = sum(f.given("amount") for f in self._standing() if self._is_same_month(f, fact))
        told = [self._gives(fact, "amount", amount, MONTH_CAP - used)]
        if amount >= 8:
            told.append(self._gives(fact, "double", amount, amount))
        return told

    def _check_in(self, fact: Fact, amount: int) -> Told:
        del amount
        day = fact.at.astimezone(SHANGHAI).date()
        times = sum(
            f.given("check-in") > 0
            for f in self._standing()
            if f.at.astimezone(SHANGHAI).date() == day
        )
        room = 3 if times < CHECK_INS_A_DAY else 0
        return [self._gives(fact, "check-in", 3, room, wait=WAIT)]

    def _suggested(self, fact: Fact, amount: int) -> Told:
        del amount
        return [self._gives(fact, "give", 5, 5), self._takes(fact, "take", 8)]

    def _complained(self, fact: Fact, amount: int) -> Told:
        return [self._takes(fact, "floor", amount, FLOOR)]

    def _paid(self, fact: Fact, amount: int) -> Told:
        return [self._takes(fact, "owe", amount)]

    def _reviewed(self, fact: Fact, amount: int) -> Told:
        if amount > self.count("available"):
            return [("refuse", amount, 0, "refused")]
        return [self._takes(fact, "refuse", amount)]

    def _surveyed(self, fact: Fact, amount: int) -> Told:
        if amount > self.count("available"):
            return [("ask", amount, 0, "asked")]
        return [self._takes(fact, "ask", amount)]

    def _gives(
        self, fact: Fact, rule: str, asked: int, room: int, *, wait: timedelta | None = None
    ) -> tuple[str, int, int, str]:
        in_quarter = sum(
            f.given("amount", "double", "check-in", "give")
            for f in self._standing()
            if self._month(f.at) // 3 == self._month(fact.at) // 3
        )
        points = max(0, min(asked, room, QUARTER_CAP - in_quarter))
        fact.booked.append((rule, points))
        if points:
            from_at = fact.at + wait if wait else None
            ends_at = begin_of_month_after(fact.at, 3)
            fact.parts += self._earn(points, ends_at, from_at)
        return rule, asked, points, "applied" if points == asked else "capped"

    def _takes(
        self, fact: Fact, rule: str, asked: int, floor: int | None = None
    ) -> tuple[str, int, int, str]:
        taken: list[Token] = []
        owed: list[Token] = []
        for _ in range(asked):
            if not self.count("available") and floor is not None and self.debt >= floor:
                break
            token = self._lose_one()
            if token is None:
                owed.append(Token(0, fact.at))
            else:
                taken.append(token)
        fact.parts += [part for part in (("taken", taken), ("owed", owed)) if part[1]]
        booked = len(taken) + len(owed)
        return rule, asked, booked, "applied" if booked == asked else "waived"

    def _tier(self, fact: Fact, code: str, points: int, how: str) -> tuple[str, int, int, str]:
        fact.booked.append((how + code, points))
        fact.parts += self._earn(points, begin_of_month_after(fact.at, 1))
        return f"tier:{code}", points, points, "applied"

    def _standing(self) -> list[Fact]:
        return [fact for fact in self.facts if not fact.is_undone]

    def _is_same_month(self, one: Fact, other: Fact) -> bool:
        return self._month(one.at) == self._month(other.at)

    def _month(self, at: datetime) -> int:
        local = at.astimezone(SHANGHAI)
        return local.year * 12 + local.month - 1

    # Token by token.

    def _lapse(self) -> None:
        for token in self.tokens:
            if token.place == "available" and token.ends_at <= self.now:
                token.place = "lapsed"

    def _earn(
        self, points: int, ends_at: datetime, from_at: datetime | None = None
    ) -> list[tuple[str, list[Token]]]:
        waits = from_at is not None and from_at > self.now
        paid = 0 if waits else min(points, self.debt)
        self.debt -= paid
        self.lots += points > paid
        place = "pending" if waits else "available"
        earned = [Token(self.lots, ends_at, from_at, place) for _ in range(points - paid)]
        self.tokens += earned
        self._lapse()
        nothing = [Token(0, ends_at, None, "gone")] * paid
        return [part for part in (("paid", nothing), ("earned", earned)) if part[1]]

    def _lose_one(self, to: str = "gone") -> Token | None:
        spendable = [token for token in self.tokens if token.place == "available"]
        if not spendable:
            self.debt += 1
            return None
        token = min(spendable, key=lambda t: (t.ends_at, t.lot))
        token.place = to
        return token

    def _give(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self.debt:
                self.debt -= 1
                token.place = "gone"
            else:
                token.place = "available"

    def _give_owed(self, points: int) -> None:
        self._earn(points, begin_of_month_after(self.now, OWED_UNTIL_MONTHS))

    def _claw_back(self, tokens: list[Token]) -> None:
        own = [t for t in tokens if t.place in {"available", "pending"}]
        # A token that has lapsed is not the customer's; one that was spent is taken elsewhere.
        elsewhere = len(tokens) - len(own) - sum(t.place == "lapsed" for t in tokens)
        for token in own:
            token.place = "gone"
        for _ in range(elsewhere):
            self._lose_one()
