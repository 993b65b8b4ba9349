"""Everything that can go wrong with a request, as problem details (RFC 9457).

A problem has a stable code; its words come from templates: a refusal's from templates/refusals, the
API's own from templates/problems. What the request held is never repeated but in a refusal's
fields.
"""

import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from bot.api.values import Unreadable
from bot.presenter import Presenter
from domain.errors import DomainError, ErrorCode
from handlers.refusals import refusal_of

MEDIA_TYPE = "application/problem+json"
ERRORS_SHOWN = 20


class Trouble(StrEnum):
    """What can be wrong before anything is asked of the business, or beside it."""

    MALFORMED = "malformed"
    IDEMPOTENCY_KEY = "idempotency_key"
    NOT_FOUND = "not_found"
    METHOD = "method_not_allowed"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    INVALID = "invalid"
    BUG = "bug"
    BUSY = "busy"


STATUS: dict[str, int] = {
    Trouble.MALFORMED: 400,
    Trouble.IDEMPOTENCY_KEY: 400,
    ErrorCode.KEY_REFUSED: 401,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.SCOPE_MISSING: 403,
    ErrorCode.OWN_APPROVAL: 403,
    Trouble.NOT_FOUND: 404,
    ErrorCode.UNKNOWN_CUSTOMER: 404,
    ErrorCode.UNKNOWN_PROJECT: 404,
    ErrorCode.UNKNOWN_RULE: 404,
    ErrorCode.UNKNOWN_DRAFT: 404,
    ErrorCode.UNKNOWN_APPROVAL: 404,
    ErrorCode.UNKNOWN_BACKTEST: 404,
    ErrorCode.UNKNOWN_REWARD: 404,
    ErrorCode.UNKNOWN_REDEMPTION: 404,
    ErrorCode.UNKNOWN_LOTTERY: 404,
    Trouble.METHOD: 405,
    Trouble.TOO_SLOW: 408,
    ErrorCode.ALREADY_UNDONE: 409,
    ErrorCode.CODE_TAKEN: 409,
    ErrorCode.CUSTOMER_EXISTS: 409,
    ErrorCode.CUSTOMER_ALIKE: 409,
    ErrorCode.EVENT_CONFLICT: 409,
    ErrorCode.IDEMPOTENCY_CONFLICT: 409,
    ErrorCode.MILESTONE_RECORDED: 409,
    ErrorCode.APPROVAL_CLOSED: 409,
    ErrorCode.APPROVAL_PENDING: 409,
    ErrorCode.APPROVAL_EXPIRED: 409,
    ErrorCode.DRAFT_CLOSED: 409,
    ErrorCode.DRAFT_UNTESTED: 409,
    ErrorCode.NO_APPROVER: 409,
    ErrorCode.NOTHING_TO_ROLL_BACK: 409,
    ErrorCode.REWARD_CHANGED: 409,
    ErrorCode.STOCK_NOT_KEPT: 409,
    ErrorCode.STOCK_SHORT: 409,
    ErrorCode.TOO_LATE_TO_WITHDRAW: 409,
    ErrorCode.VERSION_TAKEN: 409,
    ErrorCode.REWARD_OVER: 409,
    ErrorCode.REWARD_NOT_OPEN: 409,
    ErrorCode.NOT_FOR_YOU: 409,
    ErrorCode.TIER_TOO_LOW: 409,
    ErrorCode.SOLD_OUT: 409,
    ErrorCode.LIMIT_REACHED: 409,
    ErrorCode.SHORT_FOR_REWARD: 409,
    ErrorCode.NOBODY_TO_AGREE: 409,
    ErrorCode.REDEMPTION_CLOSED: 409,
    ErrorCode.VOUCHER_NOT_RETURNABLE: 409,
    ErrorCode.UNDO_OVER: 409,
    Trouble.TOO_LARGE: 413,
    Trouble.MEDIA_TYPE: 415,
    Trouble.INVALID: 422,
    ErrorCode.CUSTOMER_MISMATCH: 422,
    ErrorCode.FUTURE_DATE: 422,
    ErrorCode.INVALID_CREDIT_CODE: 422,
    ErrorCode.INVALID_FIELD: 422,
    ErrorCode.REWARD_HAS_ERRORS: 422,
    ErrorCode.RULE_HAS_ERRORS: 422,
    ErrorCode.RULE_MALFORMED: 422,
    ErrorCode.STOCK_REFUSED: 422,
    ErrorCode.TIME_OUT_OF_RANGE: 422,
    ErrorCode.UNKNOWN_FIELD: 422,
    ErrorCode.UNKNOWN_MEMBER: 422,
    Trouble.BUG: 500,
    Trouble.BUSY: 503,
}
"""The HTTP status of each code; what is not here is 422, content that can't be accepted."""
UNPROCESSABLE = 422


