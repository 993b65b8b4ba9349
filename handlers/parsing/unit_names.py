"""The forms in which units' names are compared: without 有限公司, and with or without a place.

A name with its place in front and the same one without are a hint of one unit, no more: 杭州城投
and 宁波城投 are two. The listed places are those that names give without 省 or 市 behind them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from domain.duplicates import NameForms, Profile
from handlers.parsing.names import fold

_PLACES: Final = (
    "中国 北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东"
    " 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏"
    " 新疆 香港 澳门 石家庄 太原 呼和浩特 沈阳 大连 长春 哈尔滨 南京 苏州 无锡 常州 徐州"
    " 南通 杭州 宁波 温州 嘉兴 绍兴 金华 台州 合肥 福州 厦门 泉州 南昌 济南 青岛 烟台 郑州"
    " 洛阳 武汉 宜昌 长沙 广州 深圳 珠海 佛山 东莞 南宁 海口 成都 贵阳 昆明 拉萨 西安 兰州"
    " 西宁 银川 乌鲁木齐"
)
_PLACE: Final = re.compile(
    rf"({'|'.join(_PLACES.split())})(?:省|市|(?:壮族|回族|维吾尔)?自治区)?"
    r"|([\u4e00-\u9fff]{2,3})(?:省|市|区|县)"
)
_COMPANY_TAIL: Final = re.compile(r"(?:(?:股份)?有限(?:责任)?公司|股份公司|总公司|(?<!分)公司)$")
"""分公司 stays: a branch is a unit of its own."""
_REST_MIN: Final = 2
"""So many letters are left of a name at least: a place alone, or 公司, is the name."""


def profile_of(
    names: Iterable[str],
    aliases: Iterable[str],
    credit_code: str = "",
    phones: Iterable[str] = (),
) -> Profile:
    """Give what a customer is compared by; `names` are its name and full name.

    `phones` may be marks that are equal when the phones are.
    """
    return Profile(
        frozenset(form for name in names if (form := name_forms(name)).whole),
        frozenset(form for name in aliases if (form := name_forms(name)).whole),
        credit_code,
        frozenset(phones),
    )


@lru_cache(maxsize=65536)
def name_forms(name: str) -> NameForms:
    """Give a unit's name in every form in which it is compared."""
    whole = fold(name)
    short = _COMPANY_TAIL.sub("", whole)
    if len(short) < _REST_MIN:
        short = whole
    places: list[str] = []
    rest = short
    while (found := _PLACE.match(rest)) and len(rest) - found.end() >= _REST_MIN:
        places.append(found[1] or found[2])
        rest = rest[found.end() :]
    placed = tuple("|".join((*places[left:], rest)) for left in range(len(places) + 1))
    return NameForms(whole, short, placed)
