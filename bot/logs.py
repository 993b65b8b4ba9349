"""Structured logs: one JSON line per happening, constant names, ids instead of contents.

Nothing that people wrote, no token, no phone number: callers pass ids and codes only, and a last
filter removes fields whose names say that they shouldn't be there.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from typing_extensions import override

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
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
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
            _safe_exception,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace fields that look like contents or secrets, whoever put them there."""
    for key in event:
        if key != "event":
            event[key] = _shown(key, event[key])
    return event


def _shown(key: str, value: Any) -> Any:
    if any(word in key.lower() for word in _FORBIDDEN):
        return REDACTED
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, Mapping):
        return {str(inner): _shown(str(inner), value[inner]) for inner in value}
    if isinstance(value, list | tuple):
        return [_shown("", inner) for inner in value]
    return value


def _safe_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Log where an exception came from, without its text: that may hold what people wrote."""
    error = event.pop("exc", None)
    # What structlog itself would print with all its text.
    event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(error, BaseException):
        frames = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            file = "/".join(code.co_filename.split("/")[-2:])
            frames.append(f"{file}:{trace.tb_lineno}:{code.co_name}")
            trace = trace.tb_next
        event["error"] = type(error).__name__
        event["frames"] = frames[-12:]
        if isinstance(error, OSError) and error.strerror:
            # The system's own words; "address already in use" is what one wants to know.
            event["system"] = error.strerror
    return event


class _Libraries(logging.Handler):
    """Writes what libraries log as our lines: what they filled in and their tracebacks stay out."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Log the constant part of a record."""
        said = record.msg.partition("\n")[0] if isinstance(record.msg, str) else ""
        error = record.exc_info[1] if record.exc_info else record.msg
        structlog.get_logger(record.name).log(
            record.levelno, "library", logger=record.name, said=said, exc=error
        )
