"""Messages and card changes to members by the self-built app. Sources: WeCom docs 90236, 94888."""

import re
from typing import Any

from typing_extensions import override

from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    DeliveryError,
    Limits,
    Outbound,
    Outgoing,
    Sent,
)
from bot.wecom.cards import is_interactive, replaced_button, with_task_id
from bot.wecom.client import WecomClient
from bot.wecom.config import WecomConfig
from bot.wecom.limits import TEXT_BYTES, clamp_text
from domain.ids import CardKey

Json = dict[str, Any]

LIMITS = Limits(per_minute=25, merge_above=15)
"""WeCom takes 30 a minute for one member and drops the rest, answering success."""

_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@\-]{0,63}", re.ASCII)
_CARD_WINDOW_SECONDS = 1800
_TEXT_WINDOW_SECONDS = 300


class WecomAppOutbound(Outbound):
    """Sends for one app."""

    def __init__(self, client: WecomClient, config: WecomConfig) -> None:
        self._messages = client.api.message
        self._agent_id = config.agent_id

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        """Send one text or card to one member.

        A repeat of an interactive card is dropped by WeCom for half an hour, as its task_id is the
        delivery; a repeat of a text for five minutes after the second attempt at least.

        Raises:
            DeliveryError: it was not taken.
        """
        _require_member(outgoing.external_id)
        body = _body(outgoing)
        answer: Json = self._messages.send(self._agent_id, outgoing.external_id, msg=body)
        if answer.get("invaliduser"):
            raise DeliveryError("invaliduser", permanent=True, blocks_account=True)
        if answer.get("unlicenseduser"):
            raise DeliveryError("unlicenseduser", permanent=True, is_operator_matter=True)
        code = answer.get("response_code")
        return Sent(
            card=CardKey(outgoing.delivery) if code else None,
            response_code=code or None,
            platform_ref=answer.get("msgid"),
        )

    @override
    def update(self, change: CardUpdate) -> Sent:
        """Change a card on one member's phone, spending its response code.

        Raises:
            CardNotUpdatable: there is no code, or it was used or is over 72 h old.
            DeliveryError: it was not taken.
        """
        _require_member(change.external_id)
        if not change.response_code:
            raise CardNotUpdatable("no_response_code", permanent=True)
        card = change.message.card
        if card is None:
            raise CardNotUpdatable("no_card", permanent=True)
        body: Json = {
            "userids": [change.external_id],
            "agentid": self._agent_id,
            "response_code": change.response_code,
        }
        name = replaced_button(card)
        if name is not None:
            body["button"] = {"replace_name": name}
        else:
            body["template_card"] = with_task_id(card, change.card)
        answer: Json = self._messages.update_template_card(body)
        return Sent(card=change.card, response_code=answer.get("response_code") or None)


def _require_member(userid: str) -> None:
    # "@all" or a "|" would send one person's message to others.
    if not _USERID.fullmatch(userid):
        raise DeliveryError("bad_recipient", permanent=True)


def _body(outgoing: Outgoing) -> Json:
    card = outgoing.message.card
    if card is None:
        body: Json = {
            "msgtype": "text",
            "text": {"content": clamp_text(outgoing.message.text, TEXT_BYTES)},
        }
    else:
        body = {"msgtype": "template_card", "template_card": with_task_id(card, outgoing.delivery)}
    # WeCom compares contents: it can't tell a repeat from a second message that says the same.
    # Only a card named after its delivery is safe to compare from the first attempt on.
    if card is not None and is_interactive(card):
        return {**body, **_duplicate_check(_CARD_WINDOW_SECONDS)}
    if outgoing.attempt > 1:
        return {**body, **_duplicate_check(_TEXT_WINDOW_SECONDS)}
    return body


def _duplicate_check(seconds: int) -> Json:
    return {"enable_duplicate_check": 1, "duplicate_check_interval": seconds}
