"""A process that examines operations; run by the tests of this folder, see conftest.py.

It forks for every death, so it has one thread, no connection open while it forks, and nothing else
to do. Each line it reads names a database and an operation; it answers with a report as JSON.
"""

import json
import logging
import sys
from dataclasses import asdict

import structlog

from tests.kills.broken import BROKEN
from tests.kills.examining import Examiner
from tests.kills.operations import OPERATIONS


def serve() -> None:
    """Examine what is asked for until there is no more."""
    # What is printed is answers.
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)
    known = OPERATIONS | BROKEN
    examiners: dict[str, Examiner] = {}
    for line in sys.stdin:
        url, name = json.loads(line)
        examiner = examiners.get(url)
        if examiner is None:
            examiner = examiners[url] = Examiner(url)
        print(json.dumps(asdict(examiner.examine(known[name]))), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
