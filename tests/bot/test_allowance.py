"""The five messages a customer's message allows: notices leave them to waiting answers."""

from bot.channel_configs import KF
from domain.channels import KF_MESSAGES_MAX
from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import ContactId, DeliveryId
from handlers.views import Cancelled
from tests.cards.examples import EXAMPLES
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

WANG = "wmWang"
NOTICE = EXAMPLES["points_notice.normal"]
ASKING = EXAMPLES["follow_up.normal"]
ANSWER = Cancelled(had_something=True)
SENT, HELD, DEAD = DeliveryState.SENT, DeliveryState.HELD, DeliveryState.DEAD


def waiting(office: Office, kinds: str) -> list[DeliveryId]:
    """Queue answers ("a"), notices that ask for something ("n") and others ("m") for Wang.

    Wang has just written; what asks has a message of its own.
    """
    made: list[DeliveryId] = []
    for kind in kinds:
        if kind == "a":
            made += office.queues(ANSWER, kind=DeliveryKind.REPLY, channel=KF, external_id=WANG)
            continue
        view = ASKING if kind == "n" else NOTICE
        contact = contact_of(office)
        made += office.queues(view, channel=KF, external_id=WANG, contact=contact)
    return made


def contact_of(office: Office) -> ContactId:
    with office.store.reading(MAIN) as work:
        identity = work.identities.find(KF, WANG)
    assert identity is not None
    assert identity.contact is not None
    return identity.contact


def states(office: Office, deliveries: list[DeliveryId]) -> list[DeliveryState]:
    return [office.stored(each).state for each in deliveries]


def used(office: Office) -> int:
    with office.store.reading(MAIN) as work:
        identity = work.identities.find(KF, WANG)
    assert identity is not None
    return identity.sends_since_inbound


def tasks(office: Office) -> int:
    ((count,),) = office.all("SELECT count(*) FROM deliveries WHERE view = 'tell_customer'")
    return int(count)


def test_notices_leave_room_for_the_answers_behind_them(office: Office) -> None:
    deliveries = waiting(office, "nnnana")

    office.sends(*deliveries)

    assert states(office, deliveries) == [SENT, SENT, SENT, SENT, HELD, SENT]
    assert office.stored(deliveries[4]).reason == "allowance_used"
    assert (used(office), tasks(office)) == (KF_MESSAGES_MAX, 1)


def test_a_notice_alone_may_use_the_last_message(office: Office) -> None:
    deliveries = waiting(office, "nnnnnn")

    office.sends(*deliveries)

    assert states(office, deliveries) == [SENT] * KF_MESSAGES_MAX + [HELD]


def test_of_too_many_answers_the_oldest_arrive_and_no_notice(office: Office) -> None:
    deliveries = waiting(office, "aanaaaa")

    office.sends(*deliveries)

    assert states(office, deliveries) == [SENT, SENT, HELD, SENT, SENT, SENT, DEAD]
    assert office.stored(deliveries[-1]).reason == "allowance_used"
    assert used(office) == KF_MESSAGES_MAX


def test_nobody_is_asked_to_tell_an_answer_there_was_no_room_for(office: Office) -> None:
    office.sends(*waiting(office, "aaaaaa"))

    assert tasks(office) == 0
    assert office.all("SELECT action FROM audit WHERE action = 'delivery_died'") == []
