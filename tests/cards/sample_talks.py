"""Examples of calling a human to a customer, and of the talk that is handed over."""

from bot.codec import view_to_json
from handlers.contract import View
from handlers.incoming import MediaKind
from handlers.parsing.hiding import HIDDEN
from handlers.talk_views import LINES_SHOWN, TEXT_MAX
from handlers.views import (
    DidYouMean,
    HelpMenu,
    NobodyComes,
    PersonComing,
    PersonWantedCard,
    TalkLine,
)
from tests.cards.sample_names import (
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_PERSON,
    PHONE,
    SELLER,
)
from tests.cards.sample_points import POINTS
from tests.cards.sample_redeeming import REDEEMING

_MISSED = DidYouMean((), ("balance", "redeem"))
_MENU = HelpMenu("customer", CONTACT, ("balance", "person"), "media")


def _line(minute: int, text: str, answer: View | None = None, kind: str = "said") -> TalkLine:
    at = f"2026-11-27T06:{minute:02d}:00+00:00"
    if answer is None:
        return TalkLine(at, kind, text)
    return TalkLine(at, kind, text, answer.view_name, view_to_json(answer))


_ASKED = (
    _line(1, "余额", POINTS["balance.normal"]),
    _line(2, "兑换 空调保养", REDEEMING["redeem_preview.normal"]),
    _line(4, "转人工"),
)
_TALK_MISSED = (
    _line(1, "", _MENU, MediaKind.IMAGE),
    _line(3, "三栋那个水管又漏了", _MISSED),
    _line(4, "你们到底什么时候来", kind=MediaKind.VOICE),
)
_SECRET = (
    TalkLine("2026-11-27T06:01:00+00:00", "said", f"绑定 {HIDDEN}", "bound_customer", None),
    TalkLine("2026-11-27T06:02:00+00:00", "pressed", "", "redemption_card", None),
    _line(4, "转人工"),
)
_LONG_TEXT = "漏" * TEXT_MAX
_LONGEST = tuple(
    _line(minute, _LONG_TEXT, REDEEMING["redeem_preview.longest"], MediaKind.VOICE)
    for minute in range(LINES_SHOWN)
)

TALKS: dict[str, View] = {
    "person_coming.normal": PersonComing(SELLER),
    "person_coming.nobody": PersonComing(""),
    "person_coming.missed": PersonComing(SELLER, is_missed=True),
    "person_coming.guesses": PersonComing(SELLER, is_missed=True, guesses=("余额", "明细")),
    "person_coming.longest": PersonComing(
        LONG_PERSON, is_missed=True, guesses=tuple(f"余额{n}" * 20 for n in range(3))
    ),
    "nobody_comes.normal": NobodyComes(),
    "person_wanted_card.normal": PersonWantedCard(CUSTOMER, CONTACT, PHONE, talk=_ASKED),
    "person_wanted_card.missed": PersonWantedCard(CUSTOMER, CONTACT, PHONE, "missed", _TALK_MISSED),
    "person_wanted_card.secret": PersonWantedCard(CUSTOMER, CONTACT, PHONE, talk=_SECRET),
    "person_wanted_card.phoneless": PersonWantedCard(CUSTOMER, CONTACT, "", talk=_ASKED[-1:]),
    "person_wanted_card.earlier": PersonWantedCard(CUSTOMER, CONTACT, PHONE),
    "person_wanted_card.longest_three": PersonWantedCard(
        LONG_CUSTOMER, LONG_PERSON, PHONE, "missed", _LONGEST[:3]
    ),
    "person_wanted_card.longest": PersonWantedCard(
        LONG_CUSTOMER, LONG_PERSON, PHONE, "missed", _LONGEST
    ),
}
"""A card of an earlier release has no talk."""
