"""A demo started as a user starts it, and its page in Chromium."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from tests.flows.browser.playing import CHROMIUM, QUIET, Demo

READY_SECONDS_MAX = 30.0


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
    """Open the demo page; a complaint of it, or of a page opened from it, fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=list(QUIET),
            viewport={"width": 1680, "height": 1000},
            timezone_id="Asia/Shanghai",
        )
        complaints: list[str] = []

        def watch(opened: Page) -> None:
            opened.on("pageerror", lambda error: complaints.append(str(error)))
            opened.on("console", lambda message: complaints.extend(errors_of(message)))

        browser.on("page", watch)
        opened = browser.new_page()
        opened.goto(f"{demo.address}/demo")
        expect(opened.get_by_test_id("demo")).to_have_attribute("data-ready", "true")
        yield opened
        browser.close()
        assert complaints == []


def errors_of(message: ConsoleMessage) -> list[str]:
    """Give what a line of the console complains about, if it does."""
    return [message.text] if message.type == "error" else []
