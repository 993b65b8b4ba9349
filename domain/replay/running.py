"""A whole run: the past by its own rules, compared with the records, and a draft beside it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from domain.replay.comparing import Difference, differences, is_same
from domain.replay.drafts import Draft, Laws, Period, Rulebook
from domain.replay.figures import Figures
from domain.replay.ordering import Gate
from domain.replay.people import Person
from domain.replay.recorded import Step
from domain.replay.worlds import Played, World

ALWAYS = Period()
DIFFERENCES_MAX = 100
"""So many are kept; all are counted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play."""

    laws: Laws
    as_of: datetime
    """When the run began; until then time passes for every wallet."""
    draft: Draft | None = None
    period: Period = ALWAYS
    checks: bool = True
    """Whether the past is compared with what was recorded."""


@dataclass(slots=True)
class Replayed:
    """What came out; runs over separate customers can be added up."""

    past: Figures
    draft: Figures | None
    steps: int = 0
    entries: int = 0
    different_customers: int = 0
    different_steps: int = 0
    differences: list[Difference] = field(default_factory=list)
    """Those of each customer's first step that came out otherwise; the rest follows from it."""

    def add(self, other: "Replayed") -> None:
        """Add what came out for other customers."""
        self.past.add(other.past)
        if self.draft is not None and other.draft is not None:
            self.draft.add(other.draft)
        self.steps += other.steps
        self.entries += other.entries
        self.different_customers += other.different_customers
        self.different_steps += other.different_steps
        self.differences = (self.differences + other.differences)[:DIFFERENCES_MAX]


class Run:
    """Plays steps in one course or two."""

    def __init__(self, plan: Plan) -> None:
        """Begin before anything has happened."""
        self._plan = plan
        self._gate = Gate()
        self.replayed = Replayed(Figures(plan.period), None)
        past = World(Rulebook(plan.laws))
        self._courses = [(past, self.replayed.past)]
        if plan.draft is not None:
            self.replayed.draft = Figures(plan.period)
            drafted = World(Rulebook(plan.laws, plan.draft, plan.period))
            self._courses.append((drafted, self.replayed.draft))
        self._different: set[str] = set()

    def play(self, steps: Iterable[Step]) -> None:
        """Play steps in the order of time."""
        for step in steps:
            # What has been recorded since the plan was made may follow later rules.
            if step.at <= self._plan.as_of:
                for passing in self._gate.passing(step):
                    self._play(passing)

    def close(self) -> None:
        """End the run for everybody who has been played so far, and forget them."""
        for step in self._gate.rest():
            self._play(step)
        for world, figures in self._courses:
            for person in world.people.values():
                self._close(world, figures, person)
            world.people.clear()

    def _close(self, world: World, figures: Figures, person: Person) -> None:
        at = self._plan.as_of
        figures.settle(person, at)
        played = world.close(person, at)
        figures.note_moves(played.moves, person.book.customer)
        figures.close(person, at, world.tier(person, at))

    def _play(self, step: Step) -> None:
        replayed = self.replayed
        replayed.steps += 1
        replayed.entries += len(step.moves)
        for world, figures in self._courses:
            person = world.person(step.customer)
            figures.settle(person, step.at)
            played = world.play(step, person)
            figures.note(step, played)
            if figures is replayed.past and self._plan.checks and not is_same(step, played):
                self._keep(step, played)

    def _keep(self, step: Step, played: Played) -> None:
        replayed = self.replayed
        replayed.different_steps += 1
        if step.customer in self._different:
            return
        self._different.add(step.customer)
        replayed.different_customers += 1
        room = DIFFERENCES_MAX - len(replayed.differences)
        replayed.differences += list(differences(step, played))[:room]
