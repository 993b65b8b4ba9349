"""What several tests look at when a human is called: the cards, and the talk on them."""

from bot.codec import view_from_json
from handlers.views import PersonWantedCard
from tests.support.chat import Chat


def wanted(chat: Chat, who: str = "sun") -> list[PersonWantedCard]:
    """Give the cards by which somebody was called to a customer, oldest first."""
    views = [view_from_json(one.view, one.data) for one in chat.deliveries(who)]
    return [view for view in views if isinstance(view, PersonWantedCard)]


def told(card: PersonWantedCard) -> list[tuple[str, str, str]]:
    """Give what a card tells of the talk: kinds, words, answers' views."""
    return [(line.kind, line.text, line.answer_view) for line in card.talk]
