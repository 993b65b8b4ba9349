"""The catalogue as staff keep it: adding, changing, putting on offer and taking off.

Everything goes through `save_changes`: what only one person may decide is done at once, the rest
waits for a second person as it was asked for, all of it together.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from domain.approvals import Approval, ApprovalKind, ApprovalState, RewardRevision
from domain.errors import RewardChanged, RewardHasErrors, UnknownReward
from domain.ids import RewardId
from domain.reward_checks import RewardFinding, Setting, check_reward, folded_name, names_of
from domain.reward_terms import (
    differing,
    needs_second,
    reward_from_json,
    terms_to_json,
    value_to_json,
)
from domain.rewards import Reward, Stock
from domain.rules.findings import Severity
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.parsing.names import Named, NameIndex
from handlers.parsing.numbers import parse_number
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask
from handlers.usecases.stock import move_stock

NEW: Final = RewardId("")
"""The id of a reward that is not stored yet; its number is 0."""
GUESSES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Shelved:
    """A reward and what there is of it."""

    reward: Reward
    stock: Stock | None
    """None where there is any number."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one reward is to be."""

    before: Reward | None
    """As it was read; None for a new one."""
    after: Reward
    stock: int = 0
    """Signed: what comes in or is taken out."""

    @property
    def differing(self) -> tuple[str, ...]:
        """Name the terms that change; none for a new one, which is all new."""
        return differing(self.before, self.after) if self.before is not None else ()

    @property
    def is_any(self) -> bool:
        """Tell whether anything is to be done."""
        return self.before is None or bool(self.differing or self.stock)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of changes: done, or waiting for a second person."""

    rewards: tuple[Reward, ...]
    """As they are stored now; empty while they wait."""
    approval: Approval | None = None


def read_catalogue(ctx: Context) -> list[Shelved]:
    """List all rewards by number, with what there is of them."""
    stocks = ctx.work.stocks.all()
    return [
        Shelved(reward, stocks.get(reward.id, Stock()) if reward.has_stock else None)
        for reward in ctx.work.rewards.all()
    ]


def read_one(ctx: Context, reward: Reward) -> Shelved:
    """Give a reward with what there is of it."""
    return Shelved(reward, ctx.work.stocks.of(reward.id) if reward.has_stock else None)


def find_reward(ctx: Context, asked: str) -> Reward:
    """Find a reward by its number or its whole name.

    Raises:
        UnknownReward: there is none; with those that may be meant.
    """
    number = parse_number(asked)
    found = None if number is None else ctx.work.rewards.find_number(number)
    if found is not None:
        return found
    rewards = ctx.work.rewards.all()
    own = folded_name(asked)
    for reward in rewards:
        if folded_name(reward.name) == own:
            return reward
    index = NameIndex(Named(str(one.number), one.name) for one in rewards)
    guesses = [f"{near.named.id} {near.named.name}" for near in index.rank(asked)]
    raise UnknownReward(asked, tuple(guesses[:GUESSES_MAX]))


def setting_of(ctx: Context) -> Setting:
    """Give what of the firm rewards are judged beside."""
    return Setting(
        ctx.work.rules.programmes().at(ctx.now),
        frozenset(ctx.work.customers.all_segments()),
        ctx.now,
    )


def findings_of(ctx: Context, reward: Reward) -> list[RewardFinding]:
    """Find everything wrong or surprising in a reward."""
    return check_reward(reward, names_of(ctx.work.rewards.all()), setting_of(ctx))


def add_reward(ctx: Context, reward: Reward, stock: int = 0) -> Saved:
    """Add a reward, on offer or not as it says, with so many in stock.

    Raises:
        DomainError: as `save_changes`.
    """
    return save_changes(ctx, [Change(None, replace(reward, id=NEW, number=0, version=1), stock)])


def change_reward(
    ctx: Context, number: int, version: int | None, terms: dict[str, Any]
) -> tuple[Reward, Saved]:
    """Change terms of a reward; `version` is the one that was read, None: whatever it is.

    The same again changes nothing. Gives the reward as it was, and what became of it.

    Raises:
        UnknownReward: no such number.
        RewardChanged: somebody else has changed it since.
        DomainError: as `save_changes`.
    """
    before = find_reward(ctx, str(number))
    _refuse_stale(before, version or before.version)
    return before, save_changes(ctx, [Change(before, replace(before, **terms))])


def put_on(ctx: Context, number: int) -> Saved:
    """Put a reward on offer; one that is on offer stays so.

    Raises:
        UnknownReward: no such number.
        DomainError: as `save_changes`.
    """
    before = find_reward(ctx, str(number))
    return save_changes(ctx, [Change(before, replace(before, is_active=True))])


def take_off(ctx: Context, number: int) -> Reward:
    """Take a reward off, whatever is wrong with it; one that is off stays so.

    What was bought stays bought.

    Raises:
        NotPermitted: the actor does not keep rewards.
        UnknownReward: no such number.
    """
    check(Permission.EDIT_REWARDS, rights(ctx))
    before = find_reward(ctx, str(number))
    if not before.is_active:
        return before
    return _write(ctx, Change(before, replace(before, is_active=False)), "", {})


def save_changes(ctx: Context, changes: Sequence[Change], note: str = "") -> Saved:
    """Do what is asked, all or nothing; what needs a second person waits for one, all of it.

    What changes nothing is left out. `note` stands beside the moves of stock.

    Raises:
        NotPermitted: the actor does not keep rewards.
        RewardHasErrors: the check finds errors; the first reward's.
        ApprovalPending: the same waits for a decision already.
        NoApprover: a second person is needed, and there is nobody.
        StockNotKept, StockRefused, StockShort: as `move_stock`.
        Conflict: somebody else was faster.
    """
    check(Permission.EDIT_REWARDS, rights(ctx))
    wanted = [change for change in changes if change.is_any]
    _refuse_errors(ctx, wanted)
    point_fen = ctx.work.rules.programmes().at(ctx.now).point_fen
    giving = [one for one in wanted if needs_second(one.before, one.after, point_fen)]
    if giving:
        # The card shows the first ones: those that it is about.
        rest = [one for one in wanted if not needs_second(one.before, one.after, point_fen)]
        return Saved((), _ask(ctx, [*giving, *rest], note))
    return Saved(_write_all(ctx, wanted, note, {}))


def carry_out(ctx: Context, approval: Approval) -> None:
    """Do what a second person has agreed to; an approval that ended otherwise does nothing.

    Raises:
        RewardChanged: one was changed since it was asked for.
        DomainError: as `save_changes`.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    wanted = [_from_json(ctx, one) for one in json.loads(str(approval.payload["changes"]))]
    _refuse_errors(ctx, wanted)
    note = str(approval.payload["note"])
    _write_all(ctx, wanted, note, {"approval": approval.id})


