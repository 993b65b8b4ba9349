"""A demo in a browser, as its tests play it: whose phones there are, what is typed and pressed."""

import os
import subprocess
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

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
PICTURES = os.environ.get("DEMO_PICTURE", "")
"""Where to keep a picture of what was played, for the README; the mall's beside it."""

WANG, LI, ZHANG = "wechat-wmWangJianguo", "wecom-liqiang", "wecom-zhangmin"
DING, ZHOU, CHEN = "dingtalk-zhangmin01", "dingtalk-zhoutao01", "wecom-chenxiao"
SUN, ZHAO, LIU = "wechat-wmSunLi", "wecom-zhaojing", "wechat-wmLiuFang"


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    address: str
    platforms: str
    process: "subprocess.Popen[bytes]"


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


def picture(page: Page, path: str) -> None:
    """Keep a picture of the page, if pictures are wanted."""
    if PICTURES:
        page.wait_for_timeout(1500)
        page.screenshot(path=path)
