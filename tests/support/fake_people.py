"""Fake repositories of channels, people and projects."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from typing_extensions import override

from domain.channels import KF_MESSAGES_MAX, Channel, ChannelKind, Identity, SessionState
from domain.customers import BindingTries, Contact, Customer, Invitation
from domain.ids import ChannelId, ContactId, CustomerId, MemberId, MilestoneId, ProjectId
from domain.members import Member, Role
from domain.projects import Milestone, Project
from domain.repositories import Channels, Customers, Identities, Members, Projects
from storage.db import Missing
from tests.support.fake_state import FakeTransaction, TenantState, first, get


class FakeRepository:
    """What every fake repository is made of."""

    def __init__(self, transaction: FakeTransaction) -> None:
        self._transaction = transaction

    @property
    def _state(self) -> TenantState:
        return self._transaction.state


class FakeChannels(FakeRepository, Channels):
    @override
    def get(self, channel: ChannelId) -> Channel:
        return get(self._state.channels, channel).channel

    @override
    def all(self) -> list[Channel]:
        return [config.channel for _, config in sorted(self._state.channels.items())]

    @override
    def customer_channel(self) -> Channel | None:
        return first(c for c in self.all() if c.kind is ChannelKind.WECOM_KF)

    @override
    def set_contact_url(self, channel: ChannelId, url: str) -> None:
        config = get(self._state.channels, channel)
        self._state.channels[channel] = replace(
            config, channel=replace(config.channel, contact_url=url)
        )

    @override
    def cursor(self, channel: ChannelId) -> str | None:
        get(self._state.channels, channel)
        return self._state.cursors.get(channel)

    @override
    def set_cursor(self, channel: ChannelId, cursor: str, *, after: str | None) -> bool:
        if channel not in self._state.channels or self._state.cursors.get(channel) != after:
            return False
        self._state.cursors[channel] = cursor
        return True


class FakeIdentities(FakeRepository, Identities):
    @override
    def find(self, channel: ChannelId, external_id: str) -> Identity | None:
        return self._state.identities.get((channel, external_id))

    @override
    def of_member(self, member: MemberId) -> list[Identity]:
        return [i for _, i in sorted(self._state.identities.items()) if i.member == member]

    @override
    def of_contact(self, contact: ContactId) -> list[Identity]:
        return [i for _, i in sorted(self._state.identities.items()) if i.contact == contact]

    @override
    def save(self, identity: Identity) -> None:
        kind = get(self._state.channels, identity.channel).channel.kind
        known = self.find(identity.channel, identity.external_id)
        saved = identity if known is None else known
        self._put(
            replace(
                saved,
                kind=kind,
                member=identity.member,
                contact=identity.contact,
                is_alerted=identity.is_alerted,
            )
        )

    @override
    def heard_from(self, channel: ChannelId, external_id: str, at: datetime) -> None:
        known = self._known(channel, external_id)
        if known.last_inbound_at is None or known.last_inbound_at <= at:
            ended = known.session is SessionState.ENDED
            self._put(
                replace(
                    known,
                    last_inbound_at=at,
                    sends_since_inbound=0,
                    blocked_reason=None,
                    session=SessionState.BOT if ended else known.session,
                )
            )

    @override
    def count_send(self, channel: ChannelId, external_id: str) -> None:
        self._change(channel, external_id, sends_more=1)

    @override
    def use_up_allowance(self, channel: ChannelId, external_id: str) -> None:
        known = self.find(channel, external_id)
        if known is not None:
            self._put(replace(known, sends_since_inbound=KF_MESSAGES_MAX))

    @override
    def close_window(self, channel: ChannelId, external_id: str) -> None:
        known = self.find(channel, external_id)
        if known is not None:
            self._put(replace(known, last_inbound_at=None))

    @override
    def set_session(self, channel: ChannelId, external_id: str, session: SessionState) -> None:
        known = self.find(channel, external_id)
        if known is not None:
            self._put(replace(known, session=session))

    @override
    def block(self, channel: ChannelId, external_id: str, reason: str | None) -> None:
        known = self.find(channel, external_id)
        if known is not None:
            self._put(replace(known, blocked_reason=reason))

    @override
    def tries(self, channel: ChannelId, external_id: str) -> BindingTries:
        return self._state.tries.get((channel, external_id), BindingTries())

    @override
    def set_tries(self, channel: ChannelId, external_id: str, tries: BindingTries) -> None:
        self._put(self._known(channel, external_id))
        self._state.tries[channel, external_id] = tries

    def _known(self, channel: ChannelId, external_id: str) -> Identity:
        kind = get(self._state.channels, channel).channel.kind
        return self.find(channel, external_id) or Identity(channel, kind, external_id)

    def _change(self, channel: ChannelId, external_id: str, *, sends_more: int) -> None:
        known = self.find(channel, external_id)
        if known is not None:
            sends = known.sends_since_inbound + sends_more
            self._put(replace(known, sends_since_inbound=sends))

    def _put(self, identity: Identity) -> None:
        self._state.identities[identity.channel, identity.external_id] = identity


class FakeMembers(FakeRepository, Members):
    @override
    def get(self, member: MemberId) -> Member:
        return get(self._state.members, member)

    @override
    def with_role(self, role: Role) -> list[Member]:
        return [m for m in self.all() if m.is_active and role in m.roles]

    @override
    def add(self, member: Member) -> None:
        self._transaction.insert(self._state.members, member.id, member)

    @override
    def all(self) -> list[Member]:
        return [member for _, member in sorted(self._state.members.items())]


class FakeCustomers(FakeRepository, Customers):
    @override
    def get(self, customer: CustomerId) -> Customer:
        return self._known(get(self._state.customers, customer))

    @override
    def find_by_code(self, code: str) -> Customer | None:
        found = first(c for c in self.ever() if c.code == code)
        return self.get(found.merged_into) if found and found.merged_into else found

    @override
    def all(self) -> list[Customer]:
        return [customer for customer in self.ever() if customer.merged_into is None]

    @override
    def ever(self) -> list[Customer]:
        found = map(self._known, self._state.customers.values())
        return sorted(found, key=lambda customer: customer.code)

    @override
    def add(self, customer: Customer) -> None:
        taken = self.find_by_code(customer.code) is not None
        self._transaction.insert(self._state.customers, customer.id, customer, taken)

    @override
    def save(self, customer: Customer) -> None:
        code = get(self._state.customers, customer.id).code
        self._state.customers[customer.id] = replace(customer, code=code)

    @override
    def segments(self, customer: CustomerId) -> tuple[str, ...]:
        return self._state.segments.get(customer, ())

    @override
    def all_segments(self) -> tuple[str, ...]:
        return tuple(sorted({one for held in self._state.segments.values() for one in held}))

    @override
    def set_segments(self, customer: CustomerId, segments: Iterable[str]) -> None:
        self._state.segments[customer] = tuple(sorted(set(segments)))

    @override
    def contact(self, contact: ContactId) -> Contact:
        return get(self._state.contacts, contact)

    @override
    def lock_contact(self, contact: ContactId) -> Contact:
        return self.contact(contact)

    @override
    def contacts(self, customer: CustomerId) -> list[Contact]:
        return [c for c in self._contacts(customer) if c.is_active]

    @override
    def past_contacts(self, customer: CustomerId) -> list[Contact]:
        return [c for c in self._contacts(customer) if not c.is_active]

    @override
    def add_contact(self, contact: Contact) -> None:
        self._transaction.insert(self._state.contacts, contact.id, contact)

    @override
    def change_contact(self, contact: Contact) -> None:
        known = self.contact(contact.id)
        self._state.contacts[contact.id] = replace(
            known,
            is_active=contact.is_active,
            may_see=contact.may_see,
            may_redeem=contact.may_redeem,
        )

    @override
    def add_invitation(self, invitation: Invitation) -> None:
        taken = self.find_invitation(invitation.code_hash) is not None
        self._transaction.insert(self._state.invitations, invitation.id, invitation, taken)

    @override
    def find_invitation(self, code_hash: str) -> Invitation | None:
        return first(i for i in self._state.invitations.values() if i.code_hash == code_hash)

    @override
    def use_invitation(self, invitation: Invitation, now: datetime) -> bool:
        stored = self._state.invitations.get(invitation.id)
        if stored is None or stored.used_at is not None:
            return False
        self._state.invitations[invitation.id] = replace(stored, used_at=now)
        return True

    @override
    def void_invitations(self, contact: ContactId, now: datetime) -> int:
        unused = [
            invitation
            for invitation in self._state.invitations.values()
            if invitation.contact == contact and invitation.used_at is None
        ]
        for invitation in unused:
            self._state.invitations[invitation.id] = replace(invitation, used_at=now)
        return sum(invitation.expires_at > now for invitation in unused)

    def _known(self, customer: Customer) -> Customer:
        merges = self._state.merges.values()
        merge = first(m for m in merges if m.merged == customer.id and m.parted is None)
        return replace(customer, merged_into=merge.kept if merge else None)

    def _contacts(self, customer: CustomerId) -> list[Contact]:
        found = [c for c in self._state.contacts.values() if c.customer == customer]
        return sorted(found, key=lambda contact: (contact.name, contact.id))


class FakeProjects(FakeRepository, Projects):
    @override
    def get(self, project: ProjectId) -> Project:
        return get(self._state.projects, project)

    @override
    def find_by_code(self, code: str) -> Project | None:
        return first(p for p in self.all() if p.code == code)

    @override
    def all(self) -> list[Project]:
        return sorted(self._state.projects.values(), key=lambda project: project.code)

    @override
    def of_customer(self, customer: CustomerId) -> list[Project]:
        return [p for p in self.all() if p.customer == customer]

    @override
    def managed_by(self, member: MemberId) -> list[Project]:
        return [p for p in self.all() if p.manager == member]

    @override
    def add(self, project: Project) -> None:
        taken = self.find_by_code(project.code) is not None
        self._transaction.insert(self._state.projects, project.id, project, taken)

    @override
    def milestone(self, milestone: MilestoneId) -> Milestone:
        return get(self._state.milestones, milestone)

    @override
    def milestones(self, project: ProjectId) -> list[Milestone]:
        found = [m for m in self._state.milestones.values() if m.project == project]
        return sorted(found, key=lambda milestone: (milestone.planned_on, milestone.id))

    @override
    def add_milestone(self, milestone: Milestone) -> None:
        self._transaction.insert(self._state.milestones, milestone.id, milestone)

    @override
    def set_accepted(self, milestone: MilestoneId, accepted_on: date | None) -> None:
        if milestone not in self._state.milestones:
            raise Missing(milestone)
        self._state.milestones[milestone] = replace(
            self._state.milestones[milestone], accepted_on=accepted_on
        )
