"""Doing what another system asks for once, however often it asks."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import IdempotencyConflict
from domain.ids import ApiKeyId
from domain.repositories import Answered
from handlers.contract import Context


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a request the same as an earlier one."""

    key: ApiKeyId
    idempotency_key: str
    hash: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back; `body` is its text."""

    status: int
    body: str
    is_replayed: bool = False


def answer_once(ctx: Context, request: Request, answer: Callable[[Context], Reply]) -> Reply:
    """Do what a request asks for and keep the answer, or give the answer it got before.

    Effect and answer are one transaction. A refusal is not kept: nothing has happened, so the same
    idempotency key may try again.

    Raises:
        IdempotencyConflict: the idempotency key came before with another request.
        Conflict: the same request at the same moment was faster; trying again gives its answer.
    """
    kept = ctx.work.api_requests.find(request.key, request.idempotency_key)
    if kept is not None:
        if kept.request_hash != request.hash:
            raise IdempotencyConflict(request.idempotency_key)
        return Reply(kept.status, kept.body, is_replayed=True)
    reply = answer(ctx)
    ctx.work.api_requests.add(
        Answered(
            key=request.key,
            idempotency_key=request.idempotency_key,
            request_hash=request.hash,
            status=reply.status,
            body=reply.body,
            created_at=ctx.now,
        )
    )
    return reply
