"""Alerts about the records themselves: one open about drift, one ever per conflicting event."""

from domain.alerts import AlertKind, AlertState, Cause, Measure, Severity
from domain.errors import ErrorCode, EventConflict
from domain.reconciling import DriftKind, Finding
from handlers.refusals import refused
from handlers.usecases.watching import report_conflict, report_damage, report_drift
from handlers.views import AlertCard, AlertForm, AlertList, Refusal
from tests.support.chat import Chat
from tests.support.stores import MAIN

FINDINGS = [
    Finding(DriftKind.WALLET_LOTS, "C001", "available", "70", "71"),
    Finding(DriftKind.CAP_COUNTER, "", "x|y", "1/1", "2/1"),
    Finding(DriftKind.WALLET_LOTS, "C002", "available", "0", "1"),
]


def alerts(chat: Chat) -> list[AlertKind]:
    return [alert.kind for alert in chat.store.committed(MAIN).alerts.values()]


def test_drift_warns_the_supervisors_at_once(chat: Chat) -> None:
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    [alert] = chat.store.committed(MAIN).alerts.values()
    assert (alert.kind, alert.severity, alert.customer) == (AlertKind.DRIFT, Severity.RED, None)
    card = chat.last("zhang@app")
    assert isinstance(card, AlertCard)
    assert (card.kind, card.about, card.customer) == (
        "drift",
        "3 cap_counter wallet_lots",
        "",
    )


def test_damage_warns_once_while_it_is_open_beside_drift(chat: Chat) -> None:
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    chat.acts(lambda ctx: report_damage(ctx, 2))
    card = chat.last("zhang@app")
    assert isinstance(card, AlertCard)
    assert (card.kind, card.about, card.severity) == ("damage", "2", "red")
    before = chat.state()
    chat.acts(lambda ctx: report_damage(ctx, 3))
    assert chat.state() == before
    assert alerts(chat) == [AlertKind.DRIFT, AlertKind.DAMAGE]


def test_nothing_found_is_nothing_to_say(chat: Chat) -> None:
    before = chat.state()
    chat.acts(lambda ctx: report_drift(ctx, []))
    chat.acts(lambda ctx: report_damage(ctx, 0))
    assert chat.state() == before


def test_while_it_is_open_drift_is_said_once(chat: Chat) -> None:
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    before = chat.state()
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    assert chat.state() == before


def test_it_is_taken_resolved_and_may_come_again(chat: Chat) -> None:
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    listed = chat.says("zhang", "预警")
    assert isinstance(listed, AlertList)
    assert (listed.lines[0].customer, listed.lines[0].kind) == ("", "drift")
    form = chat.presses("zhang@app", chat.last("zhang@app"), "take")
    form = chat.presses("zhang@app", form, "resolve")
    assert isinstance(form, AlertForm)
    assert form.customer == ""
    done = chat.presses(
        "zhang@app", form, "submit", cause=Cause.OTHER, measure=Measure.EXPLAINED, note="已查明"
    )
    assert isinstance(done, AlertCard)
    assert done.state == AlertState.RESOLVED
    chat.acts(lambda ctx: report_drift(ctx, FINDINGS))
    assert alerts(chat) == [AlertKind.DRIFT, AlertKind.DRIFT]


def test_a_conflicting_event_is_said_once_per_source_id_even_when_resolved(chat: Chat) -> None:
    conflict = EventConflict("erp", "HT-1")
    chat.acts(lambda ctx: report_conflict(ctx, conflict))
    [alert] = chat.store.committed(MAIN).alerts.values()
    assert (alert.kind, alert.severity, alert.about) == (
        AlertKind.EVENT_CONFLICT,
        Severity.AMBER,
        "erp HT-1",
    )
    chat.says("zhang", "接手 1")
    chat.says("zhang", "解决 1 其他 解释 来源系统改过单")
    before = chat.state()
    chat.acts(lambda ctx: report_conflict(ctx, conflict))
    assert chat.state() == before
    chat.acts(lambda ctx: report_conflict(ctx, EventConflict("erp", "HT-2")))
    assert len(alerts(chat)) == 2


def test_a_refusal_in_chat_reports_the_conflict_in_the_transaction_after_it(chat: Chat) -> None:
    refusal: Refusal = chat.acts(lambda ctx: refused(ctx, EventConflict("erp", "HT-1")))
    assert refusal == Refusal(ErrorCode.EVENT_CONFLICT, {"source": "erp", "source_id": "HT-1"})
    assert alerts(chat) == [AlertKind.EVENT_CONFLICT]
