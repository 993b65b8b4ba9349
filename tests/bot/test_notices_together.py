"""What is due together for a customer is one of the five messages, and none of it is ever lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from bot.channel_configs import DINGTALK, KF
from bot.merging import NOTICES_BYTES_MAX
from bot.platform import DeliveryError
from domain.channels import KF_WINDOW, ChannelKind, Identity, SessionState
from domain.deliveries import Delivery, DeliveryState
from domain.ids import ContactId, DeliveryId
from domain.ports import Attempt
from handlers.contract import Context, View
from handlers.usecases.setup import add_contact
from handlers.views import PointsNotice
from tests.bot.test_allowance import ASKING, NOTICE, contact_of, used
from tests.cards.sample_points import LONGEST_NOTICE
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

WANG, DING_WANG = "wmWang", "ding-wang"
SENT, HELD, DEAD = DeliveryState.SENT, DeliveryState.HELD, DeliveryState.DEAD
MERGED, QUEUED, SENDING = DeliveryState.MERGED, DeliveryState.QUEUED, DeliveryState.SENDING
TIMEOUT = DeliveryError("timeout", permanent=False)
SHUT = DeliveryError("95002", permanent=True, obstacle="window_closed")
USED_UP = DeliveryError("95001", permanent=True, obstacle="allowance_used")


def notices(count: int) -> list[View]:
    """Make notices that can be told apart."""
    assert isinstance(NOTICE, PointsNotice)
    return [replace(NOTICE, points=n) for n in range(1, count + 1)]


def queued(office: Office, *views: View, **changes: Any) -> list[DeliveryId]:
    """Queue notices for Wang, who has just written."""
    given = {"channel": KF, "external_id": WANG, "contact": contact_of(office)} | changes
    return office.queues(*views, **given)


def states(office: Office, deliveries: list[DeliveryId]) -> list[DeliveryState]:
    return [office.stored(each).state for each in deliveries]


def shown(office: Office, account: str = WANG) -> list[str]:
    return office.phones.shown(account)


def said(text: str) -> list[int]:
    """Give the numbers of the notices a message tells."""
    return [n for n in range(1, 50) if f"积分 +{n} 分" in text]


def keys(office: Office) -> list[str]:
    """Give the names under which the platform has got messages for Wang."""
    return [out.delivery for out in office.phones.sent if out.external_id == WANG]


def tasks(office: Office) -> list[Delivery]:
    found = office.all("SELECT id FROM deliveries WHERE view = 'tell_customer' ORDER BY id")
    return [office.stored(DeliveryId(id_)) for (id_,) in found]


def bound(office: Office, account: str = DING_WANG, contact: str | None = None) -> None:
    """Give Wang an account on DingTalk too."""
    whose = ContactId(contact) if contact is not None else contact_of(office)
    identity = Identity(DINGTALK, ChannelKind.DINGTALK, account, contact=whose)
    office.runtime.act(MAIN, lambda ctx: ctx.work.identities.save(identity))


def test_what_is_due_together_is_one_message_with_every_word(office: Office) -> None:
    deliveries = queued(office, *notices(4))

    office.sends(*deliveries)

    assert states(office, deliveries) == [SENT, MERGED, MERGED, MERGED]
    [text] = shown(office)
    assert said(text) == [1, 2, 3, 4]
    assert text.count("比计划") == 4
    assert used(office) == 1
    with office.store.reading(MAIN) as work:
        told = work.deliveries.notices_of(contact_of(office), 9)
    assert {n.outcome.delivery.id for n in told} == {deliveries[0]}


def test_one_alone_keeps_its_own_form(office: Office) -> None:
    office.sends(*queued(office, *notices(1)))
    assert "条通知" not in shown(office)[0]


def test_what_does_not_fit_comes_with_the_next_message(office: Office) -> None:
    deliveries = queued(office, *[replace(LONGEST_NOTICE, points=n) for n in range(1, 9)])

    office.sends(*deliveries)

    assert sorted(n for text in shown(office) for n in said(text)) == list(range(1, 9))
    assert len(shown(office)) == used(office) == 2
    assert all(len(text.encode()) <= NOTICES_BYTES_MAX for text in shown(office))
    assert QUEUED not in states(office, deliveries)


def test_what_asks_for_something_has_a_message_of_its_own(office: Office) -> None:
    first, asking, last = queued(office, notices(1)[0], ASKING, notices(2)[1])

    office.sends(first, asking, last)

    assert states(office, [first, asking, last]) == [SENT, SENT, MERGED]
    assert [said(text) for text in shown(office)] == [[1, 2], []]


def test_other_channels_send_each_by_itself(office: Office) -> None:
    bound(office)
    deliveries = queued(office, *notices(3), channel=DINGTALK, external_id=DING_WANG)
    office.sends(*deliveries)
    assert states(office, deliveries) == [SENT] * 3


def test_a_second_try_says_the_same_under_the_same_name(office: Office) -> None:
    office.phones.fails = [TIMEOUT]
    deliveries = queued(office, *notices(3))
    office.sends(*deliveries)
    assert states(office, deliveries) == [QUEUED, MERGED, MERGED]
    later = queued(office, notices(4)[3])
    office.clock.forward(timedelta(minutes=1))

    office.sweeps()

    assert states(office, deliveries + later) == [SENT, MERGED, MERGED, SENT]
    assert [said(text) for text in shown(office)] == [[1, 2, 3], [4]]
    assert keys(office) == [deliveries[0], later[0]]


def test_one_that_was_tried_alone_gathers_nobody_on_the_second_try(office: Office) -> None:
    office.phones.fails = [TIMEOUT]
    [first] = queued(office, *notices(1))
    office.sends(first)
    office.clock.forward(timedelta(minutes=1))
    [second] = queued(office, notices(2)[1])
    office.sweeps()
    assert [said(text) for text in shown(office)] == [[1], [2]]
    assert states(office, [first, second]) == [SENT, SENT]


def test_who_dies_before_sending_leaves_the_same_message_to_the_next(office: Office) -> None:
    deliveries = queued(office, *notices(3))
    now = office.clock.now()
    lead = office.queue.claim(MAIN, deliveries[0], now, now + timedelta(seconds=30))
    assert lead is not None
    # The second is recorded as carried, the third only claimed, when the worker dies.
    second, _ = office.queue.claim_queued_of(
        MAIN, KF, WANG, now, now + timedelta(seconds=30), limit=9
    )
    attempt = Attempt(second.id, now, "merged")
    office.queue.finish(MAIN, second, MERGED, attempt, carried_by=lead.id)

    office.clock.forward(timedelta(seconds=31))
    office.sweeps()

    assert states(office, deliveries) == [SENT, MERGED, SENT]
    assert [said(text) for text in shown(office)] == [[1, 2], [3]]


def test_two_workers_at_once_tell_each_notice_once(office: Office) -> None:
    deliveries = queued(office, *notices(6))
    barrier = Barrier(2)

    def work(mine: list[DeliveryId]) -> None:
        barrier.wait()
        for delivery in mine:
            office.sender.deliver(MAIN, delivery)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [deliveries, deliveries[::-1]]))
    office.sweeps()

    assert sorted(n for text in shown(office) for n in said(text)) == [1, 2, 3, 4, 5, 6]
    assert set(states(office, deliveries)) <= {SENT, MERGED}
    assert used(office) == len(shown(office))


@pytest.mark.parametrize(
    ("failure", "obstacle"), [(SHUT, "window_closed"), (USED_UP, "allowance_used")]
)
def test_a_message_the_platform_refuses_is_held_whole_and_asked_for_on_one_card(
    office: Office, failure: DeliveryError, obstacle: str
) -> None:
    office.phones.fails = [failure]
    deliveries = queued(office, *notices(3))

    office.sends(*deliveries)

    assert states(office, deliveries) == [HELD] * 3
    assert {office.stored(each).reason for each in deliveries} == {obstacle}
    [task] = tasks(office)
    assert (len(task.data["about_data"]["notices"]), task.data["more"]) == (2, 1)
    assert (shown(office), used(office) % 5) == ([], 0)


def test_a_window_that_shuts_before_it_is_sent_holds_it(office: Office) -> None:
    deliveries = queued(office, *notices(2))
    office.clock.forward(KF_WINDOW)
    office.sends(*deliveries)
    assert states(office, deliveries) == [HELD, HELD]
    assert shown(office) == []
    # The second was added to the card the first has brought.
    assert len({task.subject for task in tasks(office)}) == 1


def test_until_the_last_second_of_the_window_it_goes(office: Office) -> None:
    deliveries = queued(office, *notices(2))
    office.clock.forward(KF_WINDOW - timedelta(seconds=1))
    office.sends(*deliveries)
    assert states(office, deliveries) == [SENT, MERGED]


def test_while_a_person_talks_to_the_customer_nothing_is_sent(office: Office) -> None:
    deliveries = queued(office, *notices(2))
    office.runtime.act(
        MAIN, lambda ctx: ctx.work.identities.set_session(KF, WANG, SessionState.HUMAN)
    )
    office.sends(*deliveries)
    assert states(office, deliveries) == [HELD, HELD]
    assert shown(office) == []


def test_what_one_account_refuses_goes_by_another_at_once(office: Office) -> None:
    bound(office)
    office.phones.fails = [SHUT]
    deliveries = queued(office, *notices(2))

    office.sends(*deliveries)

    assert states(office, deliveries) == [SENT, SENT]
    assert shown(office) == []
    assert sorted(n for text in shown(office, DING_WANG) for n in said(text)) == [1, 2]
    assert tasks(office) == []


def test_an_account_that_is_somebody_elses_by_now_gets_nothing(office: Office) -> None:
    deliveries = queued(office, *notices(2))
    with office.store.reading(MAIN) as work:
        identity = work.identities.find(KF, WANG)
    assert identity is not None
    other = replace(identity, contact=None)
    office.runtime.act(MAIN, lambda ctx: ctx.work.identities.save(other))
    office.sends(*deliveries)
    assert states(office, deliveries) == [HELD, HELD]
    assert {office.stored(each).reason for each in deliveries} == {"no_account"}
    assert shown(office) == []


def test_of_an_account_that_changed_hands_each_is_told_the_own_notices_only(office: Office) -> None:
    [old] = queued(office, *notices(1))

    def rebind(ctx: Context) -> None:
        identity = ctx.work.identities.find(KF, WANG)
        customer = ctx.work.customers.find_by_code("C001")
        assert identity is not None
        assert customer is not None
        liu = add_contact(ctx, customer, "刘洋", None)
        ctx.work.identities.save(replace(identity, contact=liu.id))

    office.runtime.act(MAIN, rebind)
    [ours, also] = queued(office, *notices(3)[1:])
    # One of the former owner's, queued between the two.
    office.sends(ours, old, also)
    assert [said(text) for text in shown(office)] == [[2, 3]]
    assert states(office, [old, ours, also]) == [HELD, SENT, MERGED]


def test_the_former_owners_notice_is_not_carried_either(office: Office) -> None:
    [ours] = queued(office, *notices(1))
    with office.store.reading(MAIN) as work:
        customer = work.customers.find_by_code("C001")
    assert customer is not None
    others: list[ContactId] = []
    office.runtime.act(MAIN, lambda ctx: others.append(add_contact(ctx, customer, "刘洋", None).id))
    [theirs] = queued(office, notices(2)[1], contact=others[0])
    office.sends(ours, theirs)
    assert [said(text) for text in shown(office)] == [[1]]
    assert states(office, [ours, theirs]) == [SENT, HELD]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (DeliveryError("40003", permanent=True), "refused"),
        (DeliveryError("left", permanent=True, blocks_account=True), "blocked"),
    ],
)
def test_what_can_never_be_sent_is_told_by_hand_and_the_admins_hear_of_it(
    office: Office, failure: DeliveryError, reason: str
) -> None:
    office.phones.fails = [failure]
    deliveries = queued(office, *notices(2))
    office.sends(*deliveries)
    assert states(office, deliveries) == [HELD, HELD]
    assert {office.stored(each).reason for each in deliveries} == {reason}
    assert len(tasks(office)) == 1
    assert office.all("SELECT count(*) FROM audit WHERE action = 'delivery_died'") == [(1,)]


def test_a_channel_that_is_gone_leaves_its_notices_to_a_person(office: Office) -> None:
    bound(office)
    [notice] = queued(office, *notices(1), channel=DINGTALK, external_id=DING_WANG)
    lines = office.sender._lines
    office.sender._lines = lambda tenant, channel: (
        None if channel == DINGTALK else lines(tenant, channel)
    )
    office.sends(notice)
    assert (office.stored(notice).state, office.stored(notice).reason) == (HELD, "refused")


def test_one_that_can_not_be_worded_fails_without_the_others(office: Office) -> None:
    [first] = queued(office, replace(notices(9)[8], event="no_such_event"))  # type: ignore[type-var]
    [good] = queued(office, *notices(1))
    [broken] = queued(office, replace(notices(2)[1], event="no_such_event"))  # type: ignore[type-var]
    [last] = queued(office, notices(3)[2])
    office.sends(first, good, broken, last)
    assert states(office, [first, good, broken, last]) == [QUEUED, SENT, QUEUED, MERGED]
    assert [said(text) for text in shown(office)] == [[1, 3]]
    for _ in range(20):
        office.clock.forward(timedelta(minutes=11))
        office.sweeps()
    assert (office.stored(broken).state, office.stored(broken).reason) == (HELD, "refused")


def test_a_worker_that_has_lost_a_notice_says_nothing_about_it(office: Office) -> None:
    [notice] = queued(office, *notices(1))
    now = office.clock.now()
    lost = office.queue.claim(MAIN, notice, now, now + timedelta(seconds=30))
    assert lost is not None
    office.clock.forward(timedelta(seconds=31))
    office.sweeps()
    assert states(office, [notice]) == [SENT]

    for failure in (SHUT, DeliveryError("40003", permanent=True)):
        assert office.sender._failed(MAIN, lost, failure) == ()

    assert states(office, [notice]) == [SENT]
    assert tasks(office) == []
    assert office.all("SELECT count(*) FROM audit WHERE action = 'delivery_died'") == [(0,)]
