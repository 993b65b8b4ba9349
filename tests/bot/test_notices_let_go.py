"""What was held goes out when the customer writes: after the answer, together, under a new name."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from bot.channel_configs import DINGTALK, KF
from domain.ids import ChannelId, DeliveryId
from handlers.contract import Context
from handlers.incoming import Said, SendFailed
from handlers.usecases.notices import release
from tests.bot.test_allowance import contact_of, used
from tests.bot.test_notices_together import (
    DING_WANG,
    HELD,
    MERGED,
    SENT,
    SHUT,
    WANG,
    bound,
    keys,
    notices,
    queued,
    said,
    shown,
    states,
)
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401


def held(office: Office, count: int) -> list[DeliveryId]:
    """Let notices be held because the platform takes none."""
    office.phones.fails = [SHUT]
    deliveries = queued(office, *notices(count))
    office.sends(*deliveries)
    assert states(office, deliveries) == [HELD] * count
    return deliveries


def test_what_was_held_follows_the_answer_as_one_message(office: Office) -> None:
    deliveries = held(office, 4)
    office.clock.forward(timedelta(minutes=1))

    office.hears(WANG, Said("余额"), KF)
    assert [said(text) for text in shown(office)] == [[]]
    office.clock.forward(timedelta(seconds=2))
    office.sweeps()

    answer, digest = shown(office)
    assert "可用" in answer
    assert said(digest) == [1, 2, 3, 4]
    assert states(office, deliveries) == [SENT, MERGED, MERGED, MERGED]
    assert used(office) == 2
    # A message of this name was refused once: the platform must not take it for the same one.
    assert keys(office)[-1] == f"{deliveries[0]}_1"


def test_a_message_that_failed_after_all_is_told_again_whole(office: Office) -> None:
    deliveries = queued(office, *notices(3))
    office.sends(*deliveries)
    office.hears(WANG, SendFailed(deliveries[0], "unknown"), KF)
    assert states(office, deliveries) == [HELD] * 3

    office.clock.forward(timedelta(minutes=1))
    office.hears(WANG, Said("余额"), KF)
    office.clock.forward(timedelta(seconds=2))
    office.sweeps()

    assert [said(text) for text in shown(office)] == [[1, 2, 3], [], [1, 2, 3]]
    assert states(office, deliveries) == [SENT, MERGED, MERGED]
    # A late report about the first message says nothing about the second.
    office.hears(WANG, SendFailed(deliveries[0], "blocked"), KF)
    assert states(office, deliveries) == [SENT, MERGED, MERGED]
    office.hears(WANG, SendFailed(f"{deliveries[0]}_1", "blocked"), KF)
    assert states(office, deliveries) == [HELD] * 3


def test_the_answer_keeps_its_place_when_nothing_else_fits(office: Office) -> None:
    deliveries = held(office, 2)
    office.clock.forward(timedelta(minutes=1))
    office.hears(WANG, Said("余额"), KF)
    # The platform counts four more of ours, such as a person's.
    office.runtime.act(MAIN, lambda ctx: ctx.work.identities.use_up_allowance(KF, WANG))
    office.clock.forward(timedelta(seconds=2))
    office.sweeps()
    assert "可用" in shown(office)[0]
    assert states(office, deliveries) == [HELD, HELD]


def test_who_writes_from_two_accounts_at_once_is_told_once(office: Office) -> None:
    deliveries = held(office, 4)
    bound(office)
    contact = contact_of(office)
    office.runtime.act(
        MAIN, lambda ctx: ctx.work.identities.heard_from(KF, WANG, office.clock.now())
    )
    barrier = Barrier(2)

    def write(account: tuple[ChannelId, str]) -> None:
        def act(ctx: Context) -> None:
            speaking = replace(ctx, channel=account[0], sender=account[1])
            release(speaking, ctx.work.customers.contact(contact))

        barrier.wait()
        office.runtime.act(MAIN, act)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, [(KF, WANG), (DINGTALK, DING_WANG)]))
    office.clock.forward(timedelta(seconds=2))
    office.sweeps()

    assert [office.stored(each).let_go for each in deliveries] == [1] * 4
    texts = shown(office) + shown(office, DING_WANG)
    assert sorted(n for text in texts for n in said(text)) == [1, 2, 3, 4]
    assert len({office.stored(each).channel for each in deliveries}) == 1
