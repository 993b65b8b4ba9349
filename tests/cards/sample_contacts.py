"""Examples of the views about what contacts may do, and about one who leaves."""

from handlers.contract import View
from handlers.views import (
    AccountCount,
    ContactLine,
    LeaveDone,
    LeaveDropped,
    LeavePreview,
    RightList,
    RightNotice,
    RightSet,
)
from tests.cards.sample_names import (
    CONTACT,
    CUSTOMER,
    LATER,
    LONG_CUSTOMER,
    LONG_NUMBER,
    LONG_PERSON,
    SELLER,
    TICKET,
)

WANG, LI = ContactLine(CONTACT, True, True), ContactLine("李四", True, False)
BLIND = ContactLine("赵六", False, False)
LONG_LINES = (ContactLine(LONG_PERSON, True, True),) * 10
KF = (AccountCount("wecom_kf", 1),)
LONG_ACCOUNTS = (
    AccountCount("dingtalk", 12),
    AccountCount("wecom_app", 12),
    AccountCount("wecom_kf", 12),
)

CONTACTS: dict[str, View] = {
    "right_list.normal": RightList(CUSTOMER, (WANG, LI, BLIND), 3),
    "right_list.nobody": RightList(CUSTOMER, (), 0),
    "right_list.longest": RightList(LONG_CUSTOMER, LONG_LINES, LONG_NUMBER),
    "right_set.normal": RightSet(CUSTOMER, "李四", True, True, True, (CONTACT, "李四")),
    "right_set.seeing": RightSet(CUSTOMER, "李四", True, False, True, (CONTACT,)),
    "right_set.nobody": RightSet(CUSTOMER, CONTACT, False, False, True, ()),
    "right_set.as_before": RightSet(CUSTOMER, CONTACT, True, True, False, (CONTACT,)),
    "right_set.longest": RightSet(
        LONG_CUSTOMER, LONG_PERSON, True, False, False, (LONG_PERSON,) * 50
    ),
    "right_notice.normal": RightNotice(CUSTOMER, "李四", True, True, (CONTACT, "李四")),
    "right_notice.seeing": RightNotice(CUSTOMER, "李四", True, False, (CONTACT,)),
    "right_notice.nobody": RightNotice(CUSTOMER, "李四", True, False, ()),
    "right_notice.of_another": RightNotice(CUSTOMER, "李四", False, True, (CONTACT, "李四")),
    "right_notice.longest": RightNotice(
        LONG_CUSTOMER, LONG_PERSON, False, True, (LONG_PERSON,) * 50
    ),
    "leave_preview.normal": LeavePreview(TICKET, CUSTOMER, CONTACT, KF, 2, (LI, BLIND), 2, False),
    "leave_preview.spare": LeavePreview(TICKET, CUSTOMER, "李四", (), 0, (WANG,), 1, True),
    "leave_preview.last": LeavePreview(TICKET, CUSTOMER, CONTACT, KF, 0, (), 0, False),
    "leave_preview.longest": LeavePreview(
        TICKET,
        LONG_CUSTOMER,
        LONG_PERSON,
        LONG_ACCOUNTS,
        LONG_NUMBER,
        LONG_LINES[:5],
        LONG_NUMBER,
        False,
    ),
    "leave_done.normal": LeaveDone(CUSTOMER, CONTACT, KF, 2, (LI, BLIND), 2, False, SELLER, LATER),
    "leave_done.spare": LeaveDone(CUSTOMER, "李四", (), 0, (WANG,), 1, True, SELLER, LATER),
    "leave_done.last": LeaveDone(CUSTOMER, CONTACT, KF, 0, (), 0, False, SELLER, LATER),
    "leave_done.longest": LeaveDone(
        LONG_CUSTOMER,
        LONG_PERSON,
        LONG_ACCOUNTS,
        LONG_NUMBER,
        LONG_LINES[:5],
        LONG_NUMBER,
        False,
        LONG_PERSON,
        LATER,
    ),
    "leave_dropped.normal": LeaveDropped(CUSTOMER, CONTACT),
    "leave_dropped.longest": LeaveDropped(LONG_CUSTOMER, LONG_PERSON),
}
