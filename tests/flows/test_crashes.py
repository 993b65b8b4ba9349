"""The process dies between any two steps: effects happen exactly once, messages at least once."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channel_configs import DINGTALK, KF, WECOM
from bot.presenter import Presenter
from bot.wiring import MAIN, RULES_SINCE, TEMPLATES
from domain.channels import Channel, ChannelKind, Identity
from domain.ids import CardKey
from handlers.contract import Context
from handlers.incoming import Content, Incoming, Pressed, PullWanted, Said
from handlers.usecases.setup import add_contact, publish_starter_rules
from storage.channels import ChannelConfig
from storage.db import reading
from storage.schema import METADATA
from tests.support.crashing import Crash, Incarnation, Outside, Plan
from tests.support.world import MovingClock, seed

# How often something was tried, and the schedulers' beats, may differ after a crash.
UNEVEN = {"delivery_attempts", "beats"}


class Story:
    """A thread played over as many lives as it takes, from a saved state of the world on."""

    def __init__(self, presenter: Presenter, file: Path, plan: Plan) -> None:
        self.clock, self.outside, self.plan = MovingClock(), Outside(), plan
        self._file, self._presenter, self._said = file, presenter, 0
        self.process = self._born()

    def _born(self) -> Incarnation:
        url = f"sqlite:///{self._file}"
        return Incarnation(url, self.clock, self._presenter, self.outside, self.plan)

    def copy(self, folder: Path, plan: Plan) -> "Story":
        """Give the same world once more, with another plan; this one must be closed."""
        folder.mkdir()
        shutil.copy(self._file, folder / self._file.name)
        other = Story(self._presenter, folder / self._file.name, plan)
        for name in ("arrived", "changed", "answered", "kf_log"):
            getattr(other.outside, name).extend(getattr(self.outside, name))
        other.clock.offset, other._said = self.clock.offset, self._said
        return other

    def member(self, user: str, content: Content) -> None:
        """Let a member say or press something; an unanswered callback comes again."""
        self._posts(Incoming(WECOM, self._source(), user, self.clock.now(), content))

    def customer(self, text: str, menu: str | None = None, user: str = "wmWang") -> None:
        """Let a customer write; the platform keeps it and rings until that is heard."""
        now, said = self.clock.now(), Said(text, menu)
        self.outside.kf_log.append(Incoming(KF, self._source(), user, now, said))
        self._posts(Incoming(KF, self._source(), "", now, PullWanted("token")))

    def action(self, user: str, choice: str) -> Pressed:
        """Find the button on a person's newest card that ends so."""
        for outgoing in reversed(self.outside.arrived):
            if outgoing.external_id == user and outgoing.message.card:
                for key in re.findall(rf"[0-9A-Z]{{26}}:{choice}", str(outgoing.message.card)):
                    return Pressed(key, CardKey(outgoing.delivery), "code2")
        raise AssertionError(f"{user} has no {choice} to press")

    def recovers(self) -> None:
        """Let time pass and the scheduler sweep until nothing is left to do."""
        for _ in range(12):
            if self._is_at_rest():
                return
            self.clock.pass_by(seconds=31)
            self.sweeps()
        raise AssertionError("it did not come to rest")

    def sweeps(self) -> None:
        """Let the scheduler tick once, which the process may not survive."""
        self._survives(self.process.scheduler.tick)

    def rows(self) -> dict[str, int]:
        """Count the rows that must be the same after every crash."""
        tables = sorted(set(METADATA.tables) - UNEVEN)
        with reading(self.process.store.database, None) as db:
            return {t: db.all(f"SELECT count(*) FROM {t}")[0][0] for t in tables}  # noqa: S608

    def all(self, statement: str) -> list[tuple[Any, ...]]:
        with reading(self.process.store.database, None) as db:
            return db.all(statement)

    def close(self) -> None:
        self.process.store.close()

    def _posts(self, incoming: Incoming) -> None:
        if not self._survives(lambda: self.process.takes(incoming)):
            self.process.takes(incoming)

    def _survives(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except Crash:
            self.process.store.close()
            self.process = self._born()
            return False
        return True

    def _source(self) -> str:
        self._said += 1
        return f"source-{self._said}"

    def _is_at_rest(self) -> bool:
        open_items = self.all("SELECT id FROM inbox WHERE state = 'new'")
        return not (open_items or self.all(_UNSENT))


_UNSENT = "SELECT id FROM deliveries WHERE state IN ('queued', 'sending')"
Step = Callable[[Story], None]


def _bind_with_the_code(story: Story) -> None:
    told = "".join(message.text for message in story.outside.answered)
    (code,) = set(re.findall("邀请码 ([0-9A-Z]{8})", told))
    story.customer(f"绑定 {code}", user="wmLiu")


A_RECORD_IS_CONFIRMED: tuple[Step, ...] = (
    lambda story: story.member("liqiang", Said("记录 滨江一期 主体结构 昨天验收通过")),
    lambda story: story.member("liqiang", story.action("liqiang", "confirm")),
)
A_RECORD_IS_DROPPED: tuple[Step, ...] = (
    lambda story: story.member("liqiang", Said("记录 滨江一期 主体结构 昨天验收通过")),
    lambda story: story.member("liqiang", Said("取消")),
)
A_COMPLAINT_IS_SOLVED_AND_IS_NOT: tuple[Step, ...] = (
    lambda story: story.customer("评价 滨江一期 1 渗水三次没人管"),
    lambda story: story.member("zhangmin", story.action("zhangmin", "take")),
    lambda story: story.member("zhangmin", Said("解决 1 施工质量 上门")),
    lambda story: story.customer("还没解决", story.action("wmWang", "unsolved").action),
)
A_CUSTOMER_IS_BOUND: tuple[Step, ...] = (
    lambda story: story.customer("余额", user="wmLiu"),
    lambda story: story.member("chenxiao", Said("邀请 滨江置业 刘先生")),
    _bind_with_the_code,
)


@pytest.fixture(scope="module")
def presenter() -> Presenter:
    return Presenter(TEMPLATES, public_url="https://zhufen.example.com")


@pytest.fixture(scope="module")
def firm(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database with the firm in it and Wang bound, to be copied."""
    folder = tmp_path_factory.mktemp("firm")
    shutil.copy(migrated_sqlite, folder / "zhufen.db")
    story = Story(Presenter(TEMPLATES, public_url=""), folder / "zhufen.db", Plan())
    store = story.process.store
    store.add_tenant(MAIN, MAIN)
    for channel, kind in (
        (WECOM, ChannelKind.WECOM_APP),
        (KF, ChannelKind.WECOM_KF),
        (DINGTALK, ChannelKind.DINGTALK),
    ):
        store.save_channel(MAIN, ChannelConfig(Channel(channel, kind), channel))
    story.process.runtime.act(MAIN, _furnish)
    story.close()
    return folder / "zhufen.db"


def _furnish(ctx: Context) -> None:
    publish_starter_rules(ctx, RULES_SINCE)
    seed(ctx)
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    wang = add_contact(ctx, customer, "王建国", None)
    ctx.work.identities.save(
        Identity(KF, ChannelKind.WECOM_KF, "wmWang", contact=wang.id, last_inbound_at=ctx.now)
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "thread",
    [
        A_RECORD_IS_CONFIRMED,
        A_RECORD_IS_DROPPED,
        A_COMPLAINT_IS_SOLVED_AND_IS_NOT,
        A_CUSTOMER_IS_BOUND,
    ],
    ids=["record", "cancelling", "complaint", "binding"],
)
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    thread: tuple[Step, ...], presenter: Presenter, firm: Path, tmp_path: Path
) -> None:
    shutil.copy(firm, tmp_path / firm.name)
    story = Story(presenter, tmp_path / firm.name, Plan())
    for number, step in enumerate(thread):
        story.close()
        before = story
        story = before.copy(tmp_path / f"calm{number}", Plan())
        step(story)
        points = story.plan.passed
        story.recovers()
        assert points >= 5
        for at in range(points):
            crashed = before.copy(tmp_path / f"{number}-{at}", Plan(at))
            step(crashed)
            crashed.recovers()
            where = f"step {number}, point {at}: {crashed.plan.died_at}"
            assert crashed.plan.died_at, where
            assert crashed.rows() == story.rows(), where
            assert _messages(crashed) == _messages(story), where
            assert _lost(crashed) == [], where
            crashed.close()
    story.close()


def _messages(story: Story) -> list[tuple[Any, ...]]:
    """List whom we have told what, each once, however it went out."""
    return sorted(story.all("SELECT external_id, view FROM deliveries"))


def _lost(story: Story) -> list[tuple[Any, ...]]:
    """List deliveries that count as sent and never arrived."""
    arrived = {outgoing.delivery for outgoing in story.outside.arrived}
    changed = {change.card for change in story.outside.changed}
    sent = story.all("SELECT id, card_key, state FROM deliveries WHERE state <> 'in_band'")
    return [row for row in sent if row[2] != "sent" or not (row[0] in arrived or row[1] in changed)]


def test_a_life_after_another_that_dies_early_still_ends_well(
    presenter: Presenter, firm: Path, tmp_path: Path
) -> None:
    shutil.copy(firm, tmp_path / firm.name)
    story = Story(presenter, tmp_path / firm.name, Plan(at=1))
    story.customer("评价 滨江一期 1 渗水三次没人管")
    for steps in range(1, 12):
        story.plan.at = story.plan.passed + steps
        story.clock.pass_by(seconds=31)
        story.sweeps()
    story.plan.at = None
    story.recovers()

    assert story.all("SELECT count(*) FROM alerts") == [(1,)]
    assert _lost(story) == []
    story.close()
