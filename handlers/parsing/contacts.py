"""Which contact of which customer is meant: 滨江置业 王建国, in any order, also in part."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.ids import ContactId, CustomerId
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.mentions import after_name, locate_full
from handlers.parsing.names import Decision, Named, NameIndex, Nothing, One, Several, decide
from handlers.parsing.normalise import normalise

Contacts = Callable[[CustomerId], Sequence[Named[ContactId]]]

_PUNCTUATION: Final = " ,。.:;、"
_WORDS_MAX: Final = 3
"""So many words are tried as a customer that is not written in full."""
_LABELS: Final = re.compile(r"(?:联系人|聯繫人|姓名|客户|客戶)[:：]?")


@dataclass(frozen=True, slots=True)
class ContactFound:
    """One person of one customer."""

    customer_id: CustomerId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class ContactUnclear:
    """What is open; `typed` are the words for the open part, empty when it was not said."""

    gap: Gap
    customer_id: CustomerId | None
    typed: str


def parse_contact(
    text: str, customers: NameIndex[CustomerId], contacts_of: Contacts
) -> ContactFound | ContactUnclear:
    """Understand a customer, first in the text or written in full, and a contact of it."""
    clean = _LABELS.sub(" ", normalise(text)).strip(_PUNCTUATION)
    decision, typed, rest = _customer(clean, customers)
    match decision:
        case One(match):
            name = rest.strip(_PUNCTUATION)
            return _contact(match.named.id, name, contacts_of(match.named.id))
        case Several(matches):
            gap = Gap(Part.CUSTOMER, Why.AMBIGUOUS, choices=tuple(matches))
            return ContactUnclear(gap, None, typed)
        case _:
            return ContactUnclear(Gap(Part.CUSTOMER, Why.MISSING), None, typed)


def _customer(text: str, customers: NameIndex[CustomerId]) -> tuple[Decision[CustomerId], str, str]:
    """Decide on the customer; give the words for it and what is left of the text."""
    full = locate_full(text, customers)
    # 上海滨江置业 is not 滨江置业: another company may only end alike.
    if full.end and not text[: full.start][-1:].isalnum():
        typed = text[full.start : full.end]
        rest = f"{text[: full.start]} {text[after_name(text, full.end) :]}"
        return full.decision, typed, rest
    words = text.split(" ")
    for number, typed in enumerate(words[:_WORDS_MAX]):
        decision = decide(customers.rank(typed))
        if not isinstance(decision, Nothing):
            return decision, typed, " ".join((*words[:number], *words[number + 1 :]))
    return Nothing(), words[0], ""


def _contact(
    customer: CustomerId, typed: str, contacts: Sequence[Named[ContactId]]
) -> ContactFound | ContactUnclear:
    match decide(NameIndex(contacts).rank(typed)):
        case One(match):
            return ContactFound(customer, match.named.id)
        case Several(matches):
            gap = Gap(Part.CONTACT, Why.AMBIGUOUS, choices=tuple(matches))
            return ContactUnclear(gap, customer, typed)
        case _:
            return ContactUnclear(Gap(Part.CONTACT, Why.MISSING), customer, typed)
