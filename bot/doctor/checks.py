"""The checks, each with its own finding; one that breaks is a finding too."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.connections import Connection
from bot.platform import DeliveryError
from domain.members import Role
from domain.ports import Clock, Work

SKEW_MAX: Final = timedelta(minutes=2)
"""Both platforms' signatures are judged with five minutes; two leave room for slow networks."""


BACKTEST_SECONDS_MAX: Final = 60.0
"""Whoever runs back-tests looks every second; one that waits longer has nobody."""


class Status(StrEnum):
    """How a check went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result; `code` names what is wrong and is empty when nothing is."""

    check: str
    status: Status
    code: str = ""
    detail: str = ""
    """A number or a platform's error code; never a secret or a name."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What the doctor looks at."""

    clock: Clock
    is_migrated: Callable[[], bool]
    ping_queue: Callable[[], bool]
    scheduler_beat: Callable[[], datetime | None]
    oldest_backtest_seconds: Callable[[datetime], float]
    connection: Connection | None
    platform_time: Callable[[str], datetime | None]
    ask: Callable[[Callable[[Work], list[Finding]]], list[Finding]]
    """Runs a question inside a reading unit of work."""


def examine(patient: Patient) -> list[Finding]:
    """Run every check; none stops the others."""
    return [*_installation(patient), *_platforms(patient), *_people(patient)]


def _installation(patient: Patient) -> Iterator[Finding]:
    database = _simple("database", patient.is_migrated, "not_migrated")
    yield database
    yield _simple("queue", patient.ping_queue, "unreachable", Status.WARNING)

    def is_beating() -> bool:
        beat = patient.scheduler_beat() if patient.is_migrated() else None
        return beat is not None and patient.clock.now() - beat <= SKEW_MAX

    yield _simple("scheduler", is_beating, "not_running", Status.WARNING)

    def are_run() -> bool:
        return patient.oldest_backtest_seconds(patient.clock.now()) <= BACKTEST_SECONDS_MAX

    if database.status is Status.OK:
        yield _simple("backtests", are_run, "nobody_runs", Status.WARNING)


def _platforms(patient: Patient) -> Iterator[Finding]:
    connection = patient.connection
    if connection is None or (connection.wecom is None and connection.dingtalk is None):
        yield Finding("platforms", Status.FAILED, "none_configured")
        return
    wecom, dingtalk = connection.platforms.wecom, connection.platforms.dingtalk
    if wecom is not None:
        yield _clock(patient, "wecom_clock", wecom.api_base)
        yield _access("wecom_access", connection.check_wecom)
        if wecom.kf is None:
            yield Finding("kf", Status.WARNING, "not_configured")
    if dingtalk is not None:
        yield _clock(patient, "dingtalk_clock", dingtalk.api_base)
        yield _access("dingtalk_access", connection.check_dingtalk)
        if not dingtalk.card_template_id:
            yield Finding("dingtalk_cards", Status.WARNING, "no_template")


def _people(patient: Patient) -> list[Finding]:
    def look(work: Work) -> list[Finding]:
        supervisors = work.members.with_role(Role.SUPERVISOR)
        if not supervisors:
            return [Finding("supervisors", Status.FAILED, "nobody")]
        if not any(work.identities.of_member(member.id) for member in supervisors):
            return [Finding("supervisors", Status.FAILED, "nobody_reachable")]
        return [Finding("supervisors", Status.OK)]

    try:
        return patient.ask(look) if patient.is_migrated() else []
    except Exception as error:  # noqa: BLE001  whatever breaks is what the doctor looks for
        return [Finding("supervisors", Status.FAILED, "unknown", type(error).__name__)]


def _simple(
    check: str, is_good: Callable[[], bool], code: str, otherwise: Status = Status.FAILED
) -> Finding:
    try:
        good = is_good()
    except Exception as error:  # noqa: BLE001  whatever breaks is what the doctor looks for
        return Finding(check, otherwise, code, type(error).__name__)
    return Finding(check, Status.OK) if good else Finding(check, otherwise, code)


def _clock(patient: Patient, check: str, address: str) -> Finding:
    theirs = patient.platform_time(address)
    if theirs is None:
        return Finding(check, Status.WARNING, "unreachable")
    skew = patient.clock.now() - theirs
    seconds = str(round(skew.total_seconds()))
    if abs(skew) > SKEW_MAX:
        return Finding(check, Status.FAILED, "clock_wrong", seconds)
    return Finding(check, Status.OK, detail=seconds)


def _access(check: str, ask: Callable[[], None]) -> Finding:
    try:
        ask()
    except DeliveryError as error:
        return Finding(check, Status.FAILED, "refused", error.code)
    return Finding(check, Status.OK)
