"""The ledger against the auditor: any sequence of awards, penalties, undos and passing days."""

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.ledger import GENESIS, Account, Reason, entry_hash
from domain.posting import lot_end
from tests.domain.auditor import Auditor
from tests.support.book import LIFE_MONTHS, Ledger, fold

POINTS = st.integers(1, 12)
MOVES = st.lists(st.one_of(POINTS, POINTS.map(int.__neg__)), min_size=1, max_size=3)


class LedgerMachine(RuleBasedStateMachine):
    """Does the same to both and compares everything after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.auditor = Auditor()
        self.undone: set[int] = set()

    @rule(moves=MOVES, days=st.integers(-3, 30))
    def post(self, moves: list[int], days: int) -> None:
        ends_at = self.ledger.now + timedelta(days=days)
        self.ledger.post(*moves, ends_at=ends_at)
        self.auditor.post(moves, ends_at, self.ledger.now)

    @precondition(lambda self: len(self.undone) < len(self.auditor.postings))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        left = sorted(set(range(len(self.auditor.postings))) - self.undone)
        number = data.draw(st.sampled_from(left), "posting")
        self.undone.add(number)
        self.ledger.undo(number + 1)
        self.auditor.undo(number, lot_end(self.ledger.now, LIFE_MONTHS), self.ledger.now)

    @rule(days=st.integers(1, 20))
    def let_days_pass(self, days: int) -> None:
        self.ledger.now += timedelta(days=days)
        self.auditor.lapse(self.ledger.now)

    @rule()
    def sweep(self) -> None:
        self.ledger.sweep()

    @invariant()
    def both_hold_the_same(self) -> None:
        live = Counter(
            {
                number: lot.remaining
                for number, lot in enumerate(self.ledger.lots.values(), 1)
                if lot.remaining and lot.expires_at > self.ledger.now
            }
        )
        assert live == Counter(token.lot for token in self.auditor.tokens)
        assert self.ledger.wallet.debt == self.auditor.debt

    @invariant()
    def the_wallet_is_the_sum_of_its_entries_and_of_its_lots(self) -> None:
        wallet, totals = self.ledger.wallet, fold(self.ledger.entries)
        assert sum(totals.values()) == 0
        assert wallet.available == totals[Account.AVAILABLE]
        assert wallet.available == sum(lot.remaining for lot in self.ledger.lots.values())
        assert wallet.debt == -totals[Account.DEBT]
        assert (wallet.held, wallet.pending) == (0, 0)
        assert wallet.available >= 0
        assert wallet.debt >= 0
        assert not (wallet.available and wallet.debt)

    @invariant()
    def every_point_earned_is_somewhere(self) -> None:
        totals = fold(self.ledger.entries)
        earned = -totals[Account.ISSUED]
        spent = totals[Account.PENALTIES] + totals[Account.EXPIRED]
        assert earned == spent + self.ledger.wallet.available - self.ledger.wallet.debt

    @invariant()
    def every_movement_names_its_lots(self) -> None:
        for written in self.ledger.written:
            entry = written.entry
            taken = sum(use.points for use in written.takes)
            given = sum(use.points for use in written.gives_back)
            opened = written.opens.points if written.opens else 0
            assert taken == (entry.points if entry.debit is Account.AVAILABLE else 0)
            assert given + opened == (entry.points if entry.credit is Account.AVAILABLE else 0)

    @invariant()
    def nothing_is_undone_by_more_or_less_than_it_was(self) -> None:
        undone: Counter[str] = Counter()
        for entry in self.ledger.entries:
            if entry.reverses:
                undone[entry.reverses] += entry.points
        expected = {
            written.entry.id: written.entry.points
            for number in self.undone
            for written in self.ledger.postings[number]
        }
        assert undone == expected

    @invariant()
    def the_chain_holds(self) -> None:
        previous = GENESIS
        for seq, entry in enumerate(self.ledger.entries, 1):
            assert (entry.seq, entry.previous, entry.hash) == (seq, previous, entry_hash(entry))
            previous = entry.hash
        assert (self.ledger.wallet.seq, self.ledger.wallet.head) == (
            len(self.ledger.entries),
            previous,
        )

    @invariant()
    def keys_of_entries_are_their_own(self) -> None:
        keys = [entry.key for entry in self.ledger.entries]
        assert len(set(keys)) == len(keys)
        assert all(e.cause.event is None for e in self.ledger.entries if e.reason is Reason.EXPIRY)


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=100, stateful_step_count=25)
