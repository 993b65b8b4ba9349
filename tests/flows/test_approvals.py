"""Two people, over real wires: one asks, of two who decide at once one counts, with one effect."""

import asyncio

import pytest

from bot.channel_configs import DINGTALK
from bot.emulator.phones import Bubble
from domain.channels import ChannelKind
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.setup import add_member, give_account
from tests.flows.conftest import OpenTown
from tests.support.deeds import FANG, SUPERVISORS, ZHANG, ZHANG_DING
from tests.support.stores import MAIN
from tests.support.town import Town, keys_of, text_of

SUN = "dingtalk:sunli01"
ASKED = "调整 滨江置业 +200 渗水补偿"
USERS = {ZHANG: "zhangmin", FANG: "wangfang"}


def finance(ctx: Context) -> None:
    """Let Sun Li do finance."""
    sun = add_member(ctx, "孙丽", [Role.FINANCE])
    give_account(ctx, sun, DINGTALK, ChannelKind.DINGTALK, "sunli01", is_alerted=False)


def ask(town: Town) -> dict[str, Bubble]:
    """Let Sun Li ask for points; give the cards of those who may decide."""
    town.parts.runtime.act(MAIN, finance)
    mark = town.says(SUN, ASKED)
    mine = town.waits_for(SUN, "王芳", after=mark)
    assert [key.partition(":")[2] for key in keys_of(mine)] == ["withdraw"]
    return {phone: town.waits_for(phone, "渗水补偿", after=mark) for phone in SUPERVISORS}


def decide_at_once(town: Town, cards: dict[str, Bubble], choices: dict[str, str]) -> None:
    """Let two supervisors press at the same moment."""

    async def both() -> None:
        keys = {p: next(k for k in keys_of(cards[p]) if k.endswith(c)) for p, c in choices.items()}
        await asyncio.gather(
            *(town.wecom.member_presses(USERS[p], cards[p], key) for p, key in keys.items())
        )

    town.run(both())
    town.settles()


def ended(town: Town) -> tuple[str, str, int]:
    """Give how the approval ended: its state, by whom, and its version."""
    ((state, name, version),) = town.all(
        "SELECT a.state, m.name, a.version FROM approvals a"
        " JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.decided_by"
    )
    return state, name, version


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_two_who_approve_at_once_one_counts(open_town: OpenTown, database: str) -> None:
    town = open_town(database=database)
    cards = ask(town)
    mark = town.mark()

    decide_at_once(town, cards, {ZHANG: ":approve", FANG: ":approve"})

    state, name, version = ended(town)
    assert (state, version) == ("approved", 2)
    assert town.all("SELECT points, reason FROM entries") == [(200, "adjustment")]
    assert town.all("SELECT available FROM wallets") == [(200,)]
    for phone in SUPERVISORS:
        seen = [text_of(b) for b in town.shown(phone) if b.id == cards[phone].id or b.id > mark]
        assert any(name in text and "批准" in text for text in seen), phone
    loser = FANG if name == "张敏" else ZHANG
    assert any("这次没有改动" in text_of(b) for b in town.shown(loser, mark))
    verdicts = [b for b in town.shown(SUN, mark) if "您提出的审批" in text_of(b)]
    assert len(verdicts) == 1
    assert name in text_of(verdicts[0])


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_yes_and_no_at_once_the_first_counts_and_the_ledger_agrees(
    open_town: OpenTown, database: str
) -> None:
    town = open_town(database=database)

    decide_at_once(town, ask(town), {ZHANG: ":approve", FANG: ":decline"})

    state, name, version = ended(town)
    assert (state, name, version) in {("approved", "张敏", 2), ("declined", "王芳", 2)}
    entries = town.all("SELECT points FROM entries")
    assert entries == ([(200,)] if state == "approved" else [])


def test_who_asks_on_one_platform_cannot_decide_on_the_other(open_town: OpenTown) -> None:
    town = open_town()
    town.says(ZHANG_DING, ASKED)
    town.waits_for(FANG, "渗水补偿")

    mark = town.says(ZHANG, "批准 1")

    town.waits_for(ZHANG, "您自己提出的", after=mark)
    town.settles()
    assert town.all("SELECT state, decided_by FROM approvals") == [("pending", None)]
    assert town.one("SELECT count(*) FROM entries") == 0


def test_what_nobody_decides_is_ended_by_the_scheduler(open_town: OpenTown) -> None:
    town = open_town()
    ask(town)
    town.settles()

    town.jumps(days=7)

    town.waits_for(SUN, "一直没人审批")
    town.waits_for(FANG, lambda b: "已过期" in text_of(b) and not keys_of(b))
    town.settles()
    assert town.all("SELECT state, decided_by FROM approvals") == [("expired", None)]
    assert town.one("SELECT count(*) FROM entries") == 0
