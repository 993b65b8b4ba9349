"""What goes out together is covered notice by notice: rights may go while it waits to be sent."""

from datetime import timedelta

from domain.customers import permit
from domain.deliveries import DeliveryState, Withheld
from domain.ids import DeliveryId
from handlers.contract import Context
from handlers.usecases.contacts import leave, set_rights
from handlers.views import RightNotice
from tests.bot.test_allowance import NOTICE, contact_of, used
from tests.bot.test_notices_together import TIMEOUT, notices, queued, said, shown, states, tasks
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

SENT, DEAD, MERGED = DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.MERGED
QUEUED = DeliveryState.QUEUED
RIGHT = RightNotice("滨江置业", "王建国", is_own=True, may_redeem=False, redeemers=())


def loses_sight(office: Office) -> None:
    """Take the right to see points from Wang, and nothing that follows from it."""

    def act(ctx: Context) -> None:
        contact = ctx.work.customers.lock_contact(contact_of(office))
        ctx.work.customers.change_contact(permit(contact, see=False))

    office.runtime.act(MAIN, act)


def tried(office: Office, *deliveries: DeliveryId) -> None:
    """Let a first try fail on the way, so that another one follows."""
    office.phones.fails = [TIMEOUT]
    office.sends(*deliveries)


def reasons(office: Office, deliveries: list[DeliveryId]) -> list[str | None]:
    return [office.stored(each).reason for each in deliveries]


def test_what_may_not_be_seen_is_not_carried_by_what_may(office: Office) -> None:
    right, points = queued(office, RIGHT, NOTICE)
    loses_sight(office)

    office.sends(right, points)

    assert states(office, [right, points]) == [SENT, DEAD]
    assert office.stored(points).reason == Withheld.UNSEEN
    [text] = shown(office)
    assert said(text) == []
    assert used(office) == 1
    assert tasks(office) == []


def test_a_second_try_does_not_say_what_may_not_be_seen_any_more(office: Office) -> None:
    right, first, second = queued(office, RIGHT, *notices(2))
    tried(office, right, first, second)
    assert states(office, [right, first, second]) == [QUEUED, MERGED, MERGED]
    loses_sight(office)
    office.clock.forward(timedelta(minutes=1))

    office.sweeps()
    office.sweeps()

    assert states(office, [right, first, second]) == [SENT, DEAD, DEAD]
    assert reasons(office, [first, second]) == [Withheld.UNSEEN] * 2
    [text] = shown(office)
    assert said(text) == []
    assert tasks(office) == []


def test_what_only_shared_the_message_goes_out_without_the_rest(office: Office) -> None:
    points, right = queued(office, NOTICE, RIGHT)
    tried(office, points, right)
    assert states(office, [points, right]) == [QUEUED, MERGED]

    def act(ctx: Context) -> None:
        set_rights(ctx, contact_of(office), see=False)

    office.runtime.act(MAIN, act)

    assert states(office, [points, right]) == [DEAD, QUEUED]
    office.clock.forward(timedelta(minutes=1))
    office.sweeps()
    assert states(office, [points, right]) == [DEAD, SENT]
    assert len(shown(office)) == used(office) == 1


def test_nothing_is_said_to_who_has_left_between_two_tries(office: Office) -> None:
    deliveries = queued(office, *notices(2), RIGHT)
    tried(office, *deliveries)
    gone = contact_of(office)

    def act(ctx: Context) -> None:
        leave(ctx, gone)

    office.runtime.act(MAIN, act)
    office.clock.forward(timedelta(minutes=1))
    office.sweeps()

    assert states(office, deliveries) == [DEAD] * 3
    assert reasons(office, deliveries) == [Withheld.LEFT] * 3
    assert shown(office) == []
    assert tasks(office) == []
    with office.store.reading(MAIN) as work:
        assert work.identities.of_contact(gone) == []
