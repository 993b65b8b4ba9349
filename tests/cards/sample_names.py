"""The people and projects of the examples, as they usually are and as long as they may be."""

TICKET = "01KABCDEFGHJKMNPQRSTVWXYZ0"

CUSTOMER, CONTACT, PHONE = "滨江置业", "王建国", "13800138000"
PROJECT, MILESTONE = "滨江一期", "主体结构"
MANAGER, SELLER, SUPERVISOR = "李强", "陈静", "张敏"

MORNING = "2026-11-21T02:30:00+00:00"
"""10:30 in Shanghai."""
LATER = "2026-11-21T02:32:00+00:00"
AFTERNOON = "2026-11-21T07:20:00+00:00"


def filled(characters: int, text: str = "江南水岸花园住宅小区三期二标段(3#楼)及地下车库") -> str:
    """Give a text of exactly so many characters."""
    return (text * (characters // len(text) + 1))[:characters]


LONG_CUSTOMER = filled(60, "江苏华东建设工程集团股份有限公司第三分公司")
LONG_PROJECT = filled(60)
LONG_MILESTONE = filled(40, "地下室底板及外墙防水工程分部分项验收")
LONG_PERSON = filled(20, "欧阳买买提·阿卜杜拉")
LONG_NOTE = filled(500, "监理和甲方都在场,资料齐全,现场整改两处后通过。")
LONG_REVIEW = filled(1000, "卫生间渗水修了三次还是漏,每次都说马上来人,一直没人管。")
LONG_NUMBER = 9_999_999
