"""WeCom's callbacks as `Incoming`, and our answers as WeCom's passive replies.

One address serves the app and 微信客服. Whether a callback is authentic is `guard`'s business; what
to do about it is nobody's here.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bot.platform import Clockwork, Deadlines, HttpAnswer, Rejected, Rendered
from bot.wecom.cards import replaced_button, with_task_id
from bot.wecom.config import WecomConfig
from bot.wecom.guard import Guard, Reason
from bot.wecom.limits import TEXT_BYTES, clamp_text
from bot.wecom.wechatpy_edge import (
    Callback,
    Envelope,
    Malformed,
    button_reply,
    card_reply,
    parse,
    text_reply,
)
from domain.ids import CardKey
from handlers.incoming import (
    Content,
    Entered,
    Incoming,
    Left,
    MediaKind,
    Pressed,
    PullWanted,
    Said,
    SentMedia,
    Unsupported,
)

DEADLINES = Deadlines(decide=timedelta(seconds=3), give_up=timedelta(seconds=4))
"""WeCom drops the connection after 5 s and repeats the callback. Source: WeCom doc 96466."""

_PING = "kf_msg_or_event"
_PLATFORM = "sys"
"""The sender of events that no member caused."""
_MEDIA = {
    "image": MediaKind.IMAGE,
    "voice": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "shortvideo": MediaKind.VIDEO,
    "location": MediaKind.LOCATION,
    "link": MediaKind.LINK,
    "file": MediaKind.FILE,
}


class WecomCallbacks:
    """Reads callbacks of one connection and writes its in-band answers. Safe to share."""

    def __init__(self, config: WecomConfig, clock: Clockwork) -> None:
        """Take the connection's configuration.

        Raises:
            ValueError: a secret is empty or no EncodingAESKey.
        """
        self._config = config
        self._clock = clock
        self._guard = Guard(
            token=config.callback_token,
            aes_key=config.callback_aes_key,
            receive_id=config.corp_id,
            clock=clock,
        )

    def verify_url(self, query: Mapping[str, str]) -> HttpAnswer:
        """Answer the check WeCom makes when the address is saved: the bare text, nothing more.

        Raises:
            Rejected: not authentic or incomplete.
        """
        return HttpAnswer(body=self._guard.open_echo(query).encode())

    def read(self, query: Mapping[str, str], body: bytes) -> Incoming:
        """Verify, decrypt and understand one callback.

        Raises:
            Rejected: not WeCom's, not ours, or not readable.
        """
        xml = self._guard.open_body(query, body)
        try:
            callback = parse(xml)
            sent_at = datetime.fromtimestamp(callback.sent_at, UTC)
        except (Malformed, OverflowError, OSError, ValueError):
            raise Rejected(400, Reason.MALFORMED) from None
        if callback.receiver != self._config.corp_id:
            raise Rejected(403, Reason.UNKNOWN_CORP)
        if callback.event == _PING:
            return self._ping(callback, sent_at, f"{query['timestamp']}|{query['nonce']}")
        self._require_our_agent(callback)
        sender, content = _meaning(callback)
        return Incoming(
            channel=self._config.app_channel,
            source_id=_source_id(callback),
            sender="" if sender == _PLATFORM else sender,
            sent_at=sent_at,
            content=content,
        )

    def answer(
        self, incoming: Incoming, message: Rendered, *, replaces_card: bool
    ) -> HttpAnswer | None:
        """Give the passive reply that carries a message, or None when it must be sent instead.

        A press is answered by a changed card only, everything else by text only.
        """
        if incoming.channel != self._config.app_channel or not incoming.sender:
            return None
        envelope = Envelope(
            to=incoming.sender,
            corp_id=self._config.corp_id,
            agent_id=self._config.agent_id,
            created_at=int(self._clock.now().timestamp()),
        )
        if isinstance(incoming.content, Pressed):
            if not replaces_card or message.card is None:
                return None
            name = replaced_button(message.card)
            if name is not None:
                return self._sealed(button_reply(envelope, name))
            card = with_task_id(message.card, incoming.content.card or "")
            return self._sealed(card_reply(envelope, card))
        if message.card is not None or not _takes_text(incoming.content):
            return None
        return self._sealed(text_reply(envelope, clamp_text(message.text, TEXT_BYTES)))

    def acknowledge(self) -> HttpAnswer:
        """Accept a callback without showing anything, so that it isn't repeated."""
        return HttpAnswer()

    def _ping(self, callback: Callback, sent_at: datetime, delivery: str) -> Incoming:
        kf = self._config.kf
        if kf is None or callback.open_kfid != kf.open_kfid:
            raise Rejected(403, Reason.UNKNOWN_KF_ACCOUNT)
        return Incoming(
            channel=kf.channel,
            # Two pings of one second may say the same and still announce different messages; only
            # the very same request is a repeat.
            source_id=_digest("ping", callback.token, str(callback.sent_at), delivery),
            sender="",
            sent_at=sent_at,
            content=PullWanted(callback.token),
        )

    def _require_our_agent(self, callback: Callback) -> None:
        # Events about the corp itself (contacts, health) come without an agent.
        is_about_corp = callback.agent is None and callback.kind == "event"
        if not is_about_corp and callback.agent != str(self._config.agent_id):
            raise Rejected(403, Reason.UNKNOWN_AGENT)

    def _sealed(self, xml: str) -> HttpAnswer:
        return HttpAnswer(body=self._guard.seal(xml), media_type="application/xml")


