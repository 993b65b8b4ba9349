"""A newcomer plays the mall's seven steps, led by the guide, which ticks off what has happened."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.flows.browser.playing import (
    DING,
    LIU,
    PICTURES,
    SUN,
    WANG,
    ZHANG,
    ZHAO,
    Demo,
    phone,
    picture,
    press,
    say,
)

pytestmark = pytest.mark.browser

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}-[0-9A-Z]{5}")


def try_step(page: Page, step: str) -> None:
    """Press the button of a step: "mall-2"."""
    chapter, number = step.split("-")
    page.get_by_test_id(f"{chapter}-try-{number}").click()


def moved(page: Page, step: str, moves: int) -> None:
    """Wait until so many of a step's moves are done."""
    chapter, number = step.split("-")
    node = page.get_by_test_id(f"{chapter}-step-{number}")
    expect(node).to_have_attribute("data-move", str(moves))


def tells(page: Page, name: str, *words: str) -> None:
    """Wait until a phone shows all of this."""
    for one in words:
        expect(phone(page, name)).to_contain_text(one)


def bind_wang(page: Page) -> None:
    """Hear that the mall needs a bound customer, and make one in the other thread."""
    page.get_by_test_id("chapter-mall").click()
    try_step(page, "mall-1")
    tells(page, WANG, "先做「上手」的第 1 步")
    page.get_by_test_id("chapter-start").click()
    try_step(page, "start-1")
    moved(page, "start-1", 1)
    try_step(page, "start-2")
    tells(page, WANG, "绑定好了")
    page.get_by_test_id("chapter-mall").click()
    for name in (WANG, SUN, ZHAO, ZHANG, DING, LIU):
        expect(phone(page, name)).to_be_visible()
    expect(page.locator(".phone:visible")).to_have_count(6)


def buy_a_voucher(page: Page) -> None:
    """Wang sees what he can have, previews a voucher, confirms, and has a receipt and a code."""
    moved(page, "mall-1", 1)
    try_step(page, "mall-1")
    tells(page, WANG, "现在能换", "安全帽礼盒 300 分，还能换 3 份")
    try_step(page, "mall-2")
    tells(page, WANG, "可用 12,050 → 11,050 分", "10 分钟内可撤销")
    press(page, WANG, "confirm")
    tells(page, WANG, "兑换成功：千元抵用券", "您的券码")
    moved(page, "mall-2", 2)


def open_the_code(page: Page) -> str:
    """Follow the chat's link to the page with the QR picture; give the code that stands below."""
    try_step(page, "mall-3")
    with page.expect_popup() as opening:
        phone(page, WANG).locator("a.link[href*='/app/voucher/']").click()
    shown = opening.value
    picture_of_code = shown.get_by_role("img", name="券码二维码")
    expect(picture_of_code.locator("svg")).to_be_visible()
    code = shown.locator(".code").inner_text()
    picture(shown, PICTURES.replace(".png", "-voucher.png"))
    shown.close()
    assert CODE.fullmatch(code)
    moved(page, "mall-3", 1)
    return code


def use_the_code(page: Page, code: str) -> None:
    """Zhao uses it for one of Wang's projects with two taps; he learns of it."""
    expect(page.get_by_test_id(f"chip-{ZHAO}-0")).to_have_text(f"核销 {code}")
    try_step(page, "mall-4")
    tells(page, ZHAO, "请核对：核销 1,000 元", "滨江置业")
    press(page, ZHAO, "use1")
    tells(page, ZHAO, "已核销 1,000 元")
    tells(page, WANG, "滨江一期的下一笔款少收 1,000 元")
    moved(page, "mall-4", 3)


def be_refused(page: Page) -> None:
    """Sun has too few points, Wang has had his; both hear why and what is possible."""
    try_step(page, "mall-5")
    tells(page, SUN, "要 8,000 分，可用 3,560 分，还差 4,440 分", "现在能换：7. 延长质保一年")
    moved(page, "mall-5", 1)
    try_step(page, "mall-5")
    tells(page, WANG, "每家客户每季度限 1 份，已经换满，没有扣分", "起可以再换")
    moved(page, "mall-5", 2)


def give_points(page: Page) -> None:
    """Wang gives Sun's unit points; both are told."""
    try_step(page, "mall-6")
    tells(page, WANG, "11,050 分 → 10,250 分", "送出不能撤销")
    press(page, WANG, "confirm")
    tells(page, WANG, "已送出 800 分")
    tells(page, SUN, "收到 800 分", "现在可用 4,360 分")
    moved(page, "mall-6", 3)


def have_it_approved(page: Page) -> None:
    """Let Wang ask for what is worth much, and Zhang agree; both of her phones show it."""
    try_step(page, "mall-7")
    tells(page, WANG, "请确认兑换：全年维保", "还要同意：我们的主管")
    press(page, WANG, "confirm")
    tells(page, WANG, "冻结 8,000 分，同意后扣掉，现在可用 2,250 分")
    tells(page, DING, "全年维保")
    moved(page, "mall-7", 2)
    try_step(page, "mall-7")
    phone(page, ZHANG).get_by_test_id("press-approve").click()
    for name in (ZHANG, DING):
        tells(page, name, "已批准")
    tells(page, WANG, "兑换成功：全年维保")
    moved(page, "mall-7", 4)


def test_a_newcomer_plays_the_mall(page: Page, demo: Demo) -> None:
    """List, preview, confirm, QR page, use, two refusals, a gift, an approval."""
    bind_wang(page)
    buy_a_voucher(page)
    use_the_code(page, open_the_code(page))
    be_refused(page)
    give_points(page)
    have_it_approved(page)
    expect(page.get_by_test_id("chapter-mall")).to_contain_text("7/7")
    say(page, LIU, "余额")
    tells(page, LIU, "没有对您开放", "王建国")
    picture(page, PICTURES.replace(".png", "-mall.png"))
    problems = httpx2.get(f"{demo.platforms}/emulator/problems").json()
    assert problems["wecom"]["protocol_errors"] == []
    assert problems["dingtalk"]["protocol_errors"] == []
