"""Every way a callback is refused, and that the refusals can't be told apart."""

import base64
import time

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from bot.platform import Rejected
from bot.wecom.callbacks import WecomCallbacks
from bot.wecom.guard import BODY_BYTES_MAX, Guard, Reason
from tests.bot.wecom.envelope import Envelope, Posted
from tests.bot.wecom.town import AES_KEY, CORP, NOW, TOKEN, Clock, from_json, xml

TEXT = "message_text"


def refusal(callbacks: WecomCallbacks, query: dict[str, str], body: bytes) -> Rejected:
    with pytest.raises(Rejected) as caught:
        callbacks.read(query, body)
    # Nothing of the callback travels on with the refusal.
    assert caught.value.__cause__ is None
    assert str(caught.value) == caught.value.reason
    return caught.value


def judged(callbacks: WecomCallbacks, posted: Posted) -> tuple[int, str]:
    rejected = refusal(callbacks, posted.query, posted.body)
    return rejected.status, rejected.reason


def test_the_published_echo_vector_opens(clock: Clock) -> None:
    vectors = from_json("vectors")
    echo = vectors["echo"]
    clock.pass_by(seconds=int(echo["timestamp"]) - NOW)
    guard = Guard(
        token=SecretStr(vectors["token"]),
        aes_key=SecretStr(vectors["encoding_aes_key"]),
        receive_id=vectors["receive_id"],
        clock=clock,
    )

    assert guard.open_echo(echo) == echo["plain"]


def test_the_published_message_vector_opens(clock: Clock) -> None:
    vectors = from_json("vectors")
    message = vectors["message"]
    clock.pass_by(seconds=int(message["timestamp"]) - NOW)
    guard = Guard(
        token=SecretStr(vectors["token"]),
        aes_key=SecretStr(vectors["encoding_aes_key"]),
        receive_id=vectors["receive_id"],
        clock=clock,
    )

    opened = guard.open_body(
        message, f"<xml><Encrypt>{message['encrypt']}</Encrypt></xml>".encode()
    )

    assert f"<![CDATA[{message['content']}]]>" in opened


def test_the_tests_own_envelope_agrees_with_the_published_vectors() -> None:
    vectors = from_json("vectors")
    echo = vectors["echo"]
    envelope = Envelope(vectors["token"], vectors["encoding_aes_key"], vectors["receive_id"])

    assert envelope.decrypt(echo["echostr"]) == echo["plain"]
    signature = envelope.signature(echo["timestamp"], echo["nonce"], echo["echostr"])
    assert signature == echo["msg_signature"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_whatever_is_sealed_opens_elsewhere_unchanged(text: str) -> None:
    envelope = Envelope(TOKEN, AES_KEY, CORP)

    sealed = a_guard().seal(f"<xml>{text}</xml>")

    assert envelope.open_reply(sealed) == f"<xml>{text}</xml>"


@given(st.binary(min_size=0, max_size=200))
def test_any_ciphertext_under_a_good_signature_is_opened_or_refused(noise: bytes) -> None:
    envelope = Envelope(TOKEN, AES_KEY, CORP)
    encrypted = base64.b64encode(noise).decode() or "AAAA"
    posted = envelope.post("", NOW, encrypted=encrypted)

    with pytest.raises(Rejected) as caught:
        a_guard().open_body(posted.query, posted.body)

    assert caught.value.status == 403


class TestT01WrongSignature:
    def test_a_changed_signature_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW)
        query = {**posted.query, "msg_signature": "0" * 40}

        assert judged(callbacks, Posted(query, posted.body)) == (403, Reason.SIGNATURE)

    def test_another_token_is_refused(self, callbacks: WecomCallbacks) -> None:
        posted = Envelope("another-token", AES_KEY, CORP).post(xml(TEXT), NOW)

        assert judged(callbacks, posted) == (403, Reason.SIGNATURE)

    @pytest.mark.parametrize("signature", ["é" * 40, "\ud800", "x", "0" * 10_000])
    def test_odd_signatures_are_refused_like_wrong_ones(
        self, callbacks: WecomCallbacks, envelope: Envelope, signature: str
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW)
        query = {**posted.query, "msg_signature": signature}

        assert judged(callbacks, Posted(query, posted.body)) == (403, Reason.SIGNATURE)

    def test_nothing_is_decrypted_before_the_signature_holds(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        # This ciphertext would be refused for its padding, were it ever looked at.
        posted = envelope.post("", NOW, encrypted=base64.b64encode(bytes(64)).decode())
        query = {**posted.query, "msg_signature": "0" * 40}

        assert judged(callbacks, Posted(query, posted.body)) == (403, Reason.SIGNATURE)


class TestT02Stale:
    @pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 365])
    def test_a_good_signature_outside_the_window_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope, seconds: int
    ) -> None:
        assert judged(callbacks, envelope.post(xml(TEXT), NOW + seconds)) == (403, Reason.REPLAY)

    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_the_window_reaches_five_minutes_both_ways(
        self, callbacks: WecomCallbacks, envelope: Envelope, seconds: int
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW + seconds)

        assert callbacks.read(posted.query, posted.body).sender == "pm01"

    @pytest.mark.parametrize("timestamp", ["now", "-5", "1e9", "٣", "9" * 5000])
    def test_a_signed_timestamp_that_is_no_time_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope, timestamp: str
    ) -> None:
        encrypted = envelope.encrypt(envelope.frame(xml(TEXT).encode()))
        query = {
            "msg_signature": envelope.signature(timestamp, "n", encrypted),
            "timestamp": timestamp,
            "nonce": "n",
        }
        body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()

        assert judged(callbacks, Posted(query, body)) == (403, Reason.REPLAY)


