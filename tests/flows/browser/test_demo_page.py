"""A newcomer plays the whole thread on the demo page: real processes, real browser, real bytes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

READY_SECONDS_MAX = 30.0
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PICTURE = os.environ.get("DEMO_PICTURE", "")
"""Where to keep a picture of the played thread, for the README."""


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    address: str
    platforms: str
    process: "subprocess.Popen[bytes]"


def free_port_pair() -> int:
    """Find two free ports in a row."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Start `zhufen demo` as a user would, and stop it with Ctrl-C."""
    port = free_port_pair()
    command = [sys.executable, "-m", "bot", "demo", "--no-browser"]
    process = subprocess.Popen([*command, "--port", str(port), "--data", str(tmp_path / "data")])
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + READY_SECONDS_MAX
    try:
        while not is_ready(address):
            assert process.poll() is None, "the demo ended"
            assert time.monotonic() < deadline, "the demo did not get ready"
            time.sleep(0.1)
        yield Demo(address, f"http://127.0.0.1:{port + 1}", process)
    finally:
        # Also one that was too slow: left running it would fail whatever comes next.
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=20)
    assert code == 0


def is_ready(address: str) -> bool:
    """Ask /readyz."""
    try:
        return httpx2.get(f"{address}/readyz", timeout=2.0).status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.fixture
def page(demo: Demo, tmp_path: Path) -> Iterator[Page]:
    """Open the demo page; anything the browser complains about fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=list(QUIET),
            viewport={"width": 1680, "height": 1000},
            timezone_id="Asia/Shanghai",
        )
        opened = browser.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(f"{demo.address}/demo")
        expect(opened.get_by_test_id("demo")).to_have_attribute("data-ready", "true")
        yield opened
        browser.close()
        assert complaints == []


def phone(page: Page, name: str) -> Locator:
    """Find one person's phone."""
    return page.get_by_test_id(f"phone-{name}")


def say(page: Page, name: str, line: str) -> None:
    """Type a line on a phone and send it with Enter."""
    box = page.get_by_test_id(f"input-{name}")
    box.fill(line)
    box.press("Enter")


def press(page: Page, name: str, choice: str) -> None:
    """Press the newest button of this kind on a phone."""
    phone(page, name).get_by_test_id(f"press-{choice}").last.click()


WANG, LI, ZHANG = "wechat-wmWangJianguo", "wecom-liqiang", "wecom-zhangmin"
DING, ZHOU, CHEN = "dingtalk-zhangmin01", "dingtalk-zhoutao01", "wecom-chenxiao"


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
    if PICTURE:
        page.wait_for_timeout(1500)
        page.screenshot(path=PICTURE)
    problems = httpx2.get(f"{demo.platforms}/emulator/problems").json()
    assert problems["wecom"]["protocol_errors"] == []
    assert problems["dingtalk"]["protocol_errors"] == []
