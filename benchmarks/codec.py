"""wechatpy alone: what one callback and its passive reply cost before anything else happens."""

import time

from wechatpy.work import parse_message
from wechatpy.work.crypto import WeChatCrypto
from wechatpy.work.replies import TextReply

from benchmarks.firm import Credentials, guest
from benchmarks.traffic import Traffic

SECONDS = 0.7
REPLY = "3,000 分可用\n滨江置业0001,截至 11-22 10:00\n发「明细」看每一笔来由,发「转人工」找人。"


def codec_per_second(known: Credentials) -> float:
    """Decrypt, parse, build a text reply and encrypt it, over and over in one thread."""
    crypto = WeChatCrypto(known.token, known.aes_key, known.corp_id)
    query, body = Traffic(known).sealed(guest(1))
    text = body.decode()
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        plain = crypto.decrypt_message(
            text, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(plain)
        reply = TextReply(message=message, content=REPLY).render()
        crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        done += 1
    return done / (time.perf_counter() - started)
