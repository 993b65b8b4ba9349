"""Time, ids and codes from the machine."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock, SystemIds

ALPHABET = "[0-9A-HJKMNP-TV-Z]"


def test_the_clock_gives_the_present_in_utc() -> None:
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_ids_are_in_the_order_of_making_and_have_26_characters() -> None:
    ids = SystemIds()
    made = [ids.new() for _ in range(5000)]

    assert made == sorted(set(made))
    assert all(re.fullmatch(f"{ALPHABET}{{26}}", one) for one in made)


def test_ids_begin_with_the_time() -> None:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    before = datetime.now(UTC).timestamp() * 1000
    value = 0
    for letter in SystemIds().new()[:10]:
        value = value * 32 + digits.index(letter)

    # 128 bits in 26 characters of 5: two bits at the front are empty.
    assert abs(value - before) < 5000


def test_threads_get_different_ids_each_in_its_own_order() -> None:
    ids = SystemIds()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: [ids.new() for _ in range(1000)], range(8)))

    assert all(made == sorted(made) for made in found)
    assert len({one for made in found for one in made}) == 8000


def test_codes_have_eight_characters_without_look_alikes() -> None:
    codes = {SystemIds().code() for _ in range(2000)}

    assert len(codes) == 2000
    assert all(re.fullmatch(f"{ALPHABET}{{8}}", code) for code in codes)
    assert len(set("".join(codes))) == 32


def test_jitter_stays_below_one() -> None:
    drawn = [SystemIds().jitter() for _ in range(1000)]

    assert all(0 <= one < 1 for one in drawn)
    assert len(set(drawn)) > 900


def test_secrets_have_256_random_bits_in_43_url_safe_characters() -> None:
    made = {SystemIds().secret() for _ in range(2000)}

    assert len(made) == 2000
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}", one) for one in made)
