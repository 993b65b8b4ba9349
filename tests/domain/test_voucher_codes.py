"""Codes of vouchers: typed in any way, and wrong by a slip in none."""

import random
import string

import pytest
from hypothesis import given, strategies as st

from domain.errors import VoucherMistyped
from domain.voucher_codes import (
    ALPHABET,
    CODE_LENGTH,
    RANDOM_LENGTH,
    complete,
    grouped,
    read_code,
    tail_of,
)

CODE = complete("K7QD3M9X0123ABCD")
RANDOM = st.text(ALPHABET, min_size=RANDOM_LENGTH, max_size=RANDOM_LENGTH)


def is_read(typed: str) -> bool:
    try:
        read_code(typed)
    except VoucherMistyped:
        return False
    return True


def test_codes_have_eighty_random_bits_and_no_look_alikes() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert len(ALPHABET) ** RANDOM_LENGTH == 2**80
    assert not set("ILOU") & set(ALPHABET)
    assert set(ALPHABET) <= set(string.ascii_uppercase + string.digits)


def test_a_code_is_shown_in_four_groups() -> None:
    assert CODE == "K7QD3M9X0123ABCD1"
    assert grouped(CODE) == "K7QD-3M9X-0123-ABCD1"
    assert tail_of(CODE) == "BCD1"


@given(RANDOM)
def test_every_code_is_read_however_it_is_typed(drawn: str) -> None:
    code = complete(drawn)
    assert len(code) == CODE_LENGTH
    for typed in (
        code,
        grouped(code),
        grouped(code).lower(),
        " ".join(code),
        grouped(code).replace("-", " — "),
        "".join(chr(ord(c) + 0xFEE0) for c in code),
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
        f"  {code}  ",
    ):
        assert read_code(typed) == (code, "")
    assert read_code(f"{grouped(code)} 5000 元 滨江一期") == (code, "5000 元 滨江一期")
    assert read_code(f"{code}，滨江一期") == (code, "，滨江一期")


@given(RANDOM, st.integers(0, CODE_LENGTH - 1), st.sampled_from(ALPHABET))
def test_no_wrong_character_passes(drawn: str, place: int, other: str) -> None:
    code = complete(drawn)
    wrong = code[:place] + other + code[place + 1 :]
    assert is_read(wrong) is (wrong == code)


@given(RANDOM, st.integers(0, CODE_LENGTH - 2))
def test_no_two_neighbours_change_over(drawn: str, place: int) -> None:
    code = complete(drawn)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_read(wrong) is (wrong == code)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-", CODE[:-1], CODE + "7", CODE + "x", f"U{CODE[1:]}", "我的券", f"#{CODE}", "5000"],
)
def test_what_is_no_code_is_not_read(typed: str) -> None:
    assert not is_read(typed)


def test_one_guess_in_thirty_two_looks_like_a_code_and_no_more() -> None:
    chance = random.Random(7)
    guesses = ["".join(chance.choices(ALPHABET, k=CODE_LENGTH)) for _ in range(3_200)]
    assert 60 < sum(map(is_read, guesses)) < 150
