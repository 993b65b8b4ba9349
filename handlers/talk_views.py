"""The last lines of a talk for who takes over, without codes and what is not for others' eyes."""

import re
from typing import Any

from domain.inbox import Exchange
from handlers.contract import Context
from handlers.parsing.commands import CommandFound, split_command
from handlers.parsing.hiding import HIDDEN, hide_codes
from handlers.parsing.normalise import normalise
from handlers.usecases.talks import recent_talk
from handlers.views import InviteCreated, ProofLink, TalkLine, VoucherCodes
from handlers.vocabulary import PRESS_WORD, vocabulary_for

LINES_SHOWN = 5
TEXT_MAX = 200
FOR_THEIR_EYES = frozenset(view.view_name for view in (InviteCreated, ProofLink, VoucherCodes))
"""Answers with a code or a link that opens something to whoever has it."""
_WITH_CODES = frozenset({"bind", "use_voucher", "take_back_use"})
"""Commands that a code follows, or a piece of one."""
_IN_A_CODE = re.compile(r"[0-9A-Za-z]")


def talk_lines(ctx: Context) -> tuple[TalkLine, ...]:
    """Give what the speaker has said lately and how it was answered, oldest first."""
    lines = [line for one in recent_talk(ctx) if (line := _line(ctx, one))]
    return tuple(lines[-LINES_SHOWN:])


def _line(ctx: Context, one: Exchange) -> TalkLine | None:
    said = _said(one.payload["content"])
    if said is None:
        return None
    kind, text = said
    at = one.received_at.isoformat(timespec="seconds")
    if one.view is None or one.item == ctx.inbox:
        return TalkLine(at, kind, text)
    # The answer to what had a code in it may repeat it.
    is_told = one.view not in FOR_THEIR_EYES and HIDDEN not in text
    return TalkLine(at, kind, text, one.view, one.data if is_told else None)


def _said(content: dict[str, Any]) -> tuple[str, str] | None:
    """Give the kind and the words of what was sent; None for what nobody has said."""
    match content:
        case {"kind": "said", "text": str(text)}:
            shown = normalise(text)
            is_press = shown.startswith(PRESS_WORD + " ") and ":" in shown
            return ("pressed", "") if is_press else ("said", _without_codes(shown))
        case {"kind": "pressed"}:
            return "pressed", ""
        case {"kind": "media", "media": str(media)}:
            return media, _without_codes(normalise(content.get("recognition") or ""))
        case {"kind": "unsupported", "is_message": True}:
            return "other", ""
        case _:
            return None


def _without_codes(text: str) -> str:
    found = split_command(text, vocabulary_for(_WITH_CODES))
    if isinstance(found, CommandFound) and _IN_A_CODE.search(found.rest):
        return f"{found.word} {HIDDEN}"
    return hide_codes(text)[:TEXT_MAX]
