"""One test for each way in which somebody else's points or ledger went wrong.

Each says whose issue it was and what happened there, in our words; the numbers are theirs where
they gave any.
"""

from datetime import timedelta

import pytest

from domain.errors import ShortOfPoints
from domain.ledger import Account
from domain.outcomes import Ending
from domain.programme import Programme
from domain.rules.model import DebtPolicy, Direction, Fixed, PerUnit
from domain.tiers import Tier, TierPolicy, level
from tests.support.book import Ledger, fold
from tests.support.counted import CountedLedger
from tests.support.fakes import START
from tests.support.make import a_rule, an_event

SOON = "issued -> C001 50 until 2026-12-31"
WORTH = PerUnit("amount", 1, 1)
LONG_AGO = START - timedelta(days=400)


def everything_is_somewhere(ledger: Ledger) -> None:
    """Assert that no point came from nowhere or went nowhere."""
    totals = fold(ledger.entries)
    wallet = ledger.wallet
    assert sum(totals.values()) == 0
    assert (wallet.available, wallet.debt) == (totals[Account.AVAILABLE], -totals[Account.DEBT])
    spendable = [lot.remaining for lot in ledger.lots.values() if not lot.is_pending]
    assert wallet.available == sum(spendable)


def test_erpnext_59050_points_of_any_origin_are_taken_when_they_are_spent() -> None:
    """frappe/erpnext#59050.

    The balance was checked over all entries, but only those of the same document type were
    consumed, so points earned one way could be spent again and again another.
    """
    ledger = Ledger()
    ledger.post(30)
    ledger.post(20, 10)
    ledger.write("hold 60")
    assert ledger.points() == (0, 0)
    assert sum(use.points for use in ledger.written[-1].takes) == 60
    before = ledger.lines()
    with pytest.raises(ShortOfPoints):
        ledger.write("hold 1")
    assert ledger.lines() == before


def test_odoo_257854_buying_and_returning_in_a_loop_mints_nothing() -> None:
    """odoo/odoo#257854, #238806 (and frappe/erpnext#32951).

    The points of an order stayed when the order was refunded, so buying and returning the same
    thing made points without end.
    """
    ledger = CountedLedger(a_rule("amount", formula=WORTH))
    for turn in range(1, 6):
        ledger.tells(an_event(data={"amount": 500}, source_id=f"order-{turn}"))
        ledger.takes_back(turn)
        assert ledger.points() == (0, 0)
    # Nor when the points are spent before the return: then they are owed.
    ledger.tells(an_event(data={"amount": 500}))
    ledger.write("hold 500", "settle 1")
    ledger.takes_back(6)
    assert ledger.points() == (0, 500)
    everything_is_somewhere(ledger)


def test_odoo_221570_a_rule_that_is_not_met_gives_nothing_and_takes_nothing() -> None:
    """odoo/odoo#221570.

    Below the minimum quantity the rule counted backwards and took points.
    """
    rule = a_rule("amount", formula=PerUnit("amount", 10, 5))
    ledger = CountedLedger(rule)
    for amount in (9, 0, -1, -100):
        assert ledger.tells(an_event(data={"amount": amount})) == []
    assert ledger.entries == []


def test_odoo_212922_a_return_charges_once() -> None:
    """odoo/odoo#212922, #221928.

    The points of a returned order were taken, and taken again.
    """
    ledger = CountedLedger(a_rule("amount", formula=WORTH))
    ledger.tells(an_event(data={"amount": 30}))
    ledger.tells(an_event(data={"amount": 20}, source_id="other"))
    ledger.takes_back(1)
    assert ledger.points() == (20, 0)
    assert [e.points for e in ledger.entries if e.reverses] == [30]


def test_flocafe_78_what_had_been_spent_is_not_spent_again_by_expiry() -> None:
    """FreeOpenSourcePOS/FloCafe#78.

    Expired credits left the sum by their date while the debits that had consumed them stayed in
    it, so that spent points were charged twice.
    """
    ledger = Ledger(SOON, "issued -> C001 40", "C001 -> penalties 50", "now 2027-01-01", "open")
    assert ledger.points() == (40, 0)
    assert "expiry" not in " ".join(ledger.lines())
    everything_is_somewhere(ledger)


