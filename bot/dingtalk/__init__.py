"""DingTalk (钉钉): the robot's messages, cards and events in both modes, and sending.

Only the configuration is exported here; `callbacks`, `answers`, `client`, `outbound` and `stream`
are imported by who needs them.
"""

from bot.dingtalk.config import DingtalkConfig

__all__ = ["DingtalkConfig"]
