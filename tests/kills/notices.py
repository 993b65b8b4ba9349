"""A notice that waits for a contact, and what the contact's message does with it."""

from dataclasses import replace

from domain.ids import ContactId
from handlers.contract import Context
from handlers.usecases.notices import release
from tests.support.stores import KF

HELD = """
    INSERT INTO deliveries (tenant_id, id, channel_id, external_id, kind, view, data, dedupe_key,
        created_at, state, attempts, contact_id, reason)
    SELECT id, 'held', 'kf', 'wm-C011', 'push', 'points_notice', '{}', 'points-held', created_at,
        'held', 0, 'of-C011', 'window_closed'
    FROM tenants WHERE id = :tenant
"""


def let_go(ctx: Context) -> None:
    """Let C011 write: what was held for its contact is on its way."""
    contact = ctx.work.customers.contact(ContactId("of-C011"))
    ctx.work.identities.heard_from(KF, "wm-C011", ctx.now)
    release(replace(ctx, channel=KF, sender="wm-C011"), contact)
