"""Sends rendered messages to DingTalk: by which of its ways, and what to do when one is closed.

The ways, best first: the address the message came with (free of user lists, 90 minutes), an
interactive card (updatable), a robot message. Calls live in `client`, forms in `answers` and
`actioncard`.
"""

import structlog
from typing_extensions import override

from bot.dingtalk.actioncard import as_template, as_webhook
from bot.dingtalk.answers import card_params
from bot.dingtalk.client import CardOrder, DingtalkClient, SessionEnded
from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.messages import OUTSIDER
from bot.dingtalk.refusals import TEMPLATE_REFUSALS
from bot.dingtalk.session_webhook import is_trusted_webhook
from bot.platform import (
    CardNotUpdatable,
    CardUpdate,
    Clockwork,
    DeliveryError,
    Outbound,
    Outgoing,
    Sent,
)
from domain.ids import CardKey

GROUP = "group:"
"""Before the openConversationId of a group, where an account's id usually stands."""

log = structlog.get_logger(__name__)


class DingtalkOutbound(Outbound):
    """The outbound port of one app."""

    def __init__(self, config: DingtalkConfig, client: DingtalkClient, clock: Clockwork) -> None:
        self._config = config
        self._client = client
        self._clock = clock

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        if self._is_card_possible(outgoing):
            try:
                return self._send_card(outgoing)
            except DeliveryError as error:
                if error.code not in TEMPLATE_REFUSALS:
                    raise
                # People get the message all the same; the template is for the operator to repair.
                log.warning("dingtalk_template_refused", code=error.code)
        if self._answer_there(outgoing):
            return Sent()
        return self._send_message(outgoing)

    @override
    def update(self, change: CardUpdate) -> Sent:
        if not self._config.card_template_id:
            raise CardNotUpdatable("no_template", permanent=True)
        self._client.update_card(change.card, card_params(change.message))
        return Sent(card=change.card)

    def _is_card_possible(self, outgoing: Outgoing) -> bool:
        is_member = not outgoing.external_id.startswith((OUTSIDER, GROUP))
        has_template = bool(self._config.card_template_id)
        return outgoing.message.card is not None and has_template and is_member

    def _send_card(self, outgoing: Outgoing) -> Sent:
        params = card_params(outgoing.message)
        # The delivery's id is unique, so that a repeat of this very delivery makes no second card.
        key = CardKey(outgoing.delivery)
        summary = params["title"] or outgoing.message.view
        self._client.create_card(CardOrder(key, outgoing.external_id, params, summary))
        return Sent(card=key, platform_ref=key)

    def _answer_there(self, outgoing: Outgoing) -> bool:
        """Answer into the conversation the message came from; False when that is over."""
        handle = outgoing.reply_handle
        if handle is None or handle.expires_at <= self._clock.now():
            return False
        if not is_trusted_webhook(handle.url, self._config.webhook_origins):
            # The row may be older than the setting, or not ours.
            log.warning("dingtalk_webhook_refused", channel=outgoing.channel)
            return False
        try:
            self._client.send_to_session(handle.url, as_webhook(outgoing.message))
        except SessionEnded:
            return False
        return True

    def _send_message(self, outgoing: Outgoing) -> Sent:
        account = outgoing.external_id
        if account.startswith(OUTSIDER):
            # Robots can't write to people of other companies first (doc 0714).
            raise DeliveryError("outsider", permanent=True)
        key, param = as_template(outgoing.message)
        if account.startswith(GROUP):
            reference = self._client.send_to_group(account.removeprefix(GROUP), key, param)
        else:
            reference = self._client.send_to_member(account, key, param)
        return Sent(platform_ref=reference or None)
