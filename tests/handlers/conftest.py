"""The firm the handler tests happen in.

滨江置业 (C001, looked after by sun) has the projects 滨江一期 and 滨江二期, managed by li, and the
contact wang; 城南建设 (C002, looked after by nobody) has 城南广场, managed by ma, and the contact
chen. zhang and zhao are supervisors, zhou does finance, fang service, qian is the admin. Customers
write on 微信客服; members on DingTalk, zhang also on WeCom, where the alerts go.
"""

from datetime import UTC, date, datetime

import pytest

from domain.members import Role
from domain.repositories import Publication
from domain.starter import starter_rules
from tests.support.chat import Chat
from tests.support.fakes import START, FakeClock, FakeStore, SequenceIds
from tests.support.make import (
    a_contact,
    a_customer,
    a_member,
    a_milestone,
    a_project,
)
from tests.support.stores import APP, DING, KF, MAIN, clock, fake_store, ids

__all__ = ["clock", "fake_store", "ids"]

MEMBERS = {
    "li": Role.PROJECT_MANAGER,
    "ma": Role.PROJECT_MANAGER,
    "sun": Role.SALES,
    "fang": Role.SERVICE,
    "zhou": Role.FINANCE,
    "zhang": Role.SUPERVISOR,
    "zhao": Role.SUPERVISOR,
    "qian": Role.ADMIN,
}
PLANS = [
    ("P001", "主体验收", date(2026, 11, 25)),
    ("P001", "竣工验收", date(2027, 6, 30)),
    ("P002", "主体验收", date(2026, 11, 1)),
    ("P003", "主体验收", date(2026, 11, 30)),
]


@pytest.fixture
def chat(fake_store: FakeStore, clock: FakeClock, ids: SequenceIds) -> Chat:
    """Build the firm; nobody has said anything yet."""
    made = Chat(fake_store, clock, ids)
    with fake_store.work(MAIN) as work:
        for name, role in MEMBERS.items():
            work.members.add(a_member(name, role))
        work.customers.add(a_customer("C001", "滨江置业", "sun"))
        work.customers.add(a_customer("C002", "城南建设"))
        work.customers.add_contact(a_contact("wang", "C001"))
        work.customers.add_contact(a_contact("chen", "C002", phone=None))
        work.projects.add(a_project("P001", "滨江一期", "C001", "li"))
        work.projects.add(a_project("P002", "滨江二期", "C001", "li"))
        work.projects.add(a_project("P003", "城南广场", "C002", "ma"))
        for project, name, planned_on in PLANS:
            work.projects.add_milestone(a_milestone(project, name, planned_on))
        for rule in starter_rules(datetime(2001, 1, 1, tzinfo=UTC)):
            work.rules.add(rule, Publication(START))
        work.commit()
    for name in MEMBERS:
        made.joins(name, DING, f"ding-{name}", member=name)
    made.joins("zhang@app", APP, "zhang", member="zhang", is_alerted=True)
    made.joins("wang", KF, "wm-wang", contact="wang")
    made.joins("chen", KF, "wm-chen", contact="chen")
    return made


@pytest.fixture
def unit(chat: Chat) -> Chat:
    """Give wang's unit a second person with two accounts, who sees but does not redeem."""
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("李四", phone="13900139000", may_redeem=False))
        work.commit()
    chat.joins("lisi", KF, "wm-lisi", contact="李四")
    chat.joins("lisi@2", KF, "wm-lisi-2", contact="李四")
    return chat


@pytest.fixture
def two_phones(chat: Chat) -> Chat:
    """Give 滨江置业 a second contact, lin; all three contacts have just written."""
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("lin", "C001"))
        work.commit()
    chat.joins("lin", KF, "wm-lin", contact="lin")
    for who in ("lin", "chen", "wang"):
        chat.says(who, "余额")
    return chat
