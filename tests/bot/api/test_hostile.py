"""Hostile requests: a clear refusal, nothing changed, nothing of ours or theirs repeated."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs

from bot.api.gate import BODY_MAX
from bot.web import callbacks
from bot.wiring import MAIN
from domain.repositories import AuditNote
from tests.bot.api.conftest import Site, System, opened
from tests.bot.api.test_events import SIGNED
from tests.support.fakes import START, FakeClock

MALFORMED = {
    "nothing": b"",
    "a text": b'"a"',
    "a list": b"[]",
    "half": b'{"a":',
    "two": b"{}{}",
    "deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 40 + b"1" + b"}" * 40,
    "NaN": b'{"points":NaN}',
    "infinity": b'{"points":-Infinity}',
    "10^400": b'{"points":1' + b"0" * 400 + b"}",
    "1e400": b'{"points":1e400}',
    "duplicate key": b'{"code":"C1","code":"C2"}',
    "NUL": b'{"code":"C1\\u0000"}',
    "half a surrogate pair": b'{"code":"\\ud800"}',
    "not UTF-8": b'{"code":"\xff"}',
    "UTF-16": '{"code":"C1"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"code":"C1"}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_json_is_refused(erp: System, name: str) -> None:
    before = erp.site.everything()
    answer = erp.post("/api/v1/customers", MALFORMED[name])

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert erp.site.everything() == before


def test_a_body_may_be_as_large_as_said_and_no_larger(erp: System) -> None:
    before = erp.site.everything()
    body = {"code": "C009", "name": ""}
    room = BODY_MAX - len(json.dumps(body))
    largest = erp.post("/api/v1/customers", body | {"name": "x" * room})
    larger = erp.post("/api/v1/customers", body | {"name": "x" * (room + 1)})

    assert (largest.status_code, largest.json()["code"]) == (422, "invalid")
    assert (larger.status_code, larger.json()["code"]) == (413, "too_large")
    assert larger.headers["connection"] == "close"
    assert erp.site.everything() == before


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "json"])
def test_another_kind_of_body_is_refused(erp: System, kind: str) -> None:
    before = erp.site.everything()
    answer = erp.post("/api/v1/events", SIGNED, **{"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")
    assert erp.site.everything() == before


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_is_known_by_its_usual_names(erp: System, kind: str) -> None:
    assert erp.post("/api/v1/events", SIGNED, **{"content-type": kind}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v2/customers/C001", 404, "not_found"),
        ("GET", "/api/v1/events", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/customers/C001", 405, "method_not_allowed"),
    ],
)
def test_what_is_no_address_is_a_problem_too(
    erp: System, method: str, path: str, status: int, code: str
) -> None:
    answer = erp.site.ask(method, path, headers=erp.headers())

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) is (status == 405)


def test_other_addresses_keep_their_own_way(erp: System) -> None:
    answer = erp.site.ask("GET", "/nothing")

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    "code",
    ["%00", "%ED%A0%80", "%FF", "C001%27%20OR%201=1--", "x" * 5_000, "%E2%80%AE", "..%2F..%2F"],
)
def test_hostile_codes_are_only_not_found(site: Site, code: str) -> None:
    answer = site.system().get(f"/api/v1/customers/{code}")

    assert answer.status_code == 404
    assert answer.json()["code"] in {"unknown_customer", "not_found"}


def test_a_bug_has_a_reference_that_is_in_the_log_and_no_words_of_its_own(erp: System) -> None:
    erp.site.execute("ALTER TABLE api_requests RENAME TO gone")
    before = erp.site.everything()
    with capture_logs() as logs:
        answer = erp.post("/api/v1/events", SIGNED | {"id": "sesame"})

    assert (answer.status_code, answer.json()["code"]) == (500, "bug")
    [line] = [line for line in logs if line["event"] == "api_failed"]
    assert answer.json()["reference"] == line["reference"]
    assert line["reference"] in answer.json()["detail"]
    for word in ("api_requests", "StatementFailed", "sesame"):
        assert word not in answer.text
    assert "sesame" not in str(logs)
    assert erp.site.everything() == before


def test_who_is_in_the_way_is_waited_for_but_not_forever(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    for site in opened(sqlite_url, tmp_path, clock, wait_seconds_max=0.05):
        erp = site.system()
        before = site.everything()
        with site.parts.store.work(MAIN) as work:
            work.audit.write(AuditNote(START, "system", None, "test", "nothing"))
            answer = erp.post("/api/v1/events", SIGNED, again="k1")
            assert erp.get("/api/v1/customers/C001").status_code == 200

        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert site.everything() == before
        assert erp.post("/api/v1/events", SIGNED, again="k1").json()["points"] == 1200


def test_a_body_that_does_not_arrive_is_not_waited_for(
    erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "BODY_SECONDS_MAX", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep(5)
        yield b"}"

    headers = erp.headers() | {"content-type": "application/json"}
    answer = erp.site.ask("POST", "/api/v1/events", content=slowly(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
    assert answer.headers["connection"] == "close"


def test_who_hangs_up_while_sending_is_no_bug(erp: System) -> None:
    before = erp.site.everything()
    with capture_logs() as logs:
        assert erp.hangs_up("/api/v1/events") == 400

    assert [line for line in logs if line["event"] == "api_failed"] == []
    assert erp.site.everything() == before


def test_nothing_of_a_request_stands_in_the_log(erp: System) -> None:
    body = {"code": "C009", "name": "sesame", "contacts": [{"name": "sesame", "phone": "1"}]}
    with capture_logs() as logs:
        erp.post("/api/v1/customers", body)
        erp.post("/api/v1/customers", b"sesame")
        erp.post("/api/v1/customers", {"code": "C009", "name": "sesame"})
        erp.get("/api/v1/customers/sesame")
        erp.get("/api/v1/customers/C001", authorization="Bearer sesame")

    assert [line["code"] for line in logs if line["event"] == "refused"] == [
        "invalid",
        "malformed",
        "unknown_customer",
        "key_refused",
    ]
    assert "sesame" not in str(logs)
    assert erp.text not in str(logs)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from([*SIGNED, "project", "amount", "x"])


def test_no_json_breaks_anything(erp: System) -> None:
    before = erp.site.everything()

    @given(st.dictionaries(FIELDS, JSON_VALUES, max_size=8))
    def run(body: dict[str, Any]) -> None:
        answer = erp.post("/api/v1/events", SIGNED | {"data": None} | body)
        assert answer.status_code in {400, 422}, answer.text

    run()
    assert erp.site.everything() == before
