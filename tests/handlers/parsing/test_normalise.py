"""One clean form of typed text."""

import pytest

from handlers.parsing.normalise import (
    MAX_CHARACTERS,
    is_empty_talk,
    normalise,
    same_length_fold,
)


def test_a_mention_and_a_slash_stay_unless_told_otherwise() -> None:
    assert normalise("@筑分 /余额") == "@筑分 /余额"
    assert normalise("@筑分 /余额", strip_mention=True) == "/余额"
    assert normalise("/余额", strip_slash=True) == "余额"


def test_a_mail_address_is_not_a_mention() -> None:
    assert normalise("a@b.cn 你好", strip_mention=True) == "a@b.cn 你好"


def test_long_text_is_cut_between_characters() -> None:
    assert normalise("漏" * 20_000) == "漏" * MAX_CHARACTERS
    assert normalise("漏水 " * 10, limit=6) == "漏水 漏水"


def test_plain_text_is_the_same_by_the_long_way() -> None:
    # A blank in front makes it look twice; nothing else may come of that.
    han = "".join(map(chr, range(0x4E00, 0xA000)))
    plain = "".join(map(chr, range(0x21, 0x7F)))
    for first in range(0, len(han), 500):
        text = f"{plain} {han[first : first + 500]}"
        for strip in (False, True):
            once = normalise(text, strip_slash=strip, strip_mention=strip)
            assert once == text == normalise(" " + text, strip_slash=strip, strip_mention=strip)


def test_small_and_framed_digits_never_become_digits() -> None:
    assert normalise("10² ½ x₂ ①") == "10² ½ x₂ ①"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\u3000",
        "😀😀",
        "👍🏻",
        "。。。",
        "!!!",
        "[微笑][强]",
        "/::)",
        "/:strong",
        "@筑分",
        "@筑分 ",
        "\u200b",
    ],
)
def test_talk_without_words_is_empty(text: str) -> None:
    assert is_empty_talk(text)


@pytest.mark.parametrize("text", ["?", "？？", "余额", "1", "好👍", "@筑分 余额", "[微笑]好"])
def test_a_word_a_digit_or_a_question_mark_is_not_empty(text: str) -> None:
    assert not is_empty_talk(text)


def test_folding_in_place_keeps_every_position() -> None:
    assert same_length_fold("６月３０號　後天") == "6月30号 后天"
