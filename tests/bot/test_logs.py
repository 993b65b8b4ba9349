"""Logs as a process writes them: lines of JSON without anything people wrote."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PHONE, TOKEN, WORDS = "13912345678", "sesame-token-1", "我要投诉你们"
PLANTED = (PHONE, TOKEN, WORDS)


def run(script: str) -> tuple[list[dict[str, Any]], str]:
    """Run a script with logs set up; give its lines and all it wrote."""
    beginning = (
        "import logging, structlog\n"
        "from bot.logs import configure_logs\n"
        f"PHONE, TOKEN, WORDS = {PLANTED!r}\n"
        "configure_logs()\n"
        "log = structlog.get_logger('ours')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", beginning + textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert not ended.stdout
    return [json.loads(line) for line in ended.stderr.split("\n") if line], ended.stderr


def test_fields_that_hold_contents_are_emptied_wherever_they_stand() -> None:
    (line,), text = run(
        """
        log.warning(
            "happened", phone=PHONE, access_token=TOKEN, text=WORDS, Content=WORDS,
            display_name=WORDS, row="r1",
            inner={"customer_phone": PHONE, "code": 7, "deep": [{"body": WORDS}]},
        )
        """
    )
    assert not [planted for planted in PLANTED if planted in text]
    assert line["event"] == "happened"
    assert line["level"] == "warning"
    assert line["timestamp"].endswith("Z")
    assert line["row"] == "r1"
    assert line["inner"] == {"customer_phone": "***", "code": 7, "deep": [{"body": "***"}]}
    assert {line[name] for name in ("phone", "access_token", "text", "Content")} == {"***"}


def test_an_exception_is_logged_as_its_kind_and_frames_without_its_text() -> None:
    lines, text = run(
        """
        def fall():
            try:
                raise KeyError(PHONE)
            except KeyError as cause:
                raise ValueError(f"{PHONE} {TOKEN} {WORDS}") from cause

        try:
            fall()
        except ValueError as error:
            log.error("one", exc=error)
            log.error("two", exc_info=error)
            log.error("three", exc_info=True)
            log.exception("four")
            log.error("five", reason=error, more=[error])
        """
    )
    assert not [planted for planted in PLANTED if planted in text]
    assert [line["event"] for line in lines] == ["one", "two", "three", "four", "five"]
    assert lines[0]["error"] == "ValueError"
    assert [frame.rsplit(":", 1)[1] for frame in lines[0]["frames"]] == ["<module>", "fall"]
    assert (lines[4]["reason"], lines[4]["more"]) == ("ValueError", ["ValueError"])


def test_what_libraries_log_comes_without_what_they_filled_in() -> None:
    lines, text = run(
        """
        library = logging.getLogger("uvicorn.error")
        library.info("nobody needs this")
        library.warning("refused %s", PHONE)
        try:
            raise RuntimeError(WORDS)
        except RuntimeError as error:
            library.error("Exception in ASGI application\\n" + WORDS, exc_info=True)
            library.error(error)
        try:
            open("/nowhere/" + PHONE)
        except OSError as error:
            library.error(error)
        logging.getLogger("httpx2").warning("GET https://example.org/?access_token=%s", TOKEN)
        """
    )
    assert not [planted for planted in PLANTED if planted in text]
    assert [(line["level"], line["said"]) for line in lines] == [
        ("warning", "refused %s"),
        ("error", "Exception in ASGI application"),
        ("error", ""),
        ("error", ""),
    ]
    assert [line.get("error") for line in lines[1:]] == [
        "RuntimeError",
        "RuntimeError",
        "FileNotFoundError",
    ]
    assert lines[3]["system"] == "No such file or directory"


def test_a_value_with_line_breaks_cannot_forge_a_line() -> None:
    (line,), _ = run(
        r"""
        forged = 'x\n{"event": "admin_added", "level": "info"}\r\n'
        log.warning("refused", reason=forged)
        """
    )
    assert line["event"] == "refused"
    assert "admin_added" in line["reason"]


def test_the_server_tells_where_an_application_failed_but_not_with_what() -> None:
    lines, text = run(
        """
        import socket, threading, urllib.request, uvicorn
        from bot import roles

        async def app(scope, receive, send):
            raise RuntimeError(WORDS + PHONE)

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        def ask():
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/?key={TOKEN}", timeout=5)
                except urllib.error.HTTPError:
                    break
                except OSError:
                    continue
            import os, signal
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=ask, daemon=True).start()
        import signal
        try:
            roles.serve(app, "127.0.0.1", port)
        except BaseException:
            pass
        """.replace("signal.SIGTERM", "signal.SIGINT")
    )
    assert not [planted for planted in PLANTED if planted in text]
    assert ("library", "RuntimeError") in [(line["event"], line.get("error")) for line in lines]
