"""Lotteries over the API and for everybody, on both engines: odds, record, nothing of drafts."""

from dataclasses import replace
from typing import Any

from domain.ids import MemberId
from handlers.contract import Context, MemberActor
from handlers.usecases.lotteries import add_lottery, ask_opening, close_lottery
from handlers.usecases.lottery_openings import approve_opening
from tests.bot.api.conftest import Site
from tests.handlers.lottery_steps import NOTHING, POINTS, TERMS
from tests.support.stores import MAIN

NAMES = {"maker": "周涛", "checker": "张敏"}


def act_as(site: Site, name: str, act: Any) -> None:
    """Let a member do something."""

    def acting(ctx: Context) -> None:
        [member] = [one for one in ctx.work.members.all() if one.name == NAMES[name]]
        act(replace(ctx, actor=MemberActor(ctx.work.members.get(MemberId(member.id)))))

    site.parts.runtime.act(MAIN, acting)


def furnish(site: Site) -> None:
    """Open a lottery, and leave another one a draft."""
    terms = replace(TERMS, prizes=(POINTS, NOTHING), per_day=3)
    for _ in range(2):
        act_as(site, "maker", lambda ctx: add_lottery(ctx, terms))
    act_as(site, "maker", lambda ctx: ask_opening(ctx, 1))
    act_as(site, "checker", lambda ctx: approve_opening(ctx, 1))


def test_lotteries_are_listed_with_their_odds(site: Site) -> None:
    erp = site.system()
    assert erp.get("/api/v1/lotteries").json() == {"lotteries": []}
    furnish(site)
    [shown] = erp.get("/api/v1/lotteries").json()["lotteries"]
    assert len(shown.pop("commitment")) == 64
    blank = {"kind": "nothing", "name": "谢谢参与", "count": 5, "left": 5, "points": 0}
    points = {"kind": "points", "name": "100 分", "count": 3, "left": 3, "points": 100}
    assert shown == {
        "number": 1,
        "name": "新年抽奖",
        "state": "open",
        "price": 20,
        "opens_at": "2026-11-22T10:00:00+08:00",
        "closes_at": "2027-01-01T00:00:00+08:00",
        "per_day": 3,
        "per_customer": None,
        "prizes": [{"place": 1} | points, {"place": 2} | blank],
        "drawn": 0,
    }


def test_the_record_is_the_same_for_systems_and_for_everybody(site: Site) -> None:
    furnish(site)
    erp = site.system()
    record = erp.get("/api/v1/lotteries/1").json()
    assert (record["seed"], record["draws"], record["left"]) == (None, [], [3, 5])
    page = site.ask("GET", "/app/lottery/main.1")
    assert (page.status_code, page.json()) == (200, record)
    assert page.headers["cache-control"] == "no-store"
    act_as(site, "maker", lambda ctx: close_lottery(ctx, 1))
    assert len(site.ask("GET", "/app/lottery/main.1").json()["seed"]) == 43


def test_what_nobody_may_see_is_not_there(site: Site) -> None:
    furnish(site)
    erp = site.system()
    for number in (2, 3):
        answer = erp.get(f"/api/v1/lotteries/{number}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_lottery")
    for name in ("main.2", "main.3", "main.x", "other.1", "nobody.1", "main"):
        answer = site.ask("GET", f"/app/lottery/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_lottery")