class Wrong(BaseModel):
    """One thing that is wrong with what was sent."""

    at: str
    """A JSON pointer into the body, or header:<name>, query:<name>."""
    code: str


class Problem(BaseModel):
    """What went wrong. `code` is stable, title and detail are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    fields: dict[str, Any] | None = None
    """What the refusal is about."""
    errors: list[Wrong] | None = None
    """Every field that is wrong, for the code `invalid`."""
    reference: str | None = None
    """Names the incident in our log, for the code `bug`."""


class RequestTrouble(Exception):
    """A request that is refused before anybody looks at what it asks."""

    def __init__(self, code: Trouble) -> None:
        """Keep what is wrong."""
        super().__init__(code)
        self.code = code


class Problems:
    """Words problems and makes responses of them."""

    def __init__(self, templates: Path, presenter: Presenter, public_url: str) -> None:
        """Read the titles."""
        words = tomllib.loads((templates / "problems" / "words.toml").read_text(encoding="utf-8"))
        self._titles: dict[str, str] = words["title"]
        self._wrong: dict[str, str] = words["wrong"]
        self._presenter = presenter
        self._home = f"{public_url}/docs"

    def title(self, status: int) -> str:
        """Give what people call a kind of problem."""
        return self._titles[str(status)]

    def refused(self, error: DomainError) -> Response:
        """Answer what a rule has refused."""
        refusal = refusal_of(error)
        shown = {"code": refusal.code, "details": refusal.details}
        detail = self._presenter.word(f"refusals/{refusal.code}.txt.j2", shown)
        return self._response(error.code, detail, fields=refusal.details or None)

    def own(self, code: Trouble, *, reference: str | None = None) -> Response:
        """Answer what is wrong with the request as such, or with us."""
        return self._response(code, self._detail(code, reference=reference), reference=reference)

    def invalid(self, errors: Sequence[Mapping[str, Any]], body: Any) -> Response:
        """Answer fields that can't be read; `errors` are pydantic's."""
        wrong = [Wrong(at=_place(error, body), code=_code(error)) for error in errors]
        named = [{"at": each.at, "why": self._why(each.code)} for each in wrong]
        detail = self._detail(Trouble.INVALID, wrong=named)
        return self._response(Trouble.INVALID, detail, errors=wrong[:ERRORS_SHOWN])

    def _why(self, code: str) -> str:
        return self._wrong.get(code, self._wrong["other"])

    def _detail(self, code: Trouble, **data: Any) -> str:
        return self._presenter.word(f"problems/{code}.txt.j2", data)

    def _response(self, code: str, detail: str, **more: Any) -> Response:
        status = STATUS.get(code, UNPROCESSABLE)
        problem = Problem(
            type=f"{self._home}#{code}",
            title=self.title(status),
            status=status,
            detail=detail,
            code=code,
            **more,
        )
        text = problem.model_dump_json(exclude_none=True)
        return Response(text, status, media_type=MEDIA_TYPE, headers=_HEADERS.get(status))


_HANG_UP = {"connection": "close"}
_HEADERS = {
    401: {"www-authenticate": "Bearer"},
    # Who still sends after our refusal is hung up on.
    408: _HANG_UP,
    413: _HANG_UP,
    503: {"retry-after": "1"},
}


def _code(error: Mapping[str, Any]) -> str:
    cause = error.get("ctx", {}).get("error")
    return cause.code if isinstance(cause, Unreadable) else str(error["type"])


def _place(error: Mapping[str, Any], body: Any) -> str:
    """Say where in the request something is wrong, without pydantic's names of alternatives."""
    source, *path = error["loc"]
    if source != "body":
        return ":".join(str(part) for part in error["loc"])
    steps: list[str] = []
    value = body
    for number, part in enumerate(path, start=1):
        is_missing = error["type"] == "missing" and number == len(path)
        if isinstance(value, dict) and part not in value and not is_missing:
            continue
        steps.append(str(part).replace("~", "~0").replace("/", "~1"))
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list):
            value = value[part]
    if error["type"].startswith("union_tag_"):
        steps.append("type")
    return "".join(f"/{step}" for step in steps)
