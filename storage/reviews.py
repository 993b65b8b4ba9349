"""Reviews as rows."""

from typing_extensions import override

from domain.ids import CustomerId, ReviewId
from domain.repositories import Reviews
from domain.reviews import Review
from storage.db import Db, Missing, Row
from storage.values import time_of

_SELECT = """
    SELECT id, customer_id, contact_id, project_id, stars, text, given_at
    FROM reviews WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_LATEST_OF = _SELECT + " AND customer_id = :customer ORDER BY given_at DESC, id DESC LIMIT 1"
_ADD = """
    INSERT INTO reviews (tenant_id, id, customer_id, contact_id, project_id, stars, text, given_at)
    VALUES (:tenant, :id, :customer, :contact, :project, :stars, :text, :given_at)
"""


class SqlReviews(Reviews):
    """Reviews in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, review: Review) -> None:
        self._db.run(
            _ADD,
            id=review.id,
            customer=review.customer,
            contact=review.contact,
            project=review.project,
            stars=review.stars,
            text=review.text,
            given_at=review.given_at,
        )

    @override
    def get(self, review: ReviewId) -> Review:
        row = self._db.one(_GET, id=review)
        if row is None:
            raise Missing("review", review)
        return _review(row)

    @override
    def latest_of(self, customer: CustomerId) -> Review | None:
        row = self._db.one(_LATEST_OF, customer=customer)
        return None if row is None else _review(row)


def _review(row: Row) -> Review:
    id_, customer, contact, project, stars, text, given_at = row
    return Review(id_, customer, contact, project, stars, text, time_of(given_at))
