"""What needs care: reviews and the alerts they raise."""

from typing import Protocol

from domain.alerts import Alert
from domain.ids import AlertId, CustomerId, ReviewId
from domain.reviews import Review


class Reviews(Protocol):
    """Reviews."""

    def add(self, review: Review) -> None:
        """Store a new one."""
        ...

    def get(self, review: ReviewId) -> Review:
        """Read one by its id; a missing one is a bug."""
        ...

    def latest_of(self, customer: CustomerId) -> Review | None:
        """Find the last one a customer has given."""
        ...


class Alerts(Protocol):
    """Alerts; at most one open per dedupe key, in the database too."""

    def next_number(self) -> int:
        """Give the next number people call an alert by."""
        ...

    def add(self, alert: Alert) -> None:
        """Store a new one."""
        ...

    def get(self, alert: AlertId) -> Alert:
        """Read and lock one alert."""
        ...

    def find_number(self, number: int) -> Alert | None:
        """Find an alert by its number."""
        ...

    def find_open(self, dedupe_key: str) -> Alert | None:
        """Find and lock the open alert of a cause."""
        ...

    def is_known(self, dedupe_key: str) -> bool:
        """Tell whether there has ever been an alert of a cause, open or resolved."""
        ...

    def open(self) -> list[Alert]:
        """List alerts that are not resolved, oldest first."""
        ...

    def save(self, alert: Alert) -> None:
        """Replace the version before this one.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...
