"""A firm on the first of a month, ten in the morning, when everything is due.

C001 owes points, has some that mature today, and is short of a tier and of a cap. C002 holds points
for several things and was given some by mistake. C003 to C007 have points that have ended, C008 and
C009 some that can be spent from now on. C010 has lost points, C011 is to get some by hand and had
some imported, C012 is to be fined, C013 loses a tier now and points soon. C014 has looked at a
small and a large gift to C015, who owes points, and waits for a third to be agreed to.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from domain.adjustments import move_by_hand
from domain.channels import Channel, Identity
from domain.events import EventType, EventValue
from domain.ids import (
    ApiKeyId,
    BacktestId,
    ChannelId,
    ContactId,
    CustomerId,
    EventId,
    HoldId,
    MemberId,
)
from domain.members import Role
from domain.programme import Programme
from domain.repositories import Batch, Publication
from domain.rules.model import Cap, Scope, Window
from domain.starter import starter_rules
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context
from handlers.incoming import Said
from handlers.usecases.adjustments import ask_adjustment
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.downgrades import DOWNGRADES_RUN
from handlers.usecases.drafts import find_draft, note_backtest, save_draft, submit_drafts
from handlers.usecases.holds import refund_hold, settle_hold
from handlers.usecases.imports import Fact, import_part, start_import
from handlers.usecases.points import book
from handlers.usecases.reinstatements import ask_reinstatement
from storage.channels import ChannelConfig
from tests.handlers.approval_steps import acting_as
from tests.handlers.expiring import at
from tests.handlers.rule_steps import AMOUNTS
from tests.kills import mall
from tests.kills.life import Life
from tests.kills.lotteries import hold_lotteries
from tests.kills.merging import have_doubles
from tests.kills.voucher_world import buy_vouchers, show_preview, use_by_mistake
from tests.support import firm as rules
from tests.support.firm import BEGIN, Firm
from tests.support.gifts import gives, previews
from tests.support.make import (
    a_contact,
    a_customer,
    a_member,
    a_milestone,
    a_project,
    an_api_key,
    an_event,
    an_identity,
)
from tests.support.stores import APP, DING, KF, KINDS, MAIN

NOW = at("2026-12-01")
PAST, YESTERDAY = at("2026-11-22"), at("2026-11-30")
JUST_TOO_LATE = at("2026-11-28", "09:00")
"""What waits since then for somebody's yes has waited for too long."""
ENDED = at("2024-11-10")
"""What was earned then has ended last night."""
CUSTOMERS = [f"C{number:03d}" for number in range(1, 16)]
TOLD = ("C001", "C010", "C011", "C012", "C013", "C014", "C015")
"""Customers with somebody who is told."""
MEMBERS = {
    "zhang": Role.SUPERVISOR,
    "zhao": Role.SUPERVISOR,
    "zhou": Role.FINANCE,
    "li": Role.PROJECT_MANAGER,
    "fang": Role.SERVICE,
}
TIERS = TierPolicy((Tier("silver", "银级", 100, percent=120, gift=7),))
YEAR_CAP = Cap(Scope.CUSTOMER, Window.YEAR, points=105)
KEY = ApiKeyId("0" * 26)
MISTAKE = "HT-mistaken"
"""The source id of what was told of C002 by mistake."""
COMING = rules.CAPPED.code
"""The rule whose second version begins next year."""
ADJUSTMENT, REINSTATEMENT, DEDUCTION, GIFT = 2, 3, 4, 6
"""The numbers of what waits for a decision."""
SMALL_GIFT, LARGE_GIFT = 300, 1_200


def a_fact(source_id: str, customer: str, **data: EventValue) -> Fact:
    """Make a contract as a row of a file says it."""
    return Fact(
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId(customer),
        project=None,
        contact=None,
        on=date(2026, 11, 20),
        data=dict(data),
        source_id=source_id,
        evidence="台账.csv",
    )


def import_all(life: Life, facts: Sequence[Fact]) -> None:
    """Import the facts of a file, as an import of one part does."""
    begun: list[Batch] = []

    def begin(ctx: Context) -> None:
        begun.append(start_import(ctx, "台账.csv", facts[0].source_id, len(facts)))

    life.acts(begin)
    life.acts(partial(import_part, batch=begun[-1].id, facts=facts))


def build(life: Life) -> None:
    """Let the firm get there, in an empty database."""
    life.store.add_tenant(MAIN, MAIN)
    for channel, kind in KINDS.items():
        life.store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), f"account-{channel}"))
    firm = Firm(life.store, life.clock, life.ids)
    life.clock.at = PAST
    firm.acts(_people)
    firm.acts(_rules)
    _earn(firm)
    _hold(firm)
    buy_vouchers(firm)
    firm.acts(lambda ctx: ctx.work.runs.reach(DOWNGRADES_RUN, "2026-11", ctx.now))
    firm.acts(lambda ctx: _ask(ctx, "C003", 5))
    firm.acts(mall.open_mall)
    firm.signs(300, mall.CUSTOMER)
    life.clock.at = JUST_TOO_LATE
    mall.buy_late(life)
    life.clock.at = YESTERDAY
    _ask_for_everything(firm)
    old = (a_fact("JZ-1", "C011", amount=20_000_000), a_fact("JZ-2", "C012", amount=10_000_000))
    import_all(life, old)
    mall.buy(life)
    life.clock.at = NOW - timedelta(minutes=5)
    hold_lotteries(firm)
    life.clock.at = NOW
    for points in SMALL_GIFT, LARGE_GIFT:
        firm.acts(partial(previews, giver="C014", receiver="C015", points=points))
    mall.look_at_more(life)
    use_by_mistake(firm)
    life.hears("ding-li", Said("记录 滨江一期 主体验收 昨天 验收通过"), source="record")
    show_preview(life)
    have_doubles(firm)


