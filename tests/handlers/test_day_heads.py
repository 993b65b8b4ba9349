"""Closing the ledger's days with one hash, and finding what no longer fits it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.channels import Channel, ChannelKind
from domain.facts import DaySealed
from domain.ids import ChannelId, CustomerId, EntryId
from domain.ledger import GENESIS
from domain.members import Role
from domain.proof import DayHead, Published, Totals, WalletSeal, head_hash, root_over
from domain.proof_check import (
    EntryDiffers,
    EntryMissing,
    Finding,
    HeadAltered,
    HeadDiffers,
    HeadMissing,
    Kept,
    Part,
)
from handlers.usecases.proof import DayPlan, check_heads, plan_day, seal_day
from handlers.views import DayHeadNotice, RecordPreview
from storage.channels import ChannelConfig
from tests.support.chat import Chat
from tests.support.fake_state import TenantState
from tests.support.stores import MAIN

SUNDAY = date(2026, 11, 22)
MONDAY_NIGHT = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
"""Five past midnight in Shanghai, after the Sunday on which the tests begin."""


def record(chat: Chat, text: str = "滨江一期 主体昨天验收通过", who: str = "li") -> None:
    shown = chat.says(who, text)
    assert isinstance(shown, RecordPreview), shown
    chat.presses(who, shown, "confirm")


def plan(chat: Chat) -> DayPlan | None:
    with chat.store.reading(MAIN) as work:
        return plan_day(work, chat.clock.now())


def close(chat: Chat) -> DayHead:
    """Close the day as the scheduler does."""
    made = plan(chat)
    assert made is not None
    chat.acts(lambda ctx: seal_day(ctx, made))
    return made.head


def check(chat: Chat, *published: Published) -> list[Finding]:
    with chat.store.reading(MAIN) as work:
        return check_heads(work, published)


def rows(chat: Chat) -> TenantState:
    """Give the stored rows, to tamper with."""
    return chat.store.committed(MAIN)


@pytest.fixture
def closed(chat: Chat) -> Chat:
    """Give a firm with two wallets and two days closed."""
    record(chat)
    record(chat, "城南广场 主体昨天验收通过", "ma")
    chat.clock.at = MONDAY_NIGHT
    close(chat)
    record(chat, "滨江二期 主体昨天验收通过")
    chat.pass_time(days=1)
    close(chat)
    return chat


def test_a_day_is_closed_over_all_wallets(chat: Chat) -> None:
    record(chat)
    record(chat, "城南广场 主体昨天验收通过", "ma")
    chat.clock.at = MONDAY_NIGHT
    head = close(chat)

    wallets = rows(chat).wallets.values()
    seals = [WalletSeal(wallet.customer, wallet.seq, wallet.head) for wallet in wallets]
    assert head.day == SUNDAY
    assert (head.wallets, head.entries, head.totals) == (2, 2, Totals(available=100))
    assert head.root == root_over(seals)
    assert (head.previous, head.sealed_at) == (GENESIS, MONDAY_NIGHT)
    assert rows(chat).heads == {SUNDAY: head}
    assert set(rows(chat).seals.values()) == set(seals)
    assert chat.facts == [DaySealed(head)]
    assert chat.actions()[-1] == "day_sealed"


def test_a_day_is_closed_five_minutes_after_its_end_and_once(chat: Chat) -> None:
    record(chat)
    chat.clock.at = MONDAY_NIGHT - timedelta(microseconds=1)
    assert plan(chat) is None
    chat.clock.at = MONDAY_NIGHT
    close(chat)
    chat.pass_time(hours=23, minutes=59)
    assert plan(chat) is None
    assert len(rows(chat).heads) == 1


def test_a_ledger_that_has_just_begun_closes_no_day_before(chat: Chat) -> None:
    chat.pass_time(days=3)
    assert plan(chat) is None
    record(chat)
    assert plan(chat) is None
    chat.pass_time(days=1)
    assert close(chat).day == date(2026, 11, 25)


def test_only_wallets_that_moved_are_sealed_again(closed: Chat) -> None:
    first, second = rows(closed).heads.values()
    assert second.previous == first.hash
    assert (second.wallets, second.entries) == (2, 3)
    later = [customer for day, customer in rows(closed).seals if day == second.day]
    assert later == ["C001"]
    assert check(closed) == []


def test_a_quiet_day_has_a_head_too(closed: Chat) -> None:
    closed.pass_time(days=1)
    before = len(rows(closed).seals)
    head = close(closed)
    assert head.root == rows(closed).heads[date(2026, 11, 23)].root
    assert len(rows(closed).seals) == before
    assert check(closed) == []


def test_after_an_outage_one_head_closes_all_days(closed: Chat) -> None:
    closed.pass_time(days=9)
    head = close(closed)
    assert head.day == date(2026, 12, 2)
    assert len(rows(closed).heads) == 3
    assert check(closed) == []


def test_what_is_booked_between_looking_and_storing_belongs_to_the_next_head(chat: Chat) -> None:
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    made = plan(chat)
    assert made is not None
    record(chat, "滨江一期 竣工昨天验收通过")
    chat.acts(lambda ctx: seal_day(ctx, made))
    assert rows(chat).heads[SUNDAY].entries == 1
    assert check(chat) == []
    chat.pass_time(days=1)
    assert close(chat).entries == 2
    assert check(chat) == []


def test_two_schedulers_make_one_head(chat: Chat) -> None:
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    one, two = plan(chat), plan(chat)
    assert one is not None
    assert two is not None
    chat.acts(lambda ctx: seal_day(ctx, one))
    before = chat.state()
    chat.acts(
        lambda ctx: seal_day(
            ctx, replace(two, head=replace(two.head, sealed_at=one.head.sealed_at))
        )
    )
    assert chat.state() == before
    assert chat.facts == []


def test_the_supervisors_keep_the_head_where_they_want_alerts(chat: Chat) -> None:
    group = Channel(ChannelId("group"), ChannelKind.WECOM_GROUP)
    chat.store.save_channel(MAIN, ChannelConfig(group, "hook"))
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    head = close(chat)

    notice = DayHeadNotice(
        day="2026-11-22",
        sealed_at="2026-11-22T16:05:00+00:00",
        wallets=1,
        entries=1,
        available=50,
        held=0,
        pending=0,
        debt=0,
        fingerprint=head.fingerprint,
        hash=head.hash,
    )
    for who in ("zhang@app", "zhao"):
        assert chat.last(who) == notice
    for who in ("zhang", "qian", "li", "wang"):
        assert notice not in chat.phone(who)
    posted = [row.delivery.channel for row in rows(chat).deliveries.values()]
    assert posted.count(group.id) == 1


def test_without_a_supervisor_who_can_be_reached_the_admins_keep_it(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        for member in work.members.with_role(Role.SUPERVISOR):
            for account in work.identities.of_member(member.id):
                work.identities.block(account.channel, account.external_id, "left")
        work.commit()
    record(chat)
    chat.clock.at = MONDAY_NIGHT
    close(chat)
    assert isinstance(chat.last("qian"), DayHeadNotice)


def test_heads_that_were_kept_elsewhere_are_compared(closed: Chat) -> None:
    first, second = rows(closed).heads.values()
    good = [Published(first.day, first.fingerprint), Published(second.day, second.hash)]
    assert check(closed, *good) == []
    gone = Published(date(2026, 11, 1), first.hash)
    assert check(closed, Published(first.day, second.hash), gone) == [
        HeadDiffers(first.day, Kept.PUBLISHED, second.hash),
        HeadMissing(gone.day, Kept.PUBLISHED),
    ]


def test_a_changed_head_is_found(closed: Chat) -> None:
    first = rows(closed).heads[SUNDAY]
    rows(closed).heads[SUNDAY] = replace(first, totals=Totals(1))
    assert check(closed) == [HeadAltered(SUNDAY, Part.HASH)]


def test_a_head_that_is_gone_is_found_by_what_was_posted_and_by_the_chain(closed: Chat) -> None:
    first, second = rows(closed).heads.values()
    del rows(closed).heads[first.day]
    assert check(closed) == [
        HeadMissing(first.day, Kept.POSTED),
        HeadMissing(first.day, Kept.SEALED),
        HeadAltered(second.day, Part.PREVIOUS),
    ]


def test_a_cut_tail_of_heads_is_found_by_what_was_posted_and_by_the_seals(closed: Chat) -> None:
    heads = rows(closed).heads
    heads.pop(max(heads))
    day = date(2026, 11, 23)
    assert check(closed) == [HeadMissing(day, Kept.POSTED), HeadMissing(day, Kept.SEALED)]
    heads.clear()
    assert HeadMissing(SUNDAY, Kept.SEALED) in check(closed)


def test_a_changed_seal_is_found(closed: Chat) -> None:
    key = (SUNDAY, "C002")
    rows(closed).seals[key] = replace(rows(closed).seals[key], head="0" * 64)
    assert check(closed) == [
        HeadAltered(SUNDAY, Part.ROOT),
        HeadAltered(date(2026, 11, 23), Part.ROOT),
        EntryDiffers(CustomerId("C002"), 1, SUNDAY),
    ]


def entry_id(chat: Chat, customer: str, seq: int) -> EntryId:
    """Find a stored entry."""
    return next(
        EntryId(key)
        for key, booked in rows(chat).booked.items()
        if (booked.entry.customer, booked.entry.seq) == (customer, seq)
    )


def test_a_cut_tail_of_a_wallet_is_named(closed: Chat) -> None:
    del rows(closed).booked[entry_id(closed, "C001", 2)]
    wallets = rows(closed).wallets
    wallets["C001"] = replace(wallets["C001"], seq=1)
    assert check(closed) == [EntryMissing(CustomerId("C001"), 2, date(2026, 11, 23))]
    # The next head keeps what was sealed, and covers nothing up.
    closed.pass_time(days=1)
    close(closed)
    assert check(closed) == [EntryMissing(CustomerId("C001"), 2, date(2026, 11, 23))]


def test_a_wallet_that_was_hashed_again_is_named(closed: Chat) -> None:
    booked = rows(closed).booked
    for seq in (1, 2):
        key = entry_id(closed, "C001", seq)
        booked[key] = replace(booked[key], entry=replace(booked[key].entry, hash=f"{seq}" * 64))
    assert check(closed) == [EntryDiffers(CustomerId("C001"), 1, SUNDAY)]


def test_a_ledger_that_was_rewritten_altogether_is_found_by_what_was_kept(closed: Chat) -> None:
    """Entries, seals and heads fit again; only what left the house does not."""
    state = rows(closed)
    kept = [Published(head.day, head.fingerprint) for head in state.heads.values()]
    key = entry_id(closed, "C002", 1)
    state.booked[key] = replace(
        state.booked[key], entry=replace(state.booked[key].entry, hash="f" * 64)
    )
    state.seals[SUNDAY, "C002"] = replace(state.seals[SUNDAY, "C002"], head="f" * 64)
    previous = GENESIS
    for day, head in sorted(state.heads.items()):
        with closed.store.reading(MAIN) as work:
            root = root_over(work.proofs.sealed(day))
        changed = replace(head, root=root, previous=previous)
        state.heads[day] = replace(changed, hash=head_hash(changed))
        previous = state.heads[day].hash
    for delivery, row in list(state.deliveries.items()):
        if row.delivery.view == DayHeadNotice.view_name:
            del state.deliveries[delivery]
    assert check(closed) == []
    assert check(closed, *kept) == [
        HeadDiffers(published.day, Kept.PUBLISHED, published.kept) for published in kept
    ]
