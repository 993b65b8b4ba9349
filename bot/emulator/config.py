"""How an emulator process is told what to emulate: one value that travels as JSON."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.emulator.cast import CastMember
from bot.emulator.dingtalk.world import DingtalkWorld
from bot.emulator.wecom.world import WecomWorld


@dataclass(frozen=True)
class EmulatorConfig:
    """Which platforms to serve, where they find the bot, and where the demo page comes from."""

    host: str = "127.0.0.1"
    port: int = 8100
    wecom: WecomWorld | None = None
    wecom_callback_url: str = ""
    dingtalk: DingtalkWorld | None = None
    dingtalk_callback_base_url: str = ""
    demo_page: str = ""
    """`package.module:function` returning the page's HTML; empty for no page."""
    static_dir: str = ""
    """Folder served under /demo/static; empty for none."""
    cast: tuple[CastMember, ...] = ()
    """Whose phones the demo page shows, in this order; empty for everybody in the worlds."""
    keep_alive_seconds: float = 15.0
    """Longest silence on the event stream."""

    def to_json(self) -> str:
        """Write the configuration, secrets included."""
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "EmulatorConfig":
        """Read what `to_json` wrote; missing names keep their defaults."""
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(EmulatorConfig)
