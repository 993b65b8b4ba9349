"""The one module that imports wechatpy: its crypto, parser, replies and list of API calls.

wechatpy is made safe by what stands around it: `guard` looks at every byte first, `client` does
the HTTP (time-outs, shared token, no unlimited retry). What it lacks is added here: strict padding,
events it does not know, card replies, new API calls. Nothing of wechatpy leaves this module but
`WecomApi`.
"""

import base64
import binascii
import hmac
import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError

from typing_extensions import override
from wechatpy.fields import BaseField, StringField
from wechatpy.replies import BaseReply
from wechatpy.utils import WeChatSigner
from wechatpy.work import WeChatClient, parse_message
from wechatpy.work.client.api import WeChatKF, WeChatMessage
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto
from wechatpy.work.events import BaseEvent
from wechatpy.work.replies import TextReply

from bot.wecom.card_xml import NOT_XML, element, inside_cdata

Json = dict[str, Any]
Transport = Callable[[str, str, Mapping[str, Any], Json | None], Json]
"""Method, path, query, body -> the answer; raises DeliveryError for anything but errcode 0."""

AES_KEY_CHARACTERS = 43
KEY_BYTES = 32
BLOCK_BYTES = 16
PADDING_MAX = 32
"""WeCom pads to multiples of 32. Source: WeCom doc 91144."""
RANDOM_BYTES = 16
HEADER_BYTES = RANDOM_BYTES + 4


class Undecipherable(Exception):
    """A ciphertext that was not made with our key for us; `args[0]` says which check failed."""


class Malformed(Exception):
    """An authentic callback that is not the XML it should be."""


