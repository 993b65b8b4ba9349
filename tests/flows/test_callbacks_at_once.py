"""Callbacks that come at the same moment: each is answered as if it were alone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.deliveries import DeliveryState
from tests.bot.wecom.envelope import Posted
from tests.flows.conftest import OpenTown
from tests.support.town import Town
from tests.support.wire import ENVELOPE, Wire, member_xml, seal

AT_ONCE = 24
_CREATED = re.compile(r"<CreateTime>\d{10}</CreateTime>")


@pytest.fixture(params=["sqlite", "postgresql"])
def town(open_town: OpenTown, request: pytest.FixtureRequest) -> Town:
    return open_town(database=request.param)


@pytest.fixture
def wire(town: Town) -> Iterator[Wire]:
    wire = Wire(town)
    yield wire
    wire.close()


def _post_all(wire: Wire, posts: list[Posted]) -> list[tuple[int, bytes]]:
    with ThreadPoolExecutor(len(posts)) as pool:
        answers = list(pool.map(wire.sealed, posts))
    return [(answer.status_code, answer.content) for answer in answers]


def _without_time(reply: str) -> str:
    """Take away when an answer was written: the same answer may be given in two seconds."""
    rest, found = _CREATED.subn("", reply)
    assert found == 1
    return rest


def _handled(town: Town) -> int:
    return int(town.one("SELECT count(*) FROM inbox WHERE state = 'done' AND sender = 'liqiang'"))


def test_all_are_stored_handled_and_answered_once(town: Town, wire: Wire) -> None:
    answers = _post_all(wire, [seal(member_xml("liqiang", "项目")) for _ in range(AT_ONCE)])

    assert [status for status, _ in answers] == [200] * AT_ONCE
    assert all("滨江一期" in ENVELOPE.open_reply(body) for _, body in answers)
    assert _handled(town) == AT_ONCE
    in_band = f"SELECT count(*) FROM deliveries WHERE state = '{DeliveryState.IN_BAND}'"  # noqa: S608
    assert town.one(in_band) == AT_ONCE


def test_the_same_one_again_and_again_has_one_effect_and_one_answer(town: Town, wire: Wire) -> None:
    xml = member_xml("liqiang", "项目")

    answers = _post_all(wire, [seal(xml) for _ in range(AT_ONCE)])

    assert [status for status, _ in answers] == [200] * AT_ONCE
    assert _handled(town) == 1
    assert len({_without_time(ENVELOPE.open_reply(body)) for _, body in answers if body}) == 1


def test_a_forged_or_refused_one_does_not_touch_the_others(town: Town, wire: Wire) -> None:
    forged = seal(member_xml("liqiang", "项目"))
    forged.query["msg_signature"] = "0" * 40
    good = [seal(member_xml("liqiang", "项目")) for _ in range(AT_ONCE - 2)]
    not_allowed = seal(member_xml("liqiang", "邀请 滨江置业 王建国"))

    answers = _post_all(wire, [*good[:8], forged, not_allowed, *good[8:]])

    statuses = [status for status, _ in answers]
    assert statuses == [200] * 8 + [403] + [200] * (AT_ONCE - 9)
    for number, (_, body) in enumerate(answers):
        if number not in {8, 9}:
            assert "滨江一期" in ENVELOPE.open_reply(body)
    assert _handled(town) == AT_ONCE - 1
    assert town.one("SELECT count(*) FROM invitations") == 0
