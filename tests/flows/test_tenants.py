"""Two firms on one installation: nothing of one is seen, reached or moved by the other."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channel_configs import WECOM, seal
from bot.wiring import MAIN
from domain.channels import Channel, ChannelKind
from domain.ids import TenantId
from domain.members import Role
from handlers.contract import Context
from handlers.usecases.setup import add_member, give_account, publish_starter_rules
from storage.channels import ChannelConfig
from storage.cipher import Undecipherable
from storage.schema import METADATA
from tests.bot.wecom.envelope import Envelope
from tests.flows.conftest import OpenTown
from tests.support.deeds import LI
from tests.support.town import Town
from tests.support.wire import ENVELOPE, Wire, member_xml, nothing_changes, seal as sealed
from tests.support.world import AGENT

SECOND = TenantId("second")
ADDRESS = "/callback/second/wecom"
VALUES = {
    "corp_id": "wwsecond00000001",
    "agent_id": str(AGENT),
    "secret": "second-app-secret",
    "callback_token": "second-callback-token",
    "callback_aes_key": base64.b64encode(bytes(range(1, 33))).decode().rstrip("="),
}
THEIRS = Envelope(VALUES["callback_token"], VALUES["callback_aes_key"], VALUES["corp_id"])


@pytest.fixture(params=["sqlite", "postgresql"])
def town(open_town: OpenTown, request: pytest.FixtureRequest) -> Town:
    """Give a town with a second firm, in which somebody has the same account name."""
    town = open_town(database=request.param)
    parts, channel = town.parts, Channel(WECOM, ChannelKind.WECOM_APP)
    row = seal(SECOND, channel, {**VALUES, "api_base": town.platforms.url}, parts.cipher)
    parts.store.add_tenant(SECOND, "第二家")
    config = ChannelConfig(channel, VALUES["corp_id"], row.settings, row.secrets)
    parts.store.save_channel(SECOND, config)
    parts.runtime.act(SECOND, _people)
    return town


def _people(ctx: Context) -> None:
    publish_starter_rules(ctx, ctx.now)
    boss = add_member(ctx, "另一位", [Role.SUPERVISOR])
    give_account(ctx, boss, WECOM, ChannelKind.WECOM_APP, "zhangmin", is_alerted=True)


@pytest.fixture
def wire(town: Town) -> Iterator[Wire]:
    wire = Wire(town)
    yield wire
    wire.close()


def theirs(xml: str, at: float) -> tuple[dict[str, str], bytes]:
    """Seal a callback of the second firm."""
    posted = THEIRS.post(xml.replace(ENVELOPE.receive_id, THEIRS.receive_id), at)
    return posted.query, posted.body


def of_tenant(town: Town, tenant: TenantId) -> dict[str, list[str]]:
    """Give all rows of one firm, but the scheduler's own looks into its log and its runs."""
    rows = {}
    for table in set(METADATA.tables) - {"runs"}:
        if "tenant_id" in METADATA.tables[table].columns:
            own = " AND source_id NOT LIKE 'sweep:%'" if table == "inbox" else ""
            query = f"SELECT * FROM {table} WHERE tenant_id = '{tenant}'{own}"  # noqa: S608
            rows[table] = sorted(map(repr, town.all(query)))
    return rows


def test_each_firm_is_answered_at_its_own_address_from_its_own_rows(town: Town, wire: Wire) -> None:
    town.wakes_up()
    town.settles()
    before = of_tenant(town, MAIN)
    query, body = theirs(member_xml("zhangmin", "预警"), town.clock.seconds())

    answer = wire.post(ADDRESS, body, query)

    assert "预警" in THEIRS.open_reply(answer.content)
    assert of_tenant(town, MAIN) == before
    inbox = "SELECT tenant_id FROM inbox WHERE source_id NOT LIKE 'sweep:%'"
    assert town.all(inbox) == [(SECOND,)]


def test_the_same_account_name_is_another_person_elsewhere(town: Town, wire: Wire) -> None:
    query, body = theirs(member_xml("liqiang", "项目"), town.clock.seconds())

    answer = wire.post(ADDRESS, body, query)

    # Li Qiang of the first firm has projects; here nobody knows him.
    reply = THEIRS.open_reply(answer.content)
    assert "滨江" not in reply
    assert "绑定" in reply
    mark = town.says(LI, "项目")
    town.waits_for(LI, "滨江一期", after=mark)


def test_the_same_message_id_in_both_firms_are_two_messages(town: Town, wire: Wire) -> None:
    xml = member_xml("zhangmin", "预警")
    query, body = theirs(xml, town.clock.seconds())
    assert wire.post(ADDRESS, body, query).status_code == 200
    assert wire.wecom(xml).status_code == 200
    heard = "SELECT tenant_id FROM inbox WHERE sender = 'zhangmin' ORDER BY tenant_id"
    assert town.all(heard) == [(MAIN,), (SECOND,)]


def test_one_firms_callback_is_refused_at_the_others_address(town: Town, wire: Wire) -> None:
    query, body = theirs(member_xml("zhangmin", "预警"), town.clock.seconds())
    ours = sealed(member_xml("zhangmin", "预警"))
    with nothing_changes(town):
        assert wire.post("/callback/main/wecom", body, query).status_code == 403
        assert wire.post(ADDRESS, ours.body, ours.query).status_code == 403
        dingtalk = wire.post("/callback/second/dingtalk/robot", b"{}")
        assert dingtalk.status_code == 403


def test_a_binding_code_of_one_firm_is_no_code_in_the_other(town: Town, wire: Wire) -> None:
    answer = wire.wecom(member_xml("chenxiao", "邀请 滨江置业 王建国"))
    (code,) = [word for word in ENVELOPE.open_reply(answer.content).split() if len(word) == 8][:1]
    query, body = theirs(member_xml("stranger", f"绑定 {code}"), town.clock.seconds())

    reply = THEIRS.open_reply(wire.post(ADDRESS, body, query).content)

    assert "没有对上" in reply
    assert town.one("SELECT count(*) FROM invitations WHERE used_at IS NOT NULL") == 0


def test_a_firms_secrets_are_nowhere_to_be_read(town: Town, tmp_path: Path) -> None:
    stored = "".join(row for rows in of_tenant(town, SECOND).values() for row in rows)
    for name in ("secret", "callback_token", "callback_aes_key"):
        assert VALUES[name] not in stored
    assert VALUES["corp_id"] in stored
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"second-app-secret" in path.read_bytes()]
    row = town.parts.store.channel_configs(SECOND)[0]
    with pytest.raises(Undecipherable):
        town.parts.cipher.decrypt(str(row.secrets), f"channel:{MAIN}:{WECOM}")
    hidden = town.parts.cipher.decrypt(str(row.secrets), f"channel:{SECOND}:{WECOM}")
    assert json.loads(hidden)["secret"] == VALUES["secret"]
