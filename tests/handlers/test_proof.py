"""凭证: what a customer checks the wallet by, and who gets it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import ErrorCode, TicketExpired, TicketNotYours
from domain.ids import CustomerId, TicketId
from domain.proof import receipt_code
from domain.tickets import TicketKind
from handlers.usecases.proof import proof_by_ticket
from handlers.views import ProofLink, Statement
from tests.handlers.test_day_heads import MONDAY_NIGHT, close, record
from tests.support.chat import Chat
from tests.support.stores import MAIN


def read(chat: Chat, ticket: str) -> dict[str, Any]:
    with chat.store.reading(MAIN) as work:
        return proof_by_ticket(work, TicketId(ticket), chat.clock.now())


def ask(chat: Chat, who: str = "wang") -> ProofLink:
    link = chat.says(who, "凭证")
    assert isinstance(link, ProofLink), link
    return link


def test_a_customer_gets_the_receipt_and_a_link_for_a_week(chat: Chat) -> None:
    record(chat)
    record(chat, "滨江二期 主体昨天验收通过")
    wallet = chat.store.committed(MAIN).wallets["C001"]
    link = ask(chat)
    assert link == ProofLink(
        customer="滨江置业",
        available=wallet.available,
        debt=0,
        seq=2,
        receipt=receipt_code(CustomerId("C001"), 2, wallet.head),
        token=link.token,
        expires_at=(chat.clock.now() + timedelta(days=7)).isoformat(timespec="seconds"),
    )
    statement = chat.says("wang", "明细")
    assert isinstance(statement, Statement)
    assert statement.receipt == link.receipt
    tenant, _, ticket = link.token.partition(".")
    assert tenant == MAIN
    assert chat.store.committed(MAIN).tickets[ticket].kind is TicketKind.PROOF


def test_the_link_leads_to_everything_the_code_stands_for(chat: Chat) -> None:
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    head = close(chat)
    record(chat, "滨江二期 主体昨天验收通过")
    link = ask(chat)
    proof = read(chat, link.token.partition(".")[2])
    wallet = chat.store.committed(MAIN).wallets["C001"]
    assert proof["customer"] == {"id": "C001", "name": "滨江置业"}
    assert proof["balance"] == {"available": 30, "held": 0, "pending": 0, "debt": 0}
    assert [entry["fields"]["seq"] for entry in proof["entries"]] == ["1", "2"]
    assert proof["entries"][-1]["hash"] == wallet.head
    assert proof["receipt"] == {"seq": 2, "code": link.receipt}
    assert proof["day_head"]["hash"] == head.hash
    assert proof["inclusion"]["seal"]["seq"] == 1
    assert (proof["inclusion"]["index"], proof["inclusion"]["size"]) == (0, 1)


def test_before_the_first_head_there_is_nothing_to_be_included_in(chat: Chat) -> None:
    record(chat)
    proof = read(chat, ask(chat).token.partition(".")[2])
    assert (proof["day_head"], proof["inclusion"]) == (None, None)


def test_a_wallet_that_began_after_the_last_head_is_not_in_it_yet(chat: Chat) -> None:
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    close(chat)
    record(chat, "城南广场 主体昨天验收通过", "ma")
    proof = read(chat, ask(chat, "chen").token.partition(".")[2])
    assert proof["day_head"] is not None
    assert proof["inclusion"] is None
    assert proof["customer"]["id"] == "C002"


def test_without_entries_there_is_no_code_and_no_link(chat: Chat) -> None:
    link = ask(chat)
    assert (link.seq, link.receipt, link.token) == (0, "", "")
    assert chat.store.committed(MAIN).tickets == {}


@pytest.mark.parametrize("words", ["对账单", "核对凭证", "憑證", "對賬單"])
def test_it_has_other_names(chat: Chat, words: str) -> None:
    assert isinstance(chat.says("wang", words), ProofLink)


def test_a_group_does_not_see_it(chat: Chat) -> None:
    record(chat)
    chat.says("wang", "余额")
    view = chat.refused("wang", lambda: chat.says("wang", "凭证", group=True))
    assert view.code == ErrorCode.PRIVATE_ONLY


def test_a_link_ends(chat: Chat) -> None:
    record(chat)
    ticket = ask(chat).token.partition(".")[2]
    chat.pass_time(days=7)
    with pytest.raises(TicketExpired):
        read(chat, ticket)


def test_no_other_ticket_opens_a_proof(chat: Chat) -> None:
    shown = chat.says("li", "滨江一期 主体昨天验收通过")
    for ticket in (shown.ticket, "0" * 26, ""):  # type: ignore[attr-defined]
        with pytest.raises(TicketNotYours):
            read(chat, ticket)


def test_the_link_is_no_button(chat: Chat) -> None:
    record(chat)
    ticket = ask(chat).token.partition(".")[2]
    view = chat.refused("wang", lambda: chat.presses("wang", ticket, "confirm"))
    assert view.code == ErrorCode.TICKET_NOT_YOURS
