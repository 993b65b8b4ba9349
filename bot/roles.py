"""What each process role does, from its own parts until it is told to stop."""

import asyncio
import signal
import threading
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from redis import Redis

from bot.app import create_app
from bot.dingtalk_stream import run_stream
from bot.settings import Settings
from bot.wiring import Parts
from bot.workers.worker import run_worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 10


def web(settings: Settings) -> None:
    """Serve callbacks and health."""
    parts = Parts(settings).ready()
    serve(create_app(parts.web), settings.host, settings.port)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve an application until SIGTERM, finishing requests that have begun."""
    # uvicorn ends by sending itself the signal again, which by default is no clean exit.
    signal.signal(signal.SIGTERM, _leave)
    log.info("role_begun", role="web")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        # Its own handlers print tracebacks with their texts; bot/logs.py takes what it says.
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )


def _leave(_signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def worker(settings: Settings) -> None:
    """Send deliveries and handle what the web process could not."""
    parts = Parts(settings).ready()
    # RQ waits long on its own connection; the parts' client is for hints and must fail fast.
    run_worker(Redis.from_url(parts.redis_address), parts.bench)


def scheduler(settings: Settings) -> None:
    """Sweep what hints have missed."""
    stop = threading.Event()

    def end(_signum: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    log.info("role_begun", role="scheduler")
    Parts(settings).ready().scheduler.run(stop)


def stream(settings: Settings) -> None:
    """Hold every tenant's Stream connection to DingTalk."""
    asyncio.run(run_stream(Parts(settings).ready()))