def _refuse_errors(ctx: Context, changes: Sequence[Change]) -> None:
    """Judge rewards beside all others as they will be; stock alone needs no judging."""
    wanted = [
        # New ones have no id yet to be told from each other by.
        one.after if one.before else replace(one.after, id=RewardId(f"new:{place}"))
        for place, one in enumerate(changes)
        if one.before is None or one.differing
    ]
    shelf = {one.id: one for one in (*ctx.work.rewards.all(), *wanted)}
    names, setting = names_of(shelf.values()), setting_of(ctx)
    for reward in wanted:
        found = check_reward(reward, names, setting)
        errors = [one for one in found if one.severity is Severity.ERROR]
        if errors:
            raise _refusal(reward, errors)


def _refusal(reward: Reward, errors: Sequence[RewardFinding]) -> RewardHasErrors:
    first = errors[0]
    found = first.data.get("found", "")
    return RewardHasErrors(
        reward=reward.name,
        count=len(errors),
        field=first.place,
        fault=first.fault,
        found=str(value_to_json(found)),
        low=first.data.get("low", 0),
        high=first.data.get("high", first.data.get("limit", 0)),
        all_faults=tuple(f"{one.place}:{one.fault}" for one in errors),
    )


def _refuse_stale(reward: Reward, read: int) -> None:
    if reward.version != read:
        raise RewardChanged(reward.number, reward.name, read, reward.version)


def _ask(ctx: Context, changes: Sequence[Change], note: str) -> Approval:
    written = json.dumps([_to_json(one) for one in changes], ensure_ascii=False, sort_keys=True)
    [first, *more] = changes
    about = first.after.id if first.before is not None and not more else _hash(written)
    return ask(
        ctx,
        ApprovalKind.REWARD,
        f"reward:{about}",
        {"changes": written, "note": note},
        {"name": first.after.name, "rewards": [_revision(one) for one in changes]},
    )


def _revision(change: Change) -> RewardRevision:
    before, after = change.before, change.after
    names = change.differing
    return {
        "number": after.number,
        "before": {
            **({"name": before.name} if before else {}),
            **{name: value_to_json(getattr(before, name)) for name in names},
        },
        "after": {name: value_to_json(getattr(after, name)) for name in names}
        if before
        else terms_to_json(after),
        "stock": change.stock,
    }


def _hash(written: str) -> str:
    return sha256(written.encode()).hexdigest()[:26]


def _to_json(change: Change) -> dict[str, Any]:
    before = change.before
    return {
        "id": before.id if before else NEW,
        "version": before.version if before else 0,
        "terms": terms_to_json(change.after),
        "stock": change.stock,
    }


def _from_json(ctx: Context, written: dict[str, Any]) -> Change:
    if not written["id"]:
        return Change(None, reward_from_json(NEW, 0, 1, written["terms"]), written["stock"])
    before = ctx.work.rewards.get(RewardId(written["id"]))
    _refuse_stale(before, written["version"])
    after = reward_from_json(before.id, before.number, before.version, written["terms"])
    return Change(before, after, written["stock"])


def _write_all(
    ctx: Context, changes: Sequence[Change], note: str, why: dict[str, str]
) -> tuple[Reward, ...]:
    """Write in the order in which locks are taken: by id what others may hold, then what is new."""
    old = [change for change in changes if change.before is not None]
    new = [change for change in changes if change.before is None]
    ordered = [*sorted(old, key=lambda one: one.after.id), *new]
    return tuple(_write(ctx, change, note, why) for change in ordered)


def _write(ctx: Context, change: Change, note: str, why: dict[str, str]) -> Reward:
    before, stored = change.before, change.after
    if before is None:
        number = ctx.work.rewards.next_number()
        stored = replace(stored, id=RewardId(ctx.ids.new()), number=number, version=1)
        ctx.work.rewards.add(stored)
        after = {"number": number, **terms_to_json(stored), **why}
        write_note(ctx, "reward_added", f"reward:{stored.id}", after=after)
    elif names := change.differing:
        stored = replace(stored, version=before.version + 1)
        ctx.work.rewards.save(stored)
        write_note(
            ctx,
            "reward_changed",
            f"reward:{stored.id}",
            before={name: value_to_json(getattr(before, name)) for name in names},
            after={name: value_to_json(getattr(stored, name)) for name in names} | why,
        )
    if change.stock:
        move_stock(ctx, stored, change.stock, note)
    return stored
