"""The one router that command and card modules register with; handlers/registry.py lists them."""

from handlers.contract import Router

router = Router(commands={}, presses={})
