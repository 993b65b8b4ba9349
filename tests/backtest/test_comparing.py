"""Whatever field of an entry, its lot or its outcomes differs, the step is not the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.ids import CustomerId, EntryId, LotId
from domain.ledger import Account, Reason
from domain.lots import LotUse
from domain.posting import Move
from domain.replay.comparing import FIELDS, FORM_OF_FIRST, differences, is_same
from domain.replay.recorded import Own, RecordedLot, RecordedMove
from domain.replay.worlds import Played
from tests.support.fakes import START
from tests.support.make import a_cause, a_lot

C001 = CustomerId("C001")
USES = (LotUse(LotId("lot"), 3),)
CAUSE = a_cause(corrects="2026-10", note="approval:1")
LOT = a_lot("lot", 7, START + timedelta(days=9))
MOVE = Move(
    id=EntryId("entry"),
    debit=Account.ISSUED,
    credit=Account.AVAILABLE,
    points=7,
    reason=Reason.AWARD,
    cause=CAUSE,
    place=0,
    opens=LOT,
    takes=USES,
    gives_back=USES,
    matures=USES[0],
    reverses=EntryId("reversed"),
    reversal_part=1,
    qualifying=7,
    available=7,
    held=1,
    pending=2,
    debt=0,
)
OF_LOT = ("id", "points", "earned_at", "expires_at", "matures_at")


def recorded(**changes: Any) -> Own:
    """Record what `MOVE` has done, with something changed."""
    of_cause = {name: getattr(CAUSE, name) for name in FIELDS if hasattr(CAUSE, name)}
    of_move = {name: getattr(MOVE, name) for name in FIELDS if hasattr(MOVE, name)}
    lot = RecordedLot(**{name: getattr(LOT, name) for name in OF_LOT})
    fields = of_cause | of_move | {"customer": C001, "seq": 1, "qualifying": 7, "form": 2}
    move = RecordedMove(**(fields | {"opens": lot} | changes))
    return Own(START, "own", C001, [move])


def test_what_came_out_as_it_was_recorded_is_the_same() -> None:
    step, played = recorded(), Played([MOVE])
    assert is_same(step, played)
    assert list(differences(step, played)) == []


@pytest.mark.parametrize("field", [*FIELDS, "qualifying"])
def test_every_field_that_is_named_is_compared(field: str) -> None:
    step, played = recorded(**{field: "other"}), Played([MOVE])
    assert not is_same(step, played)
    assert [one.field for one in differences(step, played)] == [field]


@pytest.mark.parametrize("field", OF_LOT)
def test_every_field_of_the_lot_is_compared(field: str) -> None:
    lot = RecordedLot(**{name: getattr(LOT, name) for name in OF_LOT} | {field: "other"})
    step, played = recorded(opens=lot), Played([MOVE])
    assert not is_same(step, played)
    assert [one.field for one in differences(step, played)] == [f"lot.{field}"]


def test_a_lot_on_one_side_only_is_a_difference() -> None:
    step = recorded(opens=None)
    assert not is_same(step, Played([MOVE]))
    assert not is_same(recorded(), Played([replace(MOVE, opens=None)]))
    assert is_same(step, Played([replace(MOVE, opens=None)]))


def test_an_entry_on_one_side_only_is_a_difference() -> None:
    assert not is_same(recorded(), Played([]))
    assert not is_same(recorded(), Played([MOVE, MOVE]))


def test_entries_of_the_first_form_did_not_say_what_counts_for_a_tier() -> None:
    assert is_same(recorded(qualifying=0, form=FORM_OF_FIRST), Played([MOVE]))
