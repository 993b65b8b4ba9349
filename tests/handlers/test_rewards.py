"""Keeping the catalogue: one person for most of it, two for what gives more, nothing half done."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter

from domain.approvals import ApprovalState, Verdict
from domain.errors import (
    ApprovalPending,
    DomainError,
    NoApprover,
    NotPermitted,
    RewardChanged,
    RewardHasErrors,
    StockNotKept,
    StockRefused,
    StockShort,
    UnknownReward,
)
from domain.ids import RewardId
from domain.members import Role
from domain.repositories import Moved
from domain.rewards import STOCK_MAX, Limit, LimitPeriod, Reward, Stock, StockMove
from handlers.contract import Context
from handlers.reward_views import plain_term
from handlers.usecases.decisions import decide, take_back
from handlers.usecases.rewards import (
    NEW,
    Change,
    Saved,
    add_reward,
    change_reward,
    find_reward,
    findings_of,
    put_on,
    read_catalogue,
    read_one,
    save_changes,
    take_off,
)
from handlers.usecases.stock import move_stock, warn_if_low
from handlers.views import ApprovalCard, ApprovalVerdict, Refusal, RewardChangeSaid, StockNotice
from tests.handlers.approval_steps import card_of, stored as stored_approval
from tests.handlers.reward_steps import does, put, rewards, stock
from tests.support.chat import Chat
from tests.support.make import a_member, a_reward
from tests.support.stores import MAIN

FAIR = a_reward(id=NEW, number=0, cost=60_000)
KEPT = a_reward(cost=60_000, has_stock=True)


def refused(chat: Chat, kind: type[DomainError], act: Any, who: str = "zhou") -> Any:
    """Let something be refused; nothing may have changed."""
    before = chat.state()
    with pytest.raises(kind) as caught:
        does(chat, act, who)
    assert chat.state() == before
    return caught.value


def audit(chat: Chat) -> list[tuple[str, Any, Any]]:
    notes = chat.store.committed(MAIN).audit.values()
    return [(n.action, n.before, n.after) for n in notes if n.action.startswith("reward_")]


def test_a_reward_is_added_changed_taken_off_and_put_on(chat: Chat) -> None:
    saved = does(chat, lambda ctx: add_reward(ctx, replace(FAIR, has_stock=True), 5))
    [added] = saved.rewards
    assert (added.number, added.version, saved.approval) == (1, 1, None)
    assert rewards(chat) == [added]
    assert stock(chat, added.id) == Stock(5, 0, 0)

    before, saved = does(
        chat, lambda ctx: change_reward(ctx, 1, 1, {"points": 900, "name": "空调清洗"})
    )
    assert before == added
    [changed] = saved.rewards
    assert (changed.points, changed.name, changed.version) == (900, "空调清洗", 2)
    assert does(chat, lambda ctx: take_off(ctx, 1)).version == 3
    assert not rewards(chat)[0].is_active
    assert does(chat, lambda ctx: put_on(ctx, 1)).rewards[0].version == 4
    [as_added, *rest] = audit(chat)
    assert (as_added[0], as_added[2]["points"], as_added[2]["number"]) == ("reward_added", 800, 1)
    assert rest == [
        (
            "reward_changed",
            {"name": "空调保养", "points": 800},
            {"name": "空调清洗", "points": 900},
        ),
        ("reward_changed", {"is_active": True}, {"is_active": False}),
        ("reward_changed", {"is_active": False}, {"is_active": True}),
    ]


def test_doing_the_same_again_changes_nothing(chat: Chat) -> None:
    put(chat)
    before = chat.state()
    assert does(chat, lambda ctx: change_reward(ctx, 1, None, {"points": 800}))[1] == Saved(())
    assert does(chat, lambda ctx: put_on(ctx, 1)) == Saved(())
    assert chat.state() == before
    does(chat, lambda ctx: take_off(ctx, 1))
    before = chat.state()
    does(chat, lambda ctx: take_off(ctx, 1))
    assert chat.state() == before


@pytest.mark.parametrize("who", ["li", "sun"])
def test_who_does_not_keep_rewards_changes_nothing(chat: Chat, who: str) -> None:
    put(chat, KEPT)
    refused(chat, NotPermitted, lambda ctx: add_reward(ctx, FAIR), who)
    refused(chat, NotPermitted, lambda ctx: take_off(ctx, 1), who)
    refused(chat, NotPermitted, lambda ctx: move_stock(ctx, KEPT, 5, ""), who)


def test_what_is_wrong_is_refused_with_every_fault(chat: Chat) -> None:
    put(chat)
    bad = replace(FAIR, name="空调 保养", points=0, picture="x", description="说" * 201)
    error = refused(chat, RewardHasErrors, lambda ctx: add_reward(ctx, bad))
    assert (error.field, error.fault, error.found, error.high) == (
        "description",
        "too_long",
        "201",
        200,
    )
    assert error.all_faults == (
        "description:too_long",
        "picture:not_https",
        "name:name_taken",
        "points:out_of_range",
    )
    assert error.count == 4
    found = does(chat, lambda ctx: findings_of(ctx, bad))
    assert [one.place for one in found] == ["description", "picture", "name", "points", "points"]


def test_two_new_ones_of_one_name_are_refused_together(chat: Chat) -> None:
    both = [Change(None, FAIR), Change(None, replace(FAIR, name="空调保养 "))]
    error = refused(chat, RewardHasErrors, lambda ctx: save_changes(ctx, both))
    assert (error.fault, error.found) == ("name_taken", "0")


def test_names_may_be_exchanged_in_one_go(chat: Chat) -> None:
    one = put(chat)
    two = put(chat, replace(one, id=RewardId("reward-2"), number=2, name="席位"))
    changes = [Change(one, replace(one, name="席位")), Change(two, replace(two, name="空调保养"))]
    does(chat, lambda ctx: save_changes(ctx, changes))
    assert [reward.name for reward in rewards(chat)] == ["席位", "空调保养"]


def test_a_change_of_what_somebody_else_has_changed_is_refused(chat: Chat) -> None:
    put(chat, replace(KEPT, version=3))
    error = refused(chat, RewardChanged, lambda ctx: change_reward(ctx, 1, 2, {"points": 900}))
    assert (error.read, error.version) == (2, 3)
    refused(chat, UnknownReward, lambda ctx: change_reward(ctx, 9, None, {"points": 900}))


def test_a_reward_is_found_by_number_or_name_and_else_guessed(chat: Chat) -> None:
    one = put(chat)
    for asked in ("1", "#1", "空调 保养"):
        assert does(chat, partial(find_reward, asked=asked)) == one
    error = refused(chat, UnknownReward, lambda ctx: find_reward(ctx, "空调"))
    assert error.guesses == ("1 空调保养",)


def test_the_catalogue_is_read_with_what_there_is(chat: Chat) -> None:
    put(chat)
    put(chat, replace(KEPT, id=RewardId("reward-2"), number=2, name="席位"), 4)
    put(chat, replace(KEPT, id=RewardId("reward-3"), number=3, name="礼品"))
    shelf = does(chat, read_catalogue)
    assert [one.stock for one in shelf] == [None, Stock(4), Stock()]
    assert does(chat, lambda ctx: [read_one(ctx, one.reward) for one in shelf]) == shelf


def said_on(card: ApprovalCard) -> tuple[RewardChangeSaid, ...]:
    """Give what a card says of rewards; on a phone it stands as JSON."""
    read: TypeAdapter[tuple[RewardChangeSaid, ...]] = TypeAdapter(tuple[RewardChangeSaid, ...])
    return read.validate_python(card.rewards)


def ask_for_more(chat: Chat) -> Reward:
    """Ask for 900 yuan of cost and five more in stock for what costs 600."""
    old = put(chat, KEPT)
    change = Change(old, replace(old, cost=90_000, limit=Limit(2, LimitPeriod.YEAR)), 5)
    saved = does(chat, lambda ctx: save_changes(ctx, [change], "list.xlsx"))
    assert saved.rewards == ()
    assert saved.approval == stored_approval(chat)
    return old


def test_what_gives_more_waits_for_a_second_person_and_is_done_as_it_was_read(chat: Chat) -> None:
    old = ask_for_more(chat)
    assert rewards(chat) == [old]
    assert stock(chat) == Stock()
    card = card_of(chat, "zhang@app")
    [said] = said_on(card)
    assert (said.number, said.name, said.stock) == (1, "空调保养", 5)
    assert [(t.name, t.before, t.after) for t in said.terms] == [
        ("cost", 60_000, 90_000),
        ("limit", None, "year:2"),
    ]
    shown = chat.presses("zhang@app", card, "approve")
    assert isinstance(shown, ApprovalCard)
    [new] = rewards(chat)
    assert (new.cost, new.limit, new.version) == (90_000, Limit(2, LimitPeriod.YEAR), 2)
    assert stock(chat) == Stock(5)
    [moved] = chat.store.committed(MAIN).stock_moves.values()
    assert (moved.note, moved.actor) == ("list.xlsx", "member:zhang")
    [(action, before, after)] = audit(chat)
    assert (action, before["cost"], after["cost"]) == ("reward_changed", 60_000, 90_000)
    assert after["approval"] == stored_approval(chat).id
    assert isinstance(chat.last("zhou"), ApprovalVerdict)


@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_what_is_not_approved_changes_nothing(chat: Chat, end: str) -> None:
    old = ask_for_more(chat)
    if end == "declined":
        chat.presses("zhang@app", card_of(chat, "zhang@app"), "decline", note="太贵")
    else:
        does(chat, lambda ctx: take_back(ctx, stored_approval(chat).id))
    assert stored_approval(chat).state is ApprovalState(end)
    assert (rewards(chat), stock(chat)) == ([old], Stock())


def test_the_asker_alone_is_not_enough(chat: Chat) -> None:
    put(chat)
    saved = does(chat, lambda ctx: change_reward(ctx, 1, None, {"points": 100}), "zhang")[1]
    assert saved.approval is not None
    refusal = chat.refused("zhang", lambda: chat.says("zhang", f"批准 {saved.approval.number}"))
    assert refusal.code == "own_approval"
    refused(chat, ApprovalPending, lambda ctx: change_reward(ctx, 1, None, {"points": 90}), "zhou")


def test_without_anybody_else_it_is_refused(chat: Chat) -> None:
    put(chat)
    for name in ("zhang", "zhao", "qian"):
        member = chat.store.committed(MAIN).members[name]
        chat.store.committed(MAIN).members[name] = replace(member, is_active=False)
    refused(chat, NoApprover, lambda ctx: change_reward(ctx, 1, None, {"points": 100}))


def test_an_approval_of_what_has_changed_meanwhile_is_refused_and_stays(chat: Chat) -> None:
    ask_for_more(chat)
    does(chat, lambda ctx: change_reward(ctx, 1, None, {"points": 900}))
    card = card_of(chat, "zhang@app")
    refusal = chat.refused("zhang@app", lambda: chat.presses("zhang@app", card, "approve"))
    assert refusal.code == "reward_changed"
    assert stored_approval(chat).state is ApprovalState.PENDING


def test_new_ones_that_cost_nobody_knows_what_wait_together(chat: Chat) -> None:
    free = replace(FAIR, cost=0, has_stock=True, segments=frozenset({"市政"}))
    changes = [Change(None, FAIR), Change(None, replace(free, name="礼品"), 3)]
    saved = does(chat, lambda ctx: save_changes(ctx, changes))
    assert (rewards(chat), saved.rewards) == ([], ())
    card = card_of(chat, "zhao")
    assert [(one.number, one.name, one.stock) for one in said_on(card)] == [
        (0, "礼品", 3),
        (0, "空调保养", 0),
    ]
    assert card.reward_count == 2
    assert {term.name: term.after for term in said_on(card)[0].terms} == {
        "points": 800,
        "kind": "service",
        "is_active": True,
    }
    assert said_on(card)[0].term_count == 5
    chat.presses("zhao", card, "approve")
    assert [reward.number for reward in rewards(chat)] == [1, 2]
    assert stock(chat, rewards(chat)[0].id) == Stock(3)


def test_a_new_name_and_a_tier_are_shown_as_people_call_them(chat: Chat) -> None:
    old = put(chat)
    change = Change(old, replace(old, points=1, name="空调清洗", description="说明"))
    does(chat, lambda ctx: save_changes(ctx, [change]))
    [said] = said_on(card_of(chat, "zhang@app"))
    assert said.name == "空调保养"
    assert [term.name for term in said.terms] == ["points", "description", "name"]


def test_stock_alone_changes_no_terms(chat: Chat) -> None:
    old = put(chat, KEPT, 3)
    assert does(chat, lambda ctx: save_changes(ctx, [Change(old, old, 4)])).rewards == (old,)
    assert (rewards(chat), stock(chat), audit(chat)) == ([old], Stock(7), [])


def test_stock_comes_in_and_is_taken_out_with_a_note(chat: Chat) -> None:
    kept = put(chat, KEPT, 5)
    assert does(chat, lambda ctx: move_stock(ctx, kept, -2, " 破损 " + "长" * 300)) == Stock(3)
    [_, moved] = chat.store.committed(MAIN).stock_moves.values()
    assert (moved.move, moved.quantity, moved.actor) == (StockMove.REMOVE, 2, "member:zhou")
    assert moved.note == ("破损 " + "长" * 300)[:200]
    error = refused(chat, StockShort, lambda ctx: move_stock(ctx, kept, -4, ""))
    assert (error.available, error.held, error.asked) == (3, 0, 4)
    for quantity in (0, STOCK_MAX + 1, STOCK_MAX - 2):
        refused(chat, StockRefused, partial(move_stock, reward=kept, quantity=quantity, note=""))
    any_number = replace(KEPT, has_stock=False)
    refused(chat, StockNotKept, lambda ctx: move_stock(ctx, any_number, 1, ""))


def hold(chat: Chat, reward: Reward, quantity: int) -> None:
    def act(ctx: Context) -> None:
        moved = Moved(ctx.ids.new(), reward.id, StockMove.HOLD, quantity, None, "test", ctx.now)
        assert ctx.work.stocks.move(moved)
        warn_if_low(ctx, reward, quantity)

    chat.acts(act)


def notices(chat: Chat, who: str) -> list[StockNotice]:
    return [view for view in chat.phone(who) if isinstance(view, StockNotice)]


def test_who_keeps_rewards_is_told_once_that_one_runs_low(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", Role.FINANCE, is_active=False))
        work.commit()
    kept = put(chat, KEPT, 10)
    hold(chat, kept, 7)
    assert notices(chat, "zhou") == []
    hold(chat, kept, 1)
    expected = [StockNotice(1, "空调保养", 2, 10)]
    for who in ("zhou", "fang", "zhang", "zhao", "qian"):
        assert notices(chat, who) == expected
    for who in ("li", "sun", "wang"):
        assert notices(chat, who) == []
    hold(chat, kept, 1)
    assert notices(chat, "zhou") == expected

    does(chat, lambda ctx: move_stock(ctx, kept, 10, ""))
    hold(chat, kept, 8)
    assert notices(chat, "zhou") == [*expected, StockNotice(1, "空调保养", 3, 20)]


def test_a_verdict_beside_the_chat_does_it_too(chat: Chat) -> None:
    ask_for_more(chat)
    asked = stored_approval(chat)
    does(chat, lambda ctx: decide(ctx, asked.id, Verdict.APPROVE, ""), "qian")
    assert rewards(chat)[0].cost == 90_000
    assert not isinstance(chat.last("qian"), Refusal)


def test_a_list_of_groups_is_one_text() -> None:
    assert plain_term(["市政", "房建"], {}) == "市政 房建"
