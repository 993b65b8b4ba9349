"""review: stars and a text for one of the customer's projects."""

from handlers.actors import contact_of, project_index
from handlers.contract import Context, Reply
from handlers.parsing.gaps import Part
from handlers.parsing.sentences import ReviewUnclear, parse_review
from handlers.permissions import Permission
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.reviews import give_review
from handlers.views import ReviewReceived
from handlers.vocabulary import first_word


@router.command("review", needs=Permission.CUSTOMER)
def review(words: str, ctx: Context) -> Reply:
    """Take a review; a bad one reaches the supervisors at once."""
    contact, _ = contact_of(ctx)
    asked = parse_review(words, project_index(ctx))
    if isinstance(asked, ReviewUnclear):
        part = asked.gaps[0].part
        typed = asked.typed.stars if part is Part.STARS else asked.typed.name
        return ask(ctx, first_word("review"), words, asked.gaps, typed or words)
    project = ctx.work.projects.get(asked.project_id)
    given = give_review(ctx, contact, project, asked.stars, asked.text)
    return Reply(
        ReviewReceived(project.name, given.review.stars, is_followed_up=given.alert is not None)
    )
