"""Calls to DingTalk's two hosts: token, time-outs, error codes, the rest after a ban.

One call is one method here; what to send to whom is `outbound`'s matter. The Stream gateway has a
client of its own, because it is asynchronous.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import structlog
from redis import Redis

from bot.dingtalk.config import DingtalkConfig
from bot.dingtalk.pause import ChannelPause
from bot.dingtalk.refusals import (
    BAN_SECONDS,
    BANNED,
    CARD_EXISTS,
    SESSION_ENDED,
    Answer,
    api_refusal,
    is_ban,
    is_redirect,
    is_token_refused,
    oapi_refusal,
)
from bot.outward import quiet_http, trusted
from bot.platform import CardNotUpdatable, Clockwork, DeliveryError
from bot.tokens import Fetched, SharedToken, token_key
from domain.ids import CardKey

TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105  the header's name
TIMEOUT = httpx2.Timeout(5.0, connect=3.0)
"""DingTalk's gateway gives up after 3 s. Source: DingTalk's page on retries."""
RETRY_CONTROLLED = timedelta(seconds=30)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CardOrder:
    """A card to put into one member's chat with the robot."""

    key: CardKey
    """Unique for ever: a second card of the same key is not made (doc 0783)."""
    user_id: str
    params: Mapping[str, str]
    summary: str
    """What the list of chats and the notification show."""


class SessionEnded(DeliveryError):
    """The session webhook has run out."""


