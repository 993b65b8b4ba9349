"""Real processes, killed at any moment of the thread: all arrives in the end, nothing twice."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from bot.embedded import redis_url
from bot.emulator.phones import Bubble
from bot.emulator.wecom import CannotActError
from bot.settings import Settings
from bot.wiring import MAIN
from domain.channels import KF_MESSAGES_MAX
from domain.ids import MemberId
from handlers.contract import Context
from handlers.usecases.setup import add_milestone, add_project
from tests.support.deeds import CHEN, LI, WANG
from tests.support.processes import Role, answers, queue_server, role
from tests.support.servers import Listener
from tests.support.town import MovingClock, Platforms, Town, TownParts, keys_of, text_of
from tests.support.world import Ding, Places, settings_of

T = TypeVar("T")

ROUNDS = 6
# A lease lasts 30 s: who was killed while sending holds a message that long.
PATIENCE = 50.0
TROUBLE = random.Random(20261122)


class Siege:
    """A town whose roles are processes, with somebody who kills them."""

    def __init__(self, town: Town, roles: list[Role], webs: list[str], folder: Path) -> None:
        self.town, self.roles, self.webs, self._folder = town, roles, webs, folder
        self._peace = threading.Event()
        self._killer = threading.Thread(target=self._kill_and_restart, daemon=True)
        self.killed: list[str] = []

    def begin(self) -> None:
        for one in self.roles:
            one.start(self._folder)
        for url in self.webs:
            answers(url)
        self._killer.start()

    def end(self) -> None:
        self._peace.set()
        if self._killer.ident is not None:
            self._killer.join(30)
        assert not self._killer.is_alive()

    def _kill_and_restart(self) -> None:
        order = self.roles * (2 if len(self.webs) == 1 else 1)
        TROUBLE.shuffle(order)
        for one in order:
            if self._peace.wait(TROUBLE.uniform(0.2, 0.9)):
                return
            one.kill()
            self.killed.append(one.name)
            time.sleep(TROUBLE.uniform(0, 0.2))
            one.start(self._folder)


def more_milestones(ctx: Context) -> None:
    """Give the project manager something to record in every round."""
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    (li,) = [member.id for member in ctx.work.members.all() if member.name == "李强"]
    project = add_project(ctx, "P900", "江南花园", customer, MemberId(li))
    for number in range(ROUNDS):
        add_milestone(ctx, project, f"{_LETTERS[number]}区验收", ctx.today)


_LETTERS = "甲乙丙丁戊己庚辛壬癸"


@pytest.fixture(params=["sqlite", "postgresql"])
def siege(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Siege]:
    """Start one of each role on SQLite; on PostgreSQL web and scheduler are twice there."""
    is_big = request.param == "postgresql"
    url = request.getfixturevalue("postgres_url" if is_big else "sqlite_url")
    clock = MovingClock()
    platforms = Platforms(Ding("http", has_template=False), clock, retry_seconds=1.0)
    listeners = [Listener() for _ in range(2 if is_big else 1)]
    places = Places(tmp_path / "d", _socket(tmp_path / "d"), url, platforms.url, listeners[0].url)
    settings = settings_of(places, Ding("http", has_template=False))
    town = Town(platforms, TownParts(settings, clock))
    town.parts.runtime.act(MAIN, more_milestones)
    platforms.call_back_at(listeners[0].url)
    ports = [listener.port for listener in listeners]
    for listener in listeners:
        listener.close()
    besieged = Siege(
        town, _roles(settings, places, ports), [f"http://127.0.0.1:{p}" for p in ports], tmp_path
    )
    yield besieged
    try:
        besieged.end()
    finally:
        for one in besieged.roles:
            print(one.name, one.lives, one.is_running(), one.said()[-1500:])  # noqa: T201
            one.kill()
    platforms.close()
    town.parts.close()


def _socket(data: Path) -> str:
    data.mkdir()
    return redis_url(data)


def _roles(settings: Settings, places: Places, ports: list[int]) -> list[Role]:
    roles = [queue_server(places), role("worker-0", settings, ports[0])]
    for number, port in enumerate(ports):
        roles.append(role(f"web-{number}", settings, port))
        roles.append(role(f"scheduler-{number}", settings, port))
    return roles


@pytest.mark.long
def test_whoever_is_killed_everything_arrives_and_nothing_twice(siege: Siege) -> None:
    town = siege.town
    siege.begin()
    _binds(town)
    for number in range(ROUNDS):
        siege.town.platforms.call_back_at(siege.webs[number % len(siege.webs)])
        _reviews(town, number)
        _records(town, number)
    until = time.monotonic() + PATIENCE
    while len(set(siege.killed)) < len(siege.roles):
        assert time.monotonic() < until
        _reaches(town, LI, "项目", "江南花园")
    siege.end()
    siege.town.platforms.call_back_at(siege.webs[0])
    answers(siege.webs[0])

    # One more word makes the platform ring again, in case a ring found nobody.
    _reaches(town, WANG, "余额", f"{50 * ROUNDS} 分可用")
    town.settles(PATIENCE)
    _was_counted_once(town)
    _has_arrived(town)
    _stops_gracefully(siege)
    town.has_behaved()


def _binds(town: Town) -> None:
    text = _reaches(town, CHEN, "邀请 滨江置业 王建国", "邀请码")
    code = str(text.body["text"]).partition("邀请码 ")[2][:8]
    _reaches(town, WANG, f"绑定 {code}", "王建国")


def _reviews(town: Town, number: int) -> None:
    _says(town, WANG, f"评价 滨江一期 {5 if number else 1} 第{number}次")


def _records(town: Town, number: int) -> None:
    step = f"{_LETTERS[number]}区验收"
    card = _reaches(town, LI, f"记录 江南花园 {step} 今天验收通过", step, pressable=True)
    deadline = time.monotonic() + PATIENCE
    while keys_of(card):
        assert time.monotonic() < deadline, text_of(card)
        try:
            town.presses(card, "confirm")
        except CannotActError:
            break
        _soon(lambda: not keys_of(card))
        if any(step in text_of(b) and "已" in text_of(b) for b in town.shown(LI, card.id)):
            break


def _reaches(town: Town, phone: str, line: str, wanted: str, *, pressable: bool = False) -> Bubble:
    """Say something until it is answered, as an impatient person does."""
    mark, deadline = town.mark(), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        _says(town, phone, line)
        found = _soon(lambda: _find(town, phone, wanted, mark, pressable=pressable))
        if found:
            return found
    raise AssertionError(f"{phone} got no {wanted}: {[text_of(b) for b in town.shown(phone)]}")


def _find(town: Town, phone: str, wanted: str, mark: int, *, pressable: bool) -> Bubble | None:
    for bubble in town.shown(phone, mark):
        if wanted in text_of(bubble) and (keys_of(bubble) or not pressable):
            return bubble
    return None


def _soon(holds: Callable[[], T], seconds: float = 4.0) -> T | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    return None


def _says(town: Town, phone: str, line: str) -> None:
    town.says(phone, line)


def _was_counted_once(town: Town) -> None:
    recorded = "SELECT count(*) FROM events WHERE source = 'chat'"
    assert town.one(recorded) == ROUNDS
    assert town.one("SELECT count(*) FROM entries") == ROUNDS
    assert town.one("SELECT sum(points) FROM entries") == 50 * ROUNDS
    assert town.one("SELECT count(*) FROM alerts") == 1
    assert town.one("SELECT count(*) FROM reviews") == ROUNDS


def _lost(town: Town) -> list[tuple[str, ...]]:
    """List what neither arrived nor waits for a person, but for answers there was no room for.

    What went out in another message, or made way for a newer state of its card, is as well off
    as that one, which stands here itself.
    """
    ends = "('sent', 'in_band', 'held', 'by_hand', 'merged')"
    left = town.all(
        f"SELECT external_id, view, kind, state, reason, inbox_id FROM deliveries"  # noqa: S608
        f" WHERE state NOT IN {ends}"
    )
    gave_way = ("wmWang", "reply", "dead", "allowance_used")
    return [
        (account, view, kind, state, reason)
        for account, view, kind, state, reason, inbox in left
        if (account, kind, state, reason) != gave_way or _got_since(town, inbox) < KF_MESSAGES_MAX
    ]


def _got_since(town: Town, inbox: str) -> int:
    """Count what was sent to the customer after the message that an inbox item holds.

    The platform takes five messages after each of a customer's; who writes more than that before
    we can answer gets no more. What a dead process had sent already, and the next one sent once
    more, is counted for the later time: whether the platform counts it then is not known.
    """
    after = f"since >= (SELECT received_at FROM inbox WHERE id = '{inbox}')"  # noqa: S608
    sent = "external_id = 'wmWang' AND state = 'sent'"
    return int(town.one(f"SELECT count(*) FROM deliveries WHERE {sent} AND {after}"))  # noqa: S608


def _has_arrived(town: Town) -> None:
    assert _lost(town) == []
    told = [b for b in town.shown(WANG) if "积分 +50" in text_of(b)]
    assert len(told) >= town.one(
        "SELECT count(*) FROM deliveries WHERE view = 'points_notice' AND state = 'sent'"
    )
    for phone in ("wecom:zhangmin", "wecom:wangfang", "dingtalk:zhangmin01"):
        assert [b for b in town.shown(phone) if "第0次" in text_of(b)], phone


def _stops_gracefully(siege: Siege) -> None:
    # Who has just been born does not know yet how to stop.
    for one in siege.roles:
        assert _soon(one.has_begun, PATIENCE), (one.name, one.said())
    for one in reversed(siege.roles):
        begun = time.monotonic()
        assert one.is_running(), one.said()
        assert one.ends(within=8) == 0, (one.name, one.said())
        assert time.monotonic() - begun < 5
