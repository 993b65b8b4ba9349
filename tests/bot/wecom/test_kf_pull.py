"""Pulling customers' messages."""

from datetime import timedelta
from typing import Any

import pytest

from bot.platform import DeliveryError
from bot.wecom import WecomConfig
from bot.wecom.client import WecomClient
from bot.wecom.kf_pull import KfPage, KfPuller
from handlers.incoming import (
    Content,
    Entered,
    Incoming,
    MediaKind,
    ReplyHandle,
    Said,
    SendFailed,
    SentMedia,
    SessionChanged,
    Unsupported,
)
from tests.bot.wecom.stub import StubWecom
from tests.bot.wecom.town import DELIVERY, NOW, Clock, from_json

SYNC = "kf/sync_msg"
EXPECTED: list[tuple[str, str, Content]] = [
    ("m01", "wmWang", Said("余额")),
    ("m02", "wmWang", Said("换 50 元券", "01JABCDEFGHJKMNPQRSTVWXYZ0:yes")),
    ("m03", "wmWang", SentMedia(MediaKind.IMAGE, "media-1")),
    ("m04", "wmWang", SentMedia(MediaKind.LOCATION)),
    ("m05", "wmWang", SentMedia(MediaKind.OTHER)),
    ("m06", "wmWang", Unsupported("hologram", is_message=True)),
    ("m07", "wmLiu", Entered("bind-1", "wc-1")),
    ("m08", "wmLiu", Entered()),
    ("m09", "wmLiu", SendFailed(DELIVERY, "window_closed")),
    ("m10", "wmLiu", SessionChanged("human")),
    ("m11", "wmLiu", SessionChanged("ended")),
    ("m12", "wmLiu", Unsupported("user_recall_msg", is_message=False)),
    ("m13", "", Unsupported("servicer_status_change", is_message=False)),
    ("m14", "wmLiu", Unsupported("origin:5", is_message=False)),
    ("m15", "wmWang", Said("很久以前")),
]


@pytest.fixture
def puller(client: WecomClient, config: WecomConfig, clock: Clock) -> KfPuller:
    assert config.kf is not None
    return KfPuller(client, config.kf, clock)


def a_page(*items: dict[str, Any], cursor: str = "c", more: int = 0) -> dict[str, Any]:
    return {"errcode": 0, "next_cursor": cursor, "has_more": more, "msg_list": list(items)}


def a_text(msgid: str, **more: Any) -> dict[str, Any]:
    return {
        "msgid": msgid,
        "open_kfid": "wkDEMO",
        "external_userid": "wmWang",
        "send_time": NOW,
        "origin": 3,
        "msgtype": "text",
        "text": {"content": "余额"},
        **more,
    }


def an_event(name: str, **more: Any) -> dict[str, Any]:
    event = {"event_type": name, "external_userid": "wmWang", **more}
    return {"msgid": "e", "send_time": NOW, "origin": 4, "msgtype": "event", "event": event}


def the_only_item(puller: KfPuller, stub: StubWecom, item: dict[str, Any]) -> Incoming:
    stub.will(SYNC, a_page(item))
    ((incoming,),) = [page.items for page in puller.pages("c0", None)]
    return incoming


def test_every_kind_of_item_is_understood(puller: KfPuller, stub: StubWecom) -> None:
    stub.will(SYNC, from_json("sync_msg"))

    (page,) = puller.pages("cursor-1", "tok-demo")

    assert page.next_cursor == "cursor-2"
    assert [(item.source_id, item.sender, item.content) for item in page.items] == EXPECTED
    assert {item.channel for item in page.items} == {"kf"}


def test_the_request_names_cursor_token_and_account(puller: KfPuller, stub: StubWecom) -> None:
    stub.will(SYNC, a_page())

    list(puller.pages("cursor-1", "tok-demo"))

    (request,) = stub.asked(SYNC)
    assert request.body == {
        "cursor": "cursor-1",
        "token": "tok-demo",
        "limit": 200,
        "open_kfid": "wkDEMO",
    }


def test_a_first_pull_has_neither_cursor_nor_token(puller: KfPuller, stub: StubWecom) -> None:
    stub.will(SYNC, a_page())

    list(puller.pages(None, None))

    assert stub.asked(SYNC)[0].body == {"limit": 200, "open_kfid": "wkDEMO"}


def test_only_old_items_are_stale(puller: KfPuller, stub: StubWecom, clock: Clock) -> None:
    stub.will(SYNC, from_json("sync_msg"))

    (page,) = puller.pages("c", None)
    assert [item.source_id for item in page.items if item.is_stale] == ["m15"]

    clock.pass_by(minutes=11)
    (page,) = puller.pages("c", None)
    assert all(item.is_stale for item in page.items)


def test_who_comes_in_can_be_welcomed_for_a_moment(puller: KfPuller, stub: StubWecom) -> None:
    stub.will(SYNC, from_json("sync_msg"))

    (page,) = puller.pages("c", None)

    handles = {item.source_id: item.reply_handle for item in page.items if item.reply_handle}
    entered = page.items[6].sent_at
    assert handles == {"m07": ReplyHandle("welcome:wc-1", entered + timedelta(seconds=18))}


