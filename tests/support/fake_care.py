"""Fake repositories of reviews and alerts."""

from typing_extensions import override

from domain.alerts import Alert, AlertState
from domain.ids import AlertId, CustomerId, ReviewId
from domain.repositories import Alerts, Reviews
from domain.reviews import Review
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import first, get


class FakeReviews(FakeRepository, Reviews):
    @override
    def add(self, review: Review) -> None:
        self._transaction.insert(self._state.reviews, review.id, review)

    @override
    def get(self, review: ReviewId) -> Review:
        return get(self._state.reviews, review)

    @override
    def latest_of(self, customer: CustomerId) -> Review | None:
        found = [one for one in self._state.reviews.values() if one.customer == customer]
        return max(found, key=lambda review: (review.given_at, review.id), default=None)


class FakeAlerts(FakeRepository, Alerts):
    @override
    def next_number(self) -> int:
        number = self._state.counters.get("alert", 0) + 1
        self._state.counters["alert"] = number
        return number

    @override
    def add(self, alert: Alert) -> None:
        taken = self.find_number(alert.number) is not None
        self._transaction.insert(
            self._state.alerts, alert.id, alert, taken, self._is_open_elsewhere(alert)
        )

    @override
    def get(self, alert: AlertId) -> Alert:
        return get(self._state.alerts, alert)

    @override
    def find_number(self, number: int) -> Alert | None:
        return first(a for a in self._state.alerts.values() if a.number == number)

    @override
    def find_open(self, dedupe_key: str) -> Alert | None:
        return first(alert for alert in self.open() if alert.dedupe_key == dedupe_key)

    @override
    def is_known(self, dedupe_key: str) -> bool:
        return any(alert.dedupe_key == dedupe_key for alert in self._state.alerts.values())

    @override
    def open(self) -> list[Alert]:
        found = [a for a in self._state.alerts.values() if a.state is not AlertState.RESOLVED]
        return sorted(found, key=lambda alert: (alert.opened_at, alert.number))

    @override
    def save(self, alert: Alert) -> None:
        stored = self._state.alerts.get(alert.id)
        if stored is None or stored.version != alert.version - 1 or self._is_open_elsewhere(alert):
            raise self._transaction.conflict("alert")
        self._state.alerts[alert.id] = alert

    def _is_open_elsewhere(self, alert: Alert) -> bool:
        if alert.state is AlertState.RESOLVED:
            return False
        other = first(
            o for o in self.open() if o.dedupe_key == alert.dedupe_key and o.id != alert.id
        )
        return other is not None
