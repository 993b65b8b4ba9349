"""Messages measured against the platform's limits: each limit, exactly at it and one beyond."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.wecom.limits import Breach, Fault, check_card, check_kf, check_text, clamp_text
from tests.bot.wecom.town import a_card, a_notice

Json = dict[str, Any]
BUTTON = {"text": "好", "key": "k"}
OPTION = {"id": "a", "text": "好"}


def faults(card: Json) -> list[tuple[str, Fault]]:
    return [(breach.path, breach.fault) for breach in check_card(card)]


def news(**more: Any) -> Json:
    return {
        "card_type": "news_notice",
        "main_title": {"title": "新闻"},
        "card_action": {"type": 1, "url": "https://example.com"},
        "card_image": {"url": "https://example.com/i", "aspect_ratio": 1.3},
        **more,
    }


def vote(**more: Any) -> Json:
    return {
        "card_type": "vote_interaction",
        "checkbox": {"question_key": "q", "mode": 1, "option_list": [OPTION]},
        "submit_button": {"text": "提交", "key": "k"},
        **more,
    }


def multiple(**more: Any) -> Json:
    return {
        "card_type": "multiple_interaction",
        "select_list": [{"question_key": "q", "option_list": [OPTION]}],
        "submit_button": {"text": "提交", "key": "k"},
        **more,
    }


@pytest.mark.parametrize("card", [a_card(), a_notice(), news(), vote(), multiple()])
def test_a_good_card_fits(card: Json) -> None:
    assert check_card(card) == []


LENGTHS = [
    (a_notice(), "source.desc", 20),
    (a_notice(), "main_title.title", 36),
    (a_notice(), "main_title.desc", 44),
    (a_notice(), "emphasis_content.title", 14),
    (a_notice(), "emphasis_content.desc", 22),
    (a_notice(), "sub_title_text", 160),
    (vote(), "submit_button.text", 10),
]


@pytest.mark.parametrize(("card", "path", "limit"), LENGTHS)
def test_texts_are_measured_in_characters(card: Json, path: str, limit: int) -> None:
    group, _, name = path.rpartition(".")

    def with_text(text: str) -> Json:
        return (
            {**card, group: {**card.get(group, {}), name: text}} if group else {**card, name: text}
        )

    assert check_card(with_text("筑" * limit)) == []
    assert check_card(with_text("筑" * (limit + 1))) == [
        Breach(path, Fault.TOO_LONG, limit, limit + 1)
    ]


@pytest.mark.parametrize(
    ("card", "name", "item", "most"),
    [
        (a_notice(), "horizontal_content_list", {"keyname": "客户", "value": "v"}, 6),
        (a_notice(), "jump_list", {"type": 1, "title": "t", "url": "https://example.com"}, 3),
        (news(), "vertical_content_list", {"title": "t", "desc": "d"}, 4),
    ],
)
def test_lists_are_counted(card: Json, name: str, item: Json, most: int) -> None:
    assert check_card({**card, name: [item] * most}) == []
    assert check_card({**card, name: [item] * (most + 1)}) == [
        Breach(name, Fault.TOO_MANY, most, most + 1)
    ]


def test_buttons_are_at_most_six_of_ten_characters_with_keys_of_their_own() -> None:
    buttons = [{"text": "十" * 10, "style": 1, "key": f"k{n}"} for n in range(6)]
    assert check_card({**a_card(), "button_list": buttons}) == []

    seven = [*buttons, {"text": "七", "key": "k6"}]
    assert faults({**a_card(), "button_list": seven}) == [("button_list", Fault.TOO_MANY)]
    assert faults({**a_card(), "button_list": []}) == [
        ("button_list", Fault.TOO_FEW),
        ("button_list", Fault.MISSING),
    ]
    twice = [BUTTON, BUTTON]
    assert faults({**a_card(), "button_list": twice}) == [("button_list[1].key", Fault.DUPLICATE)]
    long = [{"text": "十" * 11, "key": "k" * 1025, "style": 5}]
    assert faults({**a_card(), "button_list": long}) == [
        ("button_list[0].text", Fault.TOO_LONG),
        ("button_list[0].style", Fault.NOT_ALLOWED),
        ("button_list[0].key", Fault.TOO_LONG),
    ]


def test_options_of_a_vote_are_one_to_twenty() -> None:
    def options(count: int) -> Json:
        listed = [{"id": str(n), "text": "选" * 17, "is_checked": n == 0} for n in range(count)]
        return vote(checkbox={"question_key": "q", "option_list": listed})

    assert check_card(options(20)) == []
    assert faults(options(21)) == [("checkbox.option_list", Fault.TOO_MANY)]
    assert faults(options(0)) == [("checkbox.option_list", Fault.TOO_FEW)]


def test_selections_are_at_most_three_of_ten() -> None:
    def selects(count: int, options: int) -> Json:
        listed = [{"id": str(n), "text": "选" * 16} for n in range(options)]
        return multiple(
            select_list=[{"question_key": str(n), "option_list": listed} for n in range(count)]
        )

    assert check_card(selects(3, 10)) == []
    assert faults(selects(4, 10)) == [("select_list", Fault.TOO_MANY)]
    assert faults(selects(1, 11)) == [("select_list[0].option_list", Fault.TOO_MANY)]


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ({}, [("card_type", Fault.MISSING), ("card_type", Fault.NOT_ALLOWED)]),
        ({**a_notice(), "card_type": "hologram"}, [("card_type", Fault.NOT_ALLOWED)]),
        (
            {"card_type": "text_notice", "sub_title_text": "x"},
            [("card_action", Fault.MISSING)],
        ),
        ({**a_notice(), "main_title": {}}, [("main_title.title", Fault.MISSING)]),
        (
            {key: value for key, value in news().items() if key != "card_image"},
            [("card_image", Fault.MISSING)],
        ),
        (
            news(card_image={"url": "u", "aspect_ratio": 2.3}),
            [("card_image.aspect_ratio", Fault.NOT_ALLOWED)],
        ),
        ({**a_notice(), "button_list": [BUTTON]}, [("button_list", Fault.NOT_ALLOWED)]),
        (
            {**a_card(), "emphasis_content": {"title": "x"}},
            [("emphasis_content", Fault.NOT_ALLOWED)],
        ),
        ({**a_card(), "colour": "red"}, [("colour", Fault.UNKNOWN_FIELD)]),
        ({**a_card(), "main_title": "text"}, [("main_title", Fault.WRONG_KIND)]),
        ({**a_card(), "source": {"desc": 5}}, [("source.desc", Fault.WRONG_KIND)]),
        ({**a_card(), "source": {"desc_color": True}}, [("source.desc_color", Fault.WRONG_KIND)]),
        ({**a_card(), "task_id": "a b"}, [("task_id", Fault.NOT_ALLOWED)]),
        (
            {**a_card(), "horizontal_content_list": {}},
            [("horizontal_content_list", Fault.WRONG_KIND)],
        ),
        (
            vote(checkbox={"question_key": "q", "disable": 1, "option_list": [OPTION]}),
            [("checkbox.disable", Fault.WRONG_KIND)],
        ),
        ({"button": {"replace_name": "已受理"}}, []),
        ({"button": {}}, [("button.replace_name", Fault.MISSING)]),
    ],
)
def test_a_card_that_does_not_fit_is_named(card: Json, found: list[tuple[str, Fault]]) -> None:
    assert faults(card) == found


class TestKf:
    def menu(self, **more: Any) -> Json:
        items = [{"type": "click", "click": {"id": "a:yes", "content": "换 50 元券"}}]
        return {"msgtype": "msgmenu", "msgmenu": {"head_content": "积分", "list": items, **more}}

    def test_a_good_menu_and_text_fit(self) -> None:
        assert check_kf(self.menu(tail_content="t")) == []
        assert check_kf({"msgtype": "text", "text": {"content": "积分"}}) == []

    def test_bytes_count(self) -> None:
        assert check_kf(self.menu(head_content="筑" * 341)) == []
        assert check_kf(self.menu(head_content="筑" * 342)) == [
            Breach("msgmenu.head_content", Fault.TOO_LONG, 1024, 1026)
        ]
        text = {"msgtype": "text", "text": {"content": "a" * 2049}}
        assert check_kf(text) == [Breach("text.content", Fault.TOO_LONG, 2048, 2049)]

    def test_a_menu_has_at_most_ten_items(self) -> None:
        item = {"type": "text", "text": {"content": "x"}}
        assert check_kf(self.menu(list=[item] * 10)) == []
        assert [b.fault for b in check_kf(self.menu(list=[item] * 11))] == [Fault.TOO_MANY]

    @pytest.mark.parametrize(
        ("item", "path"),
        [
            ({"type": "click", "click": {"id": "i" * 65, "content": "c"}}, "[0].click.id"),
            ({"type": "click", "click": {"id": "i", "content": "筑" * 43}}, "[0].click.content"),
            ({"type": "click", "text": {"content": "c"}}, "[0].type"),
            ({"type": "dance"}, "[0].type"),
            ({"type": "view", "view": {"url": "u"}}, "[0].view.content"),
        ],
    )
    def test_a_bad_item_is_named(self, item: Json, path: str) -> None:
        assert [breach.path for breach in check_kf(self.menu(list=[item]))] == [
            f"msgmenu.list{path}"
        ]

    @pytest.mark.parametrize("message", [{}, {"msgtype": "image"}])
    def test_other_kinds_are_not_ours_to_send(self, message: Json) -> None:
        assert check_kf(message) == [Breach("msgtype", Fault.NOT_ALLOWED)]


class TestText:
    def test_a_text_has_2048_bytes(self) -> None:
        assert check_text("a" * 2048) == []
        assert check_text("a" * 2049) == [Breach("text", Fault.TOO_LONG, 2048, 2049)]
        assert check_text(" ") == [Breach("text", Fault.MISSING)]

    @given(st.text(), st.integers(min_value=3, max_value=80))
    def test_a_clamped_text_fits_and_begins_the_text(self, text: str, room: int) -> None:
        clamped = clamp_text(text, room)

        assert len(clamped.encode("utf-8", "replace")) <= room
        if clamped != text:
            assert clamped.endswith("…")
            assert text.startswith(clamped.removesuffix("…"))

    @pytest.mark.parametrize(
        ("text", "room", "clamped"),
        [
            ("积分余额", 12, "积分余额"),
            ("积分余额", 11, "积分…"),
            ("ab 👷🏽‍♀️ on site", 14, "ab…"),
            ("cafe\u0301 noir", 8, "caf…"),
            ("cafe\u0301 noir", 9, "cafe\u0301…"),
        ],
    )
    def test_a_cut_falls_between_what_people_see_as_characters(
        self, text: str, room: int, clamped: str
    ) -> None:
        assert clamp_text(text, room) == clamped
