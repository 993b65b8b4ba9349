"""Two customers who each have a double: one is to be merged, the other's merge to be undone."""

from functools import partial

from domain.approvals import Verdict
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.merging import ask_merge, ask_unmerge, record_of_code
from storage.db import reading
from tests.handlers.approval_steps import acting_as
from tests.kills.life import Life
from tests.support.firm import Firm
from tests.support.make import a_contact, a_customer, a_project
from tests.support.stores import MAIN

DOUBLE, KEPT = "C090", "C091"
MERGED, WHOLE = "C092", "C093"


def have_doubles(firm: Firm) -> None:
    """Let both wait for somebody to approve."""
    firm.acts(_people)
    for place, code in enumerate((DOUBLE, KEPT, MERGED, WHOLE), start=3):
        firm.signs(10 * place, code)
    firm.acts(partial(_ask, merged=MERGED, kept=WHOLE))
    firm.acts(lambda ctx: _approve(ctx, MERGED), member="zhang")
    firm.acts(lambda ctx: ask_unmerge(acting_as(ctx, "zhou"), record_of_code(ctx, MERGED)))
    firm.acts(partial(_ask, merged=DOUBLE, kept=KEPT))


def approved(life: Life, merged: str) -> None:
    """Let the last that was asked for about a double be approved."""
    with reading(life.store.database, MAIN) as db:
        rows = db.all(
            "SELECT number FROM approvals WHERE tenant_id = :tenant AND subject = :about"
            " ORDER BY number",
            about=f"merge:{merged}",
        )
    life.acts(partial(_decide, number=rows[-1][0]), "zhang")


def _people(ctx: Context) -> None:
    for code in (DOUBLE, KEPT, MERGED, WHOLE):
        ctx.work.customers.add(a_customer(code, f"客户{code}"))
        ctx.work.customers.add_contact(a_contact(f"of-{code}", code))
        ctx.work.projects.add(a_project(f"P{code}", f"项目{code}", code))


def _ask(ctx: Context, merged: str, kept: str) -> None:
    records = record_of_code(ctx, merged), record_of_code(ctx, kept)
    ask_merge(acting_as(ctx, "zhou"), *records)


def _approve(ctx: Context, merged: str) -> None:
    found = ctx.work.approvals.find_pending(f"merge:{merged}")
    assert found is not None
    decide(ctx, found.id, Verdict.APPROVE, "")


def _decide(ctx: Context, number: int) -> None:
    found = ctx.work.approvals.find_number(number)
    assert found is not None
    decide(ctx, found.id, Verdict.APPROVE, "")
