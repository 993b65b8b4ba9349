"""A customer checks the wallet in a browser, with the page saved to disk and without a network."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.web.proofs import Proofs
from bot.wiring import TEMPLATES
from tests.flows.browser.playing import CHROMIUM, QUIET
from tests.handlers.conftest import chat, clock, fake_store, ids
from tests.proof.forgeries import Made, forged, make
from tests.support.chat import Chat

__all__ = ["chat", "clock", "fake_store", "ids"]

pytestmark = pytest.mark.browser


@pytest.fixture
def made(chat: Chat) -> Made:
    return make(chat)


@pytest.fixture
def page(chat: Chat, tmp_path: Path) -> Iterator[Page]:
    """Open the page from a file; it must ask for nothing and complain about nothing."""
    file = tmp_path / "check.html"
    file.write_text(Proofs(chat.store, chat.clock, TEMPLATES / "pages").page, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=list(QUIET), offline=True
        )
        opened = browser.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(file.as_uri())
        yield opened
        browser.close()
        assert complaints == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def save(made: Made, folder: Path, name: str = "") -> Path:
    """Save a proof, falsified if a name is given."""
    file = folder / "zhufen-proof.json"
    proof = forged(made, name) if name else made.proof
    file.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    return file


def test_a_right_proof_is_all_green(page: Page, made: Made, tmp_path: Path) -> None:
    page.locator("#file").set_input_files(save(made, tmp_path))
    expect(page.locator("#verdict")).to_have_text("算得通，还有没核对的")
    page.locator("#code").fill(made.code)
    page.locator("#head").fill(made.fingerprint)
    expect(page.locator("#verdict")).to_have_text("全部对得上")
    expect(page.locator("#results li.good")).to_have_count(5)
    expect(page.locator("#entries tr")).to_have_count(3)
    expect(page.locator("#entries tr.bad")).to_have_count(0)


def test_a_falsified_line_is_red_from_there_on(page: Page, made: Made, tmp_path: Path) -> None:
    page.locator("#file").set_input_files(save(made, tmp_path, "points"))
    expect(page.locator("#verdict")).to_have_text("有对不上的地方")
    expect(page.locator("[data-check=entries]")).to_contain_text("第 2 笔不对")
    expect(page.locator("#entries tr.bad")).to_have_count(2)


def test_what_is_no_proof_is_said_to_be(page: Page) -> None:
    page.locator("#proof").fill("这不是凭证")
    expect(page.locator("#verdict")).to_contain_text("不是一份完整的凭证")
    expect(page.locator("#results li")).to_have_count(0)
