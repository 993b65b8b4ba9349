"""The demo page: everybody's phone side by side, fed by the addresses under /emulator.

Here is only what `EmulatorConfig.demo_page` and `static_dir` need; the page itself is plain HTML,
CSS and ES modules, served as they are.
"""

from pathlib import Path

DEMO_PAGE = "bot.emulator.page:read_page"
"""What `EmulatorConfig.demo_page` wants."""

STATIC_DIR = str(Path(__file__).with_name("static"))
"""What `EmulatorConfig.static_dir` wants."""

_PAGE = Path(__file__).with_name("index.html")


def read_page() -> str:
    """Read the page's HTML."""
    return _PAGE.read_text(encoding="utf-8")
