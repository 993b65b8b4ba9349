"""Reviews: what a customer thinks of the work."""

from dataclasses import dataclass
from datetime import datetime

from domain.errors import InvalidStars
from domain.ids import ContactId, CustomerId, ProjectId, ReviewId

STARS_MIN = 1
STARS_MAX = 5
BAD_STARS_MAX = 2
"""A review with at most this many stars warns the supervisors."""
REVIEW_TEXT_MAX = 1000


@dataclass(frozen=True, slots=True)
class Review:
    """One review as the customer gave it."""

    id: ReviewId
    customer: CustomerId
    contact: ContactId
    project: ProjectId
    stars: int
    text: str
    given_at: datetime

    def __post_init__(self) -> None:
        """Refuse stars outside 1 to 5.

        Raises:
            InvalidStars: with what was asked.
        """
        if not STARS_MIN <= self.stars <= STARS_MAX:
            raise InvalidStars(str(self.stars))

    @property
    def is_bad(self) -> bool:
        """Tell whether somebody has to act."""
        return self.stars <= BAD_STARS_MAX
