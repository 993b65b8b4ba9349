"""What the vocabulary refuses and how borders of words are read."""

import pytest

from handlers.parsing.commands import (
    MAX_GUESSES,
    CommandFound,
    Entry,
    NearMiss,
    NotACommand,
    Takes,
    Vocabulary,
    split_command,
)
from tests.handlers.parsing.town import VOCABULARY


def test_one_word_cannot_stand_for_two_commands() -> None:
    with pytest.raises(ValueError, match="余额"):
        Vocabulary([Entry("a", ("余额",)), Entry("b", ("余额",))])


def test_an_entry_may_repeat_its_own_word_in_another_width() -> None:
    words = Vocabulary([Entry("help", ("?", "？"))])
    assert split_command("？", words) == CommandFound("help", "", "?")


def test_an_empty_word_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^ $"):
        Vocabulary([Entry("a", (" ",))])


def test_the_longest_word_wins() -> None:
    assert split_command("我的兑换", VOCABULARY) == CommandFound("my_redemptions", "", "我的兑换")
    assert split_command("查积分", VOCABULARY) == CommandFound("balance", "", "查积分")


def test_the_argument_keeps_its_letters_as_typed() -> None:
    assert split_command("绑定 AbCd", VOCABULARY) == CommandFound("bind", "AbCd", "绑定")


def test_a_question_after_a_blank_is_an_argument() -> None:
    assert split_command("兑换 怎么弄", VOCABULARY) == CommandFound("redeem", "怎么弄", "兑换")
    assert split_command("兑换怎么弄", VOCABULARY) == NearMiss(("redeem",))


def test_a_long_sentence_that_holds_a_word_is_not_a_near_miss() -> None:
    assert split_command("昨天跟甲方聊到积分的事情", VOCABULARY) == NotACommand()


def test_guesses_are_few_and_best_first() -> None:
    words = Vocabulary(
        [
            Entry(name, (word,), Takes.NOTHING)
            for name, word in zip("abcd", ("明细", "明西", "明戏", "名戏"), strict=True)
        ]
    )
    near = split_command("名细", words)
    assert isinstance(near, NearMiss)
    assert len(near.guesses) == MAX_GUESSES


def test_a_letter_wrong_in_pinyin_is_a_near_miss() -> None:
    assert split_command("duihuam", VOCABULARY) == NearMiss(("redeem",))
    assert split_command("qwerty", VOCABULARY) == NotACommand()


def test_a_word_that_must_be_parted_is_talk_where_something_is_glued_to_it() -> None:
    words = Vocabulary([Entry("customer", ("客户",), Takes.PARTED)])

    assert split_command("客户 滨江", words) == CommandFound("customer", "滨江", "客户")
    assert split_command("客户：滨江", words) == CommandFound("customer", "滨江", "客户")
    assert split_command("客户", words) == CommandFound("customer", "", "客户")
    assert split_command("客户滨江置业", words) == NearMiss(("customer",))
