"""A file of events from its bytes to committed, verified points.

The file is what a firm has lying about: several kinds of events over two years, names and codes of
customers and projects, dates in several forms, amounts in 万元. Afterwards the ledger is verified.
"""

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Results, median
from benchmarks.load import Generator
from bot.channel_configs import KF
from bot.clock import SystemClock, SystemIds
from bot.imports.running import Importer, Source
from bot.intake import Intake
from bot.platform import Rendered
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.wiring import MAIN, RULES_SINCE
from domain.channels import Channel, ChannelKind, Identity
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import Cap, Scope, Window
from handlers.contract import Context
from handlers.usecases import setup
from storage.channels import ChannelConfig
from storage.cipher import AesGcmCipher
from storage.migrate import upgrade
from storage.verify_all import check_all
from storage.work import SqlStore, open_store

ROWS, CUSTOMERS, PROJECTS = 20_000, 200, 400
ROUNDS = 3
HOW = (
    f"SQLite, synchronous=FULL; a CSV of {ROWS} rows about {CUSTOMERS} customers and {PROJECTS}"
    f" projects, from bytes to the last commit, median of {ROUNDS} new files into one database"
)
_HEADINGS = (
    "来源编号", "类型", "客户", "项目", "日期", "金额（万元）", "里程碑", "计划日期", "满意",
    "被推荐单位",
)  # fmt: skip
_TYPES = ("合同签订", "节点验收", "回款", "建议采纳", "推荐签约", "投诉结案")
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d")


class LedgerWrong(Exception):
    """What was imported does not verify, or is not what was reported."""


def measure(folder: Path, load: Generator) -> Results:
    """Import files and verify the ledger."""
    del load
    with _firm(folder) as (store, runtime):
        importer = Importer(runtime, MAIN)
        rates = [_import(importer, number) for number in range(ROUNDS)]
        _verify(store, ROUNDS * ROWS)
    return {"import_events_per_s": median(rates)}


def _import(importer: Importer, number: int) -> float:
    source = Source(f"{number}.csv", _file(number))
    started = perf_counter()
    summary = importer.run(source, lambda _done, _total: None)
    took = perf_counter() - started
    if summary.states != {"counted": ROWS}:
        raise LedgerWrong(f"not all counted: {dict(summary.states)}")
    return ROWS / took


def _file(number: int) -> bytes:
    made = random.Random(number)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_HEADINGS)
    for row in range(ROWS):
        kind, project = made.choice(_TYPES), made.randrange(PROJECTS)
        day = date(2026, 10, 31) - timedelta(days=made.randrange(700))
        planned = (day + timedelta(days=made.randrange(-20, 20))).isoformat()
        is_paid, is_step = kind in {"合同签订", "回款"}, kind == "节点验收"
        writer.writerow(
            (
                f"{number}-{row}",
                kind,
                made.choice((f"C{project % CUSTOMERS:04d}", f"滨江{project % CUSTOMERS}置业")),
                made.choice((f"P{project:04d}", f"滨江{project}期")),
                day.strftime(made.choice(_FORMS)),
                made.randrange(1, 500) if is_paid else "",
                "主体结构" if is_step else "",
                planned if is_step or kind == "回款" else "",
                made.choice("是否") if kind == "投诉结案" else "",
                "江北集团" if kind == "推荐签约" else "",
            )
        )
    return written.getvalue().encode()


def _verify(store: SqlStore, events: int) -> None:
    checked, findings = check_all(store.database, MAIN)
    if findings or checked.events != events or not checked.entries:
        raise LedgerWrong(f"{checked.events} of {events} events, {len(findings)} findings")


@contextmanager
def _firm(folder: Path) -> Iterator[tuple[SqlStore, Runtime]]:
    url = f"sqlite:///{folder / 'import.db'}"
    upgrade(url)
    clock, ids = SystemClock(), SystemIds()
    store = open_store(url, clock=clock, ids=ids, cipher=AesGcmCipher(bytes(32)))
    try:
        store.add_tenant(MAIN, "bench")
        store.save_channel(MAIN, ChannelConfig(Channel(KF, ChannelKind.WECOM_KF), "bench"))
        puller = Puller(store, Intake(store, clock, ids), lambda _tenant, _channel: None)
        runtime = Runtime(store=store, clock=clock, ids=ids, render=_no_chat, pullers=puller)
        runtime.act(MAIN, _furnish)
        yield store, runtime
    finally:
        store.close()


def _furnish(ctx: Context) -> None:
    setup.publish_starter_rules(ctx, RULES_SINCE)
    caps = (Cap(Scope.CUSTOMER, Window.MONTH, points=1_000_000),)
    ctx.work.rules.add_programme(Programme(1, RULES_SINCE, caps), Publication(ctx.now))
    customers = [
        setup.add_customer(ctx, f"C{number:04d}", f"滨江{number}置业有限公司", None)
        for number in range(CUSTOMERS)
    ]
    for number, customer in enumerate(customers):
        contact = setup.add_contact(ctx, customer, f"客人{number}", None)
        account = Identity(KF, ChannelKind.WECOM_KF, f"wm{number}", contact=contact.id)
        ctx.work.identities.save(account)
    for number in range(PROJECTS):
        owner = customers[number % CUSTOMERS]
        setup.add_project(ctx, f"P{number:04d}", f"滨江{number}期", owner, None)


def _no_chat(*_: object) -> Rendered:
    raise AssertionError
