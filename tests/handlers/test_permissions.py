"""Every command and every button, by everybody: allowed, refused, or unknown to strangers.

The table is written out on purpose: it is what the firm was promised, not what the code says.
"""

import pytest

from domain.customers import Contact
from domain.errors import ErrorCode, NotPermitted
from domain.members import Role
from domain.tickets import TicketKind
from handlers.permissions import Permission, check, contact_rights, rights_of
from handlers.registry import router
from handlers.views import BindAsk, DidYouMean, HelpMenu, Refusal
from handlers.vocabulary import first_word
from tests.support.chat import Chat
from tests.support.make import a_contact, a_member, a_ticket
from tests.support.stores import DING, MAIN

CUSTOMERS = {"contact"}
EVERYBODY = {"contact", *Role}
MAY: dict[str, set[str]] = {
    "help": EVERYBODY,
    "bind": EVERYBODY,
    "cancel": EVERYBODY,
    "person": EVERYBODY,
    "projects": EVERYBODY,
    "rules": EVERYBODY,
    "balance": CUSTOMERS,
    "statement": CUSTOMERS,
    "why": CUSTOMERS,
    "proof": CUSTOMERS,
    "endings": CUSTOMERS,
    "gift": CUSTOMERS,
    "lottery": CUSTOMERS,
    "check_in": CUSTOMERS,
    "review": CUSTOMERS,
    "record": {Role.PROJECT_MANAGER, Role.ADMIN},
    "undo": {Role.PROJECT_MANAGER, Role.ADMIN},
    "invite": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "rights": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "leave": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "reach": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "customer": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "customer_statement": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "merge": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "unmerge": {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    "alerts": {Role.SUPERVISOR, Role.ADMIN},
    "take_alert": {Role.SUPERVISOR, Role.ADMIN},
    "resolve_alert": {Role.SUPERVISOR, Role.ADMIN},
    "approvals": {Role.SUPERVISOR, Role.ADMIN},
    "approve": {Role.SUPERVISOR, Role.ADMIN},
    "decline": {Role.SUPERVISOR, Role.ADMIN},
    "redeem": CUSTOMERS,
    "redemptions": CUSTOMERS,
    "redemption": CUSTOMERS,
    "drop_redemption": CUSTOMERS,
    "vouchers": CUSTOMERS,
    "reissue": {*CUSTOMERS, Role.SERVICE, Role.FINANCE, Role.ADMIN},
    "use_voucher": {Role.SERVICE, Role.FINANCE, Role.ADMIN},
    "take_back_use": {Role.SERVICE, Role.FINANCE, Role.ADMIN},
    "deductions": {Role.SERVICE, Role.FINANCE, Role.ADMIN},
    "to_hand_over": {Role.SALES, Role.SERVICE, Role.ADMIN},
    "hand_over": {Role.SALES, Role.SERVICE, Role.ADMIN},
    "refund": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
    "adjust": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
    "reinstate": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE, Role.SALES},
    "campaign": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE},
    "catalogue": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
    "put_on": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
    "take_off": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
    "restock": {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
}
MAY_PRESS: dict[TicketKind, set[str]] = {
    TicketKind.CHOOSE: EVERYBODY,
    TicketKind.RECORD: {Role.PROJECT_MANAGER, Role.ADMIN},
    TicketKind.UNDO: {Role.PROJECT_MANAGER, Role.ADMIN},
    TicketKind.ALERT: {Role.SUPERVISOR, Role.ADMIN},
    TicketKind.ALERT_FORM: {Role.SUPERVISOR, Role.ADMIN},
    TicketKind.TOLD: set(Role),
    TicketKind.FOLLOW_UP: CUSTOMERS,
    TicketKind.REDEEM: CUSTOMERS,
    TicketKind.REDEMPTION: CUSTOMERS,
    TicketKind.APPROVAL: {Role.SUPERVISOR, Role.ADMIN},
    TicketKind.REQUEST: set(Role),
    TicketKind.CAMPAIGN: {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE},
    TicketKind.LEAVE: {Role.SALES, Role.SERVICE, Role.SUPERVISOR, Role.ADMIN},
    TicketKind.GIFT: CUSTOMERS,
    TicketKind.LOTTERY: CUSTOMERS,
    TicketKind.DRAW: CUSTOMERS,
    TicketKind.GIFT_REQUEST: CUSTOMERS,
    TicketKind.VOUCHER: {Role.SERVICE, Role.FINANCE, Role.ADMIN},
    TicketKind.SHELF: {Role.SUPERVISOR, Role.ADMIN, Role.FINANCE, Role.SERVICE},
}
MEMBERS_ONLY = {TicketKind.TOLD, TicketKind.REQUEST}
"""What is never offered to a customer: passing something on, taking back what one has asked for."""
WHO = {
    "contact": "wang",
    Role.PROJECT_MANAGER: "li",
    Role.SALES: "sun",
    Role.SERVICE: "fang",
    Role.FINANCE: "zhou",
    Role.SUPERVISOR: "zhang",
    Role.ADMIN: "qian",
}
WORDS = {"bind": "绑定 7K2M9QXA", "take_alert": "接手 99", "record": "记录 没有这个项目"}


