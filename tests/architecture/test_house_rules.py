"""The project keeps its house rules, and each rule finds what it is there to find."""

import pytest

from tests.architecture.rules import RULES, Rule
from tests.architecture.source import Source, project_sources

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)

LONG_BODY = "    pass\n" * 50

# For every rule: files that break it, and the nearest files that do not.
BROKEN: dict[str, list[tuple[str, str]]] = {
    "short-file": [("domain/ledger.py", "x = 1\n" * 401)],
    "short-function": [
        ("handlers/router.py", f"def route():\n{LONG_BODY}"),
        ("tests/domain/test_x.py", f"async def test_it():\n{LONG_BODY}"),
    ],
    "edge-commits": [
        ("handlers/usecases/award.py", "def award(work):\n    work.session.commit()\n"),
        ("bot/api/events.py", "def post(work):\n    work.rollback()\n"),
        ("bot/runtime_extra.py", "session.commit()\n"),
    ],
    "wording-in-templates": [
        ("handlers/cards/review.py", 'TITLE = "评价"\n'),
        ("bot/presenter.py", 'x = f"共{count}分"\n'),
        ("domain/errors.py", 'SEPARATOR = "，"\n'),
    ],
    "one-address": [
        ("handlers/usecases/gifts.py", "def give(ctx):\n    ctx.work.deliveries.add(made)\n"),
        ("bot/workers/runs.py", "notice = Delivery(id=1)\n"),
    ],
    "synchronous-core": [
        ("storage/work.py", "async def load():\n    return 1\n"),
        ("domain/ports.py", "class P:\n    async def get(self): ...\n"),
    ],
    "business-names": [
        ("bot/utils.py", '"""X."""\n'),
        ("storage/common/tables.py", '"""X."""\n'),
        ("tests/helpers.py", '"""X."""\n'),
    ],
    "imports-at-the-top": [
        ("bot/presenter.py", "def render():\n    import jinja2\n"),
        ("handlers/router.py", "class R:\n    def go(self):\n        from domain import ids\n"),
    ],
    "module-docstring": [("domain/ids.py", "x = 1\n"), ("storage/__init__.py", "")],
    "public-docstring": [
        ("domain/ids.py", "def make():\n    return 1\n"),
        ("domain/ids.py", 'class Id:\n    """An id."""\n\n    def text(self):\n        pass\n'),
    ],
    "pure-domain": [
        ("domain/calendar.py", "import chinese_calendar\n"),
        ("domain/ids.py", "from pydantic import BaseModel\n"),
    ],
    "http-in-clients": [
        ("bot/wecom/outbound.py", "import httpx2\n\nc = httpx2.Client(timeout=3)\n"),
        ("bot/doctor.py", "from httpx2 import AsyncClient\n"),
    ],
    "real-tests": [
        ("tests/bot/test_x.py", "from unittest.mock import patch\n"),
        ("tests/bot/test_x.py", "from unittest import mock\n"),
        ("tests/bot/test_x.py", "import pytest\n\n@pytest.mark.skipif(True)\ndef test(): ...\n"),
        ("tests/bot/test_x.py", "import pytest\n\ndef test():\n    pytest.skip('later')\n"),
    ],
}
KEPT: dict[str, list[tuple[str, str]]] = {
    "short-file": [
        ("domain/ledger.py", "x = 1\n" * 400),
        ("storage/migrations/versions/first.py", "x = 1\n" * 500),
    ],
    "short-function": [("handlers/router.py", f"def route():\n{LONG_BODY[9:]}")],
    "edge-commits": [
        ("bot/runtime.py", "session.commit()\n"),
        ("storage/work.py", "session.rollback()\n"),
        ("tests/storage/test_work.py", "session.commit()\n"),
        ("bot/api/events.py", "commit = git.commit\n"),
    ],
    "wording-in-templates": [
        ("handlers/cards/review.py", '"""评价 cards."""\n# 评价\nTITLE = "review"\n'),
        ("domain/reviews.py", 'class R:\n    stars: int\n    """1 to 5 (星)."""\n'),
        ("handlers/vocabulary.py", 'BALANCE = "余额"\n'),
        ("bot/emulator/phones.py", 'NAME = "王"\n'),
    ],
    "one-address": [
        ("handlers/addressing.py", "work.deliveries.add(Delivery(id=1))\n"),
        ("handlers/usecases/gifts.py", "def give(ctx):\n    return ToContact(a, b, c)\n"),
        ("storage/deliveries.py", "Delivery(id=1)\n"),
    ],
    "synchronous-core": [("bot/wecom/webhook.py", "async def callback():\n    await body()\n")],
    "business-names": [("bot/basement.py", '"""X."""\n')],
    "imports-at-the-top": [
        ("bot/dingtalk/crypto.py", "def f():\n    # lazy: 108 MB\n    import dingtalk\n"),
        ("bot/dingtalk/crypto.py", "def f():\n    import dingtalk  # lazy: 108 MB\n"),
        ("bot/cli/serve.py", "def f():\n    import uvicorn\n"),
    ],
    "module-docstring": [("domain/ids.py", '"""Ids."""\n'), ("tests/bot/__init__.py", "")],
    "public-docstring": [
        ("domain/ids.py", "def _make():\n    return 1\n"),
        (
            "domain/ids.py",
            'class Id(Text):\n    """An id."""\n\n    @override\n    def f(s): ...\n',
        ),
        ("tests/domain/test_ids.py", "def test_ids_differ():\n    pass\n"),
    ],
    "pure-domain": [
        ("domain/ids.py", "import datetime\nfrom typing_extensions import override\n"),
        ("domain/lots.py", "from domain.ids import LotId\n"),
    ],
    "http-in-clients": [
        ("bot/wecom/client.py", "import httpx2\n\nc = httpx2.Client(timeout=3)\n"),
        ("bot/wecom/outbound.py", "import httpx2\n\nE = httpx2.TransportError\n"),
        ("bot/emulator/server.py", "from httpx2 import AsyncClient\n"),
    ],
    "real-tests": [
        ("tests/bot/test_x.py", "import pytest\n\n@pytest.mark.browser\ndef t(): ...\n")
    ],
}


@by_name
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    findings = [line for source in project_sources() for line in rule.findings(source)]

    assert not findings, "\n" + "\n".join(findings)


@by_name
def test_the_rule_finds_a_planted_violation(rule: Rule) -> None:
    for path, text in BROKEN[rule.name]:
        assert rule.findings(Source.of(path, text)), f"{path} passed:\n{text}"


@by_name
def test_the_rule_lets_the_near_miss_pass(rule: Rule) -> None:
    for path, text in KEPT[rule.name]:
        assert rule.findings(Source.of(path, text)) == [], text


def test_the_rules_look_at_the_whole_project() -> None:
    seen = {source.path for source in project_sources()}

    assert {"tests/architecture/rules.py", "tests/conftest.py"} <= seen
    assert {path.partition("/")[0] for path in seen} >= {"bot", "domain", "tests"}
