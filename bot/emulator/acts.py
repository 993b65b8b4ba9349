"""What the demo page and tests let people do over HTTP, mapped to the platforms' user side."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bot.emulator.dingtalk import DingtalkPlatform
from bot.emulator.wecom import CannotActError, WecomPlatform

Json = dict[str, Any]

_ANSWER_SECONDS = 3.0


class Act(BaseModel):
    """One deed of one person; further fields depend on the deed.

    say {text}, press {bubble, key, selected?}, send {msgtype, …}, event {event, …},
    enter {scene?, scene_param?}; on DingTalk also group? and mention?, send {msgtype, content},
    event {event, body}, open {url}.
    """

    model_config = ConfigDict(extra="allow")

    app: Literal["wecom", "wechat", "dingtalk"]
    user: str
    do: str

    @property
    def given(self) -> Json:
        """The further fields."""
        return dict(self.model_extra or {})


async def perform(act: Act, wecom: WecomPlatform | None, dingtalk: DingtalkPlatform | None) -> Json:
    """Do it and say how the bot took it.

    Raises:
        CannotActError: the platform is not there, or the client would not allow it.
    """
    if act.app == "dingtalk" and dingtalk is not None:
        return await _on_dingtalk(dingtalk, act.user, act.do, act.given)
    if act.app != "dingtalk" and wecom is not None:
        outcome = await wecom.act(act.app, act.user, act.do, act.given)
        statuses = [attempt.status for attempt in outcome.attempts]
        return {"accepted": outcome.accepted, "held": outcome.held, "attempts": statuses}
    msg = f"{act.app} is not emulated here"
    raise CannotActError(msg)


async def _on_dingtalk(platform: DingtalkPlatform, user: str, do: str, given: Json) -> Json:
    try:
        push = await _dingtalk_push(platform, user, do, given)
    except (LookupError, TypeError, ValueError) as error:
        msg = f"dingtalk {do}: {error}"
        raise CannotActError(msg) from error
    answer = getattr(push, "answer", None)
    if answer is None:
        return {"accepted": True, "held": False, "attempts": []}
    accepted = await answer(_ANSWER_SECONDS) is not None
    return {"accepted": accepted, "held": False, "attempts": []}


async def _dingtalk_push(
    platform: DingtalkPlatform, user: str, do: str, given: Mapping[str, Any]
) -> object:
    group = given.get("group")
    match do:
        case "say":
            return await platform.member_says(
                user, given["text"], group=group, mention=given.get("mention", True)
            )
        case "press":
            return await platform.member_presses(
                user, given["bubble"], given["key"], given.get("selected")
            )
        case "send":
            return await platform.member_sends(
                user, given["msgtype"], given["content"], group=group
            )
        case "open":
            return await platform.member_opens_link(user, given["url"], group=group)
        case "event":
            return await platform.event(given["event"], given["body"])
        case _:
            raise CannotActError(f"members cannot {do}")
