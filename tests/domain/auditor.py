"""A second, deliberately naive ledger: every point is a token that is moved by hand.

No accounts, no drafts, no arithmetic beyond counting. Slow, and easy to believe.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, order=True)
class Token:
    """One point that can be spent until its lot ends."""

    ends_at: datetime
    lot: int


NOTHING = Token(datetime(2000, 1, 1, tzinfo=UTC), 0)
"""Stands for a point that was owed or paid a debt: only its number counts."""


@dataclass
class Auditor:
    """What a wallet must hold, found out the slow way."""

    tokens: list[Token] = field(default_factory=list)
    debt: int = 0
    lots: int = 0
    lapsed: Counter[int] = field(default_factory=Counter)
    postings: list[list[tuple[str, list[Token]]]] = field(default_factory=list)

    def post(self, moves: list[int], ends_at: datetime, now: datetime) -> None:
        """Earn and lose points for one event."""
        parts: list[tuple[str, list[Token]]] = []
        for points in moves:
            parts += self._earn(points, ends_at) if points > 0 else self._lose(-points)
            self.lapse(now)
        self.postings.append(parts)

    def undo(self, number: int, reinstated_until: datetime, now: datetime) -> None:
        """Put everything one event did back, last things first."""
        for kind, tokens in reversed(self.postings[number]):
            if kind == "owed":
                self.lots += len(tokens) > self.debt
                self._give([Token(reinstated_until, self.lots)] * len(tokens))
            elif kind == "taken":
                self._give(tokens)
            elif kind == "earned":
                self._claw_back(tokens)
            else:
                for _ in tokens:
                    self._lose_one()
            self.lapse(now)

    def lapse(self, now: datetime) -> None:
        """Drop the tokens whose time is over."""
        for token in [token for token in self.tokens if token.ends_at <= now]:
            self.tokens.remove(token)
            self.lapsed[token.lot] += 1

    def _earn(self, points: int, ends_at: datetime) -> list[tuple[str, list[Token]]]:
        paid = min(points, self.debt)
        self.debt -= paid
        if points > paid:
            self.lots += 1
        earned = [Token(ends_at, self.lots)] * (points - paid)
        self.tokens += earned
        return [part for part in (("paid", [NOTHING] * paid), ("earned", earned)) if part[1]]

    def _lose(self, points: int) -> list[tuple[str, list[Token]]]:
        lost = [self._lose_one() for _ in range(points)]
        taken = [token for token in lost if token is not None]
        owed = [NOTHING] * (points - len(taken))
        return [part for part in (("taken", taken), ("owed", owed)) if part[1]]

    def _lose_one(self) -> Token | None:
        if not self.tokens:
            self.debt += 1
            return None
        token = min(self.tokens)
        self.tokens.remove(token)
        return token

    def _give(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self.debt:
                self.debt -= 1
            else:
                self.tokens.append(token)

    def _claw_back(self, tokens: list[Token]) -> None:
        own = tokens[0]
        for _ in range(len(tokens) - self.lapsed[own.lot]):
            if own in self.tokens:
                self.tokens.remove(own)
            else:
                self._lose_one()
