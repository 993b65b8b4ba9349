"""WeCom (企业微信): the self-built app for members and 微信客服 for customers.

Only the configuration is exported here: the other modules load wechatpy and an HTTP client, and
are imported by who needs them (`callbacks`, `client`, `outbound`, `kf`, `kf_pull`, `limits`).
"""

from bot.wecom.config import KfConfig, WecomConfig

__all__ = ["KfConfig", "WecomConfig"]
