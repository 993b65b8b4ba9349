"""A newcomer plays the whole thread on the demo page: real processes, real browser, real bytes."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.flows.browser.playing import (
    CHEN,
    DING,
    LI,
    PICTURES,
    WANG,
    ZHANG,
    ZHOU,
    Demo,
    phone,
    picture,
    press,
    say,
)

pytestmark = pytest.mark.browser


def bind_wang(page: Page) -> None:
    """Wang asks, is asked to bind, binds with the code he was sent, and is answered."""
    say(page, WANG, "余额")
    expect(phone(page, WANG)).to_contain_text("邀请码")
    say(page, CHEN, "邀请 滨江置业 王建国")
    expect(phone(page, CHEN).get_by_text(re.compile("邀请码")).first).to_be_visible()
    code = re.search(r"邀请码 (\w{8})", phone(page, CHEN).inner_text())
    assert code is not None
    say(page, WANG, f"绑定 {code.group(1)}")
    expect(phone(page, WANG)).to_contain_text("绑定好了")
    expect(phone(page, WANG)).to_contain_text("12,050 分可用")


def record_and_tell(page: Page) -> None:
    """Li records a delivery with one sentence and one tap; Wang learns of it and sees why."""
    say(page, LI, "记录 滨江一期 主体结构 昨天验收通过")
    expect(phone(page, LI)).to_contain_text("提前 3 天")
    press(page, LI, "confirm")
    expect(phone(page, LI)).to_contain_text("已记录验收")
    expect(phone(page, WANG)).to_contain_text("积分 +50 分")
    say(page, WANG, "明细")
    expect(phone(page, WANG)).to_contain_text("余 12,100")


def complain_and_close(page: Page) -> None:
    """Wang's bad review reaches Zhang on both apps; she takes, closes, and he confirms."""
    say(page, WANG, "评价 滨江一期 1 渗水三次没人管")
    for supervisor in (ZHANG, DING):
        expect(phone(page, supervisor)).to_contain_text("渗水三次没人管")
    press(page, ZHANG, "take")
    for supervisor in (ZHANG, DING):
        expect(phone(page, supervisor)).to_contain_text("已接手")
    press(page, ZHANG, "resolve")
    phone(page, ZHANG).get_by_test_id("choose-cause").last.select_option("workmanship")
    phone(page, ZHANG).get_by_test_id("choose-measure").last.select_option("rework")
    press(page, ZHANG, "submit")
    for supervisor in (ZHANG, DING):
        expect(phone(page, supervisor)).to_contain_text("已解决")
    expect(phone(page, WANG)).to_contain_text("现在解决了吗")
    press(page, WANG, "solved")
    for supervisor in (ZHANG, DING):
        expect(phone(page, supervisor)).to_contain_text("确认已解决")


def test_a_newcomer_plays_the_whole_thread(page: Page, demo: Demo) -> None:
    """Invite, bind, record, ask, complain, take over, resolve, confirm; then DingTalk."""
    bind_wang(page)
    record_and_tell(page)
    complain_and_close(page)
    say(page, ZHOU, "记录 滨江二期 地基基础 昨天验收通过")
    expect(phone(page, ZHOU)).to_contain_text("晚 11 天")
    press(page, ZHOU, "confirm")
    expect(phone(page, ZHOU)).to_contain_text("已记录验收")
    expect(phone(page, WANG)).to_contain_text("积分 −20 分")
    picture(page, PICTURES)
    problems = httpx2.get(f"{demo.platforms}/emulator/problems").json()
    assert problems["wecom"]["protocol_errors"] == []
    assert problems["dingtalk"]["protocol_errors"] == []
