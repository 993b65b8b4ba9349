"""Asks DingTalk's gateway for a place to connect to: the one HTTP call of Stream mode."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpx2
from typing_extensions import override

from bot.dingtalk.config import DingtalkConfig
from bot.outward import quiet_http, trusted
from bot.platform import Rejected
from bot.strict_json import read_object, text_of

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
EVENT_TOPIC = "*"
"""The only value there is; which events come is chosen in the console."""
OK = 200

_SUBSCRIPTIONS = [
    {"type": "CALLBACK", "topic": ROBOT_TOPIC},
    {"type": "CALLBACK", "topic": CARD_TOPIC},
    {"type": "EVENT", "topic": EVENT_TOPIC},
]


@dataclass(eq=False)
class GatewayRefused(Exception):
    """There is no place to connect to; `problem` is a constant for log and health."""

    problem: str

    @override
    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect, once, within 90 seconds. Source: DingTalk's Stream protocol page."""

    url: str = field(repr=False)
    """Holds the ticket: never to be logged."""


async def ask_gateway(config: DingtalkConfig, seconds: float) -> Place:
    """Get a place for a new socket within so many seconds.

    Raises:
        GatewayRefused: none was given in time.
    """
    body = {
        "clientId": config.client_id,
        "clientSecret": config.client_secret.get_secret_value(),
        "subscriptions": _SUBSCRIPTIONS,
        "ua": "zhufen",
    }
    url = f"{config.api_base.rstrip('/')}/v1.0/gateway/connections/open"
    quiet_http()
    try:
        async with httpx2.AsyncClient(
            timeout=seconds, follow_redirects=False, verify=trusted(), trust_env=False
        ) as http:
            response = await http.post(url, json=body, headers={"Accept": "application/json"})
    except httpx2.TimeoutException:
        raise GatewayRefused("gateway_timeout") from None
    except httpx2.HTTPError:
        raise GatewayRefused("gateway_unreachable") from None
    if response.status_code != OK:
        raise GatewayRefused(f"gateway_http_{response.status_code}")
    try:
        data = read_object(response.content)
    except Rejected:
        raise GatewayRefused("gateway_answer") from None
    return _place(text_of(data, "endpoint"), text_of(data, "ticket"), config)


def _place(endpoint: str, ticket: str, config: DingtalkConfig) -> Place:
    schemes = {"wss"} if config.api_base.startswith("https:") else {"wss", "ws"}
    if not ticket or urlsplit(endpoint).scheme not in schemes:
        raise GatewayRefused("gateway_answer")
    separator = "&" if "?" in endpoint else "?"
    return Place(f"{endpoint}{separator}ticket={quote(ticket, safe='')}")
