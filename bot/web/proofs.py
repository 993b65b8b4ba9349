"""What customers check with: the proof of a wallet, the record of a lottery, and a page."""

import hashlib
from base64 import b64encode
from functools import cached_property, partial
from pathlib import Path

import anyio.to_thread
import structlog
from fastapi import FastAPI
from starlette.responses import HTMLResponse, JSONResponse, Response

from domain.errors import DomainError, TicketExpired, TicketNotYours, UnknownLottery
from domain.ids import TenantId, TicketId
from domain.ports import Clock, Store
from handlers.usecases.draws import find_published
from handlers.usecases.lottery_record import record_of
from handlers.usecases.proof import proof_by_ticket

log = structlog.get_logger(__name__)

_SCRIPT_MARK = "/* check.js */"
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Proofs:
    """Gives proofs to whoever has a link, records of lotteries and the page to anybody."""

    def __init__(self, store: Store, clock: Clock, pages: Path) -> None:
        """Keep where proofs are read and where the page stands."""
        self._store = store
        self._clock = clock
        self._pages = pages

    def document(self, token: str) -> Response:
        """Give the proof behind a link: 404 when there is none, 410 when it is too old."""
        name, _, ticket = token.rpartition(".")
        tenant = TenantId(name)
        if tenant not in self._store.tenants():
            return _refused(TicketNotYours(), 404)
        try:
            with self._store.reading(tenant) as work:
                proof = proof_by_ticket(work, TicketId(ticket), self._clock.now())
        except (TicketNotYours, TicketExpired) as refusal:
            return _refused(refusal, 410 if isinstance(refusal, TicketExpired) else 404)
        named = {"Content-Disposition": 'attachment; filename="zhufen-proof.json"'}
        return JSONResponse(proof, headers=_PRIVATE | named)

    def lottery(self, name: str) -> Response:
        """Give the record of the lottery "<tenant>.<number>" to anybody: it names nobody."""
        owner, _, number = name.rpartition(".")
        tenant = TenantId(owner)
        if tenant not in self._store.tenants():
            return _refused(UnknownLottery(number), 404)
        try:
            with self._store.reading(tenant) as work:
                record = record_of(work, find_published(work, number))
        except UnknownLottery as refusal:
            return _refused(refusal, 404)
        return JSONResponse(record, headers=_PRIVATE)

    @cached_property
    def page(self) -> str:
        """The page in one piece, its script put into its place."""
        html = (self._pages / "check.html").read_text(encoding="utf-8")
        script = (self._pages / "check.js").read_text(encoding="utf-8")
        return html.replace(_SCRIPT_MARK, script)

    def check(self) -> Response:
        """Give the page; the browser is told to let nothing else in and nothing out."""
        script = self.page.partition("<script>")[2].partition("</script>")[0]
        digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}';"
            " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return HTMLResponse(self.page, headers=headers)


def add_proofs(app: FastAPI, proofs: Proofs) -> None:
    """Serve them."""

    @app.get("/app/proof/{token}", include_in_schema=False)
    async def proof(token: str) -> Response:
        return await anyio.to_thread.run_sync(partial(proofs.document, token))

    @app.get("/app/lottery/{name}", include_in_schema=False)
    async def lottery(name: str) -> Response:
        return await anyio.to_thread.run_sync(partial(proofs.lottery, name))

    @app.get("/app/check", include_in_schema=False)
    async def check() -> Response:
        return await anyio.to_thread.run_sync(proofs.check)


def _refused(refusal: DomainError, status: int) -> Response:
    log.info("proof_refused", code=refusal.code)
    problem = {"type": "about:blank", "status": status, "code": refusal.code}
    return JSONResponse(problem, status, _PRIVATE, media_type="application/problem+json")
