"""Codes are hidden however they are typed; what looks a little like one stays readable."""

import pytest
from hypothesis import given, strategies as st

from domain.voucher_codes import ALPHABET, RANDOM_LENGTH, complete, grouped
from handlers.parsing.hiding import HIDDEN, hide_codes
from handlers.parsing.normalise import normalise

VOUCHER = complete("K7QD3M9X0123ABCD")
CODES = st.text(ALPHABET, min_size=RANDOM_LENGTH, max_size=RANDOM_LENGTH).map(complete)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("7K2M9QXA", HIDDEN),
        ("我的邀请码是7k2m9qxa，没反应", f"我的邀请码是{HIDDEN},没反应"),
        ("7K2M 9QXA", HIDDEN),
        ("7K-2M-9Q-XA", HIDDEN),
        (" ".join("7K2M9QXA"), HIDDEN),
        ("７Ｋ２Ｍ９ＱＸＡ", HIDDEN),
        ("7K2M\u200b9QXA", HIDDEN),
        ("ABCDEFGH 对吗", f"{HIDDEN} 对吗"),
        (f"券码{VOUCHER}用不了", f"券码{HIDDEN}用不了"),
        (f"{grouped(VOUCHER)} 2000元", f"{HIDDEN}元"),
        (grouped(VOUCHER).lower().replace("-", " "), HIDDEN),
        (" ".join(VOUCHER), HIDDEN),
        (VOUCHER[:-2], HIDDEN),
        (f"{VOUCHER}1", HIDDEN),
        ("6222 0212 3456 7890", HIDDEN),
    ],
)
def test_what_may_be_a_code_is_hidden(typed: str, shown: str) -> None:
    assert hide_codes(normalise(typed)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "滨江一期 3#楼 渗水三次没人管",
        "B12-3-1502 漏水",
        "电话 13800138000",
        "138 0013 8000 找我",
        "13800138000 A座",
        "2026-11-27 10:30 来过两个人",
        "合同 HT-2026-118",
        "兑换 空调保养 2份",
        "1,200,000 元",
        "OK",
        "",
    ],
)
def test_numbers_of_houses_phones_days_and_money_stay(text: str) -> None:
    assert hide_codes(text) == text


@given(CODES, st.sampled_from(["", "-", " ", "·", "—"]), st.text(max_size=20))
def test_no_vouchers_code_stays(code: str, between: str, around: str) -> None:
    typed = between.join(code[at : at + 4] for at in range(0, len(code), 4))
    shown = hide_codes(normalise(f"{around}，{typed}，{around}"))
    flat = "".join(character for character in shown.upper() if character.isalnum())
    if not code.isdecimal():
        assert code not in flat


@given(st.text(max_size=300))
def test_hiding_twice_hides_no_more(text: str) -> None:
    once = hide_codes(text)
    assert hide_codes(once) == once
