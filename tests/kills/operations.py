"""Everything the engine does that writes more than one statement, as it is done from outside."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from domain.approvals import Verdict
from domain.errors import (
    AlreadyUndone,
    ApprovalClosed,
    ApprovalPending,
    ContactLeft,
    DomainError,
    DraftClosed,
    EventConflict,
    LotteryStands,
    MonthOutOfOrder,
    RedemptionClosed,
    RewardHasErrors,
    UnknownApproval,
    UnknownRule,
)
from domain.events import EventType
from domain.ids import ContactId, CustomerId, EventId, HoldId, MilestoneId, ProjectId, TicketId
from handlers.contract import Context
from handlers.incoming import Pressed, Said
from handlers.usecases.adjustments import ask_adjustment
from handlers.usecases.api_events import Told, take_event
from handlers.usecases.api_requests import Reply, Request, answer_once
from handlers.usecases.contacts import leave, set_rights
from handlers.usecases.decisions import decide, decide_draft, withdraw_for_contact
from handlers.usecases.drafts import submit_drafts
from handlers.usecases.holds import hold_points, refund_hold, release_hold, settle_hold
from handlers.usecases.imports import finish_undo, undo_part
from handlers.usecases.lotteries import close_lottery
from handlers.usecases.lottery_openings import approve_opening
from handlers.usecases.months import close_month
from handlers.usecases.points import book, undo
from handlers.usecases.publishing import withdraw_version
from handlers.usecases.redeeming import give_prize
from handlers.usecases.watching import report_conflict
from storage.db import reading
from tests.kills import mall, merging, notices
from tests.kills.life import Life
from tests.kills.lotteries import OF_BOXES, OF_POINTS, TO_OPEN, draw
from tests.kills.shelf import add_rewards, ask_for_reward
from tests.kills.voucher_world import PRIZE, REPLACED, press_use, take_back
from tests.kills.world import (
    ADJUSTMENT,
    COMING,
    DEDUCTION,
    GIFT,
    KEY,
    LARGE_GIFT,
    MISTAKE,
    NOW,
    REINSTATEMENT,
    SMALL_GIFT,
    a_fact,
    import_all,
)
from tests.support.gifts import confirms
from tests.support.make import an_event
from tests.support.stores import MAIN


@dataclass(frozen=True)
class Operation:
    """Something that is done once, however often it is tried."""

    does: Callable[[Life], object]
    parts: int = 1
    """In how many transactions, each whole in itself."""
    refused_again: type[DomainError] | None = None
    """What who tries again hears when it has been done."""
    goes_on: bool = False
    """Whether a new life looks for what is left, instead of going through all of it again."""
    spoils: str = ""
    """What somebody has done to the records before."""
    writes: tuple[str, ...] = ()
    """Tables it writes at the least, or it is no longer what it is called."""


def _event(life: Life) -> None:
    """Let C001 sign: a debt is paid, the year's cap bites, silver brings its gift."""

    def count(ctx: Context) -> None:
        event = an_event(
            id=EventId(ctx.ids.new()),
            source_id="HT-new",
            type=EventType.CONTRACT_SIGNED,
            project=None,
            occurred_at=NOW,
            recorded_at=NOW,
            data={"amount": 12_000_000},
        )
        book(ctx, event)

    life.acts(count)


def _event_of_api(life: Life) -> None:
    told = Told(
        "erp",
        "YS-1",
        EventType.MILESTONE_ACCEPTED,
        "C001",
        "P001",
        NOW,
        {"milestone": "主体验收", "planned_on": "2026-12-05", "accepted_on": "2026-12-01"},
    )

    def take(ctx: Context) -> Reply:
        return Reply(200, str(take_event(ctx, told).booked.points))

    life.acts(partial(answer_once, request=Request(KEY, "call-1", "5" * 64), answer=take))


def _record(life: Life) -> None:
    """Let the project manager confirm what was understood this morning."""
    with reading(life.store.database, MAIN) as db:
        [(ticket,)] = db.all("SELECT id FROM tickets WHERE tenant_id = :tenant AND kind = 'record'")
    life.hears("ding-li", Pressed(f"{TicketId(ticket)}:confirm"))


