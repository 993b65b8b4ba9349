"""The demo's mall: contacts who are there from the start, and what their points buy."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.channel_configs import KF
from bot.demo.seed import read_seed
from domain.calendar import BUSINESS_ZONE
from domain.reward_terms import reward_from_json, terms_to_json
from domain.rewards import Reward, RewardKind
from handlers.contract import Context, MemberActor, Stranger
from handlers.usecases.binding import bind, invite_contact
from handlers.usecases.directory import customer_of_code
from handlers.usecases.rewards import NEW, add_reward
from handlers.usecases.setup import add_contact


def open_mall(ctx: Context) -> None:
    """Bind the contacts and put the rewards on offer; a firm that has rewards keeps what it has.

    So does one from before there was a mall, where nobody keeps rewards. It comes after the firm,
    in a transaction of its own: contacts would be told of the points they are there for, though
    none has written yet.
    """
    data = read_seed()
    keepers = [one for one in ctx.work.members.all() if one.name == data["rewards_by"]]
    if ctx.work.rewards.all() or not keepers:
        return
    for row in data["contacts"]:
        _contact(ctx, row)
    keeper = replace(ctx, actor=MemberActor(keepers[0]))
    for row in data["rewards"]:
        add_reward(keeper, _reward(ctx, row), row.get("stock", 0))


def _contact(ctx: Context, row: dict[str, Any]) -> None:
    customer = customer_of_code(ctx, row["customer"])
    add_contact(ctx, customer, row["name"], None, see=row["see"], redeem=row["redeem"])
    code = invite_contact(ctx, customer, row["name"], None).code
    bind(replace(ctx, actor=Stranger(), channel=KF, sender=row["wechat"]), code)


def _reward(ctx: Context, row: dict[str, Any]) -> Reward:
    row = dict(row)
    terms: dict[str, Any] = {"has_stock": row.pop("stock", None) is not None}
    if "closes_in_days" in row:
        after = ctx.today + timedelta(days=row.pop("closes_in_days") + 1)
        terms["closes_at"] = (
            datetime.combine(after, time(), BUSINESS_ZONE).astimezone(UTC).isoformat()
        )
    blank = Reward(NEW, 0, row["name"], RewardKind(row["kind"]), row["points"])
    return reward_from_json(NEW, 0, 1, terms_to_json(blank) | terms | row)
