"""Setting up a firm: everything is written once, with an audit note."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from domain.channels import ChannelKind
from domain.errors import CodeTaken, UnknownMember
from domain.ids import MemberId
from domain.members import Member, Role
from domain.starter import starter_rules
from handlers.usecases import setup
from handlers.views import BoundMember
from tests.support.chat import Account, Chat
from tests.support.fakes import START, FakeClock, FakeStore, SequenceIds
from tests.support.stores import DING, KF, MAIN


def empty(fake_store: FakeStore, clock: FakeClock, ids: SequenceIds) -> Chat:
    return Chat(fake_store, clock, ids)


def test_a_firm_is_built_and_every_step_is_audited(
    fake_store: FakeStore, clock: FakeClock, ids: SequenceIds
) -> None:
    chat = empty(fake_store, clock, ids)

    def build(ctx: Any) -> None:
        sun = setup.add_member(ctx, "孙", [Role.SALES, Role.ADMIN])
        setup.give_account(ctx, sun, DING, ChannelKind.DINGTALK, "ding-sun", is_alerted=True)
        customer = setup.add_customer(ctx, "C001", "滨江置业", sun.id)
        setup.add_contact(ctx, customer, "王", "13800138000")
        project = setup.add_project(ctx, "P001", "滨江一期", customer, sun.id)
        setup.add_milestone(ctx, project, "主体验收", date(2026, 11, 25))

    chat.acts(build)
    rows = fake_store.committed(MAIN)
    [sun] = rows.members.values()
    [customer] = rows.customers.values()
    [contact] = rows.contacts.values()
    [project] = rows.projects.values()
    [milestone] = rows.milestones.values()
    identity = rows.identities[DING, "ding-sun"]
    assert (sun.name, sorted(sun.roles), sun.is_active) == ("孙", ["admin", "sales"], True)
    assert (customer.code, customer.name, customer.account_manager) == ("C001", "滨江置业", sun.id)
    assert (contact.customer, contact.name, contact.phone) == (customer.id, "王", "13800138000")
    assert (project.code, project.customer, project.manager) == ("P001", customer.id, sun.id)
    assert (milestone.project, milestone.planned_on) == (project.id, date(2026, 11, 25))
    assert (identity.member, identity.is_alerted, identity.contact) == (sun.id, True, None)
    assert [(note.action, note.actor, note.after) for note in rows.audit.values()] == [
        ("member_added", "system", {"roles": ["admin", "sales"]}),
        ("account_bound", "system", {"member": sun.id}),
        ("customer_added", "system", {"code": "C001"}),
        (
            "contact_added",
            "system",
            {"customer": customer.id, "may_see": True, "may_redeem": True},
        ),
        ("project_added", "system", {"code": "P001"}),
        ("milestone_added", "system", {"on": "2026-11-25"}),
    ]


def test_an_invited_member_binds_with_the_code(chat: Chat) -> None:
    code = chat.acts(
        lambda ctx: setup.invite_member(ctx, setup.add_member(ctx, "周", [Role.FINANCE]))
    )
    chat.accounts["zhou2"] = Account(DING, "ding-zhou2")
    assert chat.says("zhou2", f"绑定 {code}") == BoundMember("周", ("finance",))
    assert chat.actions() == ["member_added", "member_invited", "account_bound"]


def test_a_members_code_does_not_stand_in_any_row(chat: Chat) -> None:
    code = chat.acts(
        lambda ctx: setup.invite_member(ctx, setup.add_member(ctx, "周", [Role.FINANCE]))
    )
    assert code not in repr(chat.state())
    assert chat.says("mo", code) != BoundMember("周", ("finance",))
    assert chat.store.committed(MAIN).identities[KF, "wm-mo"].member is None


def test_a_new_tenant_gets_the_starter_rules_and_keeps_its_own_afterwards(
    fake_store: FakeStore, clock: FakeClock, ids: SequenceIds
) -> None:
    chat = empty(fake_store, clock, ids)
    chat.acts(lambda ctx: setup.publish_starter_rules(ctx, START))
    expected = sorted(starter_rules(START), key=lambda rule: rule.code)
    assert list(fake_store.committed(MAIN).rules.values()) != []
    with fake_store.reading(MAIN) as work:
        assert [one.rule for one in work.rules.published()] == expected
    before = chat.state()
    chat.acts(lambda ctx: setup.publish_starter_rules(ctx, START))
    assert chat.state() == before
    assert chat.actions() == ["rule_published"] * len(expected)


@pytest.mark.parametrize("what", ["customer", "project"])
def test_a_code_is_given_once(chat: Chat, what: str) -> None:
    def again(ctx: Any) -> None:
        [customer, *_] = ctx.work.customers.all()
        if what == "customer":
            setup.add_customer(ctx, customer.code, "别家", None)
        else:
            setup.add_project(ctx, "P001", "别的", customer, None)

    before = chat.state()
    with pytest.raises(CodeTaken) as refusal:
        chat.acts(again)
    code = {"customer": "C001", "project": "P001"}[what]
    assert refusal.value.details() == {"what": what, "asked": code}
    assert chat.state() == before


def test_a_member_is_found_by_a_name_that_one_person_here_has(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        for number, name in enumerate(("twin", "twin", "gone")):
            member = Member(MemberId(f"m-{number}"), name, frozenset(), is_active=name != "gone")
            work.members.add(member)
        work.commit()

    assert chat.acts(lambda ctx: setup.member_named(ctx, "li")).id == "li"
    for name, found in (("nobody", 0), ("gone", 0), ("twin", 2)):
        with pytest.raises(UnknownMember) as refusal:
            chat.acts(partial(setup.member_named, name=name))
        assert refusal.value.details() == {"asked": name, "found": found}
