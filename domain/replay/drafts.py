"""What a back-test tests, and which rules and programme an event meets in it.

The past is counted by what was published when it was recorded, so that what was published later,
with an earlier begin, changes nothing of what was counted before. A draft takes the place of the
rules of its codes for the events of the period; all others meet what they met.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from domain.calendar import business_date
from domain.programme import Programme, Programmes
from domain.rules.codec import canonical, content_hash
from domain.rules.evaluation import RuleSet
from domain.rules.model import Cap, RuleVersion, Scope
from domain.rules.publishing import Published

_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_ACROSS = frozenset({Scope.PROJECT, Scope.MANAGER, Scope.RULE, Scope.TENANT})


@dataclass(frozen=True, slots=True)
class Draft:
    """Rules, a programme or both."""

    rules: tuple[RuleVersion, ...] = ()
    """Versions that take the place of those of the same number and above."""
    programme: Programme | None = None

    @property
    def hash(self) -> str:
        """Give the hash of exactly this content: a single rule's own, as it is published with."""
        parts = [*self.rules, *([] if self.programme is None else [self.programme])]
        if len(parts) == 1:
            return content_hash(canonical(parts[0]))
        ordered = sorted(canonical(part) for part in parts)
        return content_hash("[" + ",".join(ordered) + "]")


@dataclass(frozen=True, slots=True)
class Period:
    """The business days whose events a draft counts, both included; an open end is None."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class ProgrammeIssue:
    """A version of the programme with the instant at which it went live."""

    programme: Programme
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that finance has closed."""

    month: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Laws:
    """Everything that was published and closed, as it was at every instant."""

    rules: tuple[Published, ...] = ()
    programmes: tuple[ProgrammeIssue, ...] = ()
    closings: tuple[Closing, ...] = ()


class Rulebook:
    """The rules, programme and open months that a replay goes by."""

    def __init__(
        self, laws: Laws, draft: Draft | None = None, period: Period | None = None
    ) -> None:
        """Without a draft everything is counted as it was."""
        self._laws = laws
        self._draft = draft
        self._period = period or Period()
        self._changes = sorted(
            {one.publication.at for one in laws.rules}
            | {one.withdrawn_at for one in laws.rules if one.withdrawn_at is not None}
            | {one.at for one in laws.programmes}
        )
        self._sets: dict[tuple[int, bool], tuple[RuleSet, Programmes]] = {}
        self._closed_at, self._open_months = _open_months(laws.closings)

    def laws(self, on: date, recorded_at: datetime) -> tuple[RuleSet, Programmes]:
        """Give what an event of a business day meets that is recorded at an instant."""
        epoch = bisect_right(self._changes, recorded_at)
        is_drafted = self._draft is not None and on in self._period
        found = self._sets.get((epoch, is_drafted))
        if found is None:
            at = self._changes[epoch - 1] if epoch else None
            found = self._sets[epoch, is_drafted] = self._made(at, is_drafted=is_drafted)
        return found

    def first_open_month(self, at: datetime) -> str:
        """Give the first month that was not closed at an instant; empty while none was."""
        closings = bisect_right(self._closed_at, at)
        return self._open_months[closings - 1] if closings else ""

    def _made(self, at: datetime | None, *, is_drafted: bool) -> tuple[RuleSet, Programmes]:
        known = [
            one.rule
            for one in self._laws.rules
            if at is not None
            and one.publication.at <= at
            and (one.withdrawn_at is None or at < one.withdrawn_at)
        ]
        issued = [one.programme for one in self._laws.programmes if at is not None and one.at <= at]
        if is_drafted and self._draft is not None:
            known = drafted(known, self._draft.rules, self._period)
            if self._draft.programme is not None:
                issued = _drafted_programmes(issued, self._draft.programme, self._period)
        return RuleSet(known), Programmes(issued)


def drafted(
    known: Iterable[RuleVersion], drafts: Sequence[RuleVersion], period: Period
) -> list[RuleVersion]:
    """Put drafts in the place of the versions of their codes from their number on.

    What would begin only after the period counts in all of it: that it is tried is the point.
    """
    first: dict[str, int] = {}
    for draft in drafts:
        first[draft.code] = min(first.get(draft.code, draft.version), draft.version)
    kept = [rule for rule in known if rule.code not in first or rule.version < first[rule.code]]
    return kept + [
        replace(draft, effective_from=_ALWAYS, effective_to=None)
        if _begins_after(draft.effective_from, period)
        else draft
        for draft in drafts
    ]


def _drafted_programmes(
    issued: Iterable[Programme], draft: Programme, period: Period
) -> list[Programme]:
    kept = [one for one in issued if one.version < draft.version]
    if _begins_after(draft.effective_from, period):
        draft = replace(draft, effective_from=_ALWAYS)
    return [*kept, draft]


def _begins_after(effective_from: datetime, period: Period) -> bool:
    return period.last is not None and business_date(effective_from) > period.last


def needs_everybody(laws: Laws, draft: Draft | None) -> bool:
    """Tell whether a cap counts customers together, so that they must be played in one go."""
    caps: list[Cap] = [cap for one in laws.rules for cap in one.rule.caps]
    caps += [cap for issue in laws.programmes for cap in issue.programme.caps]
    if draft is not None:
        caps += [cap for rule in draft.rules for cap in rule.caps]
        if draft.programme is not None:
            caps += draft.programme.caps
    return any(cap.scope in _ACROSS for cap in caps)


def _open_months(closings: Iterable[Closing]) -> tuple[list[datetime], list[str]]:
    instants, months, latest = [], [], ""
    for closing in sorted(closings, key=lambda one: (one.at, one.month)):
        latest = max(latest, closing.month)
        year, month = divmod(int(latest[:4]) * 12 + int(latest[5:]), 12)
        instants.append(closing.at)
        months.append(f"{year:04d}-{month + 1:02d}")
    return instants, months
