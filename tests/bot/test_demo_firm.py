"""The demo's firm: what there is when it starts, and that starting again changes nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channel_configs import KF
from bot.demo.mall import open_mall
from bot.demo.seed import read_seed, seed
from bot.demo.world import demo_settings, make_secrets
from bot.wiring import MAIN, Parts
from domain.ids import DeliveryId
from domain.ports import Work
from domain.reward_checks import check_reward, names_of
from domain.rewards import RewardKind
from domain.rules.findings import Severity
from handlers.contract import Context
from handlers.usecases.rewards import setting_of


@pytest.fixture
def parts(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Parts]:
    settings = demo_settings(tmp_path, 8000, make_secrets())
    shutil.copy(migrated_sqlite, settings.data_dir / "zhufen.db")
    made = Parts(settings)
    made.set_up_main()
    yield made
    made.close()


def start(parts: Parts) -> tuple[DeliveryId, ...]:
    """Fill the firm as the demo does; give what is sent to anybody."""
    parts.runtime.act(MAIN, seed)
    return parts.runtime.act(MAIN, open_mall).deliveries


def shelf(work: Work) -> list[tuple[str, int, int]]:
    """List what is on offer, at which price, and what there is of it."""
    return [(one.name, one.points, work.stocks.of(one.id).available) for one in work.rewards.all()]


def test_the_mall_has_rewards_of_every_kind_and_none_that_is_wrong(parts: Parts) -> None:
    assert start(parts) == ()

    def look(ctx: Context) -> None:
        rewards = ctx.work.rewards.all()
        assert {one.kind for one in rewards} == set(RewardKind)
        assert [one.points for one in rewards] == sorted(one.points for one in rewards)
        assert {one.needs_approver for one in rewards} == {True, False}
        assert {one.is_partly_usable for one in rewards} == {True, False}
        assert [one.name for one in rewards if one.tier] == ["工程师驻场一天"]
        assert [one.name for one in rewards if one.closes_at] == ["屋面防水体检"]
        names, setting = names_of(rewards), setting_of(ctx)
        found = [each for one in rewards for each in check_reward(one, names, setting)]
        assert [each for each in found if each.severity is Severity.ERROR] == []

    parts.runtime.look(MAIN, look)


def test_contacts_are_bound_and_the_second_one_may_do_nothing_yet(parts: Parts) -> None:
    start(parts)

    def look(ctx: Context) -> None:
        for row in read_seed()["contacts"]:
            identity = ctx.work.identities.find(KF, row["wechat"])
            assert identity is not None
            assert identity.contact is not None
            contact = ctx.work.customers.contact(identity.contact)
            assert (contact.name, contact.may_redeem) == (row["name"], row["redeem"])
            assert contact.may_see is row["see"]

    parts.runtime.look(MAIN, look)


def test_starting_again_changes_nothing(parts: Parts) -> None:
    start(parts)
    before = parts.runtime.look(MAIN, lambda ctx: shelf(ctx.work))
    assert len(before) == len(read_seed()["rewards"])
    assert start(parts) == ()
    assert parts.runtime.look(MAIN, lambda ctx: shelf(ctx.work)) == before


def test_a_firm_from_before_there_was_a_mall_stays_without(parts: Parts) -> None:
    parts.runtime.act(MAIN, open_mall)
    assert parts.runtime.look(MAIN, lambda ctx: shelf(ctx.work)) == []
    assert parts.runtime.look(MAIN, lambda ctx: ctx.work.customers.all()) == []
