"""The page of a purchase's vouchers: who has the link sees the codes, and nobody else does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
import segno
from fastapi import FastAPI

from bot.web.vouchers import VoucherPages, add_voucher_pages
from bot.wiring import TEMPLATES
from domain.ids import TicketId
from domain.tickets import Ticket, TicketKind
from domain.voucher_codes import grouped
from domain.vouchers import Voucher, expire, reissue, use, void
from handlers.usecases.voucher_codes import _ticket_of
from tests.contracts.rows import CHEN
from tests.contracts.test_vouchers import BOUGHT, TODAY, begin, code_of, voucher
from tests.support.fake_vouchers import CONCEALED
from tests.support.fakes import START, FakeClock
from tests.support.servers import Listener, LoopThread
from tests.support.stores import MAIN, AnyStore, fake_store

__all__ = ["fake_store"]

SECRET = "s" * 43
HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}"
OPEN, PART, WHOLE = voucher(1), voucher(2), voucher(3, is_partly_usable=False, last_day=None)
USED, BACK, OVER, RENEWED = voucher(4), voucher(5), voucher(6), voucher(7)
ALL = (OPEN, PART, WHOLE, USED, BACK, OVER, RENEWED)


def open_link(store: AnyStore, *vouchers: Voucher) -> None:
    """Give a purchase with these vouchers, and a link to it."""
    with store.work(MAIN) as work:
        begin(work, *vouchers)
        work.customers.change_contact(replace(CHEN, may_redeem=True))
        payload: dict[str, str] = {"redemption": BOUGHT.id}
        payload |= {one.id: one.issue for one in vouchers}
        end = START + timedelta(days=7)
        for name, kind in ((SECRET, TicketKind.VOUCHER_PAGE), ("proof", TicketKind.PROOF)):
            ticket = Ticket(_ticket_of(name), kind, None, CHEN.id, payload, START, end)
            work.tickets.add(ticket)
        stray = Ticket(TicketId("t"), TicketKind.VOUCHER_PAGE, None, None, payload, START, end)
        work.tickets.add(replace(stray, id=_ticket_of("nobody's")))
        work.commit()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(fake_store: AnyStore, clock: FakeClock) -> Iterator[httpx2.Client]:
    def reveal(place: str, concealed: str) -> str:
        assert place.startswith("voucher:")
        return concealed.removeprefix(CONCEALED)

    app = FastAPI()
    add_voucher_pages(app, VoucherPages(fake_store, clock, reveal, TEMPLATES))
    loop, listener = LoopThread(), Listener()
    listener.serve(app, loop, lifespan="off")
    with httpx2.Client(base_url=listener.url) as opened:
        yield opened
    listener.stop()
    listener.close()
    loop.close()


def get(client: httpx2.Client) -> str:
    answer = client.get(f"/app/voucher/main.{SECRET}")
    assert answer.status_code == 200
    text: str = answer.text
    return text


def test_a_link_shows_code_and_picture_of_what_can_be_used(
    client: httpx2.Client, fake_store: AnyStore
) -> None:
    open_link(fake_store, OPEN)
    page = get(client)
    assert grouped(code_of(OPEN)) in page
    assert "500 <small>元" in page
    assert "2027-11-22 前（含当天）有效，过期不退积分" in page
    assert "可以分次用" in page
    assert "补发券码 1" in page
    drawn = segno.make_qr(grouped(code_of(OPEN)), error="m")
    [path] = re.findall(r'<path[^>]*stroke="#000"[^>]*d="([^"]+)"', page)
    assert path in drawn.svg_inline(border=4, omitsize=True)


def test_what_can_not_be_used_is_shown_without_its_code(
    client: httpx2.Client, fake_store: AnyStore
) -> None:
    open_link(fake_store, *ALL)
    with fake_store.work(MAIN) as work:
        work.vouchers.save(use(PART, 20_000, START))
        work.vouchers.save(use(USED, 50_000, START))
        work.vouchers.save(void(BACK, START))
        work.vouchers.save(expire(OVER, START))
        work.vouchers.save(reissue(RENEWED, "NEW1", TODAY), "CODE-renewed")
        work.commit()
    page = get(client)
    for one in (OPEN, PART, WHOLE):
        assert grouped(code_of(one)) in page
    for one in (USED, BACK, OVER, RENEWED):
        assert grouped(code_of(one)) not in page
    assert "CODE-renewed" not in page
    assert page.count("<svg") == 3
    for words in ("已用完", "已退回", "已到期", "券码已换新", "长期有效", "一次用完", "尾号 NEW1"):
        assert words in page
    assert "300 <small>元（面值 500 元）" in page


@pytest.mark.parametrize(
    "token",
    [
        f"other.{SECRET}",
        f"nobody.{SECRET}",
        SECRET,
        "main.",
        f"main.{SECRET}0",
        "main.proof",
        "main.nobody's",
        f"main.{_ticket_of(SECRET)}",
    ],
)
def test_what_is_no_link_shows_nothing(
    client: httpx2.Client, fake_store: AnyStore, token: str
) -> None:
    open_link(fake_store, OPEN)
    answer = client.get(f"/app/voucher/{token}")
    assert answer.status_code == 404
    assert "这个链接不能用了" in answer.text
    assert grouped(code_of(OPEN)) not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_link_ends(client: httpx2.Client, fake_store: AnyStore, clock: FakeClock) -> None:
    open_link(fake_store, OPEN)
    clock.forward(timedelta(days=7))
    answer = client.get(f"/app/voucher/main.{SECRET}")
    assert answer.status_code == 410
    assert "这个链接不能用了" in answer.text
    assert grouped(code_of(OPEN)) not in answer.text


def test_the_page_is_kept_by_nobody_and_loads_nothing(
    client: httpx2.Client, fake_store: AnyStore
) -> None:
    open_link(fake_store, voucher(1, name=HOSTILE))
    answer = client.get(f"/app/voucher/main.{SECRET}")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in answer.text
    assert re.findall(r"(?:src|href)=[\"'](?!data:)", answer.text) == []
    assert "http://" not in answer.text
    assert "https://" not in answer.text
