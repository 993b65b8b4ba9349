"""What the command line shows of the ledger's daily heads."""

from dataclasses import dataclass
from datetime import date

from bot.cli_setup import ask
from bot.codec import view_to_json
from bot.presenter import Form, Presenter
from bot.settings import Settings
from bot.wiring import TEMPLATES
from domain.ports import Work
from domain.proof import DayHead, head_fields
from handlers.proof_views import day_head_notice


@dataclass(frozen=True, slots=True)
class ListedHead:
    """A head, and its fields as they are listed."""

    head: DayHead
    shown: dict[str, str]


def list_heads(settings: Settings, tenant: str, day: str) -> list[ListedHead]:
    """List heads, oldest first; of one day if it is given.

    Raises:
        ValueError: the day is no date.
        LookupError: the day has no head, or no such tenant.
    """
    wanted = date.fromisoformat(day) if day else None

    def question(work: Work) -> list[DayHead]:
        if wanted is None:
            return work.proofs.heads()
        head = work.proofs.find(wanted)
        if head is None:
            raise LookupError(f"no head of {day}")
        return [head]

    return [ListedHead(head, _shown(head)) for head in ask(settings, tenant, question)]


def word_head(head: DayHead) -> str:
    """Word a head as it was posted to the supervisors."""
    view = day_head_notice(head)
    presenter = Presenter(TEMPLATES, public_url="")
    return presenter.render(view.view_name, view_to_json(view), Form.PLAIN).text


def _shown(head: DayHead) -> dict[str, str]:
    return head_fields(head) | {"hash": head.hash, "fingerprint": head.fingerprint}
