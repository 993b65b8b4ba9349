"""Who there is: channels, accounts on them, members, customers and their projects."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from domain.channels import Channel, Identity, SessionState
from domain.customers import BindingTries, Contact, Customer, Invitation
from domain.ids import (
    ChannelId,
    ContactId,
    CustomerId,
    MemberId,
    MilestoneId,
    ProjectId,
)
from domain.members import Member, Role
from domain.projects import Milestone, Project


class Channels(Protocol):
    """Configured connections."""

    def get(self, channel: ChannelId) -> Channel:
        """Read one by its id; a missing one is a bug."""
        ...

    def all(self) -> list[Channel]:
        """List all of the tenant."""
        ...

    def customer_channel(self) -> Channel | None:
        """Find the channel customers use (the first 微信客服 account)."""
        ...

    def set_contact_url(self, channel: ChannelId, url: str) -> None:
        """Keep the link the platform has given."""
        ...

    def cursor(self, channel: ChannelId) -> str | None:
        """Read how far the channel's message log has been pulled."""
        ...

    def set_cursor(self, channel: ChannelId, cursor: str, *, after: str | None) -> bool:
        """Move the cursor on; False when it no longer stands at `after`: another was faster."""
        ...


class Identities(Protocol):
    """Accounts on channels."""

    def find(self, channel: ChannelId, external_id: str) -> Identity | None:
        """Find one, or None."""
        ...

    def of_member(self, member: MemberId) -> list[Identity]:
        """List a member's accounts."""
        ...

    def of_contact(self, contact: ContactId) -> list[Identity]:
        """List a contact's accounts."""
        ...

    def save(self, identity: Identity) -> None:
        """Insert or replace who the account belongs to and where alerts go, nothing else."""
        ...

    def heard_from(self, channel: ChannelId, external_id: str, at: datetime) -> None:
        """Note that the account wrote, making the identity if it is new.

        Opens the window and the allowance, lifts a block and begins an ended conversation again. An
        older message than the last one changes nothing.
        """
        ...

    def count_send(self, channel: ChannelId, external_id: str) -> None:
        """Use one message of the allowance."""
        ...

    def use_up_allowance(self, channel: ChannelId, external_id: str) -> None:
        """Believe the platform that the allowance is used up (95001, fail_type 6)."""
        ...

    def close_window(self, channel: ChannelId, external_id: str) -> None:
        """Believe the platform that the window is shut (95002, fail_type 4)."""
        ...

    def set_session(self, channel: ChannelId, external_id: str, session: SessionState) -> None:
        """Note who holds the conversation."""
        ...

    def block(self, channel: ChannelId, external_id: str, reason: str | None) -> None:
        """Note that the platform refuses the account for good; None lifts it."""
        ...

    def tries(self, channel: ChannelId, external_id: str) -> BindingTries:
        """Read the wrong codes typed so far."""
        ...

    def set_tries(self, channel: ChannelId, external_id: str, tries: BindingTries) -> None:
        """Keep the count of wrong codes."""
        ...


class Members(Protocol):
    """The firm's people."""

    def get(self, member: MemberId) -> Member:
        """Read one by its id; a missing one is a bug."""
        ...

    def with_role(self, role: Role) -> list[Member]:
        """List active members that have the role."""
        ...

    def add(self, member: Member) -> None:
        """Store a new one."""
        ...

    def all(self) -> list[Member]:
        """List all of the tenant."""
        ...


class Customers(Protocol):
    """Customers and their contacts."""

    def get(self, customer: CustomerId) -> Customer:
        """Read one by its id; a missing one is a bug."""
        ...

    def find_by_code(self, code: str) -> Customer | None:
        """Find one by the code people use; a merged one's code finds the record it went into."""
        ...

    def all(self) -> list[Customer]:
        """List all of the tenant but those merged into others."""
        ...

    def ever(self) -> list[Customer]:
        """List all of the tenant, those merged into others too."""
        ...

    def add(self, customer: Customer) -> None:
        """Store a new one."""
        ...

    def save(self, customer: Customer) -> None:
        """Change name, type and account manager of one; its code stays."""
        ...

    def segments(self, customer: CustomerId) -> tuple[str, ...]:
        """List the segments a customer belongs to, sorted."""
        ...

    def all_segments(self) -> tuple[str, ...]:
        """List the segments that any customer belongs to, sorted."""
        ...

    def set_segments(self, customer: CustomerId, segments: Iterable[str]) -> None:
        """Replace the segments a customer belongs to."""
        ...

    def contact(self, contact: ContactId) -> Contact:
        """Read one contact."""
        ...

    def lock_contact(self, contact: ContactId) -> Contact:
        """Read and lock one contact."""
        ...

    def contacts(self, customer: CustomerId) -> list[Contact]:
        """List active contacts by name."""
        ...

    def past_contacts(self, customer: CustomerId) -> list[Contact]:
        """List the contacts who have left, by name."""
        ...

    def add_contact(self, contact: Contact) -> None:
        """Store a new contact."""
        ...

    def change_contact(self, contact: Contact) -> None:
        """Store what a contact may do and whether the contact is still there, nothing else."""
        ...

    def add_invitation(self, invitation: Invitation) -> None:
        """Store a fresh invitation."""
        ...

    def find_invitation(self, code_hash: str) -> Invitation | None:
        """Find and lock an invitation."""
        ...

    def use_invitation(self, invitation: Invitation, now: datetime) -> bool:
        """Mark it used; False when somebody was faster."""
        ...

    def void_invitations(self, contact: ContactId, now: datetime) -> int:
        """Use up a contact's open invitations; give how many could still have been used."""
        ...


class Projects(Protocol):
    """Projects and milestones."""

    def get(self, project: ProjectId) -> Project:
        """Read one by its id; a missing one is a bug."""
        ...

    def find_by_code(self, code: str) -> Project | None:
        """Find one by the code people use."""
        ...

    def all(self) -> list[Project]:
        """List all of the tenant."""
        ...

    def of_customer(self, customer: CustomerId) -> list[Project]:
        """List a customer's projects."""
        ...

    def managed_by(self, member: MemberId) -> list[Project]:
        """List the projects a member manages."""
        ...

    def add(self, project: Project) -> None:
        """Store a new one."""
        ...

    def milestone(self, milestone: MilestoneId) -> Milestone:
        """Read and lock one milestone."""
        ...

    def milestones(self, project: ProjectId) -> list[Milestone]:
        """List milestones by planned date."""
        ...

    def add_milestone(self, milestone: Milestone) -> None:
        """Store a new milestone."""
        ...

    def set_accepted(self, milestone: MilestoneId, accepted_on: date | None) -> None:
        """Set the day of acceptance, or clear it."""
        ...
