"""Calls to WeCom's API: HTTP with time-outs, the shared token, at most three of a kind at once.

Answers are judged by `errcodes`. Addresses carry secrets and tokens in their query, so they stay
out of logs and exceptions.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, Lock
from typing import Any

import httpx2
from pydantic import SecretStr
from redis import Redis

from bot.outward import quiet_http, trusted
from bot.platform import DeliveryError
from bot.tokens import Fetched, SharedToken, token_key
from bot.wecom import errcodes
from bot.wecom.config import WecomConfig, require_filled, require_safe_address
from bot.wecom.wechatpy_edge import WecomApi

Json = dict[str, Any]

TIMEOUT = httpx2.Timeout(connect=3, read=5, write=5, pool=10)
CALLS_AT_ONCE = 3
"""Per process; WeCom answers 45033 from about five parallel calls of one API and corp."""
_SLOT_SECONDS = 10.0
_PATH = "/cgi-bin/"
_EXPIRES_IN = 7200


class JsonHttp:
    """Requests to one address that answers in JSON with an errcode."""

    def __init__(self, address: str) -> None:
        """Take the address all paths are below.

        Raises:
            ValueError: it would carry secrets in the clear.
        """
        require_safe_address(address)
        quiet_http()
        self._http = httpx2.Client(
            base_url=address.rstrip("/") + _PATH,
            timeout=TIMEOUT,
            follow_redirects=False,
            verify=trusted(),
            trust_env=False,
        )

    def ask(self, method: str, path: str, params: Mapping[str, Any], body: Json | None) -> Json:
        """Make one request and give the answer, whatever its errcode.

        Raises:
            DeliveryError: temporary; no answer, or not WeCom's JSON.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            response = self._http.request(
                method.upper(),
                path,
                params=dict(params),
                content=content,
                headers={"Content-Type": "application/json"} if content is not None else None,
            )
        # No cause is kept: these errors hold the request with its address.
        except httpx2.TimeoutException:
            raise DeliveryError("timeout", permanent=False) from None
        except httpx2.HTTPError:
            raise DeliveryError("unreachable", permanent=False) from None
        if response.status_code != httpx2.codes.OK:
            raise DeliveryError(f"http_{response.status_code}", permanent=False)
        return _decoded(response.content)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class WecomClient:
    """One corp's API in the name of one secret. Blocking; safe to use from several threads."""

    def __init__(
        self,
        *,
        corp_id: str,
        secret: SecretStr,
        redis: Redis | None,
        api_base: str,
    ) -> None:
        """Prepare; nothing is asked of WeCom yet.

        Raises:
            ValueError: a value is empty, or the address is not safe.
        """
        require_filled(corp_id=corp_id, secret=secret)
        self._corp_id = corp_id
        self._secret = secret
        self._http = JsonHttp(api_base)
        key = token_key("wecom", corp_id, secret.get_secret_value())
        self._token = SharedToken(redis, key, self._fetch_token)
        self._slots: defaultdict[str, BoundedSemaphore] = defaultdict(
            lambda: BoundedSemaphore(CALLS_AT_ONCE)
        )
        self._slots_lock = Lock()
        self._slot_seconds = _SLOT_SECONDS
        self.api = WecomApi(corp_id, self._call)
        """wechatpy's calls; each raises DeliveryError for anything but errcode 0."""

    def check(self) -> None:
        """Make sure that corp id and secret are good, by having a token.

        Raises:
            DeliveryError: they are not, or WeCom can't be reached.
        """
        self._token.get()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _call(self, method: str, path: str, params: Mapping[str, Any], body: Json | None) -> Json:
        """Call one API; renew a refused token once and repeat once."""
        with self._slot(path):
            token = self._token.get()
            answer = self._http.ask(method, path, {**params, "access_token": token}, body)
            if str(_errcode(answer)) in errcodes.TOKEN_BAD:
                token = self._token.replace(token)
                answer = self._http.ask(method, path, {**params, "access_token": token}, body)
        return _accepted(answer)

    def _fetch_token(self) -> Fetched:
        """Ask for a token. Source: WeCom doc 91039."""
        secret = self._secret.get_secret_value()
        params = {"corpid": self._corp_id, "corpsecret": secret}
        answer = _accepted(self._http.ask("get", "gettoken", params, None), is_token_fetch=True)
        token, seconds = answer.get("access_token"), answer.get("expires_in", _EXPIRES_IN)
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise DeliveryError("bad_answer", permanent=False)
        return Fetched(token, seconds)

    @contextmanager
    def _slot(self, path: str) -> Iterator[None]:
        with self._slots_lock:
            slot = self._slots[path]
        if not slot.acquire(timeout=self._slot_seconds):
            raise DeliveryError("too_many_calls", permanent=False, retry_after=timedelta(seconds=2))
        try:
            yield
        finally:
            slot.release()


def app_client(config: WecomConfig, redis: Redis | None) -> WecomClient:
    """Open the API in the name of the self-built app."""
    return WecomClient(
        corp_id=config.corp_id, secret=config.secret, redis=redis, api_base=config.api_base
    )


def kf_client(config: WecomConfig, redis: Redis | None, app: WecomClient) -> WecomClient:
    """Open the API for 微信客服: `app` itself when its secret is the one that may call it.

    Raises:
        ValueError: no customer service account is configured.
    """
    if config.kf is None:
        raise ValueError("no customer service account is configured")
    if config.kf.secret == config.secret:
        return app
    return WecomClient(
        corp_id=config.corp_id, secret=config.kf.secret, redis=redis, api_base=config.api_base
    )


def _decoded(content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise DeliveryError("bad_answer", permanent=False)
    return answer


def _errcode(answer: Json) -> int:
    code = answer.get("errcode", errcodes.OK)
    if isinstance(code, bool) or not isinstance(code, int):
        raise DeliveryError("bad_answer", permanent=False)
    return code


def _accepted(answer: Json, *, is_token_fetch: bool = False) -> Json:
    code = _errcode(answer)
    if code != errcodes.OK:
        raise errcodes.judge(code, is_token_fetch=is_token_fetch)
    return answer


def asked_once(http: JsonHttp, path: str, params: Mapping[str, Any], body: Json) -> Json:
    """Post something that needs no token and judge the answer.

    Raises:
        DeliveryError: it was not taken.
    """
    return _accepted(http.ask("post", path, params, body))
