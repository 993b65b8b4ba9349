"""Lets the steps of a wallet pass in the order of its entries.

Steps come by the instant at which their work began; two at once may have written the other way
round, and the entries' numbers know.
"""

from collections.abc import Iterator, Sequence

from domain.ids import CustomerId
from domain.replay.recorded import Step


class Gate:
    """Holds a step back until all entries before its first one have passed."""

    def __init__(self) -> None:
        """Begin before the first entry of every wallet."""
        self._passed: dict[CustomerId, int] = {}
        self._waiting: dict[CustomerId, list[Step]] = {}

    def passing(self, step: Step) -> Sequence[Step]:
        """Give the steps that may pass now that this one has come."""
        customer = step.customer
        passed = self._passed.get(customer, 0)
        waiting = self._waiting.get(customer)
        if step.moves and step.moves[0].seq > passed + 1:
            if waiting is None:
                waiting = self._waiting[customer] = []
            waiting.append(step)
            waiting.sort(key=_first, reverse=True)
            return ()
        passed += len(step.moves)
        steps = [step]
        while waiting and _first(waiting[-1]) <= passed + 1:
            steps.append(waiting.pop())
            passed += len(steps[-1].moves)
        self._passed[customer] = passed
        return steps

    def rest(self) -> Iterator[Step]:
        """Give what still waits: entries before it are missing."""
        for waiting in self._waiting.values():
            yield from reversed(waiting)
        self._waiting.clear()


def _first(step: Step) -> int:
    return step.moves[0].seq
