"""Greetings and thanks are told from what asks for something."""

import time

import pytest

from handlers.parsing.normalise import normalise
from handlers.parsing.small_talk import is_small_talk
from handlers.vocabulary import all_names, vocabulary_for


@pytest.mark.parametrize(
    "text",
    [
        *("你好", "您好！", "在吗", "在么？", "Hello", "hi，在吗", "早上好啊", "你好，在不在"),
        *("谢谢", "好的，谢谢您", "收到", "嗯嗯", "OK", "知道了，辛苦了", "多谢多谢", "好的收到"),
        *("好", "好吧", "行", "行吧", "是的", "对对", "可以", "好嘞", "哈喽"),
    ],
)
def test_greetings_thanks_and_yeses_ask_for_nothing(text: str) -> None:
    assert is_small_talk(normalise(text))
    assert not is_small_talk(normalise(f"{text} 漏水了"))


@pytest.mark.parametrize(
    "text",
    [
        "你好 余额",
        "在吗，我家漏水了",
        "可以换什么",
        "辛苦你们来一趟",
        "行程",
        "不用了，转人工",
        "你是谁",
        "",
    ],
)
def test_what_asks_for_something_is_more(text: str) -> None:
    assert not is_small_talk(normalise(text))


def test_but_for_a_question_mark_no_command_is_small_talk() -> None:
    words = [word.text for word in vocabulary_for(all_names()).longest_first]
    assert [word for word in words if is_small_talk(word)] == ["?"]


@pytest.mark.parametrize("words", ["你好在吗", "哦", "哈喽", "您好啊", "嗯嗯 ", "ok!", "你好的吗"])
def test_long_talk_is_read_in_one_pass(words: str) -> None:
    began = time.process_time()
    assert not is_small_talk(words * 500 + "余")
    assert time.process_time() - began < 0.1
