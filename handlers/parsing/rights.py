"""What somebody is to be allowed, in words: 兑换, 停用兑换, 只能查看, 查看和兑换."""

import re
from dataclasses import dataclass
from typing import Final

_NO: Final = (
    "停用|停止|停|取消|关闭|關閉|关掉|關掉|收回|撤销|撤銷|撤回|禁止|去掉|不能|不可以|不可|不让|不讓"
    "|不许|不許|不准|不得|不给|不給|无权|無權|不再|不"
)
_ONLY: Final = "只能|只可以|只可|只许|只許|只准|只|仅能|仅可|仅|僅能|僅可|僅"
_CAN: Final = "可以|可|能|允许|允許|开通|開通|启用|啟用|开放|開放|授予|恢复|恢復|给|給|有权|有權"
_SEE: Final = "查看|查询|查詢|看积分|看積分|查积分|查積分"
_REDEEM: Final = "兑换积分|兌換積分|兑换|兌換|兑奖|兌獎"
_OFF: Final = "停用|停止|取消|关闭|關閉|收回"
# A single character may belong to a name, so it counts only as a word or after such as 不能.
_BEFORE: Final = "".join(sorted({word[-1] for word in f"{_NO}|{_ONLY}|{_CAN}".split("|")}))
_AFTER: Final = r"(?=$|[\s和与與及跟但而、,+。])"
_RIGHT: Final = re.compile(
    rf"(?P<joint>但是|[和与與及跟但而、,+])?"
    rf"(?:(?P<only>{_ONLY})|(?P<no>(?<!\S)(?:{_NO}) |{_NO})|(?P<can>{_CAN}))?"
    rf"(?:(?P<both>全部|所有)|(?P<redeem>{_REDEEM})|(?P<see>{_SEE})"
    rf"|(?:(?<!\S)|(?<=[{_BEFORE}]))(?:(?P<spend>[兑兌换換])|(?P<look>[看查])){_AFTER})"
    rf"(?:的?(?:权限|權限|功能))?(?: ?(?P<off>{_OFF}){_AFTER})?"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a contact is to be allowed; None leaves a right as it is."""

    see: bool | None = None
    redeem: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether no right was named."""
        return self == Wish()


def read_wish(text: str) -> tuple[Wish, str]:
    """Read the rights that a normalised text names; give also what is left of it."""
    see: bool | None = None
    redeem: bool | None = None
    may, end = True, -1
    for found in _RIGHT.finditer(text):
        is_said = any(found[part] for part in ("only", "no", "can", "off"))
        if is_said or not (found["joint"] or found.start() == end):
            # 停用查看和兑换 means both: what is joined is meant alike.
            may = not (found["no"] or found["off"])
        end = found.end()
        if found["see"] or found["look"] or found["both"]:
            see = may
        if found["redeem"] or found["spend"] or found["both"]:
            redeem = may
        elif found["only"]:
            redeem = False
    return Wish(see, redeem), _RIGHT.sub(" ", text)