def test_liberusoftware_1056_points_as_they_are_earned_expire() -> None:
    """liberusoftware/ecommerce-laravel#1056.

    The run that expires lots looked for a label which the code that earns points never wrote;
    its tests had made their rows by themselves.
    """
    ledger = CountedLedger(a_rule("amount", formula=WORTH, valid_months=1))
    ledger.tells(an_event(data={"amount": 30}))
    ledger.now += timedelta(days=60)
    ledger.sweep()
    assert ledger.points() == (0, 0)
    assert ledger.lines()[1:] == ["available -> expired 30 expiry"]


def test_sub2api_5191_a_refund_greater_than_the_balance_leaves_a_debt() -> None:
    """Wei-Shaw/sub2api#5191.

    A clawback took the smaller of refund and balance, and the rest was forgotten.
    """
    ledger = Ledger("issued -> C001 100", "hold 70", "settle 1", "undo 1")
    assert ledger.points() == (0, 70)
    assert sum(e.points for e in ledger.entries if e.reverses) == 100


@pytest.mark.parametrize(
    ("policy", "applied"),
    [
        (DebtPolicy.TAKE_AND_OWE, 50),
        (DebtPolicy.OWE_TO_FLOOR, 35),
        (DebtPolicy.REFUSE, 0),
        (DebtPolicy.ASK, 0),
    ],
)
def test_ruoyi_no_deduction_ends_in_silence(policy: DebtPolicy, applied: int) -> None:
    """YunaiV/ruoyi-vue-pro, createPointRecord.

    Where the balance would have become negative it wrote a line to the log and returned as if
    it had worked. (Odoo's expiry clamped at zero likewise.)
    """
    take = a_rule(
        "take",
        formula=Fixed(50),
        direction=Direction.DEDUCT,
        debt_policy=policy,
        debt_floor=5,
    )
    ledger = CountedLedger(take)
    ledger.write("issued -> C001 30")
    [outcome] = ledger.tells(an_event())
    assert (outcome.requested, outcome.applied) == (50, applied)
    assert (outcome.ending is Ending.APPLIED) is (outcome.shortfall == 0)
    assert '"requested":50' in ledger.told[0].counted.outcomes
    everything_is_somewhere(ledger)


def test_blnk_181_as_many_holds_as_there_are_points_and_no_more() -> None:
    """blnkfinance/blnk#181.

    On 5,000 five inflight debits of 1,000 and then a sixth were taken.
    """
    ledger = Ledger("issued -> C001 5000", *["hold 1000"] * 5)
    before = ledger.wallet
    with pytest.raises(ShortOfPoints):
        ledger.write("hold 1000")
    assert (ledger.wallet, ledger.points(), ledger.aside()) == (before, (0, 0), (5000, 0))


def test_blnk_183_of_a_posting_that_fails_nothing_is_kept() -> None:
    """blnkfinance/blnk#183.

    An atomic batch kept the legs before the one that failed.
    """
    ledger = Ledger("issued -> C001 50")
    before, lots = (ledger.wallet, ledger.lines()), dict(ledger.lots)
    book = ledger.open()
    book.deduct(20, ledger.cause("one"))
    with pytest.raises(ShortOfPoints):
        book.hold(31, ledger.cause("two"))
    assert (ledger.wallet, ledger.lines()) == before
    assert ledger.lots == lots


def test_midaz_2317_giving_back_never_leaves_points_beside_a_debt() -> None:
    """LerianStudio/midaz#2317.

    Cancelling what was pending left both points and a debt.
    """
    ledger = Ledger(SOON, "hold 50", "C001 -> penalties 30", "release 1")
    assert (ledger.points(), ledger.aside()) == ((20, 0), (0, 0))
    ledger.write("undo 2")
    assert ledger.points() == (50, 0)


def test_midaz_2429_what_was_decided_on_is_what_is_applied() -> None:
    """LerianStudio/midaz#2429.

    An overdraft was decided on one balance and applied to another; here a posting of several
    rules always sees what the ones before it have done.
    """
    takes = [
        a_rule(
            f"take-{n}",
            formula=Fixed(20),
            direction=Direction.DEDUCT,
            debt_policy=DebtPolicy.OWE_TO_FLOOR,
            debt_floor=10,
        )
        for n in range(3)
    ]
    ledger = CountedLedger(*takes)
    ledger.write("issued -> C001 30")
    assert [o.applied for o in ledger.tells(an_event())] == [20, 20, 0]
    assert ledger.points() == (0, 10)


