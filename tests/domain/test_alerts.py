"""An alert's life: new → taken → resolved → perhaps new again; the first click wins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import (
    Alert,
    AlertState,
    Cause,
    Measure,
    Severity,
    bad_review_severity,
    confirm,
    reopen,
    repeat,
    resolve,
    take,
)
from domain.errors import AlertClosed, AlertNotTaken, AlertTaken
from domain.ids import MemberId, ReviewId
from tests.support.fakes import START
from tests.support.make import an_alert

ZHANG, ZHAO = MemberId("zhang"), MemberId("zhao")
LATER = START + timedelta(minutes=5)


def taken() -> Alert:
    return take(an_alert(), ZHANG, "", START)


def closed() -> Alert:
    return resolve(
        taken(), ZHANG, cause=Cause.WORKMANSHIP, measure=Measure.REWORK, note="重做", now=LATER
    )


@pytest.mark.parametrize(
    ("stars", "severity"), [(0, Severity.RED), (1, Severity.RED), (2, Severity.AMBER)]
)
def test_one_star_is_red_two_are_amber(stars: int, severity: Severity) -> None:
    assert bad_review_severity(stars) is severity


def test_taking_a_new_alert_says_who_and_when() -> None:
    expected = an_alert(state=AlertState.TAKEN, taken_by=ZHANG, taken_at=START, version=2)
    assert taken() == expected


def test_taking_ones_own_alert_again_changes_nothing() -> None:
    mine = taken()
    assert take(mine, ZHANG, "张主管", LATER) is mine


def test_taking_somebody_elses_alert_names_the_first() -> None:
    with pytest.raises(AlertTaken) as refused:
        take(taken(), ZHAO, "张主管", LATER)
    assert refused.value.details() == {"number": 1, "taken_by": "张主管", "taken_at": START}


def test_a_resolved_alert_cannot_be_taken_or_resolved() -> None:
    with pytest.raises(AlertClosed) as refused:
        take(closed(), ZHAO, "张主管", LATER)
    assert refused.value.details() == {"number": 1, "resolved_at": LATER}
    with pytest.raises(AlertClosed):
        resolve(closed(), ZHANG, cause=Cause.OTHER, measure=Measure.OTHER, note="", now=LATER)


@pytest.mark.parametrize("alert", [an_alert(), taken()], ids=["new", "taken by another"])
def test_only_who_took_an_alert_can_resolve_it(alert: Alert) -> None:
    with pytest.raises(AlertNotTaken) as refused:
        resolve(alert, ZHAO, cause=Cause.OTHER, measure=Measure.OTHER, note="", now=LATER)
    assert refused.value.details() == {"number": 1}


def test_resolving_keeps_cause_measure_and_note() -> None:
    assert closed() == replace(
        taken(),
        state=AlertState.RESOLVED,
        resolved_at=LATER,
        cause=Cause.WORKMANSHIP,
        measure=Measure.REWORK,
        note="重做",
        version=3,
    )


def test_reopening_a_resolved_alert_makes_it_new_and_nobodys() -> None:
    again = LATER + timedelta(days=1)
    assert reopen(closed(), again) == replace(
        closed(),
        state=AlertState.NEW,
        opened_at=again,
        taken_by=None,
        taken_at=None,
        resolved_at=None,
        reopened=1,
        version=4,
    )


def test_the_customer_confirms_a_resolved_alert_once() -> None:
    again = LATER + timedelta(days=1)
    confirmed = confirm(closed(), again)
    assert confirmed == replace(closed(), confirmed_at=again, version=4)
    assert confirm(confirmed, again + timedelta(days=1)) is confirmed


@pytest.mark.parametrize("alert", [an_alert(), taken()], ids=["new", "taken"])
def test_an_open_alert_cannot_be_confirmed(alert: Alert) -> None:
    assert confirm(alert, LATER) is alert


def test_a_confirmed_alert_that_is_reopened_is_no_longer_confirmed() -> None:
    again = reopen(confirm(closed(), LATER), LATER)
    assert (again.state, again.confirmed_at) == (AlertState.NEW, None)


@pytest.mark.parametrize("alert", [an_alert(), taken()], ids=["new", "taken"])
def test_reopening_an_open_alert_changes_nothing(alert: Alert) -> None:
    assert reopen(alert, LATER) is alert


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        (Severity.AMBER, Severity.AMBER, Severity.AMBER),
        (Severity.AMBER, Severity.RED, Severity.RED),
        (Severity.RED, Severity.AMBER, Severity.RED),
        (Severity.RED, Severity.RED, Severity.RED),
    ],
)
def test_a_repeat_keeps_the_higher_severity_and_shows_the_newest_review(
    before: Severity, added: Severity, after: Severity
) -> None:
    alert = an_alert(severity=before)
    assert repeat(alert, added, ReviewId("review-2")) == replace(
        alert, occurrences=2, severity=after, review=ReviewId("review-2"), version=2
    )
