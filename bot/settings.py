"""Everything that is configured from outside: environment variables and .env, read once.

Names are public (see .env.example). Unknown ZHUFEN_ names are refused, secrets have no defaults,
and business limits are not settings but rows.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ZHUFEN_"
_HOME = "http://127.0.0.1:8000"


class SettingsRefused(Exception):
    """The settings can't be used; `problems` name variables and what is wrong, never values."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems for the command line."""
        super().__init__("; ".join(problems))
        self.problems = problems


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def _is_begun(self, *alone: str) -> bool:
        """Tell whether anything is given besides what means nothing, or enough, alone."""
        # An empty secret is false like an empty text.
        return any(getattr(self, name) for name in type(self).model_fields if name not in alone)


class WecomSettings(_Group):
    """The self-built app and the customer service account of tenant `main`."""

    corp_id: str = ""
    agent_id: int = 0
    secret: SecretStr = SecretStr("")
    callback_token: SecretStr = SecretStr("")
    callback_aes_key: SecretStr = SecretStr("")
    kf_id: str = ""
    kf_secret: SecretStr = SecretStr("")
    group_webhook: SecretStr = SecretStr("")
    api_base: str = "https://qyapi.weixin.qq.com"

    @property
    def is_configured(self) -> bool:
        """Tell whether the app can be used; half a configuration is refused by `problems`."""
        return bool(self.corp_id)

    def problems(self) -> list[str]:
        """Name what is missing once any part of the app is given; the group's robot needs none."""
        needed = {
            "CORP_ID": bool(self.corp_id),
            "AGENT_ID": bool(self.agent_id),
            "SECRET": bool(self.secret.get_secret_value()),
            "CALLBACK_TOKEN": bool(self.callback_token.get_secret_value()),
            "CALLBACK_AES_KEY": bool(self.callback_aes_key.get_secret_value()),
            "KF_ID": bool(self.kf_id) or not self.kf_secret.get_secret_value(),
        }
        if not self._is_begun("group_webhook", "api_base"):
            return []
        return [f"{PREFIX}WECOM__{name} missing" for name, given in needed.items() if not given]


class DingtalkSettings(_Group):
    """The app and robot of tenant `main`."""

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    robot_code: str = ""
    corp_id: str = ""
    event_token: SecretStr = SecretStr("")
    event_aes_key: SecretStr = SecretStr("")
    card_template_id: str = ""
    mode: Literal["stream", "http"] = "stream"
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"

    @property
    def is_configured(self) -> bool:
        """Tell whether the robot can be used."""
        return bool(self.client_id)

    def problems(self) -> list[str]:
        """Name what is missing once any part of the app is given."""
        token, key = self.event_token.get_secret_value(), self.event_aes_key.get_secret_value()
        needed = {
            "CLIENT_ID": bool(self.client_id),
            "CLIENT_SECRET": bool(self.client_secret.get_secret_value()),
            "ROBOT_CODE": bool(self.robot_code),
            "CORP_ID": bool(self.corp_id),
            "EVENT_TOKEN": bool(token) or not key,
            "EVENT_AES_KEY": bool(key) or not token,
        }
        if not self._is_begun("mode", "api_base", "oapi_base"):
            return []
        return [f"{PREFIX}DINGTALK__{name} missing" for name, given in needed.items() if not given]


class Settings(BaseSettings):
    """The whole configuration, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8",
        # A line of .env.example that is uncommented as it stands changes nothing.
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = _HOME
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    """Business days are the firm's; the whole of China has one zone, so others are refused."""
    wecom: WecomSettings = WecomSettings()
    dingtalk: DingtalkSettings = DingtalkSettings()

    @property
    def resolved_database_url(self) -> str:
        """Give the database's address: the SQLite file in the data folder unless one is set."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'zhufen.db').resolve()}"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings once, refusing unknown names and half configurations.

    Raises:
        SettingsRefused: with every problem found; values are never named.
    """
    unknown = _unknown_names()
    if unknown:
        raise SettingsRefused([f"{name} unknown" for name in unknown])
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        found = [
            f"{PREFIX}{'__'.join(str(part).upper() for part in e['loc'])} {e['type']}"
            for e in error.errors()
        ]
        raise SettingsRefused(found) from None
    problems = settings.wecom.problems() + settings.dingtalk.problems()
    if problems:
        raise SettingsRefused(problems)
    return settings


def _unknown_names() -> list[str]:
    groups: dict[str, type[_Group]] = {"wecom": WecomSettings, "dingtalk": DingtalkSettings}
    # A group as one JSON value is not offered: its errors would have to be worded without it.
    known = {PREFIX + name.upper() for name in Settings.model_fields if name not in groups}
    for group, model in groups.items():
        known |= {f"{PREFIX}{group}__{name}".upper() for name in model.model_fields}
    given = {*os.environ, *dotenv_values(".env")}
    return sorted(n for n in given if n.upper().startswith(PREFIX) and n.upper() not in known)