@pytest.mark.parametrize("lines", [(), ("C001 -> penalties 20",)])
def test_midaz_2437_a_hold_never_makes_a_debt(lines: tuple[str, ...]) -> None:
    """LerianStudio/midaz#2437.

    Decided there, and here: only what is settled may be owed.
    """
    ledger = Ledger(*lines)
    before = (ledger.wallet, ledger.lines())
    with pytest.raises(ShortOfPoints):
        ledger.write("hold 1")
    assert (ledger.wallet, ledger.lines()) == before


def test_stack_1633_one_key_twice_in_one_go_is_two_places_of_one_posting() -> None:
    """formancehq/stack#1633.

    The same idempotency key twice in a batch crashed.
    """
    ledger = Ledger("C001 -> penalties 5")
    ledger.post(20, 20, -5)
    keys = [entry.key for entry in ledger.entries]
    assert len(set(keys)) == len(keys)
    assert ledger.points() == (30, 0)


def test_hyena_3_spending_beyond_expiring_the_wrong_and_lots_that_had_ended() -> None:
    """alphajiang/hyena#3.

    More could be spent than there was, lots that had ended already were taken in, and expiry
    emptied other lots than those that had ended.
    """
    ledger = Ledger("issued -> C001 10 until 2026-11-30", SOON, "issued -> C001 30")
    ledger.post(99, ends_at=ledger.now)
    assert ledger.points() == (90, 0)
    ledger.write("C001 -> penalties 5", "now 2026-12-01", "open")
    assert ledger.left() == {"2026-12-31": 50, "2028-11-30": 30}
    with pytest.raises(ShortOfPoints):
        ledger.write("hold 81")
    assert ledger.points() == (80, 0)


def test_setono_a_debit_never_takes_what_had_ended_though_nobody_had_booked_it() -> None:
    """Setono's loyalty plugin, LotReplayer.

    A debit could consume a lot past its date while its expiry was not written yet.
    """
    ledger = Ledger(SOON, "now 2027-01-01", "C001 -> penalties 20")
    assert ledger.points() == (0, 20)
    assert ledger.lines()[1:] == ["available -> expired 50 expiry", "debt -> penalties 20 penalty"]


def test_open_loyalty_131_a_tier_follows_what_was_earned_not_what_is_left() -> None:
    """DivanteLtd/open-loyalty#131.

    Spending points lost customers their level.
    """
    policy = TierPolicy((Tier("silver", "银卡", 100),))
    ledger = CountedLedger(
        a_rule("amount", formula=WORTH), programme=Programme(1, LONG_AGO, tiers=policy)
    )
    ledger.tells(an_event(data={"amount": 100}))
    ledger.write("hold 100", "settle 1", "C001 -> penalties 50")
    [month] = ledger.earned
    assert level(policy, ledger.earned, month) == 1
    assert ledger.points() == (0, 50)


def test_erpnext_12631_undoing_deletes_nothing() -> None:
    """frappe/erpnext.

    Cancelling an invoice removed its points by an SQL DELETE.
    """
    ledger = Ledger(SOON, "C001 -> penalties 20")
    before = list(ledger.written)
    ledger.write("undo 2", "undo 1")
    assert ledger.written[: len(before)] == before
    assert ledger.points() == (0, 0)


def test_erpnext_31509_points_are_whole_and_what_a_part_counts_is_said() -> None:
    """frappe/erpnext#31509.

    Whole points against a sum with a fraction left a rest nobody meant.
    """
    rule = a_rule("amount", formula=PerUnit("amount", 1_000_000, 10))
    ledger = CountedLedger(rule)
    [outcome] = ledger.tells(an_event(data={"amount": 1_999_999}))
    assert (outcome.requested, outcome.applied, outcome.shortfall) == (10, 10, 0)


def test_hordak_142_a_balance_is_what_the_last_entry_says() -> None:
    """adamcharnock/django-hordak#142.

    Totals kept beside the entries missed what was written while they were made. Here every
    entry carries the totals after it, sealed with it.
    """
    ledger = Ledger(SOON, "hold 10", "C001 -> penalties 60", "undo 2", "release 1")
    for count in range(1, len(ledger.entries) + 1):
        totals, last = fold(ledger.entries[:count]), ledger.entries[count - 1]
        assert last.available_after == totals[Account.AVAILABLE]
        assert last.held_after == totals[Account.HELD]
        assert last.debt_after == -totals[Account.DEBT]
    assert ledger.points() == (50, 0)
