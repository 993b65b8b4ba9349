"""Starting the demo: the emulated platforms beside the embedded installation."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from starlette.responses import RedirectResponse

from bot.app import create_app
from bot.demo.mall import open_mall
from bot.demo.seed import seed
from bot.demo.world import demo_platforms, demo_settings, make_secrets
from bot.emulator.app import run as run_emulator
from bot.installation import Installation
from bot.roles import serve
from bot.settings import Settings
from bot.supervisor import Role
from bot.wiring import MAIN, Parts


def run_demo(data_dir: Path, port: int, started: Callable[[str], None]) -> None:
    """Run the demo until SIGTERM or Ctrl-C; `started` is given the address of its page.

    Raises:
        DataFolderInUse: another demo runs in the folder.
    """
    hidden = make_secrets()
    settings = demo_settings(data_dir, port, hidden)
    platforms = demo_platforms(port, hidden)
    installation = Installation(settings)
    installation.prepare(_fill)
    page = f"http://{platforms.host}:{platforms.port}/demo"
    roles = [
        Role("platforms", partial(run_emulator, platforms)),
        *installation.roles(web=partial(_web, settings, page)),
    ]
    installation.run(roles, partial(started, f"http://127.0.0.1:{port}/demo"))


def _fill(parts: Parts) -> None:
    parts.runtime.act(MAIN, seed)
    parts.runtime.act(MAIN, open_mall)


def _web(settings: Settings, page: str) -> None:
    app = create_app(Parts(settings).web)

    @app.get("/demo", include_in_schema=False)
    async def demo() -> RedirectResponse:
        """Lead to the emulator's page."""
        return RedirectResponse(page)

    serve(app, settings.host, settings.port)
