"""Examples of the views for when something is refused, broken or too much."""

from datetime import UTC, date, datetime

from domain import errors
from handlers.contract import View
from handlers.refusals import refusal_of
from handlers.views import DeliveryTrouble, Digest, Failure, QuotaNotice, StaleNotice
from tests.cards.sample_names import (
    CUSTOMER,
    LONG_MILESTONE,
    LONG_NUMBER,
    LONG_PERSON,
    LONG_PROJECT,
    MILESTONE,
    PROJECT,
    SUPERVISOR,
    filled,
)

NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)
LONG_WORDS = filled(500, "说了很多很多也没有说清楚到底是哪一个")

REFUSALS: dict[str, errors.DomainError] = {
    "code_refused": errors.CodeRefused(3),
    "code_refused_last": errors.CodeRefused(0),
    "binding_locked": errors.BindingLocked(NOW),
    "not_permitted": errors.NotPermitted("alerts"),
    "private_only": errors.PrivateOnly(),
    "usage": errors.UsageError("resolve_alert", "cause_missing"),
    "usage_by_word": errors.UsageError("评价", "stars_missing"),
    "usage_unknown": errors.UsageError("没有这个词", "no_such_problem"),
    "ticket_expired": errors.TicketExpired(NOW),
    "ticket_used": errors.TicketUsed(NOW),
    "ticket_not_yours": errors.TicketNotYours(),
    "unknown_customer": errors.UnknownCustomer("滨江", (CUSTOMER, "江滨实业")),
    "unknown_customer_guessless": errors.UnknownCustomer("某某", ()),
    "unknown_customer_longest": errors.UnknownCustomer(LONG_WORDS, (LONG_PROJECT,) * 20),
    "unknown_project": errors.UnknownProject("滨江三七", (PROJECT, "滨江二期")),
    "unknown_project_guessless": errors.UnknownProject("", ()),
    "unknown_project_longest": errors.UnknownProject(LONG_WORDS, (LONG_PROJECT,) * 20),
    "unknown_milestone": errors.UnknownMilestone(PROJECT, (MILESTONE, "竣工验收")),
    "unknown_milestone_none": errors.UnknownMilestone(PROJECT, ()),
    "unknown_milestone_longest": errors.UnknownMilestone(LONG_PROJECT, (LONG_MILESTONE,) * 40),
    "ambiguous": errors.Ambiguous("project", (PROJECT, "滨江二期")),
    "ambiguous_longest": errors.Ambiguous("milestone", (LONG_MILESTONE,) * 40),
    "milestone_recorded": errors.MilestoneRecorded(PROJECT, MILESTONE, TODAY),
    "milestone_recorded_longest": errors.MilestoneRecorded(LONG_PROJECT, LONG_MILESTONE, TODAY),
    "future_date": errors.FutureDate("2026-12-01", TODAY),
    "future_date_longest": errors.FutureDate(LONG_WORDS, TODAY),
    "impossible_date": errors.ImpossibleDate("2月30日"),
    "impossible_date_unsaid": errors.ImpossibleDate(""),
    "impossible_date_longest": errors.ImpossibleDate(LONG_WORDS),
    "not_passed": errors.NotPassed(PROJECT, MILESTONE),
    "not_passed_longest": errors.NotPassed(LONG_PROJECT, LONG_MILESTONE),
    "nothing_to_undo": errors.NothingToUndo(),
    "already_undone": errors.AlreadyUndone(7),
    "event_conflict": errors.EventConflict("erp", "HT-2026-118"),
    "event_conflict_longest": errors.EventConflict(LONG_WORDS, LONG_WORDS),
    "invalid_stars": errors.InvalidStars("6"),
    "invalid_stars_unsaid": errors.InvalidStars(""),
    "invalid_stars_longest": errors.InvalidStars(LONG_WORDS),
    "invalid_phone": errors.InvalidPhone(),
    "unknown_alert": errors.UnknownAlert("99"),
    "unknown_alert_unsaid": errors.UnknownAlert(""),
    "unknown_alert_longest": errors.UnknownAlert(LONG_WORDS),
    "alert_taken": errors.AlertTaken(12, SUPERVISOR, NOW),
    "alert_taken_longest": errors.AlertTaken(LONG_NUMBER, LONG_PERSON, NOW),
    "alert_closed": errors.AlertClosed(12, NOW),
    "alert_not_taken": errors.AlertNotTaken(12),
}

TROUBLE: dict[str, View] = {
    "digest.normal": Digest(
        ("积分 +50 分:滨江置业", "【差评·1星】滨江置业 王建国:渗水 由您处理的话，发「接手 12」。")
    ),
    "digest.longest": Digest((LONG_WORDS[:51],) * 12),
    "delivery_trouble.normal": DeliveryTrouble("wecom", "60020", "zhangmin", 1),
    "delivery_trouble.unknown": DeliveryTrouble("江南渠道", "99999", "", 1),
    "delivery_trouble.longest": DeliveryTrouble(
        LONG_PROJECT, "Forbidden.AccessDenied.ApiCountLimitForOrg", LONG_PERSON, LONG_NUMBER
    ),
    "quota_notice.normal": QuotaNotice(),
    "failure.normal": Failure("01KABCDE"),
    "failure.longest": Failure("01KABCDEFGHJKMNPQRSTVWXYZ0"),
    "stale_notice.normal": StaleNotice(),
    **{f"refusal.{name}": refusal_of(error) for name, error in REFUSALS.items()},
}
