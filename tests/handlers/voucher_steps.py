"""What happens around vouchers in several tests: buying some, reading a code, using one."""

from typing import Any

from domain.ids import RedemptionId, RewardId
from domain.redemptions import Redemption, RedemptionState
from domain.repositories import Moved
from domain.rewards import RewardKind, StockMove
from domain.voucher_codes import grouped
from domain.vouchers import Voucher
from handlers.contract import Context
from handlers.usecases.vouchers import issue
from handlers.views import VoucherCodes, VoucherDone, VoucherPreview
from tests.support.chat import Chat
from tests.support.fake_vouchers import CONCEALED
from tests.support.make import a_redemption, a_reward
from tests.support.stores import MAIN

VALUE = 500_000
"""5,000 yuan."""
NAME = "5,000 元抵用券"
REWARD, REWARD_NUMBER = RewardId("voucher-reward"), 71


def buy(
    chat: Chat, quantity: int = 1, *, is_partly_usable: bool = True, **changes: Any
) -> Redemption:
    """Let C001 have vouchers that were just placed."""
    number = len(chat.store.committed(MAIN).redemptions) + 1
    terms = {"is_partly_usable": is_partly_usable} | changes
    made: Redemption = chat.acts(lambda ctx: place(ctx, number, quantity=quantity, **terms))
    return made


def place(ctx: Context, number: int, *, quantity: int = 1, **changes: Any) -> Redemption:
    """Give a customer vouchers that were just placed, with the stock they come from."""
    fields: dict[str, Any] = {
        "id": RedemptionId(f"redemption-{number}"),
        "number": number,
        "source": f"test-{number}",
        "reward": REWARD,
        "name": NAME,
        "kind": RewardKind.VOUCHER,
        "quantity": quantity,
        "points_each": 0,
        "value_each": VALUE,
        "valid_days": 30,
        "is_partly_usable": True,
        "has_stock": True,
        "state": RedemptionState.PLACED,
        "held_at": ctx.now,
        "placed_at": ctx.now,
    }
    bought = a_redemption(**(fields | changes))
    if ctx.work.rewards.find_number(REWARD_NUMBER) is None:
        ctx.work.rewards.add(
            a_reward(id=REWARD, number=REWARD_NUMBER, kind=RewardKind.VOUCHER, value=VALUE)
        )
    for move in (StockMove.RECEIVE, StockMove.HOLD):
        moved = Moved(ctx.ids.new(), REWARD, move, quantity, None, "system", ctx.now)
        assert ctx.work.stocks.move(moved)
    ctx.work.redemptions.add(bought)
    issue(ctx, bought)
    return bought


def code_of(chat: Chat, place: int = 1, redemption: str = "redemption-1") -> str:
    """Give the code of a voucher as people see it."""
    state = chat.store.committed(MAIN)
    [voucher] = [
        one for one in state.vouchers.values() if (one.redemption, one.place) == (redemption, place)
    ]
    return grouped(state.voucher_codes[voucher.id])


def codes_on(view: VoucherCodes) -> list[str]:
    """Give the codes in a message that has come by a delivery or as a reply."""
    shown: list[Any] = list(view.codes)
    kept = [one["code"] if isinstance(one, dict) else vars_of(one.code) for one in shown]
    return [grouped(code["concealed"].removeprefix(CONCEALED)) for code in kept]


def vars_of(code: Any) -> dict[str, str]:
    """Give what is concealed as a delivery has it."""
    return {"place": code.place, "concealed": code.concealed}


def secret_of(view: VoucherCodes) -> str:
    """Give the secret in the link of a message."""
    link: Any = view.link
    concealed: str = link["concealed"] if isinstance(link, dict) else link.concealed
    return concealed.removeprefix(CONCEALED).partition(".")[2]


def preview(chat: Chat, words: str = "", who: str = "zhou", *, place: int = 1) -> VoucherPreview:
    """Let somebody type a code; give the card."""
    view = chat.says(who, f"核销 {code_of(chat, place)} {words}")
    assert isinstance(view, VoucherPreview), view
    return view


def use(chat: Chat, words: str = "滨江一期", who: str = "zhou", *, place: int = 1) -> VoucherDone:
    """Let somebody use a voucher."""
    done = chat.presses(who, preview(chat, words, who, place=place), "use1")
    assert isinstance(done, VoucherDone), done
    return done


def vouchers(chat: Chat) -> list[Voucher]:
    """Give all vouchers by purchase and place."""
    found = chat.store.committed(MAIN).vouchers.values()
    return sorted(found, key=lambda one: (one.number, one.place))


def redemption(chat: Chat, number: int = 1) -> Redemption:
    """Give a purchase as it stands."""
    [found] = [
        one for one in chat.store.committed(MAIN).redemptions.values() if one.number == number
    ]
    return found


def said(chat: Chat, who: str, words: str) -> Any:
    """Let somebody type; give the answer, whatever view it is."""
    return chat.says(who, words)