def _meaning(callback: Callback) -> tuple[str, Content]:
    """Tell who did what."""
    if callback.kind == "event":
        read_event = _EVENTS.get(callback.event)
        if read_event is None:
            return callback.sender, Unsupported(callback.event, is_message=False)
        return read_event(callback)
    if callback.kind == "text":
        return callback.sender, Said(callback.text)
    if callback.kind in _MEDIA:
        return callback.sender, SentMedia(_MEDIA[callback.kind], callback.media or None)
    return callback.sender, Unsupported(callback.kind, is_message=True)


def _pressed(callback: Callback) -> tuple[str, Content]:
    return callback.sender, Pressed(
        action=callback.key,
        card=CardKey(callback.task) if callback.task else None,
        response_code=callback.response_code or None,
        # Several options of one question are joined; option ids of ours hold no comma.
        form={question: ",".join(chosen) for question, chosen in callback.selected.items()},
    )


def _contact_changed(callback: Callback) -> tuple[str, Content]:
    if callback.change == "delete_user" and callback.member:
        return callback.member, Left("left")
    return callback.sender, Unsupported(f"change_contact:{callback.change}", is_message=False)


_EVENTS: dict[str, Callable[[Callback], tuple[str, Content]]] = {
    "click": lambda callback: (callback.sender, Said(callback.key)),
    "enter_agent": lambda callback: (callback.sender, Entered()),
    "template_card_event": _pressed,
    "template_card_menu_event": _pressed,
    "subscribe": lambda callback: (callback.sender, Left(None)),
    "unsubscribe": lambda callback: (callback.sender, Left("unsubscribed")),
    "change_contact": _contact_changed,
}


def _takes_text(content: Content) -> bool:
    """Tell whether WeCom shows a passive text after this. Source: WeCom doc 90241."""
    if isinstance(content, Unsupported):
        return content.is_message
    if isinstance(content, Left):
        return content.reason is None
    return isinstance(content, Said | SentMedia | Entered)


def _source_id(callback: Callback) -> str:
    """Name a callback so that repeats carry the same name: MsgId, which events don't have."""
    if callback.message_id:
        return callback.message_id
    # CreateTime counts seconds: without key and code two quick taps would be one.
    return _digest(
        callback.sender,
        str(callback.sent_at),
        callback.event,
        callback.key,
        callback.task,
        callback.response_code,
        callback.change,
        callback.member,
    )


def _digest(*parts: str) -> str:
    framed = "\0".join(parts)
    return f"event-{hashlib.sha256(framed.encode()).hexdigest()[:40]}"
