"""Contacts of one customer who check in at the same moment, on both engines."""

from dataclasses import replace

import pytest

from domain.ids import ContactId, CustomerId
from handlers.contract import ContactActor, Context
from handlers.usecases.check_ins import CheckedIn, check_in
from storage.work import SqlStore
from tests.storage.test_gift_races import at_once
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.make import a_contact

C001 = CustomerId("C001")
WHO = ("wang", "lin", "chen")


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(store, clock, ids)
    made.opens()

    def hire(ctx: Context) -> None:
        for name in WHO:
            ctx.work.customers.add_contact(a_contact(name))

    made.acts(hire)
    return made


def test_of_several_at_once_one_is_first_and_the_others_hear_who(firm: Firm) -> None:
    def by(who: str, ctx: Context) -> CheckedIn:
        contact = ctx.work.customers.contact(ContactId(who))
        unit = ctx.work.customers.get(C001)
        return check_in(replace(ctx, actor=ContactActor(contact, unit)))

    done = at_once(firm, *(lambda ctx, who=who: by(who, ctx) for who in WHO))
    assert sorted(one.is_new for one in done) == [False, False, True]
    [first] = [one for one in done if one.is_new]
    assert {(one.by, one.days, one.booked.points) for one in done} == {
        (first.by, 1, first.booked.points)
    }
    wallet = firm.looks(lambda work: work.wallets.read(C001))
    assert wallet.available == first.booked.points == 5
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []
