"""The demo's platforms: who has which account, and credentials that only the emulator knows."""

import base64
import json
import secrets
from pathlib import Path

from pydantic import SecretStr

from bot.emulator.cast import read_cast
from bot.emulator.config import EmulatorConfig
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.page import DEMO_PAGE, STATIC_DIR
from bot.emulator.wecom.world import KfAccount, WecomApp, WecomWorld
from bot.settings import DingtalkSettings, Settings, WecomSettings

CAST = Path(__file__).with_name("cast.json")
CORP_ID = "wwdemo0000000001"
AGENT_ID = 1000002
KF_ID = "wkDEMO0001"
DING_CORP_ID = "dingdemocorp1"
CLIENT_ID = "dingdemoapp1"
TEMPLATE_ID = "zhufen-demo.schema"


def make_secrets() -> dict[str, str]:
    """Make fresh credentials for one demo run."""
    aes = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return {
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(8),
        "aes_key": aes,
        "client_secret": secrets.token_hex(16),
    }


def demo_settings(data_dir: Path, port: int, hidden: dict[str, str]) -> Settings:
    """Give the bot's settings that lead to the emulator one port further."""
    platform = f"http://127.0.0.1:{port + 1}"
    return Settings(
        _env_file=None,  # the demo never reads real credentials
        data_dir=data_dir,
        host="127.0.0.1",
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        wecom=WecomSettings(
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            secret=SecretStr(hidden["secret"]),
            callback_token=SecretStr(hidden["token"]),
            callback_aes_key=SecretStr(hidden["aes_key"]),
            kf_id=KF_ID,
            api_base=platform,
        ),
        dingtalk=DingtalkSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(hidden["client_secret"]),
            robot_code=CLIENT_ID,
            corp_id=DING_CORP_ID,
            event_token=SecretStr(hidden["token"]),
            event_aes_key=SecretStr(hidden["aes_key"]),
            card_template_id=TEMPLATE_ID,
            api_base=platform,
            oapi_base=platform,
        ),
    )


def demo_platforms(port: int, hidden: dict[str, str]) -> EmulatorConfig:
    """Give the emulator's configuration; it listens one port above the bot."""
    cast = json.loads(CAST.read_text(encoding="utf-8"))
    names = {app: {p["user"]: p["name"] for p in cast if p["app"] == app} for app in _APPS}
    bot = f"http://127.0.0.1:{port}/callback/main"
    return EmulatorConfig(
        port=port + 1,
        wecom=WecomWorld(
            corp_id=CORP_ID,
            apps=(
                WecomApp(
                    agent_id=AGENT_ID,
                    secret=hidden["secret"],
                    token=hidden["token"],
                    aes_key43=hidden["aes_key"],
                ),
            ),
            members=names["wecom"],
            kf_accounts=(KfAccount(KF_ID, AGENT_ID),),
            customers=names["wechat"],
        ),
        wecom_callback_url=f"{bot}/wecom",
        dingtalk=DingtalkWorld(
            corp_id=DING_CORP_ID,
            client_id=CLIENT_ID,
            client_secret=hidden["client_secret"],
            robot_code=CLIENT_ID,
            event_token=hidden["token"],
            event_aes_key=hidden["aes_key"],
            card_template_ids=(TEMPLATE_ID,),
            members=names["dingtalk"],
        ),
        dingtalk_callback_base_url=f"{bot}/dingtalk",
        demo_page=DEMO_PAGE,
        static_dir=STATIC_DIR,
        cast=read_cast(cast),
    )


_APPS = ("wecom", "wechat", "dingtalk")
