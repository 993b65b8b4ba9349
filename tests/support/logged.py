"""What the program logs, in this process, as a role would write it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.logs import _safe_exception, redact


@contextmanager
def recorded() -> Iterator[io.StringIO]:
    """Write our log lines as JSON into memory; libraries' loggers are left alone."""
    said = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _safe_exception,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        logger_factory=structlog.PrintLoggerFactory(said),
        cache_logger_on_first_use=False,
    )
    try:
        yield said
    finally:
        structlog.configure(**before)
