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
from domain.ids import CardKey, ChannelId
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
    """A thread played to its end over as many lives as it takes."""

    def __init__(self, folder: Path, presenter: Presenter, plan: Plan) -> None:
        self.clock, self.outside, self.plan = MovingClock(), Outside(), plan
        self._url = f"sqlite:///{folder / 'zhufen.db'}"
        self._presenter = presenter
        self._said = 0
        self.process = self._born()

    def _born(self) -> Incarnation:
        return Incarnation(self._url, self.clock, self._presenter, self.outside, self.plan)

    def member(self, user: str, content: Content, channel: ChannelId = WECOM) -> None:
        """Let a member say or press something; an unanswered callback comes again."""
        self._posts(Incoming(channel, self._source(), user, self.clock.now(), content))

    def customer(self, text: str, menu: str | None = None, user: str = "wmWang") -> None:
        """Let a customer write; the platform keeps it and rings until that is heard."""
        said = Said(text, menu)
        self.outside.kf_log.append(Incoming(KF, self._source(), user, self.clock.now(), said))
        self._posts(Incoming(KF, self._source(), "", self.clock.now(), PullWanted("token")))

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
            self.clock.pass_by(seconds=31)
            self._survives(self.process.scheduler.tick)
            if self._is_at_rest():
                return
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
            self.recovers()

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


def a_record_is_confirmed(story: Story) -> None:
    """Play: the project manager records a delivery, the customer is told."""
    story.member("liqiang", Said("记录 滨江一期 主体结构 昨天验收通过"))
    story.member("liqiang", story.action("liqiang", "confirm"))


def a_complaint_is_taken(story: Story) -> None:
    """Play: a bad review warns the supervisors, one solves it, the customer says it is not."""
    story.customer("评价 滨江一期 1 渗水三次没人管")
    story.member("zhangmin", story.action("zhangmin", "take"))
    story.member("zhangmin", Said("解决 1 施工质量 上门"))
    story.customer("还没解决", story.action("wmWang", "unsolved").action)


def a_customer_is_bound(story: Story) -> None:
    """Play: a stranger asks, is invited, binds the account and gets the answer."""
    story.customer("余额", user="wmLiu")
    story.member("chenxiao", Said("邀请 滨江置业 刘先生"))
    told = "".join(message.text for message in story.outside.answered)
    (code,) = set(re.findall("邀请码 ([0-9A-Z]{8})", told))
    story.customer(f"绑定 {code}", user="wmLiu")


@pytest.fixture(scope="module")
def presenter() -> Presenter:
    return Presenter(TEMPLATES, public_url="https://zhufen.example.com")


@pytest.fixture(scope="module")
def firm(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database with the firm in it and Wang bound, to be copied."""
    folder = tmp_path_factory.mktemp("firm")
    shutil.copy(migrated_sqlite, folder / "zhufen.db")
    story = Story(folder, Presenter(TEMPLATES, public_url=""), Plan())
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


@pytest.mark.parametrize(
    "thread", [a_record_is_confirmed, a_complaint_is_taken, a_customer_is_bound]
)
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    thread: Callable[[Story], None], presenter: Presenter, firm: Path, tmp_path: Path
) -> None:
    def played(at: int | None) -> Story:
        folder = tmp_path / str(at)
        folder.mkdir()
        shutil.copy(firm, folder / "zhufen.db")
        story = Story(folder, presenter, Plan(at))
        thread(story)
        story.recovers()
        return story

    calm = played(None)
    expected, wanted = calm.rows(), _messages(calm)
    points = calm.plan.passed
    calm.close()
    for at in range(points):
        story = played(at)
        where = f"died at point {at}, {story.plan.died_at}"
        assert story.plan.died_at, where
        assert story.rows() == expected, where
        assert _messages(story) == wanted, where
        assert _lost(story) == [], where
        story.close()
    assert points > 15


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
    shutil.copy(firm, tmp_path / "zhufen.db")
    story = Story(tmp_path, presenter, Plan(at=1))
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
