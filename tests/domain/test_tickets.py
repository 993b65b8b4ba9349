"""A button works for its owner only, once, and not for ever."""

from datetime import timedelta

import pytest

from domain.errors import TicketExpired, TicketNotYours, TicketUsed
from domain.ids import ContactId, MemberId
from domain.tickets import Ticket, fresh, owned
from tests.support.fakes import START
from tests.support.make import a_ticket

LI, WANG = MemberId("li"), ContactId("wang")
OF_CONTACT = a_ticket(member=None, contact=WANG)


def test_a_ticket_passes_for_its_owner() -> None:
    assert owned(a_ticket(), member=LI, contact=None) == a_ticket()
    assert owned(OF_CONTACT, member=None, contact=WANG) == OF_CONTACT


@pytest.mark.parametrize(
    ("ticket", "member", "contact"),
    [
        (None, LI, None),
        (a_ticket(), MemberId("sun"), None),
        (a_ticket(), None, None),
        (a_ticket(), None, ContactId("li")),
        (OF_CONTACT, MemberId("wang"), None),
        (OF_CONTACT, None, ContactId("chen")),
        (a_ticket(member=None), None, None),
    ],
)
def test_an_unknown_ticket_and_somebody_elses_are_refused_alike(
    ticket: Ticket | None, member: MemberId | None, contact: ContactId | None
) -> None:
    with pytest.raises(TicketNotYours) as refused:
        owned(ticket, member=member, contact=contact)
    assert refused.value.details() == {}


def test_a_ticket_is_fresh_until_it_is_used_or_ends() -> None:
    ticket = a_ticket()
    assert fresh(ticket, ticket.expires_at - timedelta(microseconds=1)) is ticket
    with pytest.raises(TicketExpired) as expired:
        fresh(ticket, ticket.expires_at)
    assert expired.value.expired_at == ticket.expires_at
    with pytest.raises(TicketUsed) as used:
        fresh(a_ticket(used_at=START), ticket.expires_at)
    assert used.value.used_at == START
