"""What the commands `zhufen lottery` do, through the usual use cases."""

from pathlib import Path
from typing import Any

from bot.cli_setup import act_as, look
from bot.lottery_files import read_lottery
from bot.settings import Settings
from domain.lotteries import Lottery
from handlers.contract import Context
from handlers.usecases import lotteries
from handlers.usecases.lottery_openings import approve_opening
from handlers.usecases.lottery_record import record_of, verify_lottery

Found = dict[str, Any]


def add_lottery(settings: Settings, tenant: str, by: str, file: Path) -> Found:
    """Write down what a file says.

    Raises:
        ValueError: the file can't be read.
        OSError: it can't be opened.
        DomainError: it may not be.
    """
    terms = read_lottery(file)
    return act_as(settings, tenant, by, lambda ctx: _line(lotteries.add_lottery(ctx, terms)))


def list_lotteries(settings: Settings, tenant: str) -> list[Found]:
    """List all lotteries by number."""
    return look(settings, tenant, lambda ctx: [_line(one) for one in ctx.work.lotteries.all()])


def publish_lottery(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Ask a second person to open a lottery.

    Raises:
        DomainError: it may not be.
    """

    def act(ctx: Context) -> Found:
        return {"lottery": number, "approval": lotteries.ask_opening(ctx, number).number}

    return act_as(settings, tenant, by, act)


def approve_lottery(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Open a lottery as the second person.

    Raises:
        DomainError: it may not be.
    """
    return act_as(settings, tenant, by, lambda ctx: _line(approve_opening(ctx, number)))


def close_lottery(settings: Settings, tenant: str, by: str, number: int) -> Found:
    """Close a lottery and let its seed be known.

    Raises:
        DomainError: it may not be.
    """
    return act_as(settings, tenant, by, lambda ctx: _line(lotteries.close_lottery(ctx, number)))


def show_lottery(settings: Settings, tenant: str, number: int) -> Found:
    """Give the record that everybody may read.

    Raises:
        UnknownLottery: no such number.
    """

    def question(ctx: Context) -> Found:
        return record_of(ctx.work, lotteries.find_lottery(ctx.work, str(number)))

    return look(settings, tenant, question)


def check_lottery(settings: Settings, tenant: str, number: int) -> Found:
    """Draw everything of a lottery again and give what is wrong.

    Raises:
        UnknownLottery: no such number.
        LotteryStands: it is a draft.
    """

    def question(ctx: Context) -> Found:
        lottery, faults = verify_lottery(ctx, number)
        return {
            "lottery": number,
            "draws": lottery.drawn,
            "faults": [{"fault": one.fault.value, "draw": one.number} for one in faults],
        }

    return look(settings, tenant, question)


def _line(lottery: Lottery) -> Found:
    return {
        "number": lottery.number,
        "name": lottery.name,
        "state": lottery.state.value,
        "price": lottery.price,
        "drawn": lottery.drawn,
        "left": lottery.left,
        "commitment": lottery.commitment,
    }
