"""Access tokens: one per secret, good for two hours (doc 91039)."""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError


@dataclass(frozen=True)
class Caller:
    """Whose access token an API call carries."""

    agent_id: int | None
    """None for the separate kf secret."""


class Tokens:
    """Issues and recognises access tokens."""

    LIFETIME = 7200

    def __init__(self, core: Core) -> None:
        self._core = core
        self._current: dict[str, str] = {}
        self._known: dict[str, tuple[Caller, float]] = {}

    def issue(self, params: dict[str, Any]) -> dict[str, Any]:
        """Answer gettoken: the same token again while it is good.

        Raises:
            ApiError: 41002, 41004 something missing, 40013 wrong corp, 40001 wrong secret.
        """
        corp_id, secret = params.get("corpid"), params.get("corpsecret")
        if not corp_id:
            raise ApiError(41002)
        if not secret:
            raise ApiError(41004)
        if corp_id != self._core.world.corp_id:
            raise ApiError(40013)
        caller, now = self._owner(secret), self._core.clock()
        token = self._current.get(secret, "")
        if not token or self._known[token][1] <= now:
            token = self._core.new_id(86)
            self._current[secret] = token
            self._known[token] = (caller, now + self.LIFETIME)
        left = int(self._known[token][1] - now)
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": left}

    def caller(self, token: str | None) -> Caller:
        """Find whose token it is.

        Raises:
            ApiError: 41001 without one, 40014 unknown or revoked, 42001 expired.
        """
        if not token:
            raise ApiError(41001)
        if token not in self._known:
            raise ApiError(40014)
        caller, until = self._known[token]
        if until <= self._core.clock():
            raise ApiError(42001)
        return caller

    def expire(self, token: str | None) -> None:
        """End one token's life now."""
        if token in self._known:
            self._known[token] = (self._known[token][0], 0.0)

    def revoke_all(self) -> None:
        """Forget every token, as the platform may at any time."""
        self._current.clear()
        self._known.clear()

    def _owner(self, secret: str) -> Caller:
        for app in self._core.world.apps:
            if secrets.compare_digest(secret.encode(), app.secret.encode()):
                return Caller(app.agent_id)
        kf_secret = self._core.world.kf_secret
        if kf_secret and secrets.compare_digest(secret.encode(), kf_secret.encode()):
            return Caller(None)
        raise ApiError(40001)
