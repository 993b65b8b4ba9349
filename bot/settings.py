"""Everything that is configured from outside: environment variables and .env, read once.

Names are public (see .env.example). Unknown ZHUFEN_ names are refused, secrets have no defaults,
and business limits are not settings but rows.
"""

import os
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ZHUFEN_"


class SettingsRefused(Exception):
    """The settings can't be used; `problems` name variables and what is wrong, never values."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems for the command line."""
        super().__init__("; ".join(problems))
        self.problems = problems


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
        """Name what is missing once a corp id is given."""
        needed = {
            "AGENT_ID": bool(self.agent_id),
            "SECRET": bool(self.secret.get_secret_value()),
            "CALLBACK_TOKEN": bool(self.callback_token.get_secret_value()),
            "CALLBACK_AES_KEY": bool(self.callback_aes_key.get_secret_value()),
        }
        if not self.is_configured:
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
        """Name what is missing once a client id is given."""
        needed = {
            "CLIENT_SECRET": bool(self.client_secret.get_secret_value()),
            "ROBOT_CODE": bool(self.robot_code),
            "CORP_ID": bool(self.corp_id),
        }
        if not self.is_configured:
            return []
        return [f"{PREFIX}DINGTALK__{name} missing" for name, given in needed.items() if not given]


class Settings(BaseSettings):
    """The whole configuration, frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
    )

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    secret_key: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    timezone: str = "Asia/Shanghai"
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
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        problems.append(f"{PREFIX}TIMEZONE unknown")
    if problems:
        raise SettingsRefused(problems)
    return settings


def _unknown_names() -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for group, model in (("WECOM", WecomSettings), ("DINGTALK", DingtalkSettings)):
        known |= {f"{PREFIX}{group}__{name.upper()}" for name in model.model_fields}
    given = {*os.environ, *dotenv_values(".env")}
    return sorted(n for n in given if n.upper().startswith(PREFIX) and n.upper() not in known)
