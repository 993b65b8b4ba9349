"""What each callback of WeCom becomes."""

from datetime import UTC, datetime

import pytest

from bot.platform import Rejected
from bot.wecom import WecomConfig
from bot.wecom.callbacks import WecomCallbacks
from bot.wecom.guard import Reason
from domain.ids import CardKey
from handlers.incoming import (
    Content,
    Entered,
    Incoming,
    Left,
    MediaKind,
    Pressed,
    PullWanted,
    Said,
    SentMedia,
    Unsupported,
)
from tests.bot.wecom.envelope import Envelope
from tests.bot.wecom.town import AES_KEY, CORP, FIXTURES, NOW, TOKEN, Clock, xml

ACTION = "01JABCDEFGHJKMNPQRSTVWXYZ0:take"
CARD = CardKey("01JZZZZZZZZZZZZZZZZZZZZZZZ")


def pressed(form: dict[str, str]) -> Pressed:
    return Pressed(action=ACTION, card=CARD, response_code="rc-demo", form=form)


EXPECTED: dict[str, tuple[str, Content]] = {
    "message_text": ("pm01", Said("到货 P-102 冷柜 12 台")),
    "message_text_empty": ("pm01", Said("")),
    "message_image": ("pm01", SentMedia(MediaKind.IMAGE, "media-1")),
    "message_voice": ("pm01", SentMedia(MediaKind.VOICE, "media-2")),
    "message_video": ("pm01", SentMedia(MediaKind.VIDEO, "media-3")),
    "message_location": ("pm01", SentMedia(MediaKind.LOCATION)),
    "message_link": ("pm01", SentMedia(MediaKind.LINK)),
    "message_unknown": ("pm01", Unsupported("hologram", is_message=True)),
    "event_enter_agent": ("pm01", Entered()),
    "event_click": ("pm01", Said("余额")),
    "event_view": ("pm01", Unsupported("view", is_message=False)),
    "event_subscribe": ("pm01", Left(None)),
    "event_unsubscribe": ("pm01", Left("unsubscribed")),
    "event_location": ("pm01", Unsupported("location", is_message=False)),
    "event_unknown": ("pm01", Unsupported("quantum_leap", is_message=False)),
    "event_card_button": ("pm01", pressed({})),
    "event_card_menu": ("pm01", pressed({})),
    "event_card_form_none": ("pm01", pressed({})),
    "event_card_form_one": ("pm01", pressed({"cause": "door"})),
    "event_card_form_several": ("pm01", pressed({"cause": "door,power", "measure": "repair"})),
    "event_member_deleted": ("pm07", Left("left")),
    "event_member_changed": ("", Unsupported("change_contact:update_user", is_message=False)),
    "event_batch_job": ("", Unsupported("batch_job_result", is_message=False)),
    "event_kf_ping": ("", PullWanted("tok-demo")),
}


def read(callbacks: WecomCallbacks, document: str, nonce: str = "nonce-1") -> Incoming:
    posted = Envelope(TOKEN, AES_KEY, CORP).post(document, NOW, nonce=nonce)
    return callbacks.read(posted.query, posted.body)


def refused(callbacks: WecomCallbacks, document: str) -> tuple[int, str]:
    with pytest.raises(Rejected) as caught:
        read(callbacks, document)
    return caught.value.status, caught.value.reason


