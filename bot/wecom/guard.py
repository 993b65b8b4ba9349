"""What stands before wechatpy: nothing unsigned, stale, oversized or misaddressed gets past it.

Everything here works on bytes and texts; what a callback means is in `callbacks`.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import SecretStr

from bot.platform import Clockwork, Rejected
from bot.wecom.wechatpy_edge import CallbackCrypto, Undecipherable

BODY_BYTES_MAX = 64 * 1024
"""Real callbacks have a few KiB; a parser's cost grows with size, so the cap comes first."""
FRESHNESS = timedelta(minutes=5)
"""The protocol has no window of its own: a captured callback would verify for ever."""

_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCRYPT = re.compile(
    rb"<Encrypt>\s*(?:<!\[CDATA\[\s*)?([A-Za-z0-9+/]+={0,2})\s*(?:\]\]>\s*)?</Encrypt>"
)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_ROOT = re.compile(r"\s*<xml>")
_SIGNED_BY = ("msg_signature", "timestamp", "nonce")


class Reason(StrEnum):
    """Why a callback was refused; for the log and the counter, never for the caller."""

    BODY_TOO_LARGE = "body_too_large"
    MISSING_PARAMETER = "missing_parameter"
    DTD = "dtd"
    NO_CIPHERTEXT = "no_ciphertext"
    MALFORMED = "malformed"
    SIGNATURE = "signature"
    REPLAY = "replay_rejected"
    CIPHERTEXT = "ciphertext"
    RECEIVE_ID = "receive_id"
    UNKNOWN_CORP = "unknown_corp"
    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_KF_ACCOUNT = "unknown_kf_account"


class Guard:
    """Opens what WeCom has sealed for us and seals what goes back."""

    def __init__(
        self,
        *,
        token: SecretStr,
        aes_key: SecretStr,
        receive_id: str,
        clock: Clockwork,
        window: timedelta = FRESHNESS,
    ) -> None:
        """Take the app's callback settings.

        Raises:
            ValueError: one is empty, or the key is not an EncodingAESKey.
        """
        self._crypto = CallbackCrypto(
            token.get_secret_value(), aes_key.get_secret_value(), receive_id
        )
        self._clock = clock
        self._window = window

    def open_echo(self, query: Mapping[str, str]) -> str:
        """Decrypt the text that WeCom wants back when the address is being set up.

        Raises:
            Rejected: 400 when something is missing, 403 for everything that isn't authentic.
        """
        _require(query, *_SIGNED_BY, "echostr")
        return self._open(query, query["echostr"])

    def open_body(self, query: Mapping[str, str], body: bytes) -> str:
        """Decrypt a callback's XML.

        Raises:
            Rejected: 413 when too large, 400 when incomplete or hostile, 403 for everything that
                isn't authentic: one status, whatever was wrong.
        """
        if len(body) > BODY_BYTES_MAX:
            raise Rejected(413, Reason.BODY_TOO_LARGE)
        _require(query, *_SIGNED_BY)
        # Whoever knows the address gets this far, so the envelope meets no XML parser.
        if _DTD.search(body):
            raise Rejected(400, Reason.DTD)
        found: list[bytes] = _ENCRYPT.findall(body)
        if len(found) != 1:
            raise Rejected(400, Reason.NO_CIPHERTEXT)
        xml = self._open(query, found[0].decode("ascii"))
        # A DTD can only stand before the root; further on the same letters are somebody's text.
        if not _ROOT.match(xml):
            raise Rejected(400, Reason.MALFORMED)
        return xml

    def seal(self, xml: str) -> bytes:
        """Encrypt and sign the XML of a passive reply."""
        timestamp = str(int(self._clock.now().timestamp()))
        return self._crypto.seal(xml, timestamp, secrets.token_hex(8)).encode()

    def _open(self, query: Mapping[str, str], encrypted: str) -> str:
        timestamp, nonce = query["timestamp"], query["nonce"]
        expected = self._crypto.sign(timestamp, nonce, encrypted)
        given = query["msg_signature"]
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise Rejected(403, Reason.SIGNATURE)
        if not self._is_fresh(timestamp):
            raise Rejected(403, Reason.REPLAY)
        try:
            return self._crypto.open(encrypted)
        except Undecipherable as error:
            is_for_another = error.args == ("receive_id",)
            reason = Reason.RECEIVE_ID if is_for_another else Reason.CIPHERTEXT
            raise Rejected(403, reason) from None

    def _is_fresh(self, timestamp: str) -> bool:
        if not _TIMESTAMP.fullmatch(timestamp):
            return False
        age = self._clock.now().timestamp() - int(timestamp)
        return abs(age) <= self._window.total_seconds()


def _require(query: Mapping[str, str], *names: str) -> None:
    if not all(query.get(name) for name in names):
        raise Rejected(400, Reason.MISSING_PARAMETER)
