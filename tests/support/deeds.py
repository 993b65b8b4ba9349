"""What people do in the thread, as functions: invite, bind, record, complain."""

import re

from bot.emulator.phones import Bubble
from tests.support.town import Town, keys_of, text_of

WANG = "wechat:wmWang"
CHEN = "wecom:chenxiao"
LI = "wecom:liqiang"
ZHANG = "wecom:zhangmin"
FANG = "wecom:wangfang"
ZHANG_DING = "dingtalk:zhangmin01"
ZHOU = "dingtalk:zhoutao01"
SUPERVISORS = (ZHANG, FANG, ZHANG_DING)
LATE = "记录 滨江一期 地基基础 昨天验收通过"
EARLY = "记录 滨江一期 主体结构 昨天验收通过"
COMPLAINT = "评价 滨江一期 1 渗水三次没人管"

_CODE_ALONE = re.compile(r"邀请码 ([0-9A-HJKMNP-TV-Z]{8})")


def invitation(town: Town) -> str:
    """Let sales invite Wang and give what they were told."""
    mark = town.says(CHEN, "邀请 滨江置业 王建国")
    return str(town.waits_for(CHEN, "邀请码", after=mark).body["text"])


def bind(town: Town) -> None:
    """Tie Wang's account to the customer."""
    (code,) = _CODE_ALONE.findall(invitation(town))
    mark = town.says(WANG, f"绑定 {code}")
    town.waits_for(WANG, "绑定好了", after=mark)


def record(town: Town, phone: str, line: str) -> Bubble:
    """Record a delivery: one line, one tap; give the card as it ends."""
    mark = town.says(phone, line)
    card = town.waits_for(phone, lambda b: bool(keys_of(b)), after=mark)
    assert "confirm" in str(keys_of(card))
    town.presses(card, "confirm")
    return town.waits_for(phone, lambda b: b.id == card.id and "已记录" in text_of(b))


def complain(town: Town, line: str = COMPLAINT) -> dict[str, Bubble]:
    """Let Wang complain; give the supervisors' warning cards."""
    mark = town.says(WANG, line)
    cards = {phone: town.waits_for(phone, "渗水三次没人管", after=mark) for phone in SUPERVISORS}
    town.waits_for(WANG, "收到", after=mark)
    return cards
