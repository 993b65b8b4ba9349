"""`python -m bot` is `zhufen`."""

from bot.cli import app

app()