class DingtalkClient:
    """Blocking calls of one app; safe to use from several threads."""

    def __init__(
        self,
        config: DingtalkConfig,
        redis: Redis | None,
        *,
        clock: Clockwork,
        jitter: Callable[[], float],
        timeout: httpx2.Timeout = TIMEOUT,
    ) -> None:
        """Prepare the connections; `jitter` gives random numbers in [0, 1)."""
        quiet_http()
        self._config = config
        self._jitter = jitter
        self._pause = ChannelPause(redis, f"zhufen:dingtalk:pause:{config.client_id}", clock)
        self._http = httpx2.Client(
            timeout=timeout, follow_redirects=False, verify=trusted(), trust_env=False
        )
        secret = config.client_secret.get_secret_value()
        self._token = SharedToken(
            redis, token_key("dingtalk", config.client_id, secret), self._fetch_token
        )

    def check(self) -> None:
        """Make sure that client id and secret are good, by having a token.

        Raises:
            DeliveryError: they are not, or DingTalk can't be reached.
        """
        self._token.get()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send_to_member(self, user_id: str, msg_key: str, msg_param: str) -> str:
        """Send a robot message to one member, giving the key that names it.

        It has no dedupe key of its own: after a time-out a repeat may be seen twice.

        Raises:
            DeliveryError: it was not taken, or not for this member.
        """
        body = {
            "robotCode": self._config.robot_code,
            "userIds": [user_id],
            "msgKey": msg_key,
            "msgParam": msg_param,
        }
        data = self._api("POST", "/v1.0/robot/oToMessages/batchSend", body)
        if data.get("invalidStaffIdList"):
            raise DeliveryError("invalid_staff_id", permanent=True, blocks_account=True)
        if data.get("flowControlledStaffIdList"):
            raise DeliveryError("flow_controlled", permanent=False, retry_after=RETRY_CONTROLLED)
        return str(data.get("processQueryKey") or "")

    def send_to_group(self, conversation_id: str, msg_key: str, msg_param: str) -> str:
        """Send a robot message to an internal group the robot is in.

        Raises:
            DeliveryError: it was not taken.
        """
        body = {
            "robotCode": self._config.robot_code,
            "openConversationId": conversation_id,
            "msgKey": msg_key,
            "msgParam": msg_param,
        }
        data = self._api("POST", "/v1.0/robot/groupMessages/send", body)
        return str(data.get("processQueryKey") or "")

    def send_to_session(self, url: str, payload: Mapping[str, Any]) -> None:
        """Answer into the conversation a message came from; the caller has checked the address.

        Raises:
            SessionEnded: the address has run out, or wants to send us elsewhere.
            DeliveryError: it was not taken.
        """
        answer = self._exchange("POST", url, payload)
        if is_redirect(answer):
            log.warning("dingtalk_webhook_redirected", channel=self._config.channel)
            raise SessionEnded("redirected", permanent=True)
        refusal = oapi_refusal(answer, self._jitter())
        if refusal is None:
            return
        if refusal.code == SESSION_ENDED:
            raise SessionEnded(SESSION_ENDED, permanent=True)
        raise refusal

    def create_card(self, order: CardOrder) -> None:
        """Make a card and deliver it; a card of this key from an earlier try counts as made.

        Raises:
            DeliveryError: it was not taken, or not delivered.
        """
        try:
            data = self._api("POST", "/v1.0/card/instances/createAndDeliver", self._card(order))
        except DeliveryError as error:
            if error.code == CARD_EXISTS:
                return
            raise
        result = data.get("result")
        results = result.get("deliverResults") if isinstance(result, Mapping) else None
        # HTTP 200 does not mean delivered (doc 0783).
        is_delivered = isinstance(results, list) and all(
            isinstance(each, Mapping) and each.get("success") is True for each in results
        )
        if not is_delivered:
            raise DeliveryError("card_not_delivered", permanent=True)

    def update_card(self, key: CardKey, params: Mapping[str, str]) -> None:
        """Change the named variables of a card, leaving the others.

        Raises:
            CardNotUpdatable: there is no such card.
            DeliveryError: it was not taken.
        """
        body = {
            "outTrackId": key,
            "cardData": {"cardParamMap": dict(params)},
            # The default wipes what is not named (doc 0782).
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "userIdType": 1,
        }
        try:
            data = self._api("PUT", "/v1.0/card/instances", body)
        except DeliveryError as error:
            if error.code.startswith("param.") and error.code.endswith("NotExist"):
                raise CardNotUpdatable(error.code, permanent=True) from None
            raise
        if data.get("success") is False:
            raise CardNotUpdatable("card_not_updated", permanent=True)

    def register_card_address(self, url: str) -> None:
        """Tell the platform where presses go in HTTP mode, signed with our secret (doc 0786).

        Raises:
            DeliveryError: it was not taken.
        """
        body = {
            "callbackRouteKey": self._config.card_route,
            "callbackUrl": url,
            "apiSecret": self._config.card_secret,
            "forceUpdate": True,
        }
        self._api("POST", "/v1.0/card/callbacks/register", body)

    def member_of(self, login_code: str) -> str:
        """Give the user id behind the one-time code of a page opened in DingTalk (doc 0018).

        Raises:
            DeliveryError: the code is used, too old or not ours.
        """
        data = self._oapi("/topapi/v2/user/getuserinfo", {"code": login_code})
        result = data.get("result")
        user_id = result.get("userid") if isinstance(result, Mapping) else None
        if not isinstance(user_id, str) or not user_id:
            raise DeliveryError("no_user", permanent=True)
        return user_id

    def _card(self, order: CardOrder) -> dict[str, Any]:
        is_http = self._config.mode == "http"
        route = {"callbackRouteKey": self._config.card_route} if is_http else {}
        return {
            "cardTemplateId": self._config.card_template_id,
            "outTrackId": order.key,
            "callbackType": "HTTP" if is_http else "STREAM",
            **route,
            "userIdType": 1,
            "cardData": {"cardParamMap": dict(order.params)},
            "openSpaceId": f"dtv1.card//IM_ROBOT.{order.user_id}",
            "imRobotOpenSpaceModel": {
                "supportForward": False,
                "lastMessageI18n": {"ZH_CN": order.summary},
                "notification": {"alertContent": order.summary, "notificationOff": False},
            },
            "imRobotOpenDeliverModel": {
                "spaceType": "IM_ROBOT",
                "robotCode": self._config.robot_code,
            },
        }

    def _fetch_token(self) -> Fetched:
        body = {
            "appKey": self._config.client_id,
            "appSecret": self._config.client_secret.get_secret_value(),
        }
        url = f"{self._config.api_base.rstrip('/')}/v1.0/oauth2/accessToken"
        answer = self._exchange("POST", url, body)
        refusal = api_refusal(answer, self._jitter())
        if refusal is not None:
            raise refusal
        data = answer.data or {}
        token, lifetime = data.get("accessToken"), data.get("expireIn")
        if not isinstance(token, str) or not token or not isinstance(lifetime, int):
            raise DeliveryError("no_token", permanent=False)
        return Fetched(token, lifetime)

    def _api(self, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        url = f"{self._config.api_base.rstrip('/')}{path}"
        answer = self._with_token(
            lambda token: self._exchange(method, url, body, headers={TOKEN_HEADER: token})
        )
        refusal = api_refusal(answer, self._jitter())
        if refusal is not None:
            raise refusal
        return answer.data or {}

    def _oapi(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        url = f"{self._config.oapi_base.rstrip('/')}{path}"
        answer = self._with_token(
            lambda token: self._exchange("POST", url, body, query={"access_token": token})
        )
        refusal = oapi_refusal(answer, self._jitter())
        if refusal is not None:
            raise refusal
        return answer.data or {}

    def _with_token(self, call: Callable[[str], Answer]) -> Answer:
        """Make a call, with another token once if this one is refused."""
        token = self._token.get()
        answer = call(token)
        return call(self._token.replace(token)) if is_token_refused(answer) else answer

    def _exchange(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        rest = self._pause.remaining()
        if rest is not None:
            raise DeliveryError(BANNED, permanent=False, retry_after=rest)
        try:
            response = self._http.request(method, url, json=body, headers=headers, params=query)
        except httpx2.TimeoutException:
            raise DeliveryError("timeout", permanent=False) from None
        except httpx2.HTTPError:
            # Its text holds the address, and the address may hold a token.
            raise DeliveryError("network", permanent=False) from None
        answer = Answer(response.status_code, _object(response.content))
        if is_ban(answer):
            length = timedelta(seconds=BAN_SECONDS * (1 + self._jitter() / 5))
            self._pause.begin(length)
            raise DeliveryError(BANNED, permanent=False, retry_after=length)
        return answer


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
