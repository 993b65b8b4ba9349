"""Who may ask: keys, scopes, tenants, members; every refusal says the same and changes nothing."""

import pytest

from bot.wiring import MAIN
from domain.apikeys import Scope, key_text
from domain.ids import ApiKeyId, MemberId, TenantId
from handlers.contract import Context
from handlers.usecases.api_keys import revoke_key
from tests.bot.api.conftest import Site, System
from tests.support.stores import OTHER

CUSTOMER = {"code": "C009", "name": "新客户"}
REFUSED = {
    "type": "https://zhufen.example.com/docs#key_refused",
    "title": "密钥没有通过",
    "status": 401,
    "detail": (
        "API 密钥没有通过：没有带上、写错了、已停用，或它的主人已离职。\n"
        "请在请求头里写 Authorization: Bearer 加完整密钥；"
        "需要新的，请管理员用 zhufen apikey create 生成。"
    ),
    "code": "key_refused",
}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic {text}",
        "{text}",
        "Bearer {text}x",
        "Bearer {text} {text}",
        "Bearer zf_{id}_",
        "Bearer zf_nobody_" + "a" * 43,
        "Bearer " + key_text(ApiKeyId("0" * 26), "a" * 43),
        "Bearer zf_{id}_" + "a" * 43,
        "Bearer " + "z" * 10_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_right_key_nothing_is_told(erp: System, header: str, method: str) -> None:
    given = header.format(text=erp.text, id=erp.key.id)
    before = erp.site.everything()
    if method == "GET":
        answer = erp.get("/api/v1/customers/C001", authorization=given)
    else:
        answer = erp.post("/api/v1/customers", CUSTOMER, authorization=given)

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert erp.site.everything() == before


def test_who_has_no_key_is_not_even_listened_to(erp: System) -> None:
    answer = erp.post("/api/v1/events", b"[" * 300_000, authorization="")

    assert answer.status_code == 401


def test_the_scheme_is_read_in_any_case(erp: System) -> None:
    answer = erp.get("/api/v1/customers/C001", authorization=f"bEARER  {erp.text}")

    assert answer.status_code == 200


def test_a_revoked_key_is_refused_from_the_next_request_on(site: Site) -> None:
    erp = site.system()
    assert erp.get("/api/v1/customers/C001").status_code == 200

    def revoke(ctx: Context) -> None:
        assert revoke_key(ctx, erp.key.id)

    site.parts.runtime.act(MAIN, revoke)
    answer = erp.get("/api/v1/customers/C001")
    assert (answer.status_code, answer.json()) == (401, REFUSED)


@pytest.mark.parametrize(
    ("scope", "path", "body"),
    [
        (Scope.CUSTOMERS_WRITE, "/api/v1/customers", CUSTOMER),
        (
            Scope.CUSTOMERS_WRITE,
            "/api/v1/projects",
            {"code": "P9", "name": "九期", "customer": "C001"},
        ),
        (
            Scope.EVENTS_WRITE,
            "/api/v1/events",
            {
                "source": "erp",
                "id": "1",
                "type": "check_in",
                "customer": "C001",
                "occurred_at": "2026-11-20T10:00:00Z",
            },
        ),
        (Scope.READ, "/api/v1/customers/C001", None),
        (Scope.READ, "/api/v1/projects/P101", None),
        (Scope.READ, "/api/v1/customers/C001/wallet", None),
        (Scope.READ, "/api/v1/customers/C001/entries", None),
        (Scope.READ, "/api/v1/customers/C001/lots", None),
        (Scope.READ, "/api/v1/customers/C001/notices", None),
    ],
)
def test_every_address_needs_its_scope_and_no_other(
    quick_site: Site, scope: Scope, path: str, body: dict[str, str] | None
) -> None:
    right = quick_site.system(scope)
    wrong = quick_site.system(*(set(Scope) - {scope}))
    before = quick_site.everything()

    answer = wrong.get(path) if body is None else wrong.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.json()["fields"] == {"scope": scope}
    assert quick_site.everything() == before
    answer = right.get(path) if body is None else right.post(path, body)
    assert answer.status_code in {200, 201}


def test_a_key_sees_its_own_tenant_only(site: Site) -> None:
    erp, theirs = site.system(), site.system(tenant=OTHER)
    assert theirs.post("/api/v1/customers", CUSTOMER).status_code == 201

    assert theirs.get("/api/v1/customers/C009").status_code == 200
    assert erp.get("/api/v1/customers/C009").status_code == 404


def test_what_a_key_does_is_done_by_it_or_by_its_member(site: Site) -> None:
    system, member = site.system(), site.system(member="李强")
    system.post("/api/v1/customers", CUSTOMER)
    member.post("/api/v1/customers", {"code": "C010", "name": "另一家"})

    with site.parts.store.reading(MAIN) as work:
        li = next(m for m in work.members.all() if m.name == "李强")
    audit = "\n".join(site.everything()["audit"])
    assert f"'apikey:{system.key.id}'" in audit
    assert f"'member:{li.id}'" in audit


def test_the_key_of_who_has_left_is_refused(quick_site: Site) -> None:
    erp = quick_site.system(member="李强")
    member = erp.key.member
    assert member is not None
    leave(quick_site, MAIN, member)

    before = quick_site.everything()
    answer = erp.post("/api/v1/customers", CUSTOMER)
    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert erp.get("/api/v1/customers/C001").status_code == 401
    assert quick_site.everything() == before


def leave(site: Site, tenant: TenantId, member: MemberId) -> None:
    site.execute(
        "UPDATE members SET is_active = 0 WHERE tenant_id = :tenant AND id = :member",
        tenant=tenant,
        member=member,
    )


def test_keys_stand_nowhere_in_the_database(site: Site) -> None:
    erp = site.system()
    erp.post("/api/v1/customers", CUSTOMER)

    assert erp.text.split("_", 2)[2] not in str(site.everything())
