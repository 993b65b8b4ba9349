"""The commands for keys of the open API, as a person or a script sees them."""

import pytest

from domain.apikeys import hash_key
from tests.support.desk import Desk


def test_a_key_is_printed_once_and_kept_as_a_hash(desk: Desk) -> None:
    made = desk.run(
        *("apikey", "create", "ERP", "--scope", "read", "--scope", "events:write"),
        *("--member", "李强", "--json"),
    ).json()

    assert made["key"].startswith(f"zf_{made['id']}_")
    assert desk.rows("SELECT id, name, hash, scopes, tenant_id FROM api_keys") == [
        (made["id"], "ERP", hash_key(made["key"]), '["events:write","read"]', "main")
    ]
    assert desk.rows("SELECT member_id FROM api_keys") == desk.rows(
        "SELECT id FROM members WHERE name = '李强'"
    )
    assert made["key"].removeprefix(f"zf_{made['id']}_") not in desk.everything()


def test_keys_are_listed_by_their_last_characters(desk: Desk) -> None:
    create = ("apikey", "create", "ERP", "--scope", "read", "--json")
    made = desk.run(*create).json()
    desk.run(*create, "--tenant", "firm2")

    [shown] = desk.run("apikey", "list", "--json").json()["keys"]
    assert shown.pop("created")
    assert shown == {
        "id": made["id"],
        "name": "ERP",
        "key": f"…{made['key'][-4:]}",
        "scopes": ["read"],
        "member": "",
        "revoked": "",
    }
    for_people = desk.run("apikey", "list").out
    assert made["id"] in for_people
    assert made["key"] not in for_people


def test_a_key_is_revoked_once(desk: Desk) -> None:
    made = desk.run("apikey", "create", "ERP", "--scope", "read", "--json").json()

    assert desk.run("apikey", "revoke", made["id"], "--json").json() == {"revoked": made["id"]}
    [shown] = desk.run("apikey", "list", "--json").json()["keys"]
    assert shown["revoked"]
    assert made["id"] in desk.is_refused("apikey", "revoke", made["id"])


@pytest.mark.parametrize(
    "options",
    [
        ("create", "ERP", "--scope", "read", "--member", "无名"),
        ("create", "ERP", "--scope", "read", "--tenant", "nobody"),
        ("revoke", "nothing"),
        ("list", "--tenant", "nobody"),
    ],
    ids=["member", "tenant", "revoke", "list"],
)
def test_what_cannot_be_done_changes_nothing(desk: Desk, options: tuple[str, ...]) -> None:
    desk.is_refused("apikey", *options)


@pytest.mark.parametrize("options", [("--scope", "everything"), ()], ids=["unknown", "none"])
def test_a_key_needs_scopes_that_there_are(desk: Desk, options: tuple[str, ...]) -> None:
    before = desk.everything()
    ended = desk.run("apikey", "create", "ERP", *options)

    assert ended.code == 2
    assert desk.everything() == before
