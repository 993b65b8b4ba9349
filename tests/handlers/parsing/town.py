"""A small firm for the parsing tests: its projects, milestones, customers, commands and today."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.ids import CustomerId, MilestoneId, ProjectId
from handlers.parsing.commands import Entry, Takes, Vocabulary
from handlers.parsing.names import Named, NameIndex

TODAY: Final = date(2026, 6, 17)
"""A Wednesday."""

PROJECTS: Final = NameIndex(
    [
        Named(ProjectId("bj1"), "滨江一期", "BJ-001"),
        Named(ProjectId("bj2"), "滨江二期", "BJ-002"),
        Named(ProjectId("hosp"), "城南医院综合楼", "CN-01", ("医院楼",)),
        Named(ProjectId("plant"), "重庆长安厂房项目"),
        Named(ProjectId("road"), "科技大道改造工程", "KJ7"),
    ]
)
_MILESTONES: Final[dict[str, tuple[str, ...]]] = {
    "bj1": ("基坑支护", "地下室", "主体结构", "屋面工程", "竣工验收"),
    "bj2": ("主体一层", "主体二层", "主体封顶"),
    "hosp": ("主体结构", "机电安装", "竣工验收"),
    "plant": ("钢结构吊装", "竣工验收"),
    "road": ("路基", "路面", "交付"),
}
CUSTOMERS: Final = NameIndex(
    [
        Named(CustomerId("bjzy"), "杭州滨江置业有限公司", "C001"),
        Named(CustomerId("zj3"), "中建三局集团有限公司", "C002"),
        Named(CustomerId("zj8"), "中建八局集团有限公司", "C003"),
        Named(CustomerId("lc"), "绿城房地产集团股份有限公司", "C004", ("绿城中国",)),
        Named(CustomerId("hy"), "恒远科技"),
    ]
)


def milestones_of(project: ProjectId) -> Sequence[Named[MilestoneId]]:
    """Give the milestones of one project; an id is the milestone's name."""
    return [Named(MilestoneId(name), name) for name in _MILESTONES[project]]


VOCABULARY: Final = Vocabulary(
    [
        Entry("help", ("帮助", "菜单", "?", "help", "幫助", "菜單")),
        Entry("bind", ("绑定", "綁定"), Takes.WORDS),
        Entry("cancel", ("取消",)),
        Entry("person", ("转人工", "人工", "轉人工")),
        Entry("my_data", ("我的数据",)),
        Entry("balance", ("余额", "积分", "查积分", "餘額", "積分")),
        Entry("statement", ("明细", "明細")),
        Entry("expiring", ("即将到期",)),
        Entry("redeem", ("兑换", "兌換"), Takes.MAYBE),
        Entry("my_redemptions", ("我的兑换", "我的兌換")),
        Entry("rules", ("规则", "規則")),
        Entry("projects", ("项目", "項目"), Takes.MAYBE),
        Entry("review", ("评价", "評價"), Takes.WORDS),
        Entry("complain", ("投诉", "投訴"), Takes.WORDS),
        Entry("suggest", ("建议", "建議"), Takes.WORDS),
        Entry("gift", ("赠送",), Takes.WORDS),
        Entry("check_in", ("签到",)),
        Entry("record", ("记录", "記錄"), Takes.WORDS),
        Entry("undo", ("撤销", "撤銷")),
        Entry("invite", ("邀请",), Takes.WORDS),
        Entry("payment", ("回款",), Takes.WORDS),
        Entry("alerts", ("预警",)),
    ]
)
