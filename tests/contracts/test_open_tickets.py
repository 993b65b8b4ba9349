"""Finding the newest ticket that somebody could still use."""

from datetime import timedelta

from domain.ids import ContactId, MemberId, TicketId
from domain.tickets import TicketKind
from tests.support.fakes import START
from tests.support.make import a_ticket
from tests.support.stores import MAIN, OTHER, AnyStore

WANG, CHEN = ContactId("wang"), ContactId("chen")
LI, MA = MemberId("li"), MemberId("ma")


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
        newest = work.tickets.newest_open
        assert newest(TicketKind.REDEEM, START, contact=WANG) == tickets[1]
        assert newest(TicketKind.REDEEM, START, contact=CHEN) == tickets[3]
        assert newest(TicketKind.REDEMPTION, START, contact=CHEN) is None
        assert work.tickets.use(tickets[1].id, START)
        assert newest(TicketKind.REDEEM, START, contact=WANG) == tickets[0]
        assert newest(TicketKind.REDEEM, ends, contact=WANG) is None
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.tickets.newest_open(TicketKind.REDEEM, START, contact=WANG) is None


def test_the_newest_open_one_of_a_member_and_kind_is_found(any_store: AnyStore) -> None:
    ends = START + timedelta(hours=24)
    moments = (START, START + timedelta(minutes=1), START, START)
    tickets = [
        a_ticket(kind, id=TicketId(id_), member=member, created_at=at, expires_at=ends)
        for (id_, kind, member), at in zip(
            (
                ("t-2", TicketKind.RECORD, LI),
                ("t-1", TicketKind.RECORD, LI),
                ("t-3", TicketKind.ALERT, LI),
                ("t-4", TicketKind.RECORD, MA),
            ),
            moments,
            strict=True,
        )
    ]
    with any_store.work(MAIN) as work:
        for ticket in tickets:
            work.tickets.add(ticket)
        newest = work.tickets.newest_open
        assert newest(TicketKind.RECORD, START, member=LI) == tickets[1]
        assert newest(TicketKind.RECORD, START, member=MA) == tickets[3]
        assert newest(TicketKind.ALERT, START, member=MA) is None
        assert newest(TicketKind.RECORD, START, contact=ContactId(LI)) is None
        assert newest(TicketKind.RECORD, START) is None
        assert work.tickets.use(tickets[1].id, START)
        assert newest(TicketKind.RECORD, START, member=LI) == tickets[0]
        assert newest(TicketKind.RECORD, ends, member=LI) is None
        work.commit()
    with any_store.work(OTHER) as work:
        assert work.tickets.newest_open(TicketKind.RECORD, START, member=LI) is None