def _people(ctx: Context) -> None:
    work = ctx.work
    for name, role in MEMBERS.items():
        work.members.add(a_member(name, role))
        work.identities.save(_account(DING, f"ding-{name}", name))
    work.identities.save(replace(_account(APP, "zhang", "zhang"), is_alerted=True))
    for code in CUSTOMERS:
        work.customers.add(a_customer(code, f"客户{code}"))
    for code in TOLD:
        work.customers.add_contact(a_contact(f"of-{code}", code, may_redeem=code != "C013"))
        work.identities.save(
            an_identity(
                channel=KF,
                external_id=f"wm-{code}",
                contact=ContactId(f"of-{code}"),
                last_inbound_at=NOW - timedelta(hours=1),
            )
        )
    work.projects.add(a_project("P001", "滨江一期", "C001", "li"))
    work.projects.add_milestone(a_milestone("P001", "主体验收", date(2026, 12, 5)))
    work.api_keys.add(an_api_key(id=KEY))


def _account(channel: ChannelId, external_id: str, member: str) -> Identity:
    return Identity(channel, KINDS[channel], external_id, member=MemberId(member))


def _rules(ctx: Context) -> None:
    for rule in (*starter_rules(BEGIN), rules.CAPPED, rules.PENDING, rules.ASKING):
        ctx.work.rules.add(rule, Publication(ctx.now))
    coming = replace(rules.CAPPED, version=2, effective_from=NOW.replace(year=NOW.year + 1))
    ctx.work.rules.add(coming, Publication(ctx.now))
    programme = Programme(1, BEGIN, tiers=TIERS, caps=(YEAR_CAP,))
    ctx.work.rules.add_programme(programme, Publication(ctx.now))


def _earn(firm: Firm) -> None:
    firm.complains("C001")
    firm.complains("C001")
    firm.complains("C015")
    firm.acts(_pour)
    firm.has(EventType.CHECK_IN, "C001")
    firm.has(EventType.CHECK_IN, "C001")
    for customer in ("C001", "C008", "C009"):
        firm.has(EventType.SURVEY_COMPLETED, customer)
    for customer in ("C002", "C003", "C004", "C005", "C006", "C007"):
        firm.signs(100, customer, on=ENDED)
    firm.acts(_tell_by_mistake)
    firm.signs(60, "C010", on=at("2024-10-10"))
    firm.catches_up("C010")
    firm.signs(200, "C013", on=at("2025-12-15"))
    firm.signs(10, "C013", on=at("2024-12-10"))


def _pour(ctx: Context) -> None:
    """Give C014 more points than a rule's cap lets through, in lots of two ends."""
    opened = open_book(ctx, CustomerId("C014"))
    for points, end in ((500, at("2027-01-01")), (9_000, at("2028-01-01"))):
        cause = machine_cause(ctx, f"poured:{points}", ctx.now)
        move_by_hand(opened, points, cause, expires_at=end)
    store_books(ctx, [opened], {})


def _tell_by_mistake(ctx: Context) -> None:
    mistaken = an_event(
        id=EventId(ctx.ids.new()),
        source_id=MISTAKE,
        type=EventType.CONTRACT_SIGNED,
        customer=CustomerId("C002"),
        project=None,
        occurred_at=ctx.now,
        recorded_at=ctx.now,
        data={"amount": 3_000_000},
    )
    book(ctx, mistaken)


def _hold(firm: Firm) -> None:
    for name, points in (("settled", 20), ("released", 30), ("late-1", 5), ("late-2", 5)):
        days = 8 if name.startswith("late") else 60
        firm.holds(points, name, until=PAST + timedelta(days=days), customer="C002")
    firm.holds(10, "bought", until=PAST + timedelta(days=60), customer="C002")
    firm.acts(partial(settle_hold, hold_id=HoldId("bought")))
    firm.acts(partial(refund_hold, hold=HoldId("bought"), points=2, part="one came broken"))


def _ask_for_everything(firm: Firm) -> None:
    firm.acts(lambda ctx: _ask(ctx, "C011", 50))
    firm.acts(
        lambda ctx: ask_reinstatement(
            acting_as(ctx, "zhou"), ctx.work.customers.get(CustomerId("C010")), "通知没有送到"
        )
    )
    firm.has(EventType.REVIEW_SUBMITTED, "C012", stars=1)
    for number, code in enumerate(("contract-amount", "contract-amount-2"), 1):
        firm.acts(partial(_draft, number=number, code=code))
    firm.acts(lambda ctx: submit_drafts(acting_as(ctx, "zhou"), [1]))
    firm.acts(partial(gives, giver="C014", receiver="C015", points=1_100))


def _ask(ctx: Context, customer: str, points: int) -> None:
    found = ctx.work.customers.get(CustomerId(customer))
    ask_adjustment(acting_as(ctx, "zhou"), found, points, "补偿")


def _draft(ctx: Context, number: int, code: str) -> None:
    save_draft(acting_as(ctx, "zhou"), AMOUNTS | {"code": code})
    note_backtest(ctx, number, BacktestId("bt"), find_draft(ctx, str(number)).says)
