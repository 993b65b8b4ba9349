"""What a person sees of a card: its texts without keys, ids and addresses."""

from collections.abc import Iterator
from typing import Any

UNSEEN = frozenset(
    {"action", "card_type", "desc_color", "id", "key", "msgtype", "name", "question_key"}
    | {"style", "type", "url"}
)


def shown_texts(part: Any) -> Iterator[str]:
    """Give every text of a card that is shown."""
    match part:
        case str():
            yield part
        case {"value": _, "text": text}:
            yield text
        case dict():
            for name, value in part.items():
                if name not in UNSEEN:
                    yield from shown_texts(value)
        case list():
            for item in part:
                yield from shown_texts(item)
        case _:
            return
