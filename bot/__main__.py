"""`python -m bot` is `zhufen`."""

import gc

# What is loaded stays: looking through it for garbage again and again is a seventh of the start.
gc.disable()

from bot.cli import app  # noqa: E402

gc.freeze()
gc.enable()
app()
