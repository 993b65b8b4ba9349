"""Finding the newest ticket that somebody could still use."""

from datetime import timedelta

from domain.ids import ContactId, TicketId
from domain.tickets import TicketKind
from tests.support.fakes import START
from tests.support.make import a_ticket
from tests.support.stores import MAIN, OTHER, AnyStore

WANG, CHEN = ContactId("wang"), ContactId("chen")


def test_the_newest_open_one_of_a_contact_and_kind_is_found(any_store: AnyStore) -> None:
    ends = START + timedelta(minutes=10)
    tickets = [
        a_ticket(kind, id=TicketId(id_), member=None, contact=contact, expires_at=ends)
        for id_, kind, contact in (
            ("t-1", TicketKind.REDEEM, WANG),
            ("t-2", TicketKind.REDEEM, WANG),
            ("t-3", TicketKind.REDEMPTION, WANG),
            ("t-4", TicketKind.REDEEM, CHEN),
        )
    ]
    with any_store.work(MAIN) as work:
        for ticket in tickets:
            work.tickets.add(ticket)
        assert work.tickets.newest_open(WANG, TicketKind.REDEEM, START) == tickets[1]
        assert work.tickets.newest_open(CHEN, TicketKind.REDEEM, START) == tickets[3]
        assert work.tickets.newest_open(CHEN, TicketKind.REDEMPTION, START) is None
        assert work.tickets.use(tickets[1].id, START)
        assert work.tickets.newest_open(WANG, TicketKind.REDEEM, START) == tickets[0]
        assert work.tickets.newest_open(WANG, TicketKind.REDEEM, ends) is None
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.tickets.newest_open(WANG, TicketKind.REDEEM, START) is None
