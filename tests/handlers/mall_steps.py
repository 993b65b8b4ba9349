"""What happens around redemptions in several tests: rewards, stock, buying, what is stored."""

from typing import Any

from domain.holds import HoldState
from domain.ids import ContactId, RewardId
from domain.redemptions import Redemption
from domain.repositories import Moved
from domain.rewards import Reward, RewardKind, Stock, StockMove
from handlers.views import RedeemPreview, RedemptionCard
from tests.handlers.expiring import purse
from tests.support.chat import Chat
from tests.support.make import a_contact
from tests.support.stores import KF, MAIN


def on_offer(
    chat: Chat,
    points: int = 100,
    *,
    stock: int | None = None,
    number: int = 1,
    name: str = "空调保养",
    **changes: Any,
) -> Reward:
    """Put a reward on offer, with so many of it if they are counted."""
    fields: dict[str, Any] = {"kind": RewardKind.SERVICE, "cost": 20_000} | changes
    reward = Reward(
        id=RewardId(f"reward-{number}"),
        number=number,
        name=name,
        points=points,
        has_stock=stock is not None,
        **fields,
    )
    with chat.store.work(MAIN) as work:
        work.rewards.add(reward)
        if stock:
            move = StockMove.RECEIVE
            work.stocks.move(
                Moved(f"in-{number}", reward.id, move, stock, None, "system", chat.clock.now())
            )
        work.commit()
    return reward


def change(chat: Chat, reward: Reward) -> None:
    """Store a reward's next version."""
    with chat.store.work(MAIN) as work:
        work.rewards.save(reward)
        work.commit()


def colleague(chat: Chat, name: str = "zhou-qiang", **changes: Any) -> None:
    """Give C001 another contact, with an account."""
    fields = {"phone": "13900139000", "may_redeem": True} | changes
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact(name, "C001", **fields))
        work.commit()
    chat.joins(name, KF, f"wm-{name}", contact=name)
    chat.says(name, "帮助")


def preview_of(chat: Chat, words: str = "兑换 1", who: str = "wang") -> RedeemPreview:
    """Ask for a preview."""
    shown = chat.says(who, words)
    assert isinstance(shown, RedeemPreview), shown
    return shown


def buys(chat: Chat, words: str = "兑换 1", who: str = "wang") -> RedemptionCard:
    """Buy something; give the receipt."""
    receipt = chat.presses(who, preview_of(chat, words, who), "confirm")
    assert isinstance(receipt, RedemptionCard), receipt
    return receipt


def stored(chat: Chat, number: int = 1) -> Redemption:
    """Give a stored redemption."""
    [found] = [r for r in chat.store.committed(MAIN).redemptions.values() if r.number == number]
    return found


def stock(chat: Chat, number: int = 1) -> Stock:
    """Give what there is of a reward."""
    return chat.store.committed(MAIN).stocks.get(f"reward-{number}", Stock())


def points(chat: Chat) -> tuple[int, int]:
    """Give what C001 can spend, and what is set aside."""
    wallet = purse(chat)
    return wallet.available, wallet.held


def holds(chat: Chat) -> list[HoldState]:
    """Give the state of every hold."""
    return [hold.state for hold in chat.store.committed(MAIN).holds.values()]


def leaves(chat: Chat, name: str) -> None:
    """Let a contact's rights end."""
    state = chat.store.committed(MAIN)
    contact = state.contacts[ContactId(name)]
    state.contacts[ContactId(name)] = a_contact(name, contact.customer, is_active=False)
