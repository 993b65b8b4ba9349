"""Replies as deliveries: an answer, a failure, and what is said about a message read too late.

Which of them a message gets is the runtime's matter, what they look like the presenter's.
"""

from datetime import datetime, timedelta

from bot.codec import view_to_json
from domain.channels import KF_WINDOW, ChannelKind
from domain.deliveries import Delivery, DeliveryKind
from domain.ids import DeliveryId
from domain.inbox import InboxItem, ReplyPart, reply_key
from handlers.contract import Context, Reply
from handlers.incoming import Entered, Incoming, Said, SentMedia
from handlers.views import Failure, Silence, StaleNotice

WELCOME_FOR = timedelta(seconds=20)
"""So long a welcome code may be used. Source: WeCom doc 95122."""
LATE_NOTICE_SECONDS = 3600
"""However much somebody wrote meanwhile, they are asked once an hour to write again."""


def reply_to(ctx: Context, item: InboxItem, incoming: Incoming, reply: Reply) -> Delivery | None:
    """Address an answer to whoever is answered; None when there is nothing to say."""
    if isinstance(reply.view, Silence):
        return None
    replaces = reply.replaces_card and ctx.pressed_card is not None
    handle = None
    if incoming.reply_handle is not None:
        handle = {
            "url": incoming.reply_handle.url,
            "expires_at": incoming.reply_handle.expires_at.isoformat(),
        }
    elif isinstance(incoming.content, Entered) and incoming.content.welcome_code:
        until = incoming.sent_at + WELCOME_FOR
        handle = {
            "url": f"welcome:{incoming.content.welcome_code}",
            "expires_at": until.isoformat(),
        }
    return Delivery(
        id=DeliveryId(ctx.ids.new()),
        channel=incoming.channel,
        external_id=incoming.sender,
        kind=DeliveryKind.UPDATE if replaces else DeliveryKind.REPLY,
        view=reply.view.view_name,
        data=view_to_json(reply.view),
        dedupe_key=reply_key(item.id, ReplyPart.PARKED if reply.parks else ReplyPart.ANSWER),
        created_at=ctx.now,
        subject=reply.subject,
        card=ctx.pressed_card if replaces else None,
        inbox=item.id,
        reply_handle=handle,
    )


def failure_of(item: InboxItem, reference: str, delivery: DeliveryId, now: datetime) -> Delivery:
    """Tell whoever is waiting that something broke, with the number that finds it in the log."""
    view = Failure(reference)
    return Delivery(
        id=delivery,
        channel=item.channel,
        external_id=item.sender,
        kind=DeliveryKind.REPLY,
        view=view.view_name,
        data=view_to_json(view),
        dedupe_key=reply_key(item.id, ReplyPart.FAILURE),
        created_at=now,
        inbox=item.id,
    )


def late_notice(ctx: Context, item: InboxItem, incoming: Incoming) -> Delivery | None:
    """Queue the request to say it again; None when it has been made, or nobody waits for it.

    Nobody waits for what stood in the log before we began to read it, and outside the platform's
    window nothing could be sent.
    """
    if incoming.is_history or not isinstance(incoming.content, Said | SentMedia):
        return None
    if ctx.work.channels.get(incoming.channel).kind is not ChannelKind.WECOM_KF:
        return None
    if ctx.now - incoming.sent_at >= KF_WINDOW:
        return None
    notice = StaleNotice()
    # The row's time, not the clock's: a second try must find the same hour.
    hour = int(item.received_at.timestamp()) // LATE_NOTICE_SECONDS
    delivery = Delivery(
        id=DeliveryId(ctx.ids.new()),
        channel=incoming.channel,
        external_id=incoming.sender,
        kind=DeliveryKind.REPLY,
        view=notice.view_name,
        data=view_to_json(notice),
        dedupe_key=f"stale:{hour}",
        created_at=ctx.now,
        inbox=item.id,
    )
    return delivery if ctx.work.deliveries.add(delivery) else None
