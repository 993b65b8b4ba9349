"""What every address declares: the scope it needs, what it answers and what it refuses.

The gate enforces the scope that stands here, and openapi.json shows it.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Header, params
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from bot.api.problems import MEDIA_TYPE, STATUS, Trouble
from domain.apikeys import Scope
from domain.errors import ErrorCode

BEARER = HTTPBearer(
    scheme_name="ApiKey",
    description="A key made by `zhufen apikey create`; the scopes are what it was made for.",
    auto_error=False,
)

ANYWHERE: tuple[str, ...] = (
    ErrorCode.KEY_REFUSED,
    ErrorCode.SCOPE_MISSING,
    Trouble.INVALID,
    Trouble.BUG,
    Trouble.BUSY,
)
WITH_BODY: tuple[str, ...] = (
    Trouble.MALFORMED,
    Trouble.IDEMPOTENCY_KEY,
    Trouble.TOO_SLOW,
    ErrorCode.IDEMPOTENCY_CONFLICT,
    Trouble.TOO_LARGE,
    Trouble.MEDIA_TYPE,
)


async def _documented(
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="Names the request: sent again with the same key, it has no second effect.",
            examples=["5f0c7a1e-3d1b-4b8e-9a55-8d1f0e6c2a44"],
        ),
    ],
) -> None:
    # The gate has read it; here it only stands in openapi.json.
    del idempotency_key


def reading(answer: type[BaseModel], *codes: ErrorCode | Trouble) -> dict[str, Any]:
    """Declare an address that only reads: what it answers and what it refuses."""
    return {
        "response_model": answer,
        "dependencies": [_needs(Scope.READ)],
        "responses": _problems((*ANYWHERE, *codes)),
    }


def changing(
    scope: Scope, answer: type[BaseModel], *codes: ErrorCode, status: int = 200
) -> dict[str, Any]:
    """Declare an address that changes something: scope, answer, refusals, idempotency key."""
    return {
        "status_code": status,
        "response_model": answer,
        "dependencies": [_needs(scope), Depends(_documented)],
        "responses": _problems((*ANYWHERE, *WITH_BODY, *codes)),
    }


def _needs(scope: Scope) -> params.Security:
    return params.Security(BEARER, scopes=[scope.value])


def _problems(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in found),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, found in sorted(by_status.items())
    }