def is_not_permitted(view: object) -> bool:
    return isinstance(view, Refusal) and view.code == ErrorCode.NOT_PERMITTED


def test_the_tables_are_about_everything_there_is() -> None:
    assert set(MAY) == set(router.commands)
    assert set(MAY_PRESS) == set(router.presses)
    assert set(WHO) == EVERYBODY


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("command", MAY)
def test_a_command_is_for_whom_it_is_meant(chat: Chat, command: str, who: str) -> None:
    typed = WORDS.get(command, first_word(command))
    if who in MAY[command]:
        assert not is_not_permitted(chat.says(WHO[who], typed))
    else:
        refused = chat.refused(WHO[who], lambda: chat.says(WHO[who], typed))
        assert refused.code == ErrorCode.NOT_PERMITTED
        assert refused.details == {"permission": router.commands[command].needs}


@pytest.mark.parametrize("command", sorted(set(MAY) - {"help", "bind"}))
def test_a_stranger_is_asked_to_bind_whatever_the_command(chat: Chat, command: str) -> None:
    asked = BindAsk(is_kept=True, wants_person=command == "person")
    assert chat.says("mo", WORDS.get(command, first_word(command))) == asked


def test_a_stranger_can_ask_for_help(chat: Chat) -> None:
    assert chat.says("mo", "帮助") == HelpMenu("stranger", "", ("bind",))


@pytest.mark.parametrize(
    ("kind", "who"),
    [(k, who) for k in MAY_PRESS for who in WHO if who != "contact" or k not in MEMBERS_ONLY],
)
def test_rights_are_checked_when_a_button_is_pressed(
    chat: Chat, kind: TicketKind, who: str
) -> None:
    # As if they had changed since the card was made: the ticket belongs to who presses it. It is
    # too old, too, which is only found out by who may press at all.
    owner = {"contact": "wang", "member": None} if who == "contact" else {"member": WHO[who]}
    with chat.store.work(MAIN) as work:
        work.tickets.add(a_ticket(kind, expires_at=chat.clock.now(), **owner))
        work.commit()
    choice = min(router.presses[kind].choices)
    refused = chat.refused(WHO[who], lambda: chat.presses(WHO[who], "ticket-1", choice))
    allowed = who in MAY_PRESS[kind]
    assert refused.code == (ErrorCode.TICKET_EXPIRED if allowed else ErrorCode.NOT_PERMITTED)


def test_somebody_with_two_roles_has_the_rights_of_both(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("both", Role.PROJECT_MANAGER, Role.SALES))
        work.commit()
    chat.joins("both", DING, "ding-both", member="both")
    for word in ("撤销", "邀请"):
        assert not is_not_permitted(chat.says("both", word))
    assert is_not_permitted(chat.says("both", "预警"))


def test_who_has_left_is_a_stranger_again(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", Role.ADMIN, is_active=False))
        work.commit()
    chat.joins("gone", DING, "ding-gone", member="gone")
    assert chat.says("gone", "预警") == BindAsk(is_kept=True)


@pytest.mark.parametrize("text", ["查张总积分", "查王总积分"])
def test_another_customers_points_are_answered_alike_whether_they_exist(
    chat: Chat, text: str
) -> None:
    assert chat.says("chen", text) == DidYouMean(("余额",))


@pytest.mark.parametrize("number", ["1", "99"])
def test_what_is_not_permitted_is_refused_before_it_is_looked_up(chat: Chat, number: str) -> None:
    chat.says("wang", "评价 滨江一期 1 渗水")
    refused = chat.refused("chen", lambda: chat.says("chen", f"接手 {number}"))
    assert (refused.code, refused.details) == (ErrorCode.NOT_PERMITTED, {"permission": "alerts"})


def test_rights_grow_with_roles_and_never_hold_a_customers_for_members() -> None:
    assert rights_of(frozenset()) == {Permission.ANYBODY}
    of_contacts = {Permission.CUSTOMER, Permission.SEE_POINTS, Permission.REDEEM}
    assert rights_of(frozenset(Role)) == set(Permission) - of_contacts


@pytest.mark.parametrize(
    ("contact", "rights"),
    [
        (
            a_contact(),
            {Permission.CUSTOMER, Permission.SEE_POINTS}
            | {Permission.REDEEM, Permission.REPLACE_CODES},
        ),
        (a_contact(may_redeem=False), {Permission.CUSTOMER, Permission.SEE_POINTS}),
        (a_contact(may_see=False, may_redeem=False), {Permission.CUSTOMER}),
        (a_contact(is_active=False), set()),
    ],
)
def test_a_contact_has_the_rights_of_the_file(contact: Contact, rights: set[Permission]) -> None:
    assert contact_rights(contact) == {Permission.ANYBODY} | rights


def test_the_check_names_the_missing_permission() -> None:
    check(Permission.INVITE, frozenset({Permission.INVITE}))
    with pytest.raises(NotPermitted) as refused:
        check(Permission.ALERTS, frozenset({Permission.INVITE}))
    assert refused.value.permission == "alerts"
