"""Both ways to the app, and which of them the console settings choose."""

from dataclasses import dataclass

from bot.emulator.dingtalk.callbacks import Callbacks
from bot.emulator.dingtalk.gateway import Gateway
from bot.emulator.dingtalk.world import Mode


@dataclass
class Roads:
    """`mode` decides for robot messages and events; each card names its own way when created."""

    mode: Mode
    gateway: Gateway
    callbacks: Callbacks