def _undo(ctx: Context) -> None:
    counted = ctx.work.events.find("erp", MISTAKE)
    assert counted is not None
    undo(ctx, counted.event)


def _hold(ctx: Context) -> None:
    end = NOW.replace(month=12, day=31)
    hold_points(ctx, HoldId("new"), CustomerId("C002"), 15, purpose="茶叶", expires_at=end)


def _approve(ctx: Context, number: int) -> None:
    found = ctx.work.approvals.find_number(number)
    assert found is not None
    decide(ctx, found.id, Verdict.APPROVE, "")


def _confirm(life: Life, points: int) -> None:
    """Let C014's contact confirm the gift of so many points that was previewed."""
    with life.store.reading(MAIN) as work:
        tickets = [work.tickets.find(one) for one in _previews(life)]
    [ticket] = [one.id for one in tickets if one and one.payload["points"] == str(points)]
    life.acts(partial(confirms, giver="C014", ticket=ticket))


def _previews(life: Life) -> list[TicketId]:
    with reading(life.store.database, MAIN) as db:
        rows = db.all("SELECT id FROM tickets WHERE tenant_id = :tenant AND kind = 'gift'")
    return [TicketId(ticket) for (ticket,) in rows]


def _withdraw_gift(ctx: Context) -> None:
    found = ctx.work.approvals.find_number(GIFT)
    assert found is not None
    withdraw_for_contact(ctx, found.id)


def _ask_for_points(ctx: Context) -> None:
    ask_adjustment(ctx, ctx.work.customers.get(CustomerId("C011")), 20, "渗水补偿")


def _undo_import(life: Life) -> None:
    """Take all of an import back that is left, newest first."""
    with life.store.reading(MAIN) as work:
        [batch] = work.batches.latest(9)
        events = work.events.of_batch(batch.id)
    if events:
        life.acts(partial(undo_part, events=events[::-1]))
    life.acts(partial(finish_undo, batch_id=batch.id))


def _give_voucher(ctx: Context) -> None:
    prize = ctx.work.rewards.get(PRIZE)
    give_prize(ctx, prize, 2, CustomerId("C001"), "draw:1")


NEW_LEDGER = (
    a_fact("XZ-1", "C001", amount=80_000_000),
    replace(
        a_fact(
            "XZ-2", "C001", milestone="主体验收", planned_on="2026-12-05", accepted_on="2026-11-30"
        ),
        type=EventType.MILESTONE_ACCEPTED,
        project=ProjectId("P001"),
        milestone=MilestoneId("P001/主体验收"),
    ),
)
"""What a file says whose second row accepts a milestone."""

EVERYTHING = (
    *("events", "wallets", "entries", "lots", "lot_uses", "cap_counters", "earned_months"),
    *("audit", "deliveries"),
)

