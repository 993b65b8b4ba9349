"""The emulated WeCom platform: app callbacks, messages, template cards and 微信客服 (kf).

Faults are armed at `wecom.gettoken`, `.message.send`, `.message.recall`, `.update_template_card`,
`.webhook.send`, `.user.get`, `.getcallbackip`, `.kf.sync_msg`, `.kf.send_msg`,
`.kf.send_msg_on_event`, `.kf.service_state.get`, `.kf.service_state.trans`,
`.kf.customer.batchget`, `.kf.add_contact_way` for calls, and at `wecom.callback` for callbacks
(DROP, DELAY, DUPLICATE, REORDER). DROP at `wecom.kf.sync_msg` gives an empty page with has_more;
DELIVERY_FAILED at `wecom.kf.send_msg` gives a msg_send_fail event with `value` as fail_type.
"""

from bot.emulator.wecom.callbacks import Attempt, Outcome
from bot.emulator.wecom.core import Call, Dropped, Posted
from bot.emulator.wecom.errors import CannotActError, ProtocolError, UrlRefusedError
from bot.emulator.wecom.kf_desk import Allowance
from bot.emulator.wecom.server import WecomPlatform, create_wecom
from bot.emulator.wecom.world import KfAccount, WecomApp, WecomTimings, WecomWorld

__all__ = [
    "Allowance",
    "Attempt",
    "Call",
    "CannotActError",
    "Dropped",
    "KfAccount",
    "Outcome",
    "Posted",
    "ProtocolError",
    "UrlRefusedError",
    "WecomApp",
    "WecomPlatform",
    "WecomTimings",
    "WecomWorld",
    "create_wecom",
]
