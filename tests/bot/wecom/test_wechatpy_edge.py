"""What wechatpy is used for, and what it is kept from."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from wechatpy.work.crypto import WeChatCrypto

from bot.platform import Rendered
from bot.wecom.callbacks import WecomCallbacks
from bot.wecom.card_xml import element
from bot.wecom.wechatpy_edge import CallbackCrypto, WecomApi
from tests.bot.wecom.envelope import Envelope
from tests.bot.wecom.town import AES_KEY, CORP, NOW, TOKEN, xml

ROOT = Path(__file__).parents[3]


class TestCrypto:
    def test_plain_wechatpy_opens_what_we_seal(self) -> None:
        sealed = CallbackCrypto(TOKEN, AES_KEY, CORP).seal("<xml>积分</xml>", str(NOW), "n")
        envelope = Envelope(TOKEN, AES_KEY, CORP)
        assert envelope.open_reply(sealed.encode()) == "<xml>积分</xml>"
        signature = sealed.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]

        plain = WeChatCrypto(TOKEN, AES_KEY, CORP).decrypt_message(sealed, signature, str(NOW), "n")

        assert plain == "<xml>积分</xml>"

    def test_two_seals_of_one_text_differ(self) -> None:
        crypto = CallbackCrypto(TOKEN, AES_KEY, CORP)

        assert crypto.seal("<xml/>", str(NOW), "n") != crypto.seal("<xml/>", str(NOW), "n")


class TestApi:
    def test_calls_go_through_our_transport_without_secret_or_token(self) -> None:
        calls: list[tuple[Any, ...]] = []

        def transport(*call: Any) -> dict[str, Any]:
            calls.append(call)
            return {"errcode": 0}

        api = WecomApi(CORP, transport)
        api.user.get("pm01")
        api.kf.get_account_list()

        assert calls == [
            ("get", "user/get", {"userid": "pm01"}, None),
            ("get", "kf/account/list", {}, None),
        ]
        assert api.secret == ""

    def test_it_never_fetches_a_token_by_itself(self) -> None:
        api = WecomApi(CORP, lambda *_: {})

        with pytest.raises(NotImplementedError):
            api.fetch_access_token()


def test_only_json_values_make_a_card() -> None:
    with pytest.raises(TypeError, match="JSON"):
        element("TemplateCard", {"title": object()})


def test_the_package_loads_neither_wechatpy_nor_http_until_asked() -> None:
    program = "import sys, bot.wecom; print({'wechatpy', 'httpx2', 'requests'} & {*sys.modules})"

    out = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert out.stdout.strip() == "set()"


def test_a_message_is_read_and_answered_in_well_under_a_millisecond(
    callbacks: WecomCallbacks, envelope: Envelope
) -> None:
    posted = envelope.post(xml("message_text"), NOW)
    message = Rendered("balance", "积分 1280")
    fastest = 1.0
    for _ in range(50):
        started = time.perf_counter()
        callbacks.answer(callbacks.read(posted.query, posted.body), message, replaces_card=False)
        fastest = min(fastest, time.perf_counter() - started)

    assert fastest < 0.002
