"""What each process role does, from its own parts until it is told to stop."""

import asyncio
import os
import signal
import threading
from functools import partial
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from redis import Redis

from bot.app import create_app
from bot.backtesting import run_order
from bot.dingtalk_stream import run_stream
from bot.settings import Settings
from bot.wiring import Parts
from bot.workers.backtests import BacktestWorker
from bot.workers.worker import run_worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 10
NICENESS = 10
"""Of who runs back-tests: a replay takes a whole core for minutes, and messages come first."""


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


def backtests(settings: Settings) -> None:
    """Run ordered back-tests, one after another."""
    os.nice(NICENESS)
    stop = _stop_on(signal.SIGTERM, signal.SIGINT)
    log.info("role_begun", role="backtests")
    parts = Parts(settings).ready()
    queue = parts.store.backtest_queue
    BacktestWorker(queue=queue, clock=parts.clock, run=partial(run_order, parts)).run(stop)


def scheduler(settings: Settings) -> None:
    """Sweep what hints have missed."""
    stop = _stop_on(signal.SIGTERM)
    log.info("role_begun", role="scheduler")
    Parts(settings).ready().scheduler.run(stop)


def stream(settings: Settings) -> None:
    """Hold every tenant's Stream connection to DingTalk."""
    asyncio.run(run_stream(Parts(settings).ready()))


def _stop_on(*signals: signal.Signals) -> threading.Event:
    stop = threading.Event()

    def end(_signum: int, _frame: FrameType | None) -> None:
        stop.set()

    for one in signals:
        signal.signal(one, end)
    return stop
