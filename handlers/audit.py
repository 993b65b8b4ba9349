"""How what somebody did is written down, whichever use case did it.

What the machine does on its own, outside any conversation, has its notes where it happens.
"""

from typing import Any

from domain.repositories import AuditNote
from handlers.contract import Context


def write_note(
    ctx: Context,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down that whoever speaks has just done something to a subject, "<kind>:<id>"."""
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=ctx.actor_name,
            channel=ctx.channel,
            action=action,
            subject=subject,
            before=before,
            after=after,
            inbox=ctx.inbox,
        )
    )
