"""The firm and the platforms of the flow tests: settings, emulated worlds, people and projects."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.channel_configs import DINGTALK, WECOM
from bot.emulator.dingtalk import DingtalkWorld, Group
from bot.emulator.dingtalk.world import Limits, Mode
from bot.emulator.wecom import KfAccount, WecomApp, WecomTimings, WecomWorld
from bot.settings import DingtalkSettings, Settings, WecomSettings
from domain.channels import ChannelKind
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.setup import (
    add_customer,
    add_member,
    add_milestone,
    add_project,
    give_account,
)

CORP = "wwflow0000000001"
AGENT = 1000002
SECRET = "flow-app-secret"
TOKEN = "flow-callback-token"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
KF = "wkFLOW0001"
DING_CORP = "dingflowcorp1"
CLIENT_ID = "dingflowapp1"
CLIENT_SECRET = "flow-client-secret"
TEMPLATE = "zhufen-flow.schema"
GROUP = "cidflowgroup=="

MEMBERS = {"chenxiao": "陈晓", "liqiang": "李强", "zhangmin": "张敏", "wangfang": "王芳"}
DING_MEMBERS = {"zhoutao01": "周涛", "zhangmin01": "张敏", "sunli01": "孙丽"}
CUSTOMERS = {"wmWang": "王建国", "wmLiu": "刘先生"}


@dataclass(frozen=True)
class Ding:
    """How DingTalk is connected."""

    mode: str = "stream"
    has_template: bool = True


class MovingClock:
    """The machine's clock, which a test can set ahead or back."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def seconds(self) -> float:
        return self.now().timestamp()

    def pass_by(self, **parts: float) -> None:
        self.offset += timedelta(**parts)


@dataclass(frozen=True)
class Places:
    """Where everything of one town is."""

    data: Path
    redis_url: str
    database_url: str
    platform: str
    bot: str


def settings_of(places: Places, ding: Ding) -> Settings:
    """Give the bot's settings."""
    return Settings(
        _env_file=None,
        data_dir=places.data,
        redis_url=places.redis_url,
        database_url=places.database_url,
        public_url=places.bot,
        wecom=WecomSettings(
            corp_id=CORP,
            agent_id=AGENT,
            secret=SecretStr(SECRET),
            callback_token=SecretStr(TOKEN),
            callback_aes_key=SecretStr(AES_KEY),
            kf_id=KF,
            api_base=places.platform,
        ),
        dingtalk=DingtalkSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            robot_code=CLIENT_ID,
            corp_id=DING_CORP,
            event_token=SecretStr(TOKEN),
            event_aes_key=SecretStr(AES_KEY),
            card_template_id=TEMPLATE if ding.has_template else "",
            mode=ding.mode,
            api_base=places.platform,
            oapi_base=places.platform,
        ),
    )


def guests(number: int) -> dict[str, str]:
    """Name so many more people of customers, by the same ids on either platform."""
    return {f"guest{one:03}": f"客人{one}" for one in range(number)}


def wecom_world(extra_members: int, retry_seconds: float, extra_customers: int = 0) -> WecomWorld:
    """Give the emulated company, with as many more members and customers as asked for."""
    more = {f"staff{number:03}": f"同事{number}" for number in range(extra_members)}
    return WecomWorld(
        corp_id=CORP,
        apps=(WecomApp(AGENT, SECRET, TOKEN, AES_KEY),),
        members={**MEMBERS, **more},
        kf_accounts=(KfAccount(KF, AGENT, "筑分客服"),),
        customers={**CUSTOMERS, **guests(extra_customers)},
        timings=WecomTimings(retry_interval=retry_seconds),
    )


def dingtalk_world(ding: Ding, extra_customers: int = 0) -> DingtalkWorld:
    """Give the emulated DingTalk company, with as many people of customers as asked for."""
    return DingtalkWorld(
        corp_id=DING_CORP,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        robot_code=CLIENT_ID,
        event_token=TOKEN,
        event_aes_key=AES_KEY,
        card_template_ids=(TEMPLATE,) if ding.has_template else (),
        members={**DING_MEMBERS, **guests(extra_customers)},
        groups={GROUP: Group("项目群", tuple(DING_MEMBERS))},
        mode=Mode(ding.mode),
        # Two seconds on the real platform; a busy machine of many tests needs a little longer.
        limits=Limits(event_retries=(0.05,), calls_per_second=None, card_deadline=4.0),
    )


def seed(ctx: Context) -> None:
    """Make the firm: five members, two customers, three projects."""
    chen = add_member(ctx, "陈晓", [Role.SALES])
    li = add_member(ctx, "李强", [Role.PROJECT_MANAGER])
    zhou = add_member(ctx, "周涛", [Role.PROJECT_MANAGER])
    zhang = add_member(ctx, "张敏", [Role.SUPERVISOR, Role.ADMIN])
    wang = add_member(ctx, "王芳", [Role.SUPERVISOR])
    for member, user in ((chen, "chenxiao"), (li, "liqiang"), (zhang, "zhangmin")):
        alerted = member is zhang
        give_account(ctx, member, WECOM, ChannelKind.WECOM_APP, user, is_alerted=alerted)
    give_account(ctx, wang, WECOM, ChannelKind.WECOM_APP, "wangfang", is_alerted=True)
    give_account(ctx, zhou, DINGTALK, ChannelKind.DINGTALK, "zhoutao01", is_alerted=False)
    give_account(ctx, zhang, DINGTALK, ChannelKind.DINGTALK, "zhangmin01", is_alerted=True)
    binjiang = add_customer(ctx, "C001", "滨江置业", chen.id)
    yunqi = add_customer(ctx, "C002", "云栖科技园", chen.id)
    for code, name, owner, manager, steps in (
        ("P101", "滨江一期", binjiang, li, {"地基基础": -12, "主体结构": 2, "机电安装": 45}),
        ("P102", "滨江二期", binjiang, zhou, {"地基基础": -12, "主体结构": 60}),
        ("P201", "云栖扩建", yunqi, zhou, {"主体结构": 9}),
    ):
        project = add_project(ctx, code, name, owner, manager.id)
        for step, days in steps.items():
            add_milestone(ctx, project, step, ctx.today + timedelta(days=days))
