"""The words people type for each command, and which of them each person has.

Command names are ours, words are theirs; help texts stand in templates/parts. Traditional
spellings and the usual synonyms are listed here, digits and widths are folded before.
"""

from functools import lru_cache

from handlers.parsing.commands import Entry, Takes, Vocabulary
from handlers.permissions import Permission

_WORDS: dict[str, tuple[Takes, tuple[str, ...]]] = {
    "help": (Takes.NOTHING, ("帮助", "菜单", "?", "help", "幫助", "選單", "怎么用", "功能")),
    "bind": (Takes.WORDS, ("绑定", "綁定")),
    "cancel": (Takes.NOTHING, ("取消", "算了", "不要了")),
    "person": (Takes.NOTHING, ("转人工", "人工", "人工服务", "轉人工", "找人", "真人")),
    "balance": (Takes.NOTHING, ("余额", "积分", "查积分", "餘額", "積分", "多少分", "我的积分")),
    "statement": (Takes.NOTHING, ("明细", "积分明细", "明細", "流水", "账单")),
    "projects": (Takes.MAYBE, ("项目", "我的项目", "項目")),
    "review": (Takes.WORDS, ("评价", "評價", "点评", "打分")),
    "record": (Takes.WORDS, ("记录", "記錄", "登记", "上报")),
    "undo": (Takes.NOTHING, ("撤销", "撤回", "撤銷", "撤销上一条")),
    "invite": (Takes.WORDS, ("邀请", "邀請")),
    "alerts": (Takes.NOTHING, ("预警", "預警", "差评", "待处理")),
    "take_alert": (Takes.WORDS, ("处理", "接手", "我来处理", "處理")),
    "resolve_alert": (Takes.WORDS, ("解决", "已解决", "解決", "结案")),
}

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
    ("balance", Permission.CUSTOMER),
    ("statement", Permission.CUSTOMER),
    ("projects", Permission.CUSTOMER),
    ("review", Permission.CUSTOMER),
    ("record", Permission.RECORD_EVENT),
    ("undo", Permission.RECORD_EVENT),
    ("projects", Permission.RECORD_EVENT),
    ("invite", Permission.INVITE),
    ("alerts", Permission.ALERTS),
    ("take_alert", Permission.ALERTS),
    ("resolve_alert", Permission.ALERTS),
    ("bind", Permission.ANYBODY),
    ("cancel", Permission.ANYBODY),
    ("person", Permission.CUSTOMER),
)
"""What the help menu lists, in this order, to who has the permission."""
