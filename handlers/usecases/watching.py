"""Alerts the machine raises about the records themselves: drift, damage, and events told twice."""

from collections.abc import Sequence

from domain.alerts import Alert, AlertKind, Severity
from domain.errors import EventConflict
from domain.facts import AlertChanged
from domain.ids import AlertId
from domain.reconciling import Finding
from handlers.audit import write_note
from handlers.contract import Context

DRIFT_KEY, DAMAGE_KEY = "drift", "damage"
_RED = frozenset({AlertKind.DRIFT, AlertKind.DAMAGE})


def report_drift(ctx: Context, findings: Sequence[Finding]) -> None:
    """Warn the supervisors that records don't agree; while the warning is open, only once."""
    if findings and ctx.work.alerts.find_open(DRIFT_KEY) is None:
        kinds = " ".join(sorted({finding.kind.value for finding in findings}))
        _raise(ctx, AlertKind.DRIFT, DRIFT_KEY, about=f"{len(findings)} {kinds}")


def report_damage(ctx: Context, count: int) -> None:
    """Warn the supervisors of so many findings in the ledger; while that is open, only once."""
    if count and ctx.work.alerts.find_open(DAMAGE_KEY) is None:
        _raise(ctx, AlertKind.DAMAGE, DAMAGE_KEY, about=str(count))


def report_conflict(ctx: Context, conflict: EventConflict) -> None:
    """Warn the supervisors that an event came again with other content; once per source id."""
    key = f"event_conflict:{conflict.source}:{conflict.source_id}"
    if not ctx.work.alerts.is_known(key):
        about = f"{conflict.source} {conflict.source_id}"
        _raise(ctx, AlertKind.EVENT_CONFLICT, key, about=about)


def _raise(ctx: Context, kind: AlertKind, key: str, *, about: str) -> None:
    alert = Alert(
        id=AlertId(ctx.ids.new()),
        number=ctx.work.alerts.next_number(),
        kind=kind,
        severity=Severity.RED if kind in _RED else Severity.AMBER,
        dedupe_key=key,
        customer=None,
        project=None,
        review=None,
        opened_at=ctx.now,
        about=about,
    )
    ctx.work.alerts.add(alert)
    write_note(ctx, "alert_opened", f"alert:{alert.id}", after={"kind": kind.value, "about": about})
    ctx.work.emit(AlertChanged(alert, None))
