"""Tokens for the app and log-in codes for its pages (DingTalk docs 0033, 0037, 0018)."""

import hashlib
import hmac
import secrets
from typing import Any

from bot.emulator.dingtalk.errors import ApiError, OapiError
from bot.emulator.dingtalk.journal import Journal
from bot.emulator.dingtalk.server import ApiCall, Tokens
from bot.emulator.dingtalk.world import DingtalkWorld


class Identity:
    """Who the app is, and who opened one of its pages."""

    def __init__(self, world: DingtalkWorld, journal: Journal, tokens: Tokens) -> None:
        self._world = world
        self._journal = journal
        self._tokens = tokens
        self._codes: dict[str, tuple[str, float]] = {}

    async def access_token(self, call: ApiCall) -> dict[str, Any]:
        """Issue a token on the new host."""
        if not self.is_app(call.params.get("appKey"), call.params.get("appSecret")):
            self._journal.wrong(call.name, "appKey or appSecret is wrong")
            raise ApiError("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        return {
            "accessToken": self._tokens.issue(),
            "expireIn": int(self._world.limits.token_lifetime),
        }

    async def get_token(self, call: ApiCall) -> dict[str, Any]:
        """Issue the same token on the old host."""
        if not self.is_app(call.query.get("appkey"), call.query.get("appsecret")):
            self._journal.wrong(call.name, "appkey or appsecret is wrong")
            raise OapiError(40089, "不合法的corpid或corpsecret")
        return {
            "access_token": self._tokens.issue(),
            "expires_in": int(self._world.limits.token_lifetime),
        }

    def auth_code(self, staff_id: str) -> str:
        """Make the code a page gets when this member opens it: one use, five minutes."""
        code = secrets.token_hex(16)
        until = self._journal.clock() + self._world.limits.auth_code_lifetime
        self._codes[code] = (staff_id, until)
        return code

    async def user_info(self, call: ApiCall) -> dict[str, Any]:
        """Tell who a log-in code belongs to."""
        staff_id, until = self._codes.pop(str(call.params.get("code", "")), ("", 0.0))
        if not staff_id or self._journal.clock() >= until:
            raise OapiError(40078, "不存在的临时授权码")
        union = hashlib.sha256(staff_id.encode()).hexdigest()[:22]
        return {
            "result": {
                "userid": staff_id,
                "unionid": union,
                "associated_unionid": union,
                "name": self._world.members[staff_id],
                "sys": False,
                "sys_level": 0,
                "device_id": "emulator",
            }
        }

    def is_app(self, client_id: object, secret: object) -> bool:
        """Check the app's credentials."""
        same = hmac.compare_digest(str(secret).encode(), self._world.client_secret.encode())
        return client_id == self._world.client_id and same
