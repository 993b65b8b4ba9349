"""A voucher's code stands nowhere in clear: no table, no file of the database, no log line."""

import re
from pathlib import Path

from sqlalchemy import inspect, text

from bot.channel_configs import DINGTALK, KF
from bot.merging import is_mergeable
from domain.channels import ChannelKind, Identity
from domain.deliveries import DeliveryKind, DeliveryState
from domain.ids import ContactId, MemberId
from domain.members import Member, Role
from domain.voucher_codes import complete
from handlers.contract import Context
from handlers.incoming import Pressed, Said
from tests.handlers.voucher_steps import place
from tests.support.logged import recorded
from tests.support.office import *  # noqa: F403  a fixture
from tests.support.office import FANG, Office
from tests.support.stores import *  # noqa: F403  fixtures
from tests.support.stores import MAIN, _cluster_stops_at_the_end  # noqa: F401

FINANCE = "zhoutao"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}-[0-9A-HJKMNP-TV-Z]{5}")
LINK = re.compile(r"/app/voucher/(\S+)")


def furnish(ctx: Context) -> None:
    """Let there be somebody in finance, and a purchase of two vouchers by Wang."""
    member = Member(MemberId("m-zhou"), "周涛", frozenset({Role.FINANCE}))
    ctx.work.members.add(member)
    ctx.work.identities.save(Identity(DINGTALK, ChannelKind.DINGTALK, FINANCE, member=member.id))
    customer = ctx.work.customers.find_by_code("C001")
    assert customer is not None
    [wang] = ctx.work.customers.contacts(customer.id)
    place(ctx, 1, quantity=2, customer=customer.id, contact=ContactId(wang.id))


def test_nothing_in_clear(office: Office) -> None:
    with recorded() as said:
        office.sends(*office.runtime.act(MAIN, furnish).deliveries)
        [issued] = [shown for shown in office.phones.shown("wmWang") if CODE.search(shown)]
        one, other = CODE.findall(issued)
        typed = one.lower().replace("-", " ")
        office.hears(FANG, Said(f"核销 {one}"))
        office.hears(FINANCE, Said(f"核销 {typed} 2000 滨江一期"), DINGTALK)
        office.hears(FINANCE, Said(f"核销 {complete('0' * 16)}"), DINGTALK)
        office.hears(FINANCE, Said(f"核销 {one}1"), DINGTALK)
        office.hears(FINANCE, Said(one), DINGTALK)
        [(ticket,)] = office.all("SELECT id FROM tickets WHERE kind = 'voucher'")
        office.hears(FINANCE, Pressed(f"{ticket}:use1"), DINGTALK)
        office.hears("wmWang", Said("补发券码 1"), KF)
        office.hears(FINANCE, Said("补发券码 1"), DINGTALK)
        # Who takes over reads the talk, and no code in it.
        office.hears("wmWang", Said(f"券码 {typed} 用不了"), KF)
        office.hears("wmWang", Said(f"核销 {one}"), KF)
        office.hears("wmWang", Said("转人工"), KF)
    assert office.all("SELECT used FROM vouchers ORDER BY place") == [(200_000,), (0,)]
    shown = "\n".join(office.phones.shown("wmWang"))
    codes = {*CODE.findall(shown)}
    assert {one, other} < codes
    assert len(codes) == 6
    secrets = {link.partition(".")[2] for link in LINK.findall(shown)}
    assert len(secrets) == 3
    kept = dump(office)
    assert "滨江一期" in kept
    assert "「券码 •••• 用不了」" in office.phones.shown("chenxiao")[-1]
    assert said.getvalue()
    for place_, text_ in {"tables": kept, "log": said.getvalue(), "files": files(office)}.items():
        flat = re.sub(r"[\s\-]", "", text_).upper()
        for code in codes:
            assert code.replace("-", "") not in flat, (place_, code)
        for secret in secrets:
            assert secret not in text_, place_
    # Nobody else's phone has shown one.
    others = [out.message.text for out in office.phones.sent if out.external_id != "wmWang"]
    assert not CODE.search("\n".join(others).replace("K7QD-3M9X-0123-ABCD1", ""))


def test_a_kept_message_shows_its_codes_when_it_is_sent_after_all(office: Office) -> None:
    queued = office.runtime.act(MAIN, furnish).deliveries
    kept = [office.stored(delivery) for delivery in queued]
    [message] = [one for one in kept if one.view == "voucher_codes"]
    assert message.state is DeliveryState.QUEUED
    assert not CODE.search(f"{message.data}")
    office.sends(*queued)
    assert len(CODE.findall("\n".join(office.phones.shown("wmWang")))) == 2


def dump(office: Office) -> str:
    """Write down every row of every table."""
    with office.store.database.reading.connect() as connection:
        return "\n".join(
            f"{table}: {row}"
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  a name
        )


def files(office: Office) -> str:
    """Read what SQLite has on the disk; nothing for a server."""
    url = office.store.database.writing.url
    if url.database is None or not url.drivername.startswith("sqlite"):
        return ""
    file = Path(url.database)
    return "".join(
        one.read_bytes().decode("utf-8", "replace") for one in file.parent.glob(f"{file.name}*")
    )


def test_codes_are_never_squeezed_into_a_line_of_a_gathered_message(office: Office) -> None:
    queued = office.runtime.act(MAIN, furnish).deliveries
    kept = {one.view: one for one in map(office.stored, queued)}
    assert kept["voucher_codes"].kind is DeliveryKind.PUSH
    assert not is_mergeable(kept["voucher_codes"])