class _StrictCipher(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's cipher with every part of the frame checked, and real randomness."""

    def get_random_string(self) -> str:
        return secrets.token_urlsafe(12)

    def _decrypt(self, text: str, _id: str, exception: object = None) -> str:
        del exception
        framed = self._unpadded(text)
        if len(framed) < HEADER_BYTES:
            raise Undecipherable("length")
        (size,) = struct.unpack(">I", framed[RANDOM_BYTES:HEADER_BYTES])
        end = HEADER_BYTES + size
        if end > len(framed):
            raise Undecipherable("length")
        if not hmac.compare_digest(framed[end:], _id.encode()):
            raise Undecipherable("receive_id")
        return framed[HEADER_BYTES:end].decode("utf-8", "replace")

    def _unpadded(self, text: str) -> bytes:
        try:
            ciphertext = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Undecipherable("base64") from None
        if not ciphertext or len(ciphertext) % BLOCK_BYTES:
            raise Undecipherable("length")
        padded: bytes = self.cipher.decrypt(ciphertext)
        padding = padded[-1]
        if not 1 <= padding <= PADDING_MAX or not padded.endswith(bytes([padding]) * padding):
            raise Undecipherable("padding")
        return padded[:-padding]


class CallbackCrypto(WeChatCrypto):  # type: ignore[misc]  # wechatpy has no types
    """Signs, opens and seals callbacks of one corp."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        """Take the token and key of the app's receive-message settings.

        Raises:
            ValueError: something is empty, or the key is not 43 base64 characters.
        """
        if not token or not receive_id:
            raise ValueError("callback token and receive id must not be empty")
        try:
            key = base64.b64decode(aes_key + "=", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        # wechatpy only asserts the length, and -O removes that.
        if len(aes_key) != AES_KEY_CHARACTERS or len(key) != KEY_BYTES:
            raise ValueError("EncodingAESKey must be 43 base64 characters")
        super().__init__(token, aes_key, receive_id)
        # Setting up AES costs as much as using it; each use makes its own state.
        self._cipher = _StrictCipher(key)

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Compute the signature that WeCom puts into msg_signature."""
        signer = WeChatSigner()
        signer.add_data(self.token, timestamp, nonce, encrypted)
        return str(signer.signature)

    def open(self, encrypted: str) -> str:
        """Decrypt a text whose signature the caller has compared already.

        Raises:
            Undecipherable: not made with our key, or not for us.
        """
        return str(self._cipher.decrypt(encrypted, self.corp_id))

    def seal(self, xml: str, timestamp: str, nonce: str) -> str:
        """Encrypt and sign a reply, giving the whole answer body."""
        return str(self._encrypt_message(xml, nonce, timestamp, lambda _: self._cipher))


# Subclasses of BaseEvent put themselves into wechatpy's registry by their `event`.


class _TemplateCardEvent(BaseEvent):  # type: ignore[misc]  # wechatpy has no types
    event = "template_card_event"
    key = StringField("EventKey")
    task_id = StringField("TaskId")
    response_code = StringField("ResponseCode")
    selected_items = BaseField("SelectedItems")


class _TemplateCardMenuEvent(_TemplateCardEvent):
    event = "template_card_menu_event"


class _KfPingEvent(BaseEvent):  # type: ignore[misc]  # wechatpy's own lacks OpenKfId
    event = "kf_msg_or_event"
    token = StringField("Token")
    open_kfid = StringField("OpenKfId")


class _ContactChangeEvent(BaseEvent):  # type: ignore[misc]  # wechatpy has no types
    event = "change_contact"
    change_type = StringField("ChangeType")
    user_id = StringField("UserID")


@dataclass(frozen=True, slots=True)
class Callback:
    """One decrypted callback with the fields we use; what is absent is an empty text."""

    kind: str
    """Lower-case message type, "event" for events."""
    receiver: str
    sent_at: int
    """Unix seconds."""
    event: str = ""
    sender: str = ""
    agent: str | None = None
    message_id: str = ""
    text: str = field(default="", repr=False)
    media: str = ""
    key: str = ""
    task: str = ""
    response_code: str = field(default="", repr=False)
    selected: dict[str, list[str]] = field(default_factory=dict)
    change: str = ""
    member: str = ""
    token: str = field(default="", repr=False)
    open_kfid: str = ""


def parse(xml: str) -> Callback:
    """Read a decrypted callback.

    Raises:
        Malformed: not WeCom's XML.
    """
    try:
        message = parse_message(NOT_XML.sub("", xml))
        fields = message._data  # noqa: SLF001  (what wechatpy has no field for is only there)
        raw_agent = fields.get("AgentID")
        return Callback(
            kind=_text(fields["MsgType"]).lower(),
            event=_text(fields.get("Event")).lower(),
            receiver=_text(message.target),
            sender=_text(message.source),
            sent_at=int(_text(fields["CreateTime"])),
            agent=None if raw_agent is None else _text(raw_agent),
            message_id=_text(fields.get("MsgId")),
            text=_of(message, "content"),
            media=_of(message, "media_id"),
            key=_of(message, "key"),
            task=_of(message, "task_id"),
            response_code=_of(message, "response_code"),
            selected=_selected(getattr(message, "selected_items", None)),
            change=_of(message, "change_type"),
            member=_of(message, "user_id"),
            token=_of(message, "token"),
            open_kfid=_of(message, "open_kfid"),
        )
    except (ExpatError, KeyError, AttributeError, TypeError, ValueError):
        # The errors quote what they could not read, so none is kept as a cause.
        raise Malformed from None


def _of(message: object, name: str) -> str:
    return _text(getattr(message, name, None))


def _text(value: object) -> str:
    """Give an element's text; repeated or nested elements are not what WeCom sends."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("element")
    return value


def _as_list(value: Any) -> list[Any]:
    """Undo the parser's habit: none is None, one is itself, several are a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _selected(box: Any) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for item in _as_list((box or {}).get("SelectedItem")):
        options = (item.get("OptionIds") or {}).get("OptionId")
        chosen[_text(item["QuestionKey"])] = [_text(option) for option in _as_list(options)]
    return chosen


class _CardField(BaseField):  # type: ignore[misc]  # wechatpy has no types
    """A JSON object as XML, in the spelling of passive replies."""

    def to_xml(self, value: Mapping[str, Any]) -> str:
        return element(self.name, value)


class _CardReply(BaseReply):  # type: ignore[misc]  # wechatpy has no types
    type = "update_template_card"
    card = _CardField("TemplateCard")


class _ButtonReply(BaseReply):  # type: ignore[misc]  # wechatpy has no types
    type = "update_button"
    button = _CardField("Button")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Between whom a passive reply goes, and when."""

    to: str
    corp_id: str
    agent_id: int
    created_at: int
    """Unix seconds."""

    def fields(self) -> Json:
        """Give the fields every reply has, safe inside CDATA."""
        return {
            "target": inside_cdata(self.to),
            "source": inside_cdata(self.corp_id),
            "time": self.created_at,
        }


def text_reply(envelope: Envelope, text: str) -> str:
    """Build the XML of a passive text."""
    # wechatpy puts text into CDATA as it is; a "]]>" in it would start elements of its own.
    return str(
        TextReply(content=inside_cdata(text), agent=envelope.agent_id, **envelope.fields()).render()
    )


def card_reply(envelope: Envelope, card: Mapping[str, Any]) -> str:
    """Build the XML that replaces the card that was pressed, from the JSON of a card."""
    return str(_CardReply(card=card, **envelope.fields()).render())


def button_reply(envelope: Envelope, replace_name: str) -> str:
    """Build the XML that greys the pressed card's button under a new name."""
    return str(_ButtonReply(button={"replace_name": replace_name}, **envelope.fields()).render())


class _Messages(WeChatMessage):  # type: ignore[misc]  # wechatpy has no types
    """Sending to members, with the card update wechatpy lacks."""

    def update_template_card(self, body: Json) -> Json:
        """Change a card by its response code. Source: WeCom doc 94888."""
        answer: Json = self._post("message/update_template_card", data=body)
        return answer


class _CustomerService(WeChatKF):  # type: ignore[misc]  # wechatpy has no types
    """微信客服, with the account that the current sync_msg requires."""

    @override
    def sync_msg(
        self, token: str, cursor: str = "", limit: int = 1000, open_kfid: str = ""
    ) -> Json:
        """Pull messages and events. Source: WeCom doc 94670."""
        body = {"cursor": cursor, "token": token, "limit": limit, "open_kfid": open_kfid}
        answer: Json = self._post(
            "kf/sync_msg", data={name: value for name, value in body.items() if value}
        )
        return answer


class WecomApi(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's calls by name over our own transport; it never sees secret or token."""

    message = _Messages()
    kf = _CustomerService()

    def __init__(self, corp_id: str, transport: Transport) -> None:
        super().__init__(corp_id, secret="", auto_retry=False)
        self._transport = transport

    @override
    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Json:
        return self._transport(
            method, url_or_endpoint, kwargs.get("params") or {}, kwargs.get("data")
        )

    @override
    def fetch_access_token(self) -> Json:
        raise NotImplementedError("the token belongs to the transport")
