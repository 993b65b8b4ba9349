"""Another system that goes on using the code of a record that was merged."""

from domain.approvals import Verdict
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.merging import ask_merge, record_of_code
from tests.bot.api.conftest import Site
from tests.bot.api.test_events import SIGNED
from tests.handlers.approval_steps import acting_as
from tests.support.make import a_customer, a_member
from tests.support.stores import MAIN


def _merge(ctx: Context) -> None:
    ctx.work.members.add(a_member("approver", Role.SUPERVISOR))
    asked = ask_merge(ctx, record_of_code(ctx, "C099"), record_of_code(ctx, "C001"))
    decide(acting_as(ctx, "approver"), asked.id, Verdict.APPROVE, "")


def test_the_code_of_a_merged_record_is_the_other_record(site: Site) -> None:
    site.parts.runtime.act(MAIN, lambda ctx: ctx.work.customers.add(a_customer("C099", "双份")))
    erp = site.system()
    first = erp.post("/api/v1/events", SIGNED | {"customer": "C099"})
    site.parts.runtime.act(MAIN, _merge)

    found = erp.get("/api/v1/customers/C099").json()
    again = erp.post("/api/v1/events", SIGNED | {"customer": "C099"})
    new = erp.post("/api/v1/events", SIGNED | {"customer": "C099", "id": "HT-2"})

    assert (found["code"], found["aliases"]) == ("C001", ["C099", "双份"])
    assert (first.status_code, again.status_code, new.status_code) == (200, 200, 200)
    assert again.json()["entries"] == first.json()["entries"]
    assert new.json()["customer"] == "C001"
    assert erp.get("/api/v1/customers/C099/wallet").json()["available"] == 2_400
