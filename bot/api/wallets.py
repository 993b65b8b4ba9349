"""A customer's points over the API: the wallet, its entries and its lots."""

from datetime import date
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bot.api.declaring import reading
from bot.api.gate import Admitted, api_router
from bot.api.values import Moment, Shown
from domain.errors import ErrorCode
from domain.ledger import Account, Reason
from domain.lots import Lot
from handlers.contract import Context
from handlers.usecases.directory import customer_of_code
from handlers.usecases.statement import Explained, read_balance, read_entries, read_lots

router = api_router()

SEQ_MAX = 2**63 - 1
PAGE_MAX = 200


class EndingShown(Shown):
    """Points that can be spent up to and including a day."""

    points: int
    last_day: date


class WalletShown(Shown):
    """What a customer has and owes."""

    customer: str
    available: int
    held: int
    pending: int
    debt: int
    entries: int
    """How many entries there are; the newest has this seq."""
    ending: list[EndingShown]


class EventNamed(Shown):
    """The event behind an entry."""

    source: str
    id: str
    type: str


class LotShown(Shown):
    """Points earned together."""

    id: str
    entry: str
    points: int
    earned_at: Moment
    expires_at: Moment
    """The first instant at which they can no longer be spent."""


class OpenLotShown(LotShown):
    """Points earned together, and how many are left."""

    remaining: int


class EntryShown(Shown):
    """One movement of points from the debit to the credit account, and why."""

    id: str
    seq: int
    points: int
    debit: Account
    credit: Account
    reason: Reason
    event: EventNamed | None
    rule: str | None
    version: int | None
    reverses: str | None
    lot: LotShown | None
    """What the entry opened."""
    effective_at: Moment
    recorded_at: Moment
    available_after: int
    debt_after: int
    hash: str


class EntriesShown(Shown):
    """A page of entries, newest first."""

    entries: list[EntryShown]
    before: int | None
    """Ask with this for the next page; null on the last one."""


class LotsShown(Shown):
    """The lots that can be spent, soonest end first."""

    lots: list[OpenLotShown]


class Page(BaseModel):
    """Which entries are wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: int | None = Field(
        default=None, ge=1, le=SEQ_MAX, description="Only entries with a smaller seq."
    )
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)


@router.get("/customers/{code}/wallet", **reading(WalletShown, ErrorCode.UNKNOWN_CUSTOMER))
def read_wallet(code: str, call: Admitted) -> Response:
    """Give what a customer has and owes, and when points end."""
    return call.read(lambda ctx: _wallet_shown(ctx, code))


@router.get("/customers/{code}/entries", **reading(EntriesShown, ErrorCode.UNKNOWN_CUSTOMER))
def read_entry_page(code: str, page: Annotated[Page, Query()], call: Admitted) -> Response:
    """Give a customer's entries, newest first, page by page."""

    def look(ctx: Context) -> EntriesShown:
        customer = customer_of_code(ctx, code)
        # One more than asked for tells whether there is a next page.
        found = read_entries(ctx, customer.id, before=page.before, limit=page.limit + 1)
        shown = found[: page.limit]
        has_more = len(found) > len(shown)
        return EntriesShown(
            entries=[entry_shown(each) for each in shown],
            before=shown[-1].entry.seq if has_more else None,
        )

    return call.read(look)


@router.get("/customers/{code}/lots", **reading(LotsShown, ErrorCode.UNKNOWN_CUSTOMER))
def read_open_lots(code: str, call: Admitted) -> Response:
    """Give the lots that can still be spent, soonest end first."""

    def look(ctx: Context) -> LotsShown:
        lots = read_lots(ctx, customer_of_code(ctx, code).id)
        return LotsShown(
            lots=[OpenLotShown(**dict(_lot_shown(lot)), remaining=lot.remaining) for lot in lots]
        )

    return call.read(look)


def entry_shown(explained: Explained) -> EntryShown:
    """Show an entry with its cause and the lot it opened."""
    entry, event, lot = explained.entry, explained.event, explained.lot
    cause = entry.cause
    named = event and EventNamed(source=event.source, id=event.source_id, type=event.type)
    return EntryShown(
        id=entry.id,
        seq=entry.seq,
        points=entry.points,
        debit=entry.debit,
        credit=entry.credit,
        reason=entry.reason,
        event=named,
        rule=cause.rule,
        version=cause.rule_version,
        reverses=entry.reverses,
        lot=_lot_shown(lot) if lot else None,
        effective_at=cause.effective_at,
        recorded_at=cause.recorded_at,
        available_after=entry.available_after,
        debt_after=entry.debt_after,
        hash=entry.hash,
    )


def _wallet_shown(ctx: Context, code: str) -> WalletShown:
    customer = customer_of_code(ctx, code)
    wallet, endings = read_balance(ctx, customer.id)
    return WalletShown(
        customer=customer.code,
        available=wallet.available,
        held=wallet.held,
        pending=wallet.pending,
        debt=wallet.debt,
        entries=wallet.seq,
        ending=[EndingShown(points=e.points, last_day=e.last_day) for e in endings],
    )


def _lot_shown(lot: Lot) -> LotShown:
    return LotShown(
        id=lot.id,
        entry=lot.entry,
        points=lot.points,
        earned_at=lot.earned_at,
        expires_at=lot.expires_at,
    )
