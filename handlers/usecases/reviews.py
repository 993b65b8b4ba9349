"""Taking a customer's review; a bad one opens or repeats an alert."""

from dataclasses import dataclass

from domain.alerts import Alert, AlertKind, bad_review_severity, repeat
from domain.customers import Contact
from domain.facts import AlertChanged, ReviewGiven
from domain.ids import AlertId, ReviewId
from domain.projects import Project
from domain.reviews import REVIEW_TEXT_MAX, Review
from handlers.audit import write_note
from handlers.contract import Context


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A stored review and the alert it raised, if any."""

    review: Review
    alert: Alert | None


def give_review(
    ctx: Context, contact: Contact, project: Project, stars: int, text: str
) -> Reviewed:
    """Store a review; two stars or fewer warn the supervisors, one open alert per project.

    Raises:
        InvalidStars: outside 1 to 5.
    """
    review = Review(
        id=ReviewId(ctx.ids.new()),
        customer=contact.customer,
        contact=contact.id,
        project=project.id,
        stars=stars,
        text=text[:REVIEW_TEXT_MAX],
        given_at=ctx.now,
    )
    ctx.work.reviews.add(review)
    write_note(
        ctx, "review_given", f"review:{review.id}", after={"project": project.id, "stars": stars}
    )
    ctx.work.emit(ReviewGiven(review))
    return Reviewed(review, _warn(ctx, review) if review.is_bad else None)


def _warn(ctx: Context, review: Review) -> Alert:
    key = f"{AlertKind.BAD_REVIEW}:{review.project}"
    severity = bad_review_severity(review.stars)
    before = ctx.work.alerts.find_open(key)
    if before is not None:
        alert = repeat(before, severity, review.id)
        ctx.work.alerts.save(alert)
    else:
        alert = Alert(
            id=AlertId(ctx.ids.new()),
            number=ctx.work.alerts.next_number(),
            kind=AlertKind.BAD_REVIEW,
            severity=severity,
            dedupe_key=key,
            customer=review.customer,
            project=review.project,
            review=review.id,
            opened_at=ctx.now,
        )
        ctx.work.alerts.add(alert)
    ctx.work.emit(AlertChanged(alert, before))
    return alert