def test_every_fixture_has_an_expectation() -> None:
    assert {path.stem for path in FIXTURES.glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_callback_becomes_what_it_means(callbacks: WecomCallbacks, name: str) -> None:
    incoming = read(callbacks, xml(name))

    assert (incoming.sender, incoming.content) == EXPECTED[name]
    assert incoming.channel == ("kf" if name == "event_kf_ping" else "app")
    assert incoming.sent_at == datetime.fromtimestamp(1_760_000_000, UTC)
    assert not incoming.in_group
    assert not incoming.is_stale


class TestSourceId:
    def test_a_message_is_named_by_its_msgid(self, callbacks: WecomCallbacks) -> None:
        assert read(callbacks, xml("message_text")).source_id == "7123456789012345678"

    def test_an_event_keeps_its_name_when_repeated(self, callbacks: WecomCallbacks) -> None:
        first = read(callbacks, xml("event_click"), nonce="a")
        again = read(callbacks, xml("event_click"), nonce="b")

        assert first.source_id == again.source_id
        assert len(first.source_id) <= 64

    @pytest.mark.parametrize(
        ("was", "becomes"),
        [
            ("pm01", "pm02"),
            ("1760000000", "1760000001"),
            ("template_card_event", "template_card_menu_event"),
            (":take", ":pass"),
            ("ZZZZ]]", "ZZZY]]"),
            ("rc-demo", "rc-other"),
        ],
    )
    def test_two_taps_in_one_second_have_two_names(
        self, callbacks: WecomCallbacks, was: str, becomes: str
    ) -> None:
        tap = xml("event_card_button")
        assert was in tap

        one, other = read(callbacks, tap), read(callbacks, tap.replace(was, becomes))

        assert one.source_id != other.source_id

    def test_two_members_deleted_in_one_second_have_two_names(
        self, callbacks: WecomCallbacks
    ) -> None:
        deleted = xml("event_member_deleted")

        one, other = read(callbacks, deleted), read(callbacks, deleted.replace("pm07", "pm08"))

        assert one.source_id != other.source_id

    def test_a_replayed_ping_is_the_same_but_a_second_ping_is_not(
        self, callbacks: WecomCallbacks
    ) -> None:
        ping = xml("event_kf_ping")

        one = read(callbacks, ping, nonce="a")
        replayed = read(callbacks, ping, nonce="a")
        second = read(callbacks, ping, nonce="b")

        assert one.source_id == replayed.source_id
        assert one.source_id != second.source_id


class TestT16Unknown:
    def test_future_fields_change_nothing(self, callbacks: WecomCallbacks) -> None:
        document = xml("message_text").replace("</xml>", "<New><Deep a='1'>x</Deep></New></xml>")

        assert read(callbacks, document) == read(callbacks, xml("message_text"))

    def test_the_case_of_type_and_event_does_not_matter(self, callbacks: WecomCallbacks) -> None:
        document = xml("event_click").replace("click", "CLICK").replace("event]", "EVENT]")

        assert read(callbacks, document).content == Said("余额")


class TestT17NotOurs:
    def test_another_corp_is_refused(self, callbacks: WecomCallbacks) -> None:
        document = xml("message_text").replace(CORP, "wwother0000000001")

        assert refused(callbacks, document) == (403, Reason.UNKNOWN_CORP)

    def test_another_agent_is_refused(self, callbacks: WecomCallbacks) -> None:
        document = xml("message_text").replace("1000002", "1000003")

        assert refused(callbacks, document) == (403, Reason.UNKNOWN_AGENT)

    def test_a_message_without_an_agent_is_refused(self, callbacks: WecomCallbacks) -> None:
        document = xml("message_text").replace("<AgentID>1000002</AgentID>", "")

        assert refused(callbacks, document) == (403, Reason.UNKNOWN_AGENT)

    def test_another_service_account_is_refused(self, callbacks: WecomCallbacks) -> None:
        document = xml("event_kf_ping").replace("wkDEMO", "wkOTHER")

        assert refused(callbacks, document) == (403, Reason.UNKNOWN_KF_ACCOUNT)

    def test_a_ping_is_refused_where_no_service_account_is_configured(
        self, config: WecomConfig, clock: Clock
    ) -> None:
        without = WecomConfig(
            corp_id=config.corp_id,
            agent_id=config.agent_id,
            secret=config.secret,
            callback_token=config.callback_token,
            callback_aes_key=config.callback_aes_key,
            app_channel=config.app_channel,
        )

        found = refused(WecomCallbacks(without, clock), xml("event_kf_ping"))

        assert found == (403, Reason.UNKNOWN_KF_ACCOUNT)


class TestMalformed:
    @pytest.mark.parametrize(
        "document",
        [
            "",
            "text",
            "<xml",
            "<xml></xml>",
            "<xml>text</xml>",
            "<other></other>",
            "<xml><MsgType>text</MsgType></xml>",
            xml("message_text").replace("1760000000", "soon"),
            xml("message_text").replace("1760000000", "9" * 30),
            xml("message_text").replace("<AgentID>", "<AgentID>1</AgentID><AgentID>"),
            xml("message_text").replace("<MsgType>", "<MsgType>image</MsgType><MsgType>"),
            xml("message_text").replace("<Content>", "<Content>a</Content><Content>"),
            xml("event_click").replace("<Event>", "<Event>view</Event><Event>"),
            xml("event_click").replace("<Event><![CDATA[click]]></Event>", ""),
            xml("event_card_form_one").replace("<OptionId>", "<OptionId><x>1</x>"),
            xml("event_card_form_one").replace(
                "<SelectedItem>", "<SelectedItem>x</SelectedItem><SelectedItem>"
            ),
            "<xml>&undeclared;</xml>",
            "<xml>" * 5000,
        ],
    )
    def test_sealed_nonsense_is_a_bad_request(
        self, callbacks: WecomCallbacks, document: str
    ) -> None:
        assert refused(callbacks, document) == (400, Reason.MALFORMED)


class TestT22OnTheWire:
    def test_characters_xml_forbids_do_not_lose_the_message(
        self, callbacks: WecomCallbacks
    ) -> None:
        document = xml("message_text").replace("冷柜", "冷\x00\x0b\uffff柜")

        assert read(callbacks, document).content == Said("到货 P-102 冷柜 12 台")

    def test_broken_utf8_does_not_lose_the_message(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        document = xml("message_text").encode().replace("冷".encode(), b"\xe5\x86")
        posted = envelope.post(document, NOW)

        content = callbacks.read(posted.query, posted.body).content

        assert content == Said("到货 P-102 �柜 12 台")

    @pytest.mark.parametrize("text", ["\u200b余\u200d额", "\u202e001", "０１２", "👷🏽‍♀️", "аdmin"])
    def test_what_normalisation_is_for_arrives_as_it_was_sent(
        self, callbacks: WecomCallbacks, text: str
    ) -> None:
        document = xml("message_text").replace("到货 P-102 冷柜 12 台", text)

        assert read(callbacks, document).content == Said(text)
