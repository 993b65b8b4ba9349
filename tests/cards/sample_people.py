"""Examples of the views about who somebody is and what they can do."""

from domain.members import Role
from handlers.contract import View
from handlers.permissions import rights_of
from handlers.views import (
    BindAsk,
    BoundCustomer,
    BoundMember,
    Cancelled,
    Choice,
    ChoiceDropped,
    ChooseCard,
    DidYouMean,
    HelpMenu,
    InviteCreated,
)
from handlers.vocabulary import SHOWN_IN_HELP
from tests.cards.sample_names import (
    CONTACT,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_PERSON,
    LONG_PROJECT,
    MANAGER,
    TICKET,
)

EXPIRES = "2026-11-24T02:30:00+00:00"
LINK = "https://work.weixin.qq.com/kfid/kfcDEMO?enc_scene=ENC&scene_param=7K2M9QXA"

EVERYTHING = tuple(
    dict.fromkeys(name for name, needed in SHOWN_IN_HELP if needed in rights_of(frozenset(Role)))
)
"""What somebody with every role of the firm sees."""

PEOPLE: dict[str, View] = {
    "help_menu.normal": HelpMenu(
        "customer",
        CONTACT,
        ("balance", "statement", "proof", "projects", "review", "bind", "cancel", "person"),
    ),
    "help_menu.member": HelpMenu(
        "member", MANAGER, ("record", "undo", "projects", "bind", "cancel"), "media"
    ),
    "help_menu.stranger": HelpMenu("stranger", "", ("bind",), "unsupported"),
    "help_menu.longest": HelpMenu("member", LONG_PERSON, EVERYTHING, "empty"),
    "did_you_mean.normal": DidYouMean(("余额", "明细")),
    "did_you_mean.nothing": DidYouMean(()),
    "did_you_mean.examples": DidYouMean((), ("balance", "redeem")),
    "did_you_mean.called": DidYouMean((), ("balance", "redeem"), is_called=True),
    "did_you_mean.called_guesses": DidYouMean(("余额", "明细"), is_called=True),
    "did_you_mean.longest": DidYouMean(tuple(f"余额{n}" * 20 for n in range(3))),
    "bind_ask.normal": BindAsk(is_kept=False),
    "bind_ask.person": BindAsk(is_kept=True, wants_person=True),
    "bind_ask.longest": BindAsk(is_kept=True),
    "bound_customer.normal": BoundCustomer(CONTACT, CUSTOMER, has_parked=False),
    "bound_customer.unseen": BoundCustomer(CONTACT, CUSTOMER, has_parked=False, may_see=False),
    "bound_customer.longest": BoundCustomer(LONG_PERSON, LONG_CUSTOMER, has_parked=True),
    "bound_member.normal": BoundMember(MANAGER, ("project_manager",)),
    "bound_member.roleless": BoundMember(MANAGER, ()),
    "bound_member.longest": BoundMember(
        LONG_PERSON,
        ("admin", "finance", "project_manager", "sales", "service", "supervisor"),
    ),
    "invite_created.normal": InviteCreated(CUSTOMER, CONTACT, "7K2M9QXA", LINK, EXPIRES),
    "invite_created.linkless": InviteCreated(CUSTOMER, CONTACT, "7K2M9QXA", None, EXPIRES),
    "invite_created.seeing": InviteCreated(
        CUSTOMER, CONTACT, "7K2M9QXA", LINK, EXPIRES, may_redeem=False
    ),
    "invite_created.longest": InviteCreated(
        LONG_CUSTOMER, LONG_PERSON, "7K2M9QXA", LINK + "x" * 400, EXPIRES
    ),
    "choose_card.normal": ChooseCard(
        "project", (Choice("滨江一期", f"{TICKET}:0"), Choice("滨江二期", f"{TICKET}:1"))
    ),
    "choose_card.contact": ChooseCard("contact", (Choice(CONTACT, f"{TICKET}:0"),)),
    "choose_card.longest": ChooseCard(
        "milestone", tuple(Choice(f"{n}{LONG_PROJECT}", f"{TICKET}:{n}") for n in range(12))
    ),
    "cancelled.normal": Cancelled(had_something=True),
    "cancelled.nothing": Cancelled(had_something=False),
    "cancelled.longest": Cancelled(
        had_something=False,
        instead=("undo", "drop_redemption", "take_back_use"),
        waiting=tuple(range(999_991, 1_000_003)),
    ),
    "cancelled.gifts": Cancelled(
        had_something=False, instead=("drop_redemption",), gifts=(7, 8, 9, 10, 11, 12)
    ),
    "choice_dropped.normal": ChoiceDropped("记录"),
    "choice_dropped.longest": ChoiceDropped("积分调整"),
}
