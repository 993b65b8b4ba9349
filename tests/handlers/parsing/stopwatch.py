"""How long a call keeps the processor busy, whatever else the machine does."""

import sys
from collections.abc import Callable
from contextlib import suppress
from time import process_time

from handlers.parsing.problems import ParseProblem

ROUNDS = 3


def busy_seconds(call: Callable[[], object]) -> float:
    """Return the shortest of a few runs; measuring coverage meanwhile would triple it."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return min(_run(call) for _ in range(ROUNDS))
    finally:
        sys.settrace(tracer)


def _run(call: Callable[[], object]) -> float:
    started = process_time()
    with suppress(ParseProblem):
        call()
    return process_time() - started
