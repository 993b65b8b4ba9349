"""The page of a purchase's vouchers: code and QR picture for whoever has the link, for a week."""

from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import segno
import structlog
from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.responses import HTMLResponse, Response

from bot.presenter.cleaning import Reveal
from bot.presenter.filters import FILTERS
from domain.errors import DomainError, TicketExpired, TicketNotYours
from domain.ids import TenantId
from domain.ports import Clock, Store
from domain.voucher_codes import grouped
from handlers.usecases.voucher_codes import PageVoucher, page_by_link

log = structlog.get_logger(__name__)

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class VoucherPages:
    """Shows the vouchers behind a link; works without any script."""

    def __init__(self, store: Store, clock: Clock, reveal: Reveal, templates: Path) -> None:
        """Keep where vouchers are read, what opens their codes, and where the page stands."""
        self._store = store
        self._clock = clock
        self._reveal = reveal
        self._templates = templates

    def page(self, token: str) -> Response:
        """Give the page behind a link: 404 when there is none, 410 when it is too old."""
        name, _, secret = token.rpartition(".")
        tenant = TenantId(name)
        if tenant not in self._store.tenants():
            return self._refused(TicketNotYours(), 404)
        try:
            with self._store.reading(tenant) as work:
                found = page_by_link(work, secret, self._clock.now())
                customer = work.customers.get(found[0].voucher.customer).name
        except (TicketNotYours, TicketExpired) as refusal:
            return self._refused(refusal, 410 if isinstance(refusal, TicketExpired) else 404)
        shown = self._template.render(customer=customer, vouchers=[*self._shown(found)])
        return HTMLResponse(shown, headers=_HEADERS)

    def _shown(self, found: list[PageVoucher]) -> Iterator[dict[str, Any]]:
        for one in found:
            voucher, code = one.voucher, ""
            if one.code is not None:
                code = grouped(self._reveal(one.code.place, one.code.concealed))
            yield {
                "name": voucher.name,
                "number": voucher.number,
                "state": voucher.state.value,
                "value": voucher.value,
                "left": voucher.left,
                "is_partly_usable": voucher.is_partly_usable,
                "last_day": "" if voucher.last_day is None else voucher.last_day.isoformat(),
                "tail": voucher.tail,
                "code": code,
                "picture": _picture(code) if code else "",
            }

    def _refused(self, refusal: DomainError, status: int) -> Response:
        log.info("voucher_page_refused", code=refusal.code)
        shown = self._template.render(customer="", vouchers=[])
        return HTMLResponse(shown, status, headers=_HEADERS)

    @cached_property
    def _template(self) -> Template:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(FILTERS)
        return environment.get_template("pages/voucher.html.j2")


def add_voucher_pages(app: FastAPI, pages: VoucherPages) -> None:
    """Serve them."""

    @app.get("/app/voucher/{token}", include_in_schema=False)
    async def voucher(token: str) -> Response:
        return await anyio.to_thread.run_sync(partial(pages.page, token))


def _picture(code: str) -> str:
    """Draw a code as a QR picture to stand within the page, black on white in any mode."""
    return segno.make_qr(code, error="m").svg_inline(
        dark="#000", light="#fff", border=4, omitsize=True, svgclass=None, lineclass=None
    )
