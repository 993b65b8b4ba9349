"""Every example, and how one is rendered and written down."""

import json
from pathlib import Path

from bot.codec import view_to_json
from bot.platform import Rendered
from bot.presenter import CardFault, Form, Presenter
from handlers.contract import View
from tests.cards.sample_alerts import ALERTS
from tests.cards.sample_approvals import APPROVALS
from tests.cards.sample_contacts import CONTACTS
from tests.cards.sample_customers import CUSTOMERS
from tests.cards.sample_endings import ENDINGS
from tests.cards.sample_gifts import GIFTS
from tests.cards.sample_lotteries import LOTTERIES
from tests.cards.sample_people import PEOPLE
from tests.cards.sample_points import POINTS
from tests.cards.sample_proof import PROOF
from tests.cards.sample_reach import REACH
from tests.cards.sample_records import RECORDS
from tests.cards.sample_redeeming import REDEEMING
from tests.cards.sample_rewards import REWARDS
from tests.cards.sample_rules import RULES
from tests.cards.sample_talks import TALKS
from tests.cards.sample_trouble import TROUBLE
from tests.cards.sample_vouchers import VOUCHERS
from tests.cards.sample_why import WHY

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PUBLIC_URL = "https://zhufen.example.com"
EXAMPLES: dict[str, View] = {
    **PEOPLE,
    **RECORDS,
    **POINTS,
    **PROOF,
    **REACH,
    **ALERTS,
    **APPROVALS,
    **CONTACTS,
    **CUSTOMERS,
    **ENDINGS,
    **REDEEMING,
    **GIFTS,
    **REWARDS,
    **LOTTERIES,
    **RULES,
    **TALKS,
    **TROUBLE,
    **VOUCHERS,
    **WHY,
}
"""By "<view name>.<case>"; the case "longest" has the longest legal data."""


class BrokenCard(AssertionError):
    """A card template failed; in production its plain text would have gone out."""


def refuse(fault: CardFault) -> None:
    """Let no broken card pass a test."""
    raise BrokenCard(f"{fault.view} {fault.form}") from fault.error


def as_it_stands(place: str, concealed: str) -> str:
    """Open the examples' codes: nothing hides them."""
    del place
    return concealed


PRESENTER = Presenter(TEMPLATES, public_url=PUBLIC_URL, report=refuse, reveal=as_it_stands)


def render(view: View, form: Form) -> Rendered:
    """Render an example the way a delivery row is rendered: through JSON."""
    data = json.loads(json.dumps(view_to_json(view)))
    return PRESENTER.render(view.view_name, data, form)


def has_card(view: View, form: Form) -> bool:
    """Tell whether the view's folder has a card for a form."""
    return (TEMPLATES / "cards" / view.view_name / f"{form}.json.j2").is_file()


CARDS = [(name, form) for name, view in EXAMPLES.items() for form in Form if has_card(view, form)]
"""Every example with every form it has a card for."""
