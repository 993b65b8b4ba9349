"""Who and what exists in the emulated company: apps, service accounts, people, timings."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class WecomApp:
    """One self-built app and its receive-message settings."""

    agent_id: int
    secret: str
    token: str
    aes_key43: str
    callback_url: str = ""
    """Empty: the address given to `create_wecom`."""


@dataclass(frozen=True)
class KfAccount:
    """One 微信客服 account, managed by an app whose callback settings its pings use."""

    open_kfid: str
    agent_id: int
    name: str = ""
    session_start: int = 0
    """The service state of a new session: 3 shows an account left in native reception."""
    native_welcome: bool = False
    """True when the administrator set a welcome text, so that no welcome_code is issued."""


@dataclass(frozen=True)
class WecomTimings:
    """Seconds; the platform's own, except the retry interval, which it does not state."""

    callback_timeout: float = 5.0
    url_check_timeout: float = 1.0
    retry_interval: float = 0.05
    resign_retries: bool = False
    """Whether a retry carries a new timestamp and nonce; unknown for the real platform."""
    api_latency: float = 0.0
    """How long every API call takes at least; makes parallel calls overlap."""


@dataclass(frozen=True)
class WecomWorld:
    """One company as configured; never changed after creation."""

    corp_id: str
    apps: tuple[WecomApp, ...]
    members: Mapping[str, str]
    """userid → name."""
    kf_accounts: tuple[KfAccount, ...] = ()
    kf_secret: str = ""
    """A second secret good for kf calls only; empty when the app's secret serves them."""
    customers: Mapping[str, str] = field(default_factory=dict)
    """external_userid → nickname."""
    unionids: Mapping[str, str] = field(default_factory=dict)
    """external_userid → unionid, for customers known to a bound WeChat developer account."""
    webhooks: Mapping[str, str] = field(default_factory=dict)
    """Group robot key → group name; its messages show on the phone `wecom-group:<group name>`."""
    callback_ips: tuple[str, ...] = ("127.0.0.1",)
    timings: WecomTimings = WecomTimings()

    def app(self, agent_id: int | None = None) -> WecomApp:
        """Find an app; the first one when no id is given."""
        for app in self.apps:
            if agent_id is None or app.agent_id == agent_id:
                return app
        raise KeyError(agent_id)

    def kf_account(self, open_kfid: str = "") -> KfAccount:
        """Find a service account; the first one when no id is given."""
        for account in self.kf_accounts:
            if open_kfid in {"", account.open_kfid}:
                return account
        raise KeyError(open_kfid)
