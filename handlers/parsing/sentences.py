"""Whole sentences about the business: a delivery record, a review, an invitation.

Each gives either everything that was said, with the words as typed for echoing back, or the parts
that are still open. Nothing is guessed that would be written down.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from domain.ids import CustomerId, MilestoneId, ProjectId
from handlers.parsing.dates import DateRefused, locate_date
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.mentions import (
    TAKEN,
    Located,
    after_name,
    locate_full,
    locate_part,
    take,
)
from handlers.parsing.milestones import begins_with_milestone, locate_milestone
from handlers.parsing.names import (
    IdT_co,
    Named,
    NameIndex,
    Nothing,
    One,
    Several,
)
from handlers.parsing.normalise import normalise
from handlers.parsing.outcomes import Outcome, Verdict, read_outcome
from handlers.parsing.people import find_phone, is_person_name
from handlers.parsing.problems import BadPersonName, BadPhone
from handlers.parsing.stars import find_stars, has_stars_at

Milestones = Callable[[ProjectId], Sequence[Named[MilestoneId]]]

_SEPARATORS: Final = " ,。.;:、"
_PUNCTUATION: Final = _SEPARATORS + "-—~"
_PARTICLES: Final = "的了已在于是"
_LABELS: Final = re.compile(r"(?:联系人|联系电话|电话|手机号?码?|姓名|客户)[:：]?")


@dataclass(frozen=True, slots=True)
class Typed:
    """The words that were understood, as typed; empty where nothing was."""

    name: str = ""
    milestone: str = ""
    date: str = ""
    outcome: str = ""
    stars: str = ""


@dataclass(frozen=True, slots=True)
class RecordFound:
    """A milestone of a project was accepted, or was not, on a day up to today.

    The day is today when none was typed; then `typed.date` is empty.
    """

    project_id: ProjectId
    milestone_id: MilestoneId
    occurred_on: date
    outcome: Outcome
    note: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class RecordUnclear:
    """What is open, and what was understood in spite of it."""

    gaps: tuple[Gap, ...]
    project_id: ProjectId | None
    milestone_id: MilestoneId | None
    occurred_on: date | None
    outcome: Outcome | None
    note: str
    typed: Typed

    @property
    def is_talk(self) -> bool:
        """Tell whether nothing suggests that the sentence was meant as a record at all."""
        missing = {gap.part for gap in self.gaps if gap.why is Why.MISSING}
        if Part.PROJECT in missing:
            return self.outcome is None or not self.typed.date
        return Part.MILESTONE in missing and self.outcome is None


@dataclass(frozen=True, slots=True)
class ReviewFound:
    """Stars (1-5) and what was said about a project; the text may be empty."""

    project_id: ProjectId
    stars: int
    text: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class ReviewUnclear:
    """What is open, and what was understood in spite of it."""

    gaps: tuple[Gap, ...]
    project_id: ProjectId | None
    stars: int | None
    text: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class InviteFound:
    """A person of a customer, with a mobile number if one was typed."""

    customer_id: CustomerId
    contact: str
    phone: str | None
    typed: Typed


@dataclass(frozen=True, slots=True)
class InviteUnclear:
    """What is open, and what was understood in spite of it."""

    gaps: tuple[Gap, ...]
    customer_id: CustomerId | None
    contact: str | None
    phone: str | None
    typed: Typed


def _name_gap(part: Part, located: Located[IdT_co]) -> list[Gap]:
    match located.decision:
        case One():
            return []
        case Several(matches):
            return [Gap(part, Why.AMBIGUOUS, choices=tuple(matches))]
        case _:
            return [Gap(part, Why.MISSING)]


def _only(located: Located[IdT_co]) -> Named[IdT_co] | None:
    return located.decision.match.named if isinstance(located.decision, One) else None


def _left_over(rest: str) -> str:
    """Join what no part of the grammar has used."""
    pieces = (piece.strip(_PUNCTUATION) for piece in rest.split(TAKEN))
    return " ".join(piece for piece in pieces if piece)


def _note(rest: str) -> str:
    """Join what no part of the grammar has used, without particles and decoration."""
    pieces = (piece.lstrip(_PUNCTUATION + _PARTICLES) for piece in rest.split(TAKEN))
    return _left_over(TAKEN.join(piece for piece in pieces if any(map(str.isalnum, piece))))


@dataclass(frozen=True, slots=True)
class _Day:
    """The day a sentence names, and the sentence without it."""

    day: date | None
    typed: str
    rest: str
    gaps: tuple[Gap, ...] = ()


def _read_day(text: str, today: date) -> _Day:
    found = locate_date(text, today)
    if found is None:
        return _Day(today, "", text)
    typed = text[found.start : found.end]
    rest = take(text, found.start, found.end)
    if isinstance(found, DateRefused):
        return _Day(None, typed, rest, (Gap(Part.DATE, Why.REFUSED, problem=found.problem),))
    other = locate_date(rest, today)
    if isinstance(other, DateRefused):
        return _Day(None, typed, rest, (Gap(Part.DATE, Why.REFUSED, problem=other.problem),))
    if other and other.is_clear:
        if other.date != found.date:
            return _Day(None, typed, rest, (Gap(Part.DATE, Why.AMBIGUOUS),))
        rest = take(rest, other.start, other.end)
    gaps = (Gap(Part.DATE, Why.FUTURE),) if found.date > today else ()
    return _Day(found.date, typed, rest, gaps)


def _take_name(text: str, located: Located[IdT_co]) -> str:
    if isinstance(located.decision, Nothing):
        return text
    return take(text, located.start, after_name(text, located.end))


def _locate_project(
    text: str, projects: NameIndex[ProjectId], milestones_of: Milestones
) -> Located[ProjectId]:
    return locate_part(
        text,
        projects,
        follows=lambda named, end: begins_with_milestone(text, end, milestones_of(named.id)),
    )


def _outcome_gap(verdict: Verdict) -> list[Gap]:
    if verdict.outcome:
        return []
    return [Gap(Part.OUTCOME, Why.AMBIGUOUS if verdict.is_open else Why.MISSING)]


def parse_record(
    text: str,
    *,
    projects: NameIndex[ProjectId],
    milestones_of: Milestones,
    today: date,
) -> RecordFound | RecordUnclear:
    """Understand a delivery record such as 滨江一期 主体昨天验收通过, its parts in any order.

    `today` is the business date the sentence was sent on.
    """
    clean = normalise(text)
    project = locate_full(clean, projects)
    day = _read_day(_take_name(clean, project), today)
    if isinstance(project.decision, Nothing):
        project = _locate_project(day.rest, projects, milestones_of)
    rest = _take_name(day.rest, project)
    known = _only(project)
    milestone: Located[MilestoneId] = Located(Nothing())
    if known:
        milestone = locate_milestone(rest, milestones_of(known.id))
        rest = _take_name(rest, milestone)
    typed_milestone = clean[milestone.start : milestone.end]
    verdict = read_outcome(rest, milestone=typed_milestone, milestone_end=milestone.end)
    step = _only(milestone)
    typed = Typed(
        name=clean[project.start : project.end],
        milestone=typed_milestone,
        date=day.typed,
        outcome=verdict.typed,
    )
    note = _note(verdict.rest)
    if known and step and day.day and verdict.outcome and not day.gaps:
        return RecordFound(known.id, step.id, day.day, verdict.outcome, note, typed)
    gaps = [*_name_gap(Part.PROJECT, project)]
    gaps += _name_gap(Part.MILESTONE, milestone) if known else []
    gaps += [*day.gaps, *_outcome_gap(verdict)]
    return RecordUnclear(
        gaps=tuple(gaps),
        project_id=known.id if known else None,
        milestone_id=step.id if step else None,
        occurred_on=day.day,
        outcome=verdict.outcome,
        note=note,
        typed=typed,
    )


def parse_review(text: str, projects: NameIndex[ProjectId]) -> ReviewFound | ReviewUnclear:
    """Understand a review such as 滨江一期 1 渗水三次没人管; stars in numerals, 星 or 分."""
    clean = normalise(text)
    project = locate_full(clean, projects)
    if isinstance(project.decision, Nothing):
        project = locate_part(clean, projects, follows=lambda _, end: has_stars_at(clean, end))
    rest = _take_name(clean, project)
    # An unknown name is still followed by its stars.
    end = after_name(clean, project.end) or max(clean.find(" "), 0)
    found = find_stars(rest, end)
    gaps = _name_gap(Part.PROJECT, project)
    if found is None:
        gaps.append(Gap(Part.STARS, Why.MISSING))
    elif found.stars is None:
        gaps.append(Gap(Part.STARS, Why.REFUSED, problem=found.problem))
    typed = Typed(name=clean[project.start : project.end])
    if found:
        typed = replace(typed, stars=clean[found.start : found.end].strip(_SEPARATORS))
        rest = take(rest, found.start, found.end)
    said = _left_over(rest)
    known = _only(project)
    if known and found and found.stars:
        return ReviewFound(known.id, found.stars, said, typed)
    return ReviewUnclear(
        gaps=tuple(gaps),
        project_id=known.id if known else None,
        stars=found.stars if found else None,
        text=said,
        typed=typed,
    )


def _locate_customer(text: str, customers: NameIndex[CustomerId]) -> Located[CustomerId]:
    full = locate_full(text, customers)
    match full.decision:
        case Nothing():
            # The last word is the person; the customer is what stands before.
            head = text.rstrip(TAKEN + " ").rpartition(" ")[0]
            return locate_part(head or text, customers)
        case One(match) if full.start and text[full.start - 1].isalnum():
            # 上海滨江置业 is not 滨江置业: another company may only end alike.
            return Located(Several((match,)), full.start, full.end)
        case _:
            return full


def _read_contact(rest: str, customer: Located[CustomerId]) -> str:
    said = _left_over(_LABELS.sub(" ", rest))
    return said.rpartition(" ")[2] if isinstance(customer.decision, Nothing) else said


def parse_invite(text: str, customers: NameIndex[CustomerId]) -> InviteFound | InviteUnclear:
    """Understand an invitation such as 滨江置业 王建国 13800138000; the number may be missing."""
    clean = normalise(text)
    full = locate_full(clean, customers)
    phone = find_phone(_take_name(clean, full))
    rest = take(clean, phone.start, phone.end) if phone else clean
    customer = _locate_customer(rest, customers)
    rest = _take_name(rest, customer)
    contact = _read_contact(rest, customer)
    gaps = _name_gap(Part.CUSTOMER, customer)
    is_name = is_person_name(contact)
    if not contact:
        gaps.append(Gap(Part.CONTACT, Why.MISSING))
    elif not is_name:
        gaps.append(Gap(Part.CONTACT, Why.REFUSED, problem=BadPersonName()))
    if phone and phone.number is None:
        gaps.append(Gap(Part.PHONE, Why.REFUSED, problem=BadPhone()))
    typed = Typed(name=clean[customer.start : customer.end])
    number = phone.number if phone else None
    known = _only(customer)
    if known and not gaps:
        return InviteFound(known.id, contact, number, typed)
    return InviteUnclear(
        gaps=tuple(gaps),
        customer_id=known.id if known else None,
        contact=contact if is_name else None,
        phone=number,
        typed=typed,
    )
