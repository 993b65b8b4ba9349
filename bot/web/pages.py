"""The pages for people without an account: the proof of a wallet, and vouchers with their codes."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from bot.presenter.cleaning import Reveal
from bot.web.proofs import Proofs, add_proofs
from bot.web.vouchers import VoucherPages, add_voucher_pages
from domain.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Pages:
    """All of them."""

    proofs: Proofs
    vouchers: VoucherPages


def make_pages(store: Store, clock: Clock, reveal: Reveal, templates: Path) -> Pages:
    """Make all pages over a store."""
    return Pages(
        Proofs(store, clock, templates / "pages"),
        VoucherPages(store, clock, reveal, templates),
    )


def add_pages(app: FastAPI, pages: Pages) -> None:
    """Serve all pages."""
    add_proofs(app, pages.proofs)
    add_voucher_pages(app, pages.vouchers)
