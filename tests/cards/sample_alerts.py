"""Examples of the views of reviews and alerts."""

from dataclasses import replace

from domain.alerts import AlertKind, Cause, Measure
from domain.reconciling import DriftKind
from handlers.contract import View
from handlers.views import (
    AlertCard,
    AlertForm,
    AlertLine,
    AlertList,
    FollowUp,
    FollowUpThanks,
    ReviewReceived,
)
from tests.cards.sample_names import (
    AFTERNOON,
    CONTACT,
    CUSTOMER,
    LATER,
    LONG_CUSTOMER,
    LONG_NOTE,
    LONG_PERSON,
    LONG_PROJECT,
    LONG_REVIEW,
    MANAGER,
    MORNING,
    PHONE,
    PROJECT,
    SUPERVISOR,
    TICKET,
)

NEW = AlertCard(
    ticket=TICKET,
    number=12,
    state="new",
    severity="red",
    customer=CUSTOMER,
    contact=CONTACT,
    phone=PHONE,
    project=PROJECT,
    manager=MANAGER,
    stars=1,
    stars_limit=2,
    text="渗水三次没人管",
    opened_at=MORNING,
    occurrences=1,
    reopened=0,
    taken_by="",
    taken_at="",
    is_mine=False,
    resolved_at="",
    confirmed_at="",
    cause="",
    measure="",
    note="",
)
TAKEN = replace(NEW, state="taken", taken_by=SUPERVISOR, taken_at=LATER, is_mine=True)
RESOLVED = replace(
    TAKEN,
    state="resolved",
    ticket="",
    resolved_at=AFTERNOON,
    cause=Cause.WORKMANSHIP.value,
    measure=Measure.REWORK.value,
    note="防水已重做",
)
DRIFT = replace(
    NEW,
    customer="",
    contact="",
    phone="",
    project="",
    manager="",
    stars=0,
    text="",
    kind=AlertKind.DRIFT.value,
    about="3 wallet_lots cap_counter",
)
LONGEST = AlertCard(
    ticket=TICKET,
    number=123_456,
    state="new",
    severity="amber",
    customer=LONG_CUSTOMER,
    contact=LONG_PERSON,
    phone=PHONE,
    project=LONG_PROJECT,
    manager=LONG_PERSON,
    stars=2,
    stars_limit=2,
    text=LONG_REVIEW,
    opened_at=MORNING,
    occurrences=99,
    reopened=9,
    taken_by="",
    taken_at="",
    is_mine=False,
    resolved_at="",
    confirmed_at="",
    cause="",
    measure="",
    note="",
)
LINE = AlertLine(12, "new", "red", CUSTOMER, PROJECT, 1, MORNING, "")
LONGEST_LINE = AlertLine(
    123_456, "taken", "amber", LONG_CUSTOMER, LONG_PROJECT, 2, MORNING, LONG_PERSON
)

ALERTS: dict[str, View] = {
    "review_received.normal": ReviewReceived(PROJECT, 5, is_followed_up=False),
    "review_received.bad": ReviewReceived(PROJECT, 1, is_followed_up=True),
    "review_received.longest": ReviewReceived(LONG_PROJECT, 2, is_followed_up=True),
    "alert_card.normal": NEW,
    "alert_card.repeated": replace(NEW, severity="amber", stars=2, text="", occurrences=3),
    "alert_card.bare": replace(NEW, contact="", phone="", project="", manager=""),
    "alert_card.taken": TAKEN,
    "alert_card.taken_by_other": replace(TAKEN, ticket="", is_mine=False),
    "alert_card.resolved": RESOLVED,
    "alert_card.confirmed": replace(RESOLVED, confirmed_at=AFTERNOON),
    "alert_card.reopened": replace(NEW, opened_at=AFTERNOON, reopened=1, phone=""),
    "alert_card.longest": LONGEST,
    "alert_card.longest_taken": replace(
        LONGEST, state="taken", taken_by=LONG_PERSON, taken_at=LATER, is_mine=True
    ),
    "alert_card.longest_resolved": replace(
        LONGEST,
        state="resolved",
        ticket="",
        taken_by=LONG_PERSON,
        taken_at=LATER,
        resolved_at=AFTERNOON,
        cause=Cause.COMMUNICATION.value,
        measure=Measure.COMPENSATION.value,
        note=LONG_NOTE,
    ),
    "alert_card.drift": DRIFT,
    "alert_card.drift_taken": replace(DRIFT, state="taken", taken_by=SUPERVISOR, taken_at=LATER),
    "alert_card.drift_longest": replace(
        DRIFT, about=" ".join(["1000", *DriftKind]), number=123_456, occurrences=99
    ),
    "alert_card.damage": replace(DRIFT, kind=AlertKind.DAMAGE.value, about="2"),
    "alert_card.damage_longest": replace(
        DRIFT, kind=AlertKind.DAMAGE.value, about="1000000", number=123_456, occurrences=99
    ),
    "alert_card.conflict": replace(
        DRIFT, severity="amber", kind=AlertKind.EVENT_CONFLICT.value, about="erp HT-2026-118"
    ),
    "alert_card.conflict_longest": replace(
        DRIFT, severity="amber", kind=AlertKind.EVENT_CONFLICT.value, about=LONG_NOTE
    ),
    "alert_form.customerless": AlertForm(TICKET, 12, "", "", tuple(Cause), tuple(Measure)),
    "alert_form.normal": AlertForm(TICKET, 12, CUSTOMER, PROJECT, tuple(Cause), tuple(Measure)),
    "alert_form.projectless": AlertForm(TICKET, 12, CUSTOMER, "", tuple(Cause), tuple(Measure)),
    "alert_form.longest": AlertForm(
        TICKET, 123_456, LONG_CUSTOMER, LONG_PROJECT, tuple(Cause), tuple(Measure)
    ),
    "alert_list.normal": AlertList(
        (LINE, AlertLine(13, "taken", "amber", "江岸建设", "", 2, AFTERNOON, SUPERVISOR))
    ),
    "alert_list.customerless": AlertList(
        (AlertLine(12, "new", "red", "", "", 0, MORNING, "", AlertKind.DRIFT.value),)
    ),
    "alert_list.nothing": AlertList(()),
    "alert_list.longest": AlertList((LONGEST_LINE,) * 30),
    "follow_up.normal": FollowUp(TICKET, PROJECT, "visit", "防水已重做", SUPERVISOR),
    "follow_up.noteless": FollowUp(TICKET, PROJECT, "explained", "", SUPERVISOR),
    "follow_up.longest": FollowUp(TICKET, LONG_PROJECT, "rework", LONG_NOTE, LONG_PERSON),
    "follow_up_thanks.normal": FollowUpThanks(PROJECT, is_solved=True),
    "follow_up_thanks.unsolved": FollowUpThanks(PROJECT, is_solved=False),
    "follow_up_thanks.longest": FollowUpThanks(LONG_PROJECT, is_solved=False),
}
