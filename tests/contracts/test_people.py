"""Channels, accounts, members, customers and projects, on the fake store and both engines."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.channels import KF_MESSAGES_MAX, Channel, ChannelKind, Identity, SessionState
from domain.customers import BindingTries, Contact, Invitation
from domain.ids import ChannelId, ContactId, CustomerId, InvitationId, MilestoneId, ProjectId
from domain.members import Role
from domain.ports import Conflict, UnitOfWork
from domain.projects import Milestone, Project
from storage.channels import ChannelConfig
from tests.contracts.rows import ACME, BETA, BINJIANG, CHEN, LI, ROOF, WANG, people
from tests.support.fakes import START
from tests.support.stores import APP, DING, KF, KINDS, MAIN, OTHER, AnyStore

ZHANG = Identity(APP, ChannelKind.WECOM_APP, "zhangsan")
SECOND = timedelta(seconds=1)


def test_channels_are_listed_by_id(any_store: AnyStore) -> None:
    with any_store.reading(MAIN) as work:
        assert [channel.id for channel in work.channels.all()] == [APP, DING, KF]
        assert work.channels.get(DING) == Channel(DING, KINDS[DING])


def test_the_customer_channel_is_the_first_customer_service_account(any_store: AnyStore) -> None:
    second = ChannelConfig(Channel(ChannelId("kf-2"), ChannelKind.WECOM_KF), "second")
    any_store.save_channel(MAIN, second)

    with any_store.work(MAIN) as work:
        work.channels.set_contact_url(KF, "https://work.weixin.qq.com/kfid/x")
        work.commit()

    with any_store.reading(MAIN) as work:
        found = work.channels.customer_channel()
        assert found == Channel(KF, ChannelKind.WECOM_KF, "https://work.weixin.qq.com/kfid/x")


def test_a_cursor_moves_only_from_where_the_puller_saw_it(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.channels.cursor(KF) is None
        assert work.channels.set_cursor(KF, "1", after=None) is True
        assert work.channels.set_cursor(KF, "2", after=None) is False
        assert work.channels.cursor(KF) == "1"
        assert work.channels.set_cursor(KF, "2", after="1") is True
        assert work.channels.set_cursor(KF, "3", after="1") is False
        assert work.channels.cursor(KF) == "2"


def test_a_channel_keeps_settings_and_secrets_and_its_link(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.channels.set_contact_url(KF, "https://link")
        work.commit()
    config = ChannelConfig(
        Channel(KF, ChannelKind.WECOM_KF, "https://link"),
        f"account-{KF}",
        {"corp": "c"},
        "v1.secret",
    )
    any_store.save_channel(MAIN, config)

    assert config in any_store.channel_configs(MAIN)
    assert config not in any_store.channel_configs(OTHER)


def test_saving_the_same_account_again_keeps_its_link_and_cursor(any_store: AnyStore) -> None:
    connect(any_store, KF)
    any_store.save_channel(
        MAIN, ChannelConfig(Channel(KF, ChannelKind.WECOM_KF), f"account-{KF}", {"corp": "new"})
    )

    with any_store.reading(MAIN) as work:
        assert work.channels.get(KF).contact_url == "https://link"
        assert work.channels.cursor(KF) == "c7"


def test_another_account_begins_without_the_old_ones_link_and_cursor(any_store: AnyStore) -> None:
    connect(any_store, KF)
    connect(any_store, DING)
    old = Channel(KF, ChannelKind.WECOM_KF, "https://link")
    any_store.save_channel(MAIN, ChannelConfig(old, "another"))

    with any_store.reading(MAIN) as work:
        assert work.channels.get(KF) == Channel(KF, ChannelKind.WECOM_KF)
        assert work.channels.cursor(KF) is None
        assert work.channels.get(DING).contact_url == "https://link"
        assert work.channels.cursor(DING) == "c7"


def connect(store: AnyStore, channel: ChannelId) -> None:
    with store.work(MAIN) as work:
        work.channels.set_contact_url(channel, "https://link")
        assert work.channels.set_cursor(channel, "c7", after=None)
        work.commit()


def test_an_account_belongs_to_one_channel(any_store: AnyStore) -> None:
    twin = ChannelConfig(Channel(ChannelId("app-2"), ChannelKind.WECOM_APP), "account-app")

    with pytest.raises(Conflict):
        any_store.save_channel(MAIN, twin)
    assert len(any_store.channel_configs(MAIN)) == len(KINDS)


def test_an_identity_is_found_as_it_was_saved(any_store: AnyStore) -> None:
    bound = replace(ZHANG, member=LI.id, is_alerted=True)
    with any_store.work(MAIN) as work:
        people(work)
        work.identities.save(bound)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.identities.find(APP, "zhangsan") == bound
        assert work.identities.find(DING, "zhangsan") is None
        assert work.identities.of_member(LI.id) == [bound]
        assert work.identities.of_member(WANG.id) == []


def test_saving_an_identity_again_leaves_its_counters_alone(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.identities.heard_from(KF, "wm1", START)
        work.identities.count_send(KF, "wm1")
        work.identities.set_session(KF, "wm1", SessionState.HUMAN)
        work.identities.save(Identity(KF, ChannelKind.WECOM_KF, "wm1", contact=CHEN.id))

        assert work.identities.find(KF, "wm1") == Identity(
            KF,
            ChannelKind.WECOM_KF,
            "wm1",
            contact=CHEN.id,
            last_inbound_at=START,
            sends_since_inbound=1,
            session=SessionState.HUMAN,
        )
        assert [found.external_id for found in work.identities.of_contact(CHEN.id)] == ["wm1"]


def test_hearing_from_an_account_makes_it_and_opens_its_allowance(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.identities.count_send(KF, "wm1")
        work.identities.count_send(KF, "wm1")
        assert _sends(work) == 2

        work.identities.heard_from(KF, "wm1", START + SECOND)
        assert _sends(work) == 0
        found = work.identities.find(KF, "wm1")
        assert found is not None
        assert found.last_inbound_at == START + SECOND


def test_hearing_an_older_message_changes_nothing(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.identities.count_send(KF, "wm1")
        work.identities.block(KF, "wm1", "refused")
        work.identities.set_session(KF, "wm1", SessionState.ENDED)
        before = work.identities.find(KF, "wm1")

        work.identities.heard_from(KF, "wm1", START - SECOND)
        assert work.identities.find(KF, "wm1") == before


def test_a_second_message_of_the_same_second_opens_the_allowance_too(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.identities.count_send(KF, "wm1")

        work.identities.heard_from(KF, "wm1", START)
        assert _sends(work) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SessionState.BOT, SessionState.BOT),
        (SessionState.HUMAN, SessionState.HUMAN),
        (SessionState.ENDED, SessionState.BOT),
    ],
)
def test_who_writes_lifts_a_block_and_begins_an_ended_conversation_again(
    any_store: AnyStore, before: SessionState, after: SessionState
) -> None:
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.identities.block(KF, "wm1", "refused")
        work.identities.set_session(KF, "wm1", before)

        work.identities.heard_from(KF, "wm1", START + SECOND)
        found = work.identities.find(KF, "wm1")
        assert found is not None
        assert (found.blocked_reason, found.session) == (None, after)


def test_the_platform_is_believed_about_window_allowance_and_blocks(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.identities.heard_from(KF, "wm1", START)
        work.identities.use_up_allowance(KF, "wm1")
        assert _sends(work) == KF_MESSAGES_MAX
        work.identities.block(KF, "wm1", "left")
        found = work.identities.find(KF, "wm1")
        assert found is not None
        assert found.blocked_reason == "left"
        work.identities.block(KF, "wm1", None)
        work.identities.close_window(KF, "wm1")
        found = work.identities.find(KF, "wm1")
        assert found is not None
        assert (found.blocked_reason, found.last_inbound_at) == (None, None)


def test_wrong_codes_are_counted_per_account(any_store: AnyStore) -> None:
    locked = BindingTries(0, START + timedelta(minutes=30))
    with any_store.work(MAIN) as work:
        assert work.identities.tries(KF, "wm1") == BindingTries()
        work.identities.set_tries(KF, "wm1", BindingTries(3))
        assert work.identities.tries(KF, "wm1") == BindingTries(3)
        work.identities.set_tries(KF, "wm1", locked)
        assert work.identities.tries(KF, "wm1") == locked
        assert work.identities.tries(KF, "wm2") == BindingTries()


def test_members_are_listed_and_found_by_role(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.members.get(LI.id) == LI
        assert [member.id for member in work.members.all()] == ["m-li", "m-wang", "m-zhao"]
        assert work.members.with_role(Role.SALES) == [LI]
        assert work.members.with_role(Role.SUPERVISOR) == [WANG]
        assert work.members.with_role(Role.FINANCE) == []


def test_a_customer_code_is_used_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.customers.all() == [ACME, BETA]
        assert work.customers.find_by_code("K003") is None
        with pytest.raises(Conflict):
            work.customers.add(replace(ACME, id=BETA.id))


def test_a_customer_belongs_to_segments(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.customers.segments(ACME.id) == ()
        work.customers.set_segments(ACME.id, ["vip", "国企", "Ä", "vip", "央企"])
        assert work.customers.segments(ACME.id) == ("vip", "Ä", "国企", "央企")
        work.customers.set_segments(ACME.id, iter(["vip"]))
        work.customers.set_segments(BETA.id, ["国企"])
        assert work.customers.segments(ACME.id) == ("vip",)
        work.commit()
        work.customers.set_segments(ACME.id, [])
        assert work.customers.segments(ACME.id) == ()
        assert work.customers.segments(BETA.id) == ("国企",)
    with any_store.reading(OTHER) as work:
        assert work.customers.segments(BETA.id) == ()


def test_customers_and_projects_keep_what_kind_they_are(any_store: AnyStore) -> None:
    customer = replace(ACME, id=CustomerId("c-typed"), code="K009", type="央企")
    project = replace(BINJIANG, id=ProjectId("p-typed"), code="P009", type="住宅")
    with any_store.work(MAIN) as work:
        people(work)
        work.customers.add(customer)
        work.projects.add(project)
        assert work.customers.get(customer.id) == customer
        assert work.projects.get(project.id) == project
        assert work.customers.get(ACME.id).type == ACME.type


def test_only_active_contacts_are_listed(any_store: AnyStore) -> None:
    gone = Contact(ContactId("k-gone"), ACME.id, "旧人", None, is_active=False)
    new = Contact(ContactId("k-an"), ACME.id, "An")
    with any_store.work(MAIN) as work:
        people(work)
        work.customers.add_contact(gone)
        work.customers.add_contact(new)
        assert work.customers.contacts(ACME.id) == [new, CHEN]
        assert work.customers.contacts(BETA.id) == []
        assert work.customers.contact(gone.id) == gone
        assert work.customers.past_contacts(ACME.id) == [gone]
        assert work.customers.past_contacts(BETA.id) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(CHEN, may_redeem=False),
        replace(CHEN, may_see=False, may_redeem=False),
        replace(CHEN, is_active=False),
    ],
)
def test_what_a_contact_may_do_changes_and_nothing_else(
    any_store: AnyStore, changed: Contact
) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.commit()
        assert work.customers.lock_contact(CHEN.id) == CHEN
        work.customers.change_contact(replace(changed, name="别人", phone=None))
        assert work.customers.contact(CHEN.id) == changed
        work.rollback()
        assert work.customers.contact(CHEN.id) == CHEN
        with pytest.raises(LookupError):
            work.customers.change_contact(replace(CHEN, id=ContactId("k-none")))
        with pytest.raises(LookupError):
            work.customers.lock_contact(ContactId("k-none"))
    with any_store.work(OTHER) as work, pytest.raises(LookupError):
        work.customers.change_contact(changed)


def test_open_invitations_of_a_contact_are_used_up(any_store: AnyStore) -> None:
    def invited(name: str, **changes: Any) -> Invitation:
        fields: dict[str, Any] = {
            "contact": CHEN.id,
            "member": None,
            "created_by": LI.id,
            "created_at": START,
            "expires_at": START + timedelta(hours=72),
        }
        return Invitation(InvitationId(name), f"hash-{name}", **(fields | changes))

    late = START + SECOND
    used, old = invited("used", used_at=late), invited("old", expires_at=late)
    others = [used, invited("member", contact=None, member=LI.id)]
    with any_store.work(MAIN) as work:
        people(work)
        for one in (invited("a"), invited("b"), old, *others):
            work.customers.add_invitation(one)
        assert work.customers.void_invitations(CHEN.id, START + 2 * SECOND) == 2
        assert work.customers.void_invitations(CHEN.id, START + 3 * SECOND) == 0
        for one in (invited("a"), old):
            found = work.customers.find_invitation(one.code_hash)
            assert found == replace(one, used_at=START + 2 * SECOND)
        for one in others:
            assert work.customers.find_invitation(one.code_hash) == one


def test_an_invitation_is_used_once(any_store: AnyStore) -> None:
    invitation = Invitation(
        InvitationId("v-1"), "hash", CHEN.id, None, LI.id, START, START + timedelta(hours=72)
    )
    with any_store.work(MAIN) as work:
        people(work)
        work.customers.add_invitation(invitation)
        assert work.customers.find_invitation("hash") == invitation
        assert work.customers.find_invitation("other") is None
        assert work.customers.use_invitation(invitation, START + SECOND) is True
        assert work.customers.use_invitation(invitation, START + 2 * SECOND) is False
        assert work.customers.find_invitation("hash") == replace(invitation, used_at=START + SECOND)


def test_projects_are_found_by_code_customer_and_manager(any_store: AnyStore) -> None:
    other = Project(ProjectId("p-2"), "P000", "城南", BETA.id, None, "warranty")
    with any_store.work(MAIN) as work:
        people(work)
        work.projects.add(other)
        assert work.projects.all() == [other, BINJIANG]
        assert work.projects.get(other.id) == other
        assert work.projects.find_by_code("P001") == BINJIANG
        assert work.projects.of_customer(ACME.id) == [BINJIANG]
        assert work.projects.managed_by(LI.id) == [BINJIANG]
        with pytest.raises(Conflict):
            work.projects.add(replace(other, id=ProjectId("p-3")))


def test_milestones_are_listed_by_plan_and_accepted(any_store: AnyStore) -> None:
    earlier = Milestone(MilestoneId("ms-base"), BINJIANG.id, "基础", date(2026, 3, 1))
    with any_store.work(MAIN) as work:
        people(work)
        work.projects.add_milestone(earlier)
        assert work.projects.milestones(BINJIANG.id) == [earlier, ROOF]

        work.projects.set_accepted(ROOF.id, date(2026, 11, 19))
        assert work.projects.milestone(ROOF.id).accepted_on == date(2026, 11, 19)
        work.projects.set_accepted(ROOF.id, None)
        assert work.projects.milestone(ROOF.id) == ROOF
        with pytest.raises(LookupError):
            work.projects.set_accepted(MilestoneId("x"), None)


def _sends(work: UnitOfWork) -> int:
    found = work.identities.find(KF, "wm1")
    assert found is not None
    return found.sends_since_inbound
