"""Rights that have gone since a notice was queued: the sender does not let it out (I11)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channel_configs import KF
from domain.channels import Unreachable
from domain.customers import permit
from domain.deliveries import DeliveryKind, DeliveryState, Withheld
from domain.ids import DeliveryId
from handlers.contract import View
from handlers.views import Cancelled
from tests.bot.test_allowance import contact_of
from tests.cards.examples import EXAMPLES
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

WANG = "wmWang"
NOTICE, QUESTION = EXAMPLES["points_notice.normal"], EXAMPLES["follow_up.normal"]


def notice(office: Office, view: View) -> DeliveryId:
    """Queue a notice for Wang."""
    contact = contact_of(office)
    [queued] = office.queues(view, channel=KF, external_id=WANG, contact=contact)
    return queued


def lose(office: Office, what: str) -> None:
    """Let the right go in a transaction that did not see the notice yet."""
    with office.store.work(MAIN) as work:
        identity = work.identities.find(KF, WANG)
        assert identity is not None
        assert identity.contact is not None
        contact = work.customers.contact(identity.contact)
        match what:
            case "account":
                work.identities.save(replace(identity, contact=None))
            case "contact":
                work.customers.change_contact(replace(contact, is_active=False))
            case _:
                work.customers.change_contact(permit(contact, see=False))
        work.commit()


def audited(office: Office) -> list[str]:
    return [action for (action,) in office.all("SELECT action FROM audit ORDER BY at, id")]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("contact", Withheld.LEFT),
        ("right", Withheld.UNSEEN),
    ],
)
def test_t73_a_notice_does_not_leave_to_who_may_not_have_it(
    office: Office, what: str, reason: Withheld
) -> None:
    queued = notice(office, NOTICE)
    lose(office, what)
    office.sends(queued)

    stored = office.stored(queued)
    assert (stored.state, stored.reason) == (DeliveryState.DEAD, reason)
    assert office.phones.sent == []
    # Nobody is asked to tell it by hand, and no admin has to do anything.
    assert office.all("SELECT id FROM deliveries") == [(queued,)]
    assert "notice_withheld" in audited(office)
    assert "delivery_died" not in audited(office)


def test_a_notice_waits_for_who_has_only_lost_the_account(office: Office) -> None:
    queued = notice(office, NOTICE)
    lose(office, "account")
    office.sends(queued)

    stored = office.stored(queued)
    assert (stored.state, stored.reason) == (DeliveryState.HELD, Unreachable.NO_ACCOUNT)
    assert not any(out.external_id == WANG for out in office.phones.sent)
    asked = office.all("SELECT view FROM deliveries WHERE view = 'tell_customer'")
    assert asked != []
    assert "notice_withheld" not in audited(office)


def test_a_notice_that_says_nothing_of_points_leaves_without_the_right(office: Office) -> None:
    queued = notice(office, QUESTION)
    lose(office, "right")
    office.sends(queued)

    assert office.stored(queued).state is DeliveryState.SENT


def test_an_answer_leaves_to_who_has_asked(office: Office) -> None:
    answer: list[DeliveryId] = office.queues(
        Cancelled(had_something=True), kind=DeliveryKind.REPLY, channel=KF, external_id=WANG
    )
    lose(office, "account")
    office.sends(*answer)

    assert office.stored(answer[0]).state is DeliveryState.SENT


def test_it_is_not_tried_again(office: Office) -> None:
    queued = notice(office, NOTICE)
    lose(office, "right")
    office.sends(queued)
    office.clock.forward(timedelta(hours=1))
    office.sends(queued)

    assert office.phones.sent == []
    assert office.stored(queued).state is DeliveryState.DEAD
