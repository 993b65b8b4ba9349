"""The words people type for each command, and which of them each person has.

Command names are ours, words are theirs; help texts stand in templates/parts. Traditional
spellings and the usual synonyms are listed here, digits and widths are folded before.
"""

from functools import lru_cache

from domain.events import EventType
from handlers.parsing.commands import Entry, Takes, Vocabulary
from handlers.permissions import Permission

_WORDS: dict[str, tuple[Takes, tuple[str, ...]]] = {
    "help": (Takes.NOTHING, ("帮助", "菜单", "?", "help", "幫助", "選單", "怎么用", "功能")),
    "bind": (Takes.WORDS, ("绑定", "綁定")),
    "cancel": (Takes.NOTHING, ("取消", "算了", "不要了")),
    "person": (Takes.PARTED, ("转人工", "人工", "人工服务", "轉人工", "找人", "真人")),
    "balance": (Takes.NOTHING, ("余额", "积分", "查积分", "餘額", "積分", "多少分", "我的积分")),
    "statement": (Takes.NOTHING, ("明细", "积分明细", "明細", "流水", "账单")),
    "proof": (Takes.NOTHING, ("凭证", "对账单", "核对凭证", "憑證", "對賬單")),
    "why": (Takes.MAYBE, ("为什么", "为什麼", "为啥", "怎么算的", "怎麼算的", "凭什么", "来由")),
    "endings": (Takes.NOTHING, ("即将到期", "即將到期", "到期", "到期积分", "快到期")),
    "check_in": (Takes.NOTHING, ("签到", "簽到", "打卡")),
    "gift": (Takes.WORDS, ("赠送", "贈送", "送积分", "转赠", "轉贈")),
    "projects": (Takes.MAYBE, ("项目", "我的项目", "項目")),
    "review": (Takes.WORDS, ("评价", "評價", "点评", "打分")),
    "record": (Takes.WORDS, ("记录", "記錄", "登记", "上报")),
    "undo": (Takes.NOTHING, ("撤销", "撤回", "撤銷", "撤销上一条")),
    "invite": (Takes.WORDS, ("邀请", "邀請")),
    "rights": (Takes.WORDS, ("授权", "授權", "权限", "權限", "联系人权限", "聯繫人權限")),
    "leave": (Takes.WORDS, ("离职", "離職", "联系人离职", "聯繫人離職", "已离职")),
    "reach": (Takes.WORDS, ("送达", "送達", "触达", "觸達", "通知记录", "通知記錄")),
    "customer": (Takes.PARTED, ("客户", "客戶", "查客户", "客户档案", "客戶檔案")),
    "customer_statement": (Takes.PARTED, ("客户明细", "客戶明細", "客户积分", "客戶積分")),
    "merge": (Takes.WORDS, ("合并", "合併", "合并客户", "合併客戶")),
    "unmerge": (Takes.WORDS, ("撤销合并", "撤銷合併", "取消合并", "取消合併")),
    "alerts": (Takes.NOTHING, ("预警", "預警", "差评", "待处理")),
    "take_alert": (Takes.WORDS, ("处理", "接手", "我来处理", "處理")),
    "resolve_alert": (Takes.WORDS, ("解决", "已解决", "解決", "结案")),
    "approvals": (Takes.NOTHING, ("审批", "審批", "待审批", "待審批")),
    "approve": (Takes.WORDS, ("批准", "核准")),
    "decline": (Takes.WORDS, ("驳回", "駁回", "不批准")),
    "use_voucher": (Takes.WORDS, ("核销", "核銷", "销券", "验券")),
    "take_back_use": (Takes.WORDS, ("撤销核销", "撤銷核銷", "取消核销", "取消核銷")),
    "deductions": (Takes.MAYBE, ("抵扣", "待抵扣", "抵扣清单")),
    "vouchers": (Takes.NOTHING, ("我的券", "券", "抵用券", "优惠券", "查券")),
    "reissue": (Takes.WORDS, ("补发券码", "補發券碼", "补发", "券码丢了")),
    "rules": (Takes.MAYBE, ("规则", "規則", "积分规则", "積分規則", "怎么得分", "怎样得分")),
    "campaign": (Takes.WORDS, ("活动", "活動", "积分活动", "積分活動")),
    "redeem": (
        Takes.MAYBE,
        ("兑换", "兌換", "积分兑换", "積分兌換", "积分商城", "商城", "换礼品", "能换什么"),
    ),
    "redemptions": (Takes.NOTHING, ("我的兑换", "我的兌換", "兑换记录", "兌換記錄")),
    "redemption": (Takes.WORDS, ("兑换单", "兌換單")),
    "drop_redemption": (Takes.WORDS, ("取消兑换", "撤销兑换", "取消兌換", "撤銷兌換")),
    "to_hand_over": (Takes.NOTHING, ("待交付", "待发放", "待發放")),
    "hand_over": (Takes.WORDS, ("交付", "发放", "發放")),
    "refund": (Takes.WORDS, ("退兑", "退兌", "兑换退分")),
    "lottery": (Takes.MAYBE, ("抽奖", "抽獎", "抽一次", "摸奖", "摸獎")),
    "adjust": (Takes.WORDS, ("调整", "調整", "积分调整", "積分調整")),
    "reinstate": (Takes.WORDS, ("恢复", "恢復", "恢复积分", "恢復積分")),
    "catalogue": (Takes.NOTHING, ("兑换品", "兌換品", "库存", "庫存", "礼品库存")),
    "put_on": (Takes.WORDS, ("上架",)),
    "take_off": (Takes.WORDS, ("下架",)),
    "restock": (Takes.WORDS, ("补货", "補貨", "入库", "入庫")),
}

EVENT_WORDS: dict[EventType, tuple[str, ...]] = {
    EventType.CONTRACT_SIGNED: ("签约", "合同", "簽約"),
    EventType.MILESTONE_ACCEPTED: ("验收", "节点", "驗收"),
    EventType.PAYMENT_RECEIVED: ("回款", "付款"),
    EventType.SUGGESTION_ADOPTED: ("建议", "建議"),
    EventType.REFERRAL_SIGNED: ("推荐", "推薦"),
    EventType.COMPLAINT_CLOSED: ("投诉", "投訴"),
    EventType.REVIEW_SUBMITTED: ("评价", "評價"),
    EventType.CHECK_IN: ("签到", "簽到"),
    EventType.SURVEY_COMPLETED: ("问卷", "問卷"),
}
"""What people call the events that rules and campaigns are about."""

LIST_WORDS = frozenset({"列表", "清单", "清單", "有哪些"})
"""What is typed after a command to see a list."""

PRESS_WORD = "按"
"""How a button's text link looks where a platform has no callback: 按 <action>."""
_ALL_NAMES = frozenset(_WORDS)


@lru_cache(maxsize=256)
def vocabulary_for(names: frozenset[str]) -> Vocabulary:
    """Give the words of these commands."""
    return Vocabulary(Entry(name, _WORDS[name][1], _WORDS[name][0]) for name in sorted(names))


def first_word(name: str) -> str:
    """Give the usual word of a command."""
    return _WORDS[name][1][0]


def all_names() -> frozenset[str]:
    """Give every command that has words."""
    return _ALL_NAMES


SHOWN_IN_HELP: tuple[tuple[str, Permission], ...] = (
    ("balance", Permission.SEE_POINTS),
    ("redeem", Permission.SEE_POINTS),
    ("redemptions", Permission.SEE_POINTS),
    ("vouchers", Permission.SEE_POINTS),
    ("lottery", Permission.SEE_POINTS),
    ("gift", Permission.REDEEM),
    ("statement", Permission.SEE_POINTS),
    ("why", Permission.SEE_POINTS),
    ("proof", Permission.SEE_POINTS),
    ("endings", Permission.SEE_POINTS),
    ("check_in", Permission.CUSTOMER),
    ("projects", Permission.CUSTOMER),
    ("rules", Permission.CUSTOMER),
    ("review", Permission.CUSTOMER),
    ("record", Permission.RECORD_EVENT),
    ("undo", Permission.RECORD_EVENT),
    ("projects", Permission.RECORD_EVENT),
    ("customer", Permission.SEE_CUSTOMERS),
    ("reach", Permission.SEE_CUSTOMERS),
    ("customer_statement", Permission.SEE_CUSTOMERS),
    ("merge", Permission.SEE_CUSTOMERS),
    ("unmerge", Permission.SEE_CUSTOMERS),
    ("invite", Permission.INVITE),
    ("rights", Permission.INVITE),
    ("leave", Permission.INVITE),
    ("alerts", Permission.ALERTS),
    ("take_alert", Permission.ALERTS),
    ("resolve_alert", Permission.ALERTS),
    ("approvals", Permission.APPROVE),
    ("approve", Permission.APPROVE),
    ("decline", Permission.APPROVE),
    ("to_hand_over", Permission.HAND_OVER),
    ("hand_over", Permission.HAND_OVER),
    ("use_voucher", Permission.USE_VOUCHERS),
    ("deductions", Permission.USE_VOUCHERS),
    ("take_back_use", Permission.USE_VOUCHERS),
    ("reissue", Permission.REPLACE_CODES),
    ("refund", Permission.ADJUST),
    ("adjust", Permission.ADJUST),
    ("reinstate", Permission.REINSTATE),
    ("rules", Permission.EDIT_RULES),
    ("campaign", Permission.EDIT_RULES),
    ("catalogue", Permission.EDIT_REWARDS),
    ("bind", Permission.ANYBODY),
    ("cancel", Permission.ANYBODY),
    ("person", Permission.CUSTOMER),
)
"""What the help menu lists, in this order, to who has the permission."""
