"""Messages to customers by 微信客服, handing a conversation to a person, links into the account.

No card can be updated here and every message counts against the customer's allowance. Sources:
WeCom docs 94677 (send), 95122 (welcome), 94669 (session), 94665 (links).
"""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from typing_extensions import override

from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    Clockwork,
    DeliveryError,
    Outbound,
    Outgoing,
    Sent,
)
from bot.wecom import errcodes
from bot.wecom.client import WecomClient
from bot.wecom.config import KfConfig
from bot.wecom.limits import TEXT_BYTES, clamp_text
from handlers.incoming import ReplyHandle

Json = dict[str, Any]

_WELCOME = "welcome:"
_WELCOME_LIFE = timedelta(seconds=18)
"""WeCom takes a welcome for 20 s after the customer came in."""
_STATE_POOL, _STATE_PERSON = 2, 3
_SCENE = re.compile(r"[0-9A-Za-z_\-]{1,32}", re.ASCII)
_SCENE_PARAM_BYTES = 128


def welcome_handle(code: str, entered_at: datetime) -> ReplyHandle:
    """Keep the right to welcome a customer who has just come in."""
    return ReplyHandle(_WELCOME + code, entered_at + _WELCOME_LIFE)


class KfOutbound(Outbound):
    """Sends for one customer service account."""

    def __init__(self, client: WecomClient, kf: KfConfig, clock: Clockwork) -> None:
        self._api = client.api
        self._open_kfid = kf.open_kfid
        self._clock = clock

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        """Send one text or menu; the delivery's id is the message's own.

        Acceptance is not delivery: a failure comes later as `SendFailed` naming the same id.

        Raises:
            DeliveryError: it was not taken; `maybe_sent` when a repeat is refused as a request
                though the first attempt may have arrived.
        """
        body = _body(outgoing)
        code = self._welcome_code(outgoing.reply_handle)
        try:
            if code is not None:
                kind = body.pop("msgtype")
                answer = self._api.kf.send_msg_on_event(code, kind, body, msgid=outgoing.delivery)
            else:
                answer = self._api.kf_message.send(
                    outgoing.external_id, self._open_kfid, outgoing.delivery, body
                )
        except DeliveryError as error:
            # What a second use of a msgid answers is documented nowhere.
            if outgoing.attempt > 1 and errcodes.is_our_mistake(error):
                raise DeliveryError("maybe_sent", permanent=True) from None
            raise
        return Sent(platform_ref=answer.get("msgid") or outgoing.delivery)

    @override
    def update(self, change: CardUpdate) -> Sent:
        """Refuse: what a customer has got can't be changed.

        Raises:
            CardNotUpdatable: always.
        """
        raise CardNotUpdatable("no_cards", permanent=True)

    def _welcome_code(self, handle: ReplyHandle | None) -> str | None:
        if handle is None or not handle.url.startswith(_WELCOME):
            return None
        return handle.url.removeprefix(_WELCOME) if self._clock.now() < handle.expires_at else None


class KfAccount:
    """What can be done with a customer service account beside sending."""

    def __init__(self, client: WecomClient, kf: KfConfig) -> None:
        self._kf = client.api.kf
        self._open_kfid = kf.open_kfid

    def hand_over(self, external_userid: str, servicer_userid: str | None = None) -> None:
        """Give a customer's conversation to a person, or to whoever is free; repeatable.

        Raises:
            DeliveryError: the platform did not do it.
        """
        state = _STATE_PERSON if servicer_userid else _STATE_POOL
        try:
            self._kf.trans_service_state(
                self._open_kfid, external_userid, state, servicer_userid or ""
            )
        except DeliveryError as error:
            if error.code != errcodes.TRANSITION_REFUSED:
                raise
            if self._state(external_userid) not in {_STATE_POOL, _STATE_PERSON}:
                raise

    def contact_link(self, scene: str, scene_param: str | None = None) -> str:
        """Give the link by which an outsider opens the conversation.

        `scene_param` comes back when they do; it stands in the link for everybody to change.

        Raises:
            ValueError: not a scene, or too long a parameter.
            DeliveryError: the platform gave none.
        """
        if not _SCENE.fullmatch(scene):
            raise ValueError("a scene has 1 to 32 letters, digits, - and _")
        parameter = quote(scene_param or "", safe="")
        if len(parameter) > _SCENE_PARAM_BYTES:
            raise ValueError("the scene parameter is too long")
        url = self._kf.add_contact_way(self._open_kfid, scene).get("url")
        if not isinstance(url, str) or not url:
            raise DeliveryError("bad_answer", permanent=False)
        if not parameter:
            return url
        return f"{url}{'&' if '?' in url else '?'}scene_param={parameter}"

    def _state(self, external_userid: str) -> int | None:
        answer: Json = self._kf.get_service_state(self._open_kfid, external_userid)
        return answer.get("service_state")


def _body(outgoing: Outgoing) -> Json:
    if outgoing.message.card is not None:
        return dict(outgoing.message.card)
    text = clamp_text(outgoing.message.text, TEXT_BYTES)
    return {"msgtype": "text", "text": {"content": text}}