class TestPages:
    def test_pulling_goes_on_over_an_empty_page(self, puller: KfPuller, stub: StubWecom) -> None:
        stub.will(
            SYNC,
            a_page(a_text("m1"), cursor="c1", more=1),
            a_page(cursor="c2", more=1),
            a_page(a_text("m2"), cursor="c3"),
        )

        pages = list(puller.pages("c0", "tok"))

        assert [([item.source_id for item in page.items], page.next_cursor) for page in pages] == [
            (["m1"], "c1"),
            ([], "c2"),
            (["m2"], "c3"),
        ]
        assert [request.body["cursor"] for request in stub.asked(SYNC)] == ["c0", "c1", "c2"]

    def test_a_page_is_given_before_the_next_is_asked_for(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        stub.will(SYNC, a_page(a_text("m1"), cursor="c1", more=1), a_page(cursor="c2"))

        pages = puller.pages("c0", None)
        next(pages)

        assert len(stub.asked(SYNC)) == 1

    def test_a_cursor_that_does_not_move_ends_in_an_error(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        stub.will(SYNC, a_page(cursor="c0", more=1))

        with pytest.raises(DeliveryError) as caught:
            list(puller.pages("c0", None))

        assert (caught.value.code, caught.value.permanent) == ("cursor_stuck", False)
        assert len(stub.asked(SYNC)) == 3

    def test_a_cursor_that_stands_for_a_moment_is_asked_again(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        stub.will(SYNC, a_page(cursor="c0", more=1), a_page(a_text("m1"), cursor="c1"))

        assert [len(page.items) for page in puller.pages("c0", None)] == [0, 1]

    def test_an_answer_without_a_cursor_keeps_the_old_one(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        stub.will(SYNC, {"errcode": 0})

        assert list(puller.pages("c0", None)) == [KfPage([], "c0")]

    def test_a_token_that_has_ended_is_done_without(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        stub.will(SYNC, {"errcode": 95007}, a_page(a_text("m1"), more=1), a_page(cursor="c2"))

        pages = list(puller.pages("c0", "old"))

        assert [item.source_id for page in pages for item in page.items] == ["m1"]
        assert [request.body.get("token") for request in stub.asked(SYNC)] == ["old", None, None]

    def test_without_a_token_95007_is_an_error(self, puller: KfPuller, stub: StubWecom) -> None:
        stub.will(SYNC, {"errcode": 95007})

        for token in (None, "old"):
            with pytest.raises(DeliveryError) as caught:
                list(puller.pages("c0", token))
            assert caught.value.code == "95007"

        assert len(stub.asked(SYNC)) == 3


class TestOddItems:
    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            (0, "unknown"),
            (1, "not_configured"),
            (2, "not_configured"),
            (4, "window_closed"),
            (5, "session_ended"),
            (6, "allowance_used"),
            (8, "not_configured"),
            (10, "blocked"),
            (11, "not_configured"),
            (12, "not_configured"),
            (99, "unknown"),
            ("4", "unknown"),
        ],
    )
    def test_a_failed_message_says_why(
        self, puller: KfPuller, stub: StubWecom, kind: object, reason: str
    ) -> None:
        item = an_event("msg_send_fail", fail_msgid="d", fail_type=kind)

        content = the_only_item(puller, stub, item).content

        assert isinstance(content, SendFailed)
        assert (content.platform_ref, content.reason) == ("d", reason)

    @pytest.mark.parametrize(
        ("change", "content"),
        [
            (1, SessionChanged("human")),
            (2, SessionChanged("human")),
            (3, SessionChanged("ended")),
            (4, SessionChanged("human")),
            (9, Unsupported("session_status_change", is_message=False)),
        ],
    )
    def test_a_session_change_says_who_has_the_conversation(
        self, puller: KfPuller, stub: StubWecom, change: int, content: Content
    ) -> None:
        item = an_event("session_status_change", change_type=change)

        assert the_only_item(puller, stub, item).content == content

    @pytest.mark.parametrize(
        "item",
        [
            {},
            {"msgid": 5, "send_time": "soon", "origin": "3"},
            a_text("", text=None, send_time=None),
            a_text("", text={"content": ["a"]}, external_userid=None, send_time=-1),
            a_text("", send_time=1 << 60),
            an_event("", event_type=None),
            {"msgtype": "event", "event": "text"},
        ],
    )
    def test_an_item_that_cannot_be_read_blocks_nothing_and_is_not_acted_on(
        self, puller: KfPuller, stub: StubWecom, item: dict[str, Any]
    ) -> None:
        stub.will(SYNC, a_page(item, a_text("good")))

        (page,) = puller.pages("c0", None)

        odd, good = page.items
        assert odd.is_stale or isinstance(odd.content, Unsupported)
        assert odd.source_id
        assert good.content == Said("余额")

    def test_an_item_without_an_id_keeps_its_name_when_repeated(
        self, puller: KfPuller, stub: StubWecom
    ) -> None:
        first = the_only_item(puller, stub, a_text(""))
        again = the_only_item(puller, stub, a_text(""))
        other = the_only_item(puller, stub, a_text("", send_time=NOW + 1))

        assert first.source_id == again.source_id
        assert first.source_id != other.source_id

    def test_a_list_that_is_none_is_empty(self, puller: KfPuller, stub: StubWecom) -> None:
        stub.will(SYNC, {"errcode": 0, "next_cursor": "c", "msg_list": "text"})

        assert list(puller.pages("c0", None)) == [KfPage([], "c")]
