"""A folder with a small firm, and the program at hand there."""

import sqlite3
from pathlib import Path
from typing import Any

from tests.support.program import Ended, Program

APP_VALUES = {
    "corp_id": "wwother",
    "agent_id": "7",
    "secret": "sesame-app-secret",
    "callback_token": "sesame-token",
    "callback_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
WECOM = {f"wecom__{name}": value for name, value in APP_VALUES.items()}


class Desk:
    """One folder and the program."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, *args: str, typed: str = "", **more: str) -> Ended:
        return self.program.run(self.folder, *args, typed=typed, **(WECOM | more))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "data" / "zhufen.db") as database:
            found = database.execute(statement).fetchall()
        database.close()
        return found

    def everything(self) -> str:
        with sqlite3.connect(self.folder / "data" / "zhufen.db") as database:
            found = "\n".join(database.iterdump())
        database.close()
        return found

    def is_refused(self, *args: str, typed: str = "", **more: str) -> str:
        """Give what is said; nothing may be written and no traceback shown."""
        before = self.everything()
        ended = self.run(*args, typed=typed, **more)
        assert ended.code == 1
        assert "Traceback" not in ended.err
        assert len(ended.err.strip().splitlines()) <= 2, ended.err
        assert not ended.out
        assert self.everything() == before
        return ended.err