def test_t08_another_corp_inside_the_ciphertext_is_refused(
    callbacks: WecomCallbacks, envelope: Envelope
) -> None:
    encrypted = envelope.encrypt(envelope.frame(xml(TEXT).encode(), receive_id="wwother"))

    assert judged(callbacks, envelope.post("", NOW, encrypted=encrypted)) == (
        403,
        Reason.RECEIVE_ID,
    )


class TestT09BadCiphertext:
    def broken(self, envelope: Envelope) -> dict[str, str]:
        framed = envelope.frame(xml(TEXT).encode())
        gap = -len(framed) % 16
        return {
            "padding of zero": envelope.encrypt(framed, bytes(gap or 16)),
            "padding over 32": envelope.encrypt(framed, bytes([33]) * (gap + 48)),
            "uneven padding": envelope.encrypt(framed, bytes(gap + 15) + bytes([gap + 16])),
            "not whole blocks": base64.b64encode(bytes(17)).decode(),
            "not base64": "A",
            "noise": base64.b64encode(bytes(range(64))).decode(),
            "too short": envelope.encrypt(b"abc"),
            "length beyond the end": envelope.encrypt(bytes(16) + b"\xff\xff\xff\xff" + b"x"),
            "another key": Envelope(TOKEN, "b" * 43, CORP).encrypt(framed),
        }

    def test_every_kind_is_refused_with_one_status_and_reason(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        for what, encrypted in self.broken(envelope).items():
            found = judged(callbacks, envelope.post("", NOW, encrypted=encrypted))
            assert found == (403, Reason.CIPHERTEXT), what

    def test_the_answer_is_that_of_a_wrong_signature(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        wrong = Envelope("another-token", AES_KEY, CORP).post(xml(TEXT), NOW)
        garbage = envelope.post("", NOW, encrypted=self.broken(envelope)["noise"])
        stale = envelope.post(xml(TEXT), NOW - 3600)
        other = envelope.encrypt(envelope.frame(b"<xml/>", receive_id="wwother"))
        misaddressed = envelope.post("", NOW, encrypted=other)

        statuses = {
            judged(callbacks, posted)[0] for posted in (wrong, garbage, stale, misaddressed)
        }

        assert statuses == {403}

    def test_a_padding_up_to_32_is_taken(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        for length in range(1, 33):
            filler = "x" * length
            document = xml(TEXT).replace("冷柜", filler)
            posted = envelope.post(document, NOW)
            assert filler in str(callbacks.read(posted.query, posted.body).content)


class TestT10MissingParameters:
    @pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce", "echostr"])
    def test_the_address_check_without_one_is_a_bad_request(
        self, callbacks: WecomCallbacks, name: str
    ) -> None:
        query = {"msg_signature": "s", "timestamp": "1", "nonce": "n", "echostr": "e"}
        for changed in ({k: v for k, v in query.items() if k != name}, {**query, name: ""}):
            with pytest.raises(Rejected) as caught:
                callbacks.verify_url(changed)
            assert (caught.value.status, caught.value.reason) == (400, Reason.MISSING_PARAMETER)

    @pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
    def test_a_callback_without_one_is_a_bad_request(
        self, callbacks: WecomCallbacks, envelope: Envelope, name: str
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW)
        query = {k: v for k, v in posted.query.items() if k != name}

        assert judged(callbacks, Posted(query, posted.body)) == (400, Reason.MISSING_PARAMETER)


class TestT11AddressCheck:
    def test_the_answer_is_the_bare_text(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        echo = envelope.encrypt(envelope.frame(b"1616140317555161061"))
        query = {
            "msg_signature": envelope.signature(str(NOW), "n", echo),
            "timestamp": str(NOW),
            "nonce": "n",
            "echostr": echo,
        }

        answer = callbacks.verify_url(query)

        assert (answer.status, answer.media_type) == (200, "text/plain")
        assert answer.body == b"1616140317555161061"

    def test_a_wrong_signature_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        echo = envelope.encrypt(envelope.frame(b"1"))
        query = {"msg_signature": "0" * 40, "timestamp": str(NOW), "nonce": "n", "echostr": echo}

        with pytest.raises(Rejected) as caught:
            callbacks.verify_url(query)

        assert (caught.value.status, caught.value.reason) == (403, Reason.SIGNATURE)


class TestT12And13HostileXml:
    @pytest.mark.parametrize(
        "prolog",
        [
            '<!DOCTYPE x [<!ENTITY a "aaaa">]>',
            '<!doctype x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE x [<!ENTITY % r SYSTEM "http://127.0.0.1:9/x"> %r;]>',
            "<!ENTITY a 'b'>",
        ],
    )
    def test_a_document_type_is_refused_before_anything_is_parsed(
        self, callbacks: WecomCallbacks, envelope: Envelope, prolog: str
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW)

        found = judged(callbacks, Posted(posted.query, prolog.encode() + posted.body))

        assert found == (400, Reason.DTD)

    def test_a_document_type_inside_the_sealed_part_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        hostile = '<!DOCTYPE x [<!ENTITY a "b">]>' + xml(TEXT)

        assert judged(callbacks, envelope.post(hostile, NOW)) == (400, Reason.MALFORMED)

    def test_the_same_letters_are_welcome_as_text(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        said = '<!DOCTYPE html> <!ENTITY x "y">'
        posted = envelope.post(xml(TEXT).replace("到货 P-102 冷柜 12 台", said), NOW)

        assert said in str(callbacks.read(posted.query, posted.body).content)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            b"<xml></xml>",
            b"<xml><Encrypt></Encrypt></xml>",
            b"<xml><Encrypt>a b</Encrypt></xml>",
            b"<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>",
            b"<xml><Encrypt><x>AAAA</x></Encrypt></xml>",
            b'{"encrypt": "AAAA"}',
        ],
    )
    def test_an_envelope_without_exactly_one_ciphertext_is_a_bad_request(
        self, callbacks: WecomCallbacks, envelope: Envelope, body: bytes
    ) -> None:
        query = envelope.post(xml(TEXT), NOW).query

        assert judged(callbacks, Posted(query, body)) == (400, Reason.NO_CIPHERTEXT)

    def test_an_envelope_made_to_be_slow_is_answered_at_once(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        query = envelope.post(xml(TEXT), NOW).query
        started = time.perf_counter()

        for hostile in (b"<Encrypt>", b"<Encrypt> ", b"<Encrypt>A", b"<Encrypt><![CDATA[", b" "):
            body = hostile * (BODY_BYTES_MAX // len(hostile))
            assert judged(callbacks, Posted(query, body)) == (400, Reason.NO_CIPHERTEXT)
        body = b"<Encrypt>" + b" " * 60_000 + b"<"
        assert judged(callbacks, Posted(query, body)) == (400, Reason.NO_CIPHERTEXT)

        assert time.perf_counter() - started < 1


class TestT14Size:
    def test_a_body_over_the_cap_is_refused_before_anything_else(
        self, callbacks: WecomCallbacks
    ) -> None:
        found = judged(callbacks, Posted({}, b"<!DOCTYPE" + b"x" * BODY_BYTES_MAX))

        assert found == (413, Reason.BODY_TOO_LARGE)

    def test_a_body_at_the_cap_is_looked_at(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        posted = envelope.post(xml(TEXT), NOW)
        body = posted.body + b" " * (BODY_BYTES_MAX - len(posted.body))

        assert callbacks.read(posted.query, body).sender == "pm01"


class TestConstruction:
    @pytest.mark.parametrize(
        ("token", "aes_key", "receive_id"),
        [
            ("", AES_KEY, CORP),
            (TOKEN, "", CORP),
            (TOKEN, AES_KEY, ""),
            (TOKEN, AES_KEY[:-1], CORP),
            (TOKEN, AES_KEY + "A", CORP),
            (TOKEN, "!" * 43, CORP),
            (TOKEN, "é" * 43, CORP),
        ],
    )
    def test_an_empty_or_impossible_secret_is_refused(
        self, clock: Clock, token: str, aes_key: str, receive_id: str
    ) -> None:
        with pytest.raises(ValueError, match="must") as caught:
            Guard(
                token=SecretStr(token),
                aes_key=SecretStr(aes_key),
                receive_id=receive_id,
                clock=clock,
            )

        assert AES_KEY[:-1] not in str(caught.value)


def a_guard() -> Guard:
    return Guard(
        token=SecretStr(TOKEN),
        aes_key=SecretStr(AES_KEY),
        receive_id=CORP,
        clock=Clock.at_unix(NOW),
    )
