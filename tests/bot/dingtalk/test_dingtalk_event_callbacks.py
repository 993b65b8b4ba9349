"""Events over HTTP: encrypted, signed, answered with an encrypted success."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.sdk_edge import EventCrypto
from bot.dingtalk.signing import event_sign
from bot.emulator.dingtalk.crypto import EventCipher
from bot.platform import Rejected
from handlers.incoming import Left, QuotaExhausted
from tests.bot.dingtalk.stage import CONFIG, NOW, StandingClock, body_of, fixture

TOKEN = CONFIG.event_token.get_secret_value()
KEY = CONFIG.event_aes_key.get_secret_value()
CIPHER = EventCipher(TOKEN, KEY, CONFIG.client_id)
STAMP = str(int(NOW.timestamp() * 1000))


def sealed(
    data: dict[str, Any], cipher: EventCipher = CIPHER, stamp: str = STAMP
) -> tuple[dict[str, str], bytes]:
    envelope = cipher.seal(json.dumps(data, ensure_ascii=False), stamp)
    return query_of(envelope), body_of({"encrypt": envelope["encrypt"]})


def query_of(envelope: dict[str, str]) -> dict[str, str]:
    return {
        "msg_signature": envelope["msg_signature"],
        "timestamp": envelope["timeStamp"],
        "nonce": envelope["nonce"],
    }


def signed(encrypted: str) -> tuple[dict[str, str], bytes]:
    signature = event_sign(TOKEN, STAMP, "n", encrypted)
    return (
        {"msg_signature": signature, "timestamp": STAMP, "nonce": "n"},
        body_of({"encrypt": encrypted}),
    )


def encrypted(padded: bytes) -> str:
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def refused(callbacks: DingtalkCallbacks, query: dict[str, str], body: bytes) -> tuple[int, str]:
    with pytest.raises(Rejected) as refusal:
        callbacks.read_event(query, body)
    return refusal.value.status, refusal.value.reason


def test_people_who_leave_are_named_one_by_one(callbacks: DingtalkCallbacks) -> None:
    incomings, answer = callbacks.read_event(*sealed(fixture("event_user_leave_org")))

    assert [(i.source_id, i.sender) for i in incomings] == [
        ("event:ev1:0412338", "0412338"),
        ("event:ev1:0412339", "0412339"),
    ]
    assert {i.content for i in incomings} == {Left("user_leave_org")}
    assert {i.sent_at for i in incomings} == {NOW}
    assert answer.media_type == "application/json"
    assert CIPHER.open_answer(answer.body) == "success"


def test_the_address_check_is_answered_and_means_nothing(callbacks: DingtalkCallbacks) -> None:
    incomings, answer = callbacks.read_event(*sealed({"EventType": "check_url"}))

    assert incomings == ()
    assert CIPHER.open_answer(answer.body) == "success"


@pytest.mark.parametrize("name", ["user_add_org", "org_dept_create", "未来事件", ""])
def test_t16_other_events_are_answered_and_mean_nothing(
    callbacks: DingtalkCallbacks, name: str
) -> None:
    data = {"EventType": name, "CorpId": CONFIG.corp_id, "eventId": "e", "标题": "滨江一期" * 50}

    incomings, answer = callbacks.read_event(*sealed(data))

    assert incomings == ()
    assert CIPHER.open_answer(answer.body) == "success"


def test_the_old_names_in_the_query_are_read_too(callbacks: DingtalkCallbacks) -> None:
    query, body = sealed(fixture("event_user_leave_org"))
    old = {
        "signature": query["msg_signature"],
        "timeStamp": query["timestamp"],
        "nonce": query["nonce"],
    }

    assert len(callbacks.read_event(old, body)[0]) == 2


def test_an_event_that_only_says_the_quota_is_used_up_says_so(callbacks: DingtalkCallbacks) -> None:
    data = {"EventType": "x", "CorpId": CONFIG.corp_id, "eventId": "e9", "errCode": 20001}

    incomings, _ = callbacks.read_event(*sealed(data))

    assert [(i.source_id, i.sender, i.content) for i in incomings] == [
        ("event:e9", "", QuotaExhausted())
    ]


def test_repeats_without_an_id_are_still_recognised(callbacks: DingtalkCallbacks) -> None:
    data = fixture("event_user_leave_org", eventId=None, BizId=None)

    first, _ = callbacks.read_event(*sealed(data))
    again, _ = callbacks.read_event(*sealed(data))

    assert [i.source_id for i in first] == [i.source_id for i in again]
    assert len({i.source_id for i in first}) == 2


@pytest.mark.parametrize(
    "people", [None, "0412338", ["0412338", "0412338"], [5, None, "", "p" * 300, "0412338"]]
)
def test_the_list_of_people_may_be_anything(callbacks: DingtalkCallbacks, people: Any) -> None:
    data = fixture("event_user_leave_org", UserId=people)

    incomings, _ = callbacks.read_event(*sealed(data))

    assert [i.sender for i in incomings] == (["0412338"] if people else [])


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
def test_t10_an_event_without_a_parameter_is_refused(
    callbacks: DingtalkCallbacks, name: str
) -> None:
    query, body = sealed(fixture("event_user_leave_org"))
    del query[name]

    assert refused(callbacks, query, body) == (401, "signature")


def test_t01_an_event_with_a_wrong_signature_is_not_decrypted(callbacks: DingtalkCallbacks) -> None:
    query, body = sealed(fixture("event_user_leave_org"))

    assert refused(callbacks, query | {"msg_signature": "0" * 40}, body) == (401, "signature")
    assert refused(callbacks, query | {"nonce": "other"}, body) == (401, "signature")


def test_t02_an_old_event_is_refused(callbacks: DingtalkCallbacks, clock: StandingClock) -> None:
    query, body = sealed(fixture("event_user_leave_org"))
    clock.forward(minutes=6)

    assert refused(callbacks, query, body) == (401, "stale")


def test_t08_an_event_for_another_app_is_refused(callbacks: DingtalkCallbacks) -> None:
    other = EventCipher(TOKEN, KEY, CONFIG.corp_id)

    assert refused(callbacks, *sealed(fixture("event_user_leave_org"), other)) == (
        401,
        "foreign_owner",
    )


def test_t08_an_event_of_another_company_is_refused(callbacks: DingtalkCallbacks) -> None:
    for corp in ("dingother", None):
        data = fixture("event_user_leave_org", CorpId=corp)
        assert refused(callbacks, *sealed(data)) == (403, "foreign_corp")


GARBAGE = {
    "not base64": "!!!!",
    "nothing": "",
    "not whole blocks": base64.b64encode(b"x" * 33).decode(),
    "random blocks": base64.b64encode(bytes(range(96))).decode(),
    "half a block of padding": base64.b64encode(b"x" * 16).decode(),
    "padding of zero": encrypted(b"r" * 63 + b"\x00"),
    "padding beyond the block": encrypted(b"r" * 63 + b"\x40"),
    "uneven padding": encrypted(b"r" * 61 + b"\x01\x02\x03"),
    "nothing but padding": encrypted(b"\x20" * 32),
    "length beyond the end": encrypted(b"r" * 16 + b"\xff\xff\xff\xff" + b"x" * 43 + b"\x01"),
    "line breaks inside": "QUJD\n" * 20,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_t09_garbage_with_a_good_signature_is_refused_like_a_bad_one(
    callbacks: DingtalkCallbacks, name: str
) -> None:
    status, _ = refused(callbacks, *signed(GARBAGE[name]))

    assert status == 401


def test_t15_an_event_that_is_no_json_inside_is_refused(callbacks: DingtalkCallbacks) -> None:
    envelope = CIPHER.seal('{"EventType":"a","EventType":"b"}', STAMP)

    body = body_of({"encrypt": envelope["encrypt"]})
    assert refused(callbacks, query_of(envelope), body)[0] == 400
    assert refused(callbacks, query_of(envelope), b"[]")[0] == 400


def test_events_are_refused_while_nothing_is_configured(clock: StandingClock) -> None:
    config = replace(CONFIG, event_token=SecretStr(""), event_aes_key=SecretStr(""))
    callbacks = DingtalkCallbacks(config, clock)

    assert refused(callbacks, *sealed(fixture("event_user_leave_org"))) == (
        403,
        "events_not_configured",
    )
    empty = EventCipher("", KEY, CONFIG.client_id)
    assert refused(callbacks, *sealed({"EventType": "check_url"}, empty))[0] == 403


def test_the_vendors_example_opens() -> None:
    v = fixture("event_check_url")

    text = EventCrypto(v["token"], v["aes_key"], v["owner"]).open(
        signature=v["signature"], timestamp=v["timestamp"], nonce=v["nonce"], encrypted=v["encrypt"]
    )

    assert text == v["text"]


@pytest.mark.parametrize("text", ["success", "滨江一期主体验收通过", "长" * 5000, "😀", "{}"])
def test_sealed_and_opened_both_ways_with_another_implementation(text: str) -> None:
    ours = EventCrypto(TOKEN, KEY, CONFIG.client_id)
    theirs = CIPHER.seal(text, STAMP)

    assert CIPHER.open_answer(ours.seal(text, timestamp=STAMP)) == text
    assert (
        ours.open(
            signature=theirs["msg_signature"],
            timestamp=STAMP,
            nonce=theirs["nonce"],
            encrypted=theirs["encrypt"],
        )
        == text
    )
