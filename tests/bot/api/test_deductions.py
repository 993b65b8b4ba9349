"""What a project's next payments are lower by, over the API, on both engines."""

from bot.api.deductions import DeductionShown, DeductionsShown
from domain.ids import ProjectId, VoucherUseId
from domain.members import Role
from domain.vouchers import VoucherUse
from handlers.contract import Context
from tests.bot.api.conftest import Site
from tests.handlers.voucher_steps import NAME, place
from tests.support.make import a_member
from tests.support.stores import MAIN


def use(ctx: Context, number: int, amount: int, project: ProjectId) -> VoucherUse:
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    bought = place(ctx, number, customer=customer.id, contact=None)
    [voucher] = ctx.work.vouchers.of_redemption(bought.id)
    made = VoucherUse(
        VoucherUseId(f"u-{number}"),
        number,
        f"test:{number}",
        voucher.id,
        voucher.customer,
        project,
        amount,
        a_member("zhou").id,
        ctx.now,
    )
    ctx.work.voucher_uses.add(made)
    return made


def test_what_waits_is_listed_and_added_up(site: Site) -> None:
    def act(ctx: Context) -> None:
        project = ctx.work.projects.find_by_code("P101")
        assert project is not None
        ctx.work.members.add(a_member("zhou", Role.FINANCE))
        use(ctx, 1, 200_050, project.id)
        use(ctx, 2, 100_000, project.id)
        done = use(ctx, 3, 100, project.id)
        ctx.work.voucher_uses.deduct(done.id, "HK-1")

    site.parts.runtime.act(MAIN, act)
    answer = site.system().get("/api/v1/projects/P101/deductions")
    assert answer.status_code == 200
    found = answer.json()
    assert found.keys() == DeductionsShown.model_fields.keys()
    assert (found["project"], found["customer"], found["amount"]) == ("P101", "C001", "3000.50")
    assert [one["number"] for one in found["deductions"]] == [1, 2]
    first = found["deductions"][0]
    assert first.keys() == DeductionShown.model_fields.keys()
    assert (first["amount"], first["reward"], first["used_by"]) == ("2000.50", NAME, "zhou")


def test_a_project_without_any_has_none_and_an_unknown_one_is_refused(site: Site) -> None:
    erp = site.system()
    assert erp.get("/api/v1/projects/P101/deductions").json()["deductions"] == []
    refused = erp.get("/api/v1/projects/P999/deductions")
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_project")