OPERATIONS: dict[str, Operation] = {
    "event": Operation(_event, writes=EVERYTHING),
    "event of the api": Operation(_event_of_api),
    "record in chat": Operation(_record, parts=2),
    "undo": Operation(lambda life: life.acts(_undo), refused_again=AlreadyUndone),
    "hold": Operation(lambda life: life.acts(_hold)),
    "settle": Operation(lambda life: life.acts(partial(settle_hold, hold_id=HoldId("settled")))),
    "release": Operation(lambda life: life.acts(partial(release_hold, hold_id=HoldId("released")))),
    "refund": Operation(
        lambda life: life.acts(
            partial(refund_hold, hold=HoldId("bought"), points=7, part="cancelled")
        ),
        writes=("wallets", "entries", "lot_uses", "lots"),
    ),
    "maturity": Operation(lambda life: life.runs.mature(MAIN)),
    "expiry": Operation(lambda life: life.runs.lapse(MAIN), parts=2, goes_on=True),
    "holds out of time": Operation(lambda life: life.runs.release(MAIN), parts=2, goes_on=True),
    "notices of ends": Operation(lambda life: life.runs.notify(MAIN), parts=2, goes_on=True),
    "downgrades": Operation(lambda life: life.runs.downgrade(MAIN), parts=2, goes_on=True),
    "drift": Operation(
        lambda life: life.runs.reconcile(MAIN),
        spoils="UPDATE cap_counters SET times = times + 1 WHERE tenant_id = :tenant",
    ),
    "head of the day": Operation(Life.closes_day),
    "month": Operation(
        lambda life: life.acts(partial(close_month, asked="2026-10", by=None, findings=())),
        refused_again=MonthOutOfOrder,
    ),
    "adjustment asked for": Operation(
        lambda life: life.acts(_ask_for_points, "zhou"), refused_again=ApprovalPending
    ),
    "adjustment": Operation(
        lambda life: life.acts(partial(_approve, number=ADJUSTMENT), "zhao"),
        refused_again=ApprovalClosed,
    ),
    "reinstatement": Operation(
        lambda life: life.acts(partial(_approve, number=REINSTATEMENT), "zhang"),
        refused_again=ApprovalClosed,
    ),
    "deduction": Operation(
        lambda life: life.acts(partial(_approve, number=DEDUCTION), "zhang"),
        refused_again=ApprovalClosed,
    ),
    "gift": Operation(
        partial(_confirm, points=SMALL_GIFT),
        writes=(
            "gifts",
            "wallets",
            "entries",
            "lots",
            "lot_uses",
            "tickets",
            "audit",
            "deliveries",
        ),
    ),
    "large gift": Operation(
        partial(_confirm, points=LARGE_GIFT),
        writes=("gifts", "holds", "approvals", "wallets", "entries", "lot_uses", "deliveries"),
    ),
    "gift agreed to": Operation(
        lambda life: life.acts(partial(_approve, number=GIFT), "zhang"),
        refused_again=ApprovalClosed,
        writes=("gifts", "holds", "wallets", "entries", "lots", "audit", "deliveries"),
    ),
    "gift taken back": Operation(
        lambda life: life.acts(_withdraw_gift),
        writes=("gifts", "holds", "wallets", "entries", "lot_uses", "deliveries"),
    ),
    "approvals out of time": Operation(mall.run_out),
    "rule handed on": Operation(
        lambda life: life.acts(partial(submit_drafts, numbers=[2]), "zhou"),
        refused_again=DraftClosed,
    ),
    "rule published": Operation(
        lambda life: life.acts(
            partial(decide_draft, number=1, verdict=Verdict.APPROVE, note=""), "zhang"
        ),
        refused_again=ApprovalClosed,
    ),
    "rule withdrawn": Operation(
        lambda life: life.acts(partial(withdraw_version, code=COMING, version=2), "zhang"),
        refused_again=UnknownRule,
    ),
    "rewards added": Operation(
        lambda life: life.acts(add_rewards, "zhou"),
        refused_again=RewardHasErrors,
        writes=("rewards", "stocks", "stock_moves", "audit"),
    ),
    "rewards asked for": Operation(
        lambda life: life.acts(ask_for_reward, "zhou"),
        refused_again=ApprovalPending,
        writes=("approvals", "audit", "deliveries"),
    ),
    "conflict reported": Operation(
        lambda life: life.acts(partial(report_conflict, conflict=EventConflict("erp", "HT-2"))),
        writes=("alerts", "audit", "deliveries"),
    ),
    "right given": Operation(
        lambda life: life.acts(partial(set_rights, contact=ContactId("of-C013"), redeem=True)),
        writes=("contacts", "audit", "deliveries"),
    ),
    "contact left": Operation(
        lambda life: life.acts(partial(leave, contact=ContactId("of-C012"))),
        refused_again=ContactLeft,
        writes=("contacts", "identities", "tickets", "invitations", "audit"),
    ),
    "redemption given back": Operation(
        mall.refunded, refused_again=ApprovalClosed, writes=("redemptions", "entries", "stocks")
    ),
    "redemptions out of time": Operation(
        lambda life: life.runs.expire_redemptions(MAIN), writes=("redemptions", "holds", "stocks")
    ),
    "vouchers issued": Operation(
        lambda life: life.acts(_give_voucher),
        writes=("redemptions", "vouchers", "tickets", "audit", "deliveries"),
    ),
    "voucher used": Operation(
        press_use,
        parts=2,
        writes=("vouchers", "voucher_uses", "redemptions", "stocks", "audit", "deliveries"),
    ),
    "voucher use taken back": Operation(
        take_back,
        refused_again=ApprovalClosed,
        writes=("vouchers", "voucher_uses", "redemptions", "stocks", "stock_moves", "deliveries"),
    ),
    "codes replaced": Operation(
        lambda life: life.hears("ding-zhou", Said(f"补发券码 {REPLACED}")),
        parts=2,
        writes=("vouchers", "tickets", "audit", "deliveries"),
    ),
    "vouchers out of time": Operation(
        lambda life: life.runs.end_vouchers(MAIN),
        parts=2,
        goes_on=True,
        writes=("vouchers", "redemptions", "stocks", "audit"),
    ),
    "reminders of vouchers": Operation(
        lambda life: life.runs.remind_of_vouchers(MAIN),
        parts=2,
        goes_on=True,
        writes=("vouchers", "deliveries"),
    ),
    "redeem": Operation(
        mall.redeemed,
        writes=("redemptions", "stocks", "stock_moves", "holds", "entries", "tickets", "audit"),
    ),
    "redeemed over the api": Operation(mall.confirmed, writes=("redemptions", "holds")),
    "agreed to": Operation(mall.agreed, writes=("redemptions", "holds", "entries")),
    "redemption approved": Operation(mall.approved, refused_again=ApprovalClosed),
    "redemption declined": Operation(mall.declined, writes=("redemptions", "stocks")),
    "redemption cancelled": Operation(mall.cancelled, writes=("redemptions", "approvals")),
    "redemption undone": Operation(mall.undone, writes=("redemptions", "stocks", "lot_uses")),
    "handed over": Operation(
        mall.handed_over, refused_again=RedemptionClosed, writes=("redemptions", "stocks")
    ),
    "notices let go": Operation(
        lambda life: life.acts(notices.let_go),
        spoils=notices.HELD,
        writes=("deliveries", "delivery_attempts"),
    ),
    "draw of points": Operation(
        lambda life: draw(life, OF_POINTS),
        writes=("holds", "entries", "lots", "lotteries", "lottery_prizes", "draws", "tickets"),
    ),
    "draw of a reward": Operation(
        lambda life: draw(life, OF_BOXES),
        writes=("holds", "entries", "draws", "stocks", "stock_moves", "redemptions", "audit"),
    ),
    "lottery opened": Operation(
        lambda life: life.acts(partial(approve_opening, number=TO_OPEN), "zhang"),
        refused_again=UnknownApproval,
        writes=("lotteries", "stocks", "stock_moves", "approvals"),
    ),
    "lottery closed": Operation(
        lambda life: life.acts(partial(close_lottery, number=OF_BOXES), "zhou"),
        refused_again=LotteryStands,
        writes=("lotteries", "stocks", "stock_moves"),
    ),
    "lotteries out of time": Operation(
        lambda life: life.runs.close_lotteries(MAIN), writes=("lotteries", "stocks")
    ),
    "records merged": Operation(
        lambda life: merging.approved(life, merging.DOUBLE),
        refused_again=ApprovalClosed,
        writes=("entries", "lots", "customer_merges", "contacts", "projects", "earned_months"),
    ),
    "records parted": Operation(
        lambda life: merging.approved(life, merging.MERGED),
        refused_again=ApprovalClosed,
        writes=("entries", "lots", "customer_merges", "contacts", "projects", "earned_months"),
    ),
    "import": Operation(lambda life: import_all(life, NEW_LEDGER), parts=2),
    "import undone": Operation(_undo_import, parts=2, goes_on=True),
}
