"""Structured logs: one JSON line per happening, constant names, ids instead of contents.

Nothing that people wrote, no token, no phone number: callers pass ids and codes only, and a last
filter removes fields whose names say that they shouldn't be there.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_FORBIDDEN = ("token", "secret", "phone", "text", "content", "body", "password", "aes", "name")
REDACTED = "***"


def configure_logs(*, is_json: bool = True, level: int = logging.INFO) -> None:
    """Set up logging for a process: our lines as JSON on stderr, libraries at WARNING."""
    # HTTP clients log addresses, and WeCom's carry tokens in the query.
    for library in (
        "httpx2",
        "httpx",
        "httpcore",
        "httpcore2",
        "urllib3",
        "requests",
        "websockets",
        "rq",
    ):
        logging.getLogger(library).setLevel(logging.ERROR)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if is_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            _safe_exception,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace fields that look like contents or secrets, whoever put them there."""
    for key in event:
        if key != "event" and any(word in key.lower() for word in _FORBIDDEN):
            event[key] = REDACTED
    return event


def _safe_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Log where an exception came from, without its text: that may hold what people wrote."""
    error = event.pop("exc", None)
    if isinstance(error, BaseException):
        frames = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rsplit('/', 3)[-1]}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        event["error"] = type(error).__name__
        event["frames"] = frames[-12:]
    return event
