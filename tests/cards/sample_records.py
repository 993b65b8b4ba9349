"""Examples of the views of projects and of logging a delivery event."""

from dataclasses import replace

from handlers.contract import View
from handlers.views import (
    ProjectLine,
    ProjectList,
    RecordCancelled,
    RecordDone,
    RecordPreview,
    UndoDone,
    UndoPreview,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CUSTOMER,
    LONG_CUSTOMER,
    LONG_MILESTONE,
    LONG_NOTE,
    LONG_NUMBER,
    LONG_PERSON,
    LONG_PROJECT,
    MANAGER,
    MILESTONE,
    PROJECT,
    TICKET,
)


def _preview(days_late: int, points: int, note: str = "") -> RecordPreview:
    return RecordPreview(
        ticket=TICKET,
        project=PROJECT,
        customer=CUSTOMER,
        milestone=MILESTONE,
        planned_on="2026-11-20",
        accepted_on=f"2026-11-{20 + days_late}",
        days_late=days_late,
        points=points,
        note=note,
    )


def _done(days_late: int, points: int, debt: int, notice: str) -> RecordDone:
    return RecordDone(
        project=PROJECT,
        customer=CUSTOMER,
        milestone=MILESTONE,
        accepted_on=f"2026-11-{20 + days_late}",
        days_late=days_late,
        points=points,
        available_after=0 if debt else 130,
        debt_after=debt,
        notice=notice,
        recorded_by=MANAGER,
        recorded_at=AFTERNOON,
    )


RECORDS: dict[str, View] = {
    "record_preview.normal": _preview(-1, 50, "监理在场"),
    "record_preview.late": _preview(3, -20),
    "record_preview.worthless": _preview(0, 0),
    "record_preview.capped": replace(_preview(-1, 20), short=30),
    "record_preview.twin": replace(
        _preview(0, 50, "监理在场"), twin_at=AFTERNOON, twin_source="erp"
    ),
    "record_preview.longest": RecordPreview(
        ticket=TICKET,
        project=LONG_PROJECT,
        customer=LONG_CUSTOMER,
        milestone=LONG_MILESTONE,
        planned_on="2024-11-20",
        accepted_on="2026-11-21",
        days_late=731,
        points=-LONG_NUMBER,
        note=LONG_NOTE,
        short=LONG_NUMBER,
        twin_at=AFTERNOON,
        twin_source="s" * 64,
    ),
    "record_done.normal": _done(-1, 50, 0, "pushed"),
    "record_done.debt": _done(3, -20, 15, "by_hand"),
    "record_done.nobody": _done(0, 0, 0, "nobody"),
    "record_done.unseen": _done(0, 0, 0, "unseen"),
    "record_done.longest": RecordDone(
        project=LONG_PROJECT,
        customer=LONG_CUSTOMER,
        milestone=LONG_MILESTONE,
        accepted_on="2026-11-21",
        days_late=731,
        points=-LONG_NUMBER,
        available_after=0,
        debt_after=LONG_NUMBER,
        notice="by_hand",
        recorded_by=LONG_PERSON,
        recorded_at=AFTERNOON,
    ),
    "record_cancelled.normal": RecordCancelled(PROJECT, MILESTONE),
    "record_cancelled.undo": RecordCancelled(PROJECT, MILESTONE, is_undo=True),
    "record_cancelled.longest": RecordCancelled(LONG_PROJECT, LONG_MILESTONE),
    "undo_preview.normal": UndoPreview(TICKET, PROJECT, CUSTOMER, MILESTONE, "2026-11-19", -50),
    "undo_preview.worthless": UndoPreview(TICKET, PROJECT, CUSTOMER, MILESTONE, "2026-11-19", 0),
    "undo_preview.longest": UndoPreview(
        TICKET, LONG_PROJECT, LONG_CUSTOMER, LONG_MILESTONE, "2026-11-19", -LONG_NUMBER
    ),
    "undo_done.normal": UndoDone(PROJECT, CUSTOMER, MILESTONE, -50, 80, 0),
    "undo_done.longest": UndoDone(
        LONG_PROJECT, LONG_CUSTOMER, LONG_MILESTONE, -LONG_NUMBER, 0, LONG_NUMBER
    ),
    "project_list.normal": ProjectList(
        (
            ProjectLine(PROJECT, MILESTONE, "2026-11-20", 3, 8),
            ProjectLine("滨江二期", "", "", 6, 6),
            ProjectLine("滨江三期", "", "", 0, 0),
        )
    ),
    "project_list.nothing": ProjectList(()),
    "project_list.longest": ProjectList(
        tuple(ProjectLine(LONG_PROJECT, LONG_MILESTONE, "2026-11-20", 100, 200) for _ in range(40))
    ),
}
