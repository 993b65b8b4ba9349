"""Examples of the views of reachability, and of notices told together."""

from bot.codec import view_to_json
from domain.channels import ChannelKind, Unreachable
from domain.deliveries import DeliveryState, Withheld
from handlers.contract import View
from handlers.notice_reactions import CHARACTERS_MAX, SHOWN_MAX
from handlers.views import (
    DeliveryLine,
    NoticeDigest,
    NoticeText,
    PointsNotice,
    ReachLine,
    ReachReport,
    TellCustomer,
    TierNotice,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_NUMBER,
    LONG_PERSON,
    MORNING,
    PHONE,
    SELLER,
    TICKET,
)
from tests.cards.sample_points import LONGEST_NOTICE, POINTS
from tests.cards.sample_rules import RULES

KF, DING = ChannelKind.WECOM_KF, ChannelKind.DINGTALK


def _text(view: View) -> NoticeText:
    return NoticeText(view.view_name, view_to_json(view))


def _points(name: str) -> PointsNotice:
    view = POINTS[f"points_notice.{name}"]
    assert isinstance(view, PointsNotice)
    return view


def _tier() -> TierNotice:
    view = RULES["tier_notice.normal"]
    assert isinstance(view, TierNotice)
    return view


def _tell(
    *about: View,
    more: int,
    obstacle: Unreachable = Unreachable.WINDOW_CLOSED,
    customer: str = CUSTOMER,
    contact: str = CONTACT,
) -> View:
    notices = [{"view": each.view_name, "data": view_to_json(each)} for each in about]
    return TellCustomer(
        ticket=TICKET,
        customer=customer,
        contact=contact,
        phone=PHONE,
        obstacle=obstacle.value,
        about_view=NoticeDigest.view_name,
        about_data={"notices": notices, "most": CHARACTERS_MAX},
        more=more,
    )


def _line(state: DeliveryState, since: str = MORNING, **fields: object) -> DeliveryLine:
    usual: dict[str, object] = {
        "contact": CONTACT,
        "channel": KF.value,
        "about_view": PointsNotice.view_name,
        "about_data": view_to_json(_points("normal")),
        "state": state.value,
        "since": since,
        "reason": "",
        "told_by": "",
        "is_joint": False,
    }
    return DeliveryLine(**{**usual, **fields})  # type: ignore[arg-type]


REACH: dict[str, View] = {
    "notice_digest.normal": NoticeDigest((_text(_points("normal")), _text(_tier()))),
    "notice_digest.several": NoticeDigest(
        tuple(_text(_points(name)) for name in ("normal", "on_the_day", "late", "contract"))
    ),
    "notice_digest.longest": NoticeDigest((_text(LONGEST_NOTICE),) * 4),
    "tell_customer.several": _tell(_points("normal"), _points("late"), more=0),
    "tell_customer.many": _tell(_points("late"), _tier(), more=4),
    "tell_customer.longest_several": _tell(
        *(LONGEST_NOTICE,) * SHOWN_MAX,
        more=LONG_NUMBER,
        obstacle=Unreachable.ALLOWANCE_USED,
        customer=LONG_CUSTOMER,
        contact=LONG_PERSON,
    ),
    "reach_report.normal": ReachReport(
        customer=CUSTOMER,
        reach=(
            ReachLine(CONTACT, DING.value, "", "", None),
            ReachLine(CONTACT, KF.value, "", AFTERNOON, 3),
            ReachLine("刘洋", KF.value, Unreachable.WINDOW_CLOSED.value, MORNING, None),
            ReachLine("陈工", "", Unreachable.NO_ACCOUNT.value, "", None),
        ),
        notices=(
            _line(DeliveryState.SENT, AFTERNOON, channel=DING.value),
            _line(DeliveryState.SENT, is_joint=True),
            _line(DeliveryState.HELD, reason=Unreachable.WINDOW_CLOSED.value),
            _line(DeliveryState.BY_HAND, told_by=SELLER, reason=Unreachable.WINDOW_CLOSED.value),
            _line(DeliveryState.QUEUED),
            _line(DeliveryState.DEAD, reason="no_channel"),
            _line(DeliveryState.DEAD, reason=Withheld.UNSEEN.value),
        ),
        as_of=AFTERNOON,
    ),
    "reach_report.nobody": ReachReport(CUSTOMER, (), (), AFTERNOON),
    "reach_report.longest": ReachReport(
        customer=LONG_CUSTOMER,
        reach=tuple(
            ReachLine(LONG_PERSON, KF.value, Unreachable.WINDOW_CLOSED.value, MORNING, None)
            for _ in range(20)
        ),
        notices=tuple(
            _line(
                DeliveryState.HELD,
                contact=LONG_PERSON,
                about_data=view_to_json(LONGEST_NOTICE),
                reason=Unreachable.NEVER_WROTE.value,
            )
            for _ in range(20)
        ),
        as_of=AFTERNOON,
    ),
}
