"""The firm that is measured: made through the program's own use cases, in a process of its own.

`python -m benchmarks.firm` fills the database that the ZHUFEN_ settings name.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.channel_configs import KF, WECOM
from bot.emulator.config import EmulatorConfig
from bot.emulator.wecom.world import KfAccount, WecomApp, WecomWorld
from bot.installation import Installation
from bot.logs import configure_logs
from bot.settings import load_settings
from bot.wiring import MAIN, Parts
from domain.channels import ChannelKind, Identity
from domain.customers import Customer
from domain.events import BusinessEvent, EventType
from domain.ids import EventId
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.points import book
from handlers.usecases.setup import (
    add_contact,
    add_customer,
    add_member,
    add_project,
    give_account,
)

GUESTS = 150
SUPERVISORS = 12
CONTRACTS = 3
CONTRACT_FEN = 100_000_000
POINTS = 3_000
"""What the starter rules give for the contracts of one customer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What both sides of the wire know."""

    corp_id: str
    agent_id: int
    secret: str
    token: str
    aes_key: str
    kf_id: str
    guests: int = GUESTS


@dataclass(frozen=True, slots=True)
class Guest:
    """A customer's contact, with an account on the app and one on 微信客服."""

    number: int
    points: int = POINTS

    @property
    def account(self) -> str:
        """Give the account on the app's channel."""
        return f"guest{self.number:04d}"

    @property
    def wechat(self) -> str:
        """Give the account on 微信客服."""
        return f"wmGuest{self.number:04d}"

    @property
    def customer(self) -> str:
        """Give the name of the guest's customer."""
        return f"滨江置业{self.number:04d}"

    @property
    def project(self) -> str:
        """Give the name of the customer's project."""
        return f"滨江{self.number:04d}期"


def guest(number: int) -> Guest:
    """Give a guest by number."""
    return Guest(number)


def supervisor(number: int) -> str:
    """Give a supervisor's account by number."""
    return f"supervisor{number:02d}"


def make_credentials() -> Credentials:
    """Make the credentials of one run."""
    return Credentials(
        corp_id="wwbench000000001",
        agent_id=1000002,
        secret=secrets.token_hex(16),
        token=secrets.token_hex(8),
        aes_key=base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        kf_id="wkBENCH0001",
    )


def platforms(known: Credentials, port: int, bot_port: int) -> EmulatorConfig:
    """Give the emulator's configuration."""
    app = WecomApp(known.agent_id, known.secret, known.token, known.aes_key)
    return EmulatorConfig(
        port=port,
        wecom=WecomWorld(
            corp_id=known.corp_id,
            apps=(app,),
            members={supervisor(n): f"主管{n:02d}" for n in range(SUPERVISORS)},
            kf_accounts=(KfAccount(known.kf_id, known.agent_id),),
            customers={guest(n).wechat: f"客人{n:04d}" for n in range(GUESTS)},
        ),
        wecom_callback_url=f"http://127.0.0.1:{bot_port}/callback/main/wecom",
    )


def main() -> None:
    """Migrate the database and make the firm."""
    configure_logs()
    Installation(load_settings()).prepare(_fill)


def _fill(parts: Parts) -> None:
    made: list[Customer] = []
    parts.runtime.act(MAIN, lambda ctx: made.extend(_customers(ctx)))
    # In a second transaction: nobody is there yet to be told about the points above.
    parts.runtime.act(MAIN, lambda ctx: _people(ctx, made))


def _customers(ctx: Context) -> list[Customer]:
    customers = []
    for number in range(GUESTS):
        who = guest(number)
        customer = add_customer(ctx, f"C{number:04d}", who.customer, None)
        for contract in range(CONTRACTS):
            signed_at = ctx.now - timedelta(days=40 * contract + 1)
            event = BusinessEvent(
                id=EventId(ctx.ids.new()),
                source="benchmark",
                source_id=f"{number}-{contract}",
                type=EventType.CONTRACT_SIGNED,
                customer=customer.id,
                project=None,
                occurred_at=signed_at,
                recorded_at=ctx.now,
                recorded_by=None,
                data={"amount": CONTRACT_FEN},
            )
            book(ctx, event)
        customers.append(customer)
    return customers


def _people(ctx: Context, customers: list[Customer]) -> None:
    for number in range(SUPERVISORS):
        member = add_member(ctx, f"主管{number:02d}", (Role.SUPERVISOR,))
        give_account(ctx, member, WECOM, ChannelKind.WECOM_APP, supervisor(number), is_alerted=True)
    for number, customer in enumerate(customers):
        who = guest(number)
        add_project(ctx, f"P{number:04d}", who.project, customer, None)
        contact = add_contact(ctx, customer, f"客人{number:04d}", "13800000000")
        for channel, kind, account in (
            (WECOM, ChannelKind.WECOM_APP, who.account),
            (KF, ChannelKind.WECOM_KF, who.wechat),
        ):
            ctx.work.identities.save(Identity(channel, kind, account, contact=contact.id))


if __name__ == "__main__":
    main()
