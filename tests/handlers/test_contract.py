"""The tables of commands and buttons, who acts, and tickets and refusals in general."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.errors import (
    AlertTaken,
    Ambiguous,
    DomainError,
    FutureDate,
    InvalidPhone,
    TicketUsed,
    UnknownCustomer,
)
from domain.ids import ApiKeyId
from domain.tickets import TicketKind
from handlers.actors import contact_of, member_of, owner_of, project_index, visible_projects
from handlers.contract import (
    Actor,
    ApiClient,
    Context,
    Machine,
    Press,
    Reply,
    Router,
    Stranger,
)
from handlers.menu import help_menu
from handlers.permissions import Permission
from handlers.refusals import refusal_of
from handlers.usecases.tickets import VALID, open_ticket, use_ticket
from handlers.views import Silence
from tests.support.chat import Chat
from tests.support.make import a_ticket
from tests.support.stores import MAIN


def nothing(_: Any, __: Any) -> Reply:
    return Reply(Silence())


def test_a_command_is_registered_once() -> None:
    router = Router(commands={}, presses={})
    router.command("balance", needs=Permission.CUSTOMER, is_private=True)(nothing)
    with pytest.raises(ValueError, match="balance"):
        router.command("balance", needs=Permission.ANYBODY)(nothing)
    command = router.commands["balance"]
    assert (command.needs, command.is_private) == (Permission.CUSTOMER, True)


def test_a_button_is_registered_once() -> None:
    router = Router(commands={}, presses={})
    router.press(TicketKind.TOLD, "told", needs=Permission.ANYBODY)(nothing)
    with pytest.raises(ValueError, match="told"):
        router.press(TicketKind.TOLD, "again", needs=Permission.ANYBODY)(nothing)
    assert router.presses[TicketKind.TOLD].choices == {"told"}
    ticket = a_ticket(TicketKind.TOLD)
    answer = router.presses[TicketKind.TOLD].handler(Press(ticket, "told", {}), None)  # type: ignore[arg-type]
    assert answer == Reply(Silence())


def as_actor(chat: Chat, who: str) -> Context:
    actors: dict[str, Actor] = {
        "machine": Machine(),
        "stranger": Stranger(),
        "system": ApiClient(ApiKeyId("k-1")),
    }
    with chat.store.reading(MAIN) as work:
        return chat._context(work, actors[who], chat.account("mo"))


@pytest.mark.parametrize(
    ("who", "name"),
    [("machine", "system"), ("stranger", "account:kf:wm-mo"), ("system", "apikey:k-1")],
)
def test_who_is_nobody_is_named_for_the_audit(chat: Chat, who: str, name: str) -> None:
    assert as_actor(chat, who).actor_name == name


@pytest.mark.parametrize(
    ("who", "text", "name"),
    [("wang", "评价 滨江一期 5 好", "contact:wang"), ("sun", "邀请 滨江置业 王建国", "member:sun")],
)
def test_who_acts_stands_in_the_audit_with_channel_and_message(
    chat: Chat, who: str, text: str, name: str
) -> None:
    chat.says(who, text)
    [note] = chat.store.committed(MAIN).audit.values()
    channel = chat.account(who).channel
    assert (note.actor, note.channel, note.at) == (name, channel, chat.clock.now())
    assert note.inbox is not None


@pytest.mark.parametrize("who", ["machine", "stranger"])
def test_who_is_nobody_owns_nothing_and_sees_nothing(chat: Chat, who: str) -> None:
    ctx = as_actor(chat, who)
    assert owner_of(ctx) == (None, None)
    assert visible_projects(ctx) == []
    assert list(project_index(ctx).rank("滨江一期")) == []
    assert help_menu(ctx).audience == "stranger"


@pytest.mark.parametrize("who", ["machine", "stranger"])
def test_asking_who_speaks_where_nobody_does_is_a_bug(chat: Chat, who: str) -> None:
    ctx = as_actor(chat, who)
    with pytest.raises(TypeError, match=who.title()):
        member_of(ctx)
    with pytest.raises(TypeError, match=who.title()):
        contact_of(ctx)


def test_every_kind_of_ticket_has_its_time(chat: Chat) -> None:
    assert set(VALID) == set(TicketKind)
    for kind, valid in VALID.items():
        with chat.store.work(MAIN) as work:
            ticket_id = open_ticket(work, chat.ids, kind, {}, now=chat.clock.now())
            ticket = work.tickets.find(ticket_id)
        assert ticket is not None
        assert ticket.expires_at - ticket.created_at == valid


def test_of_two_uses_at_the_same_moment_one_wins(chat: Chat) -> None:
    def twice(ctx: Context) -> None:
        stale = a_ticket()
        ctx.work.tickets.add(stale)
        use_ticket(ctx, stale)
        with pytest.raises(TicketUsed) as refused:
            use_ticket(ctx, stale)
        assert refused.value.used_at == ctx.now

    chat.acts(twice)


NOON = datetime(2026, 11, 22, 4, 0, 0, 999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (InvalidPhone(), {}),
        (
            UnknownCustomer("张总", ("张江", "张家港")),
            {"asked": "张总", "guesses": ["张江", "张家港"]},
        ),
        (Ambiguous("project", ()), {"what": "project", "candidates": []}),
        (FutureDate("明天", date(2026, 11, 22)), {"asked": "明天", "today": "2026-11-22"}),
        (
            AlertTaken(7, "zhang", NOON),
            {"number": 7, "taken_by": "zhang", "taken_at": "2026-11-22T04:00:00+00:00"},
        ),
    ],
)
def test_a_refusal_shows_its_fields_ready_for_a_template(
    error: DomainError, details: dict[str, Any]
) -> None:
    assert refusal_of(error).code == error.code
    assert refusal_of(error).details == details
