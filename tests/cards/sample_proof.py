"""Examples of the views of what the ledger commits to."""

from dataclasses import replace

from handlers.contract import View
from handlers.views import DayHeadNotice, ProofLink
from tests.cards.sample_names import CUSTOMER, LONG_CUSTOMER, LONG_NUMBER, MORNING, TICKET
from tests.cards.sample_points import RECEIPT

LINK = ProofLink(CUSTOMER, 1280, 0, 42, RECEIPT, f"main.{TICKET}", MORNING)
HEAD = DayHeadNotice(
    day="2026-11-20",
    sealed_at="2026-11-20T16:05:12+00:00",
    wallets=128,
    entries=3204,
    available=1_234_567,
    held=0,
    pending=0,
    debt=0,
    fingerprint=RECEIPT,
    hash="3f5a" * 16,
)

PROOF: dict[str, View] = {
    "proof_link.normal": LINK,
    "proof_link.debt": replace(LINK, available=0, debt=20),
    "proof_link.nothing": ProofLink(CUSTOMER, 0, 0, 0, "", "", MORNING),
    "proof_link.longest": ProofLink(
        LONG_CUSTOMER,
        LONG_NUMBER,
        LONG_NUMBER,
        LONG_NUMBER,
        RECEIPT,
        f"{'t' * 40}.{TICKET}",
        MORNING,
    ),
    "day_head_notice.normal": HEAD,
    "day_head_notice.longest": replace(
        HEAD,
        wallets=LONG_NUMBER,
        entries=LONG_NUMBER,
        available=10**15,
        held=10**15,
        pending=10**15,
        debt=10**15,
    ),
}
