"""Messy files of rewards: what they would do, and every problem with its place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from bot.catalogue.loading import ROWS_MAX, read_listing, read_pairs
from bot.catalogue.planning import Plan, plan_rows
from bot.catalogue.problems import word_problem
from bot.catalogue.saving import save_catalogue
from bot.presenter import Presenter
from bot.sheets.limits import Unreadable
from bot.wiring import TEMPLATES
from domain.drafts import DraftKind
from domain.ids import RewardId
from domain.repositories import Moved
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind, Stock, StockMove
from handlers.contract import Context
from handlers.reward_views import tier_names
from handlers.usecases.rewards import read_catalogue, save_changes
from tests.bot.sheets.making import workbook
from tests.handlers.reward_steps import does, put, rewards, stock
from tests.handlers.rule_steps import TIERS, save, submit
from tests.support.chat import Chat
from tests.support.make import a_reward

WORDS = Presenter(TEMPLATES, public_url="")
TODAY = date(2026, 11, 22)
HEAD = "兑换品,所需积分,成本(元),库存\n"
KEPT = a_reward(cost=60_000, has_stock=True)


def plan(chat: Chat, data: bytes | str) -> Plan:
    raw = data if isinstance(data, bytes) else data.encode()
    made: Plan = does(chat, lambda ctx: plan_rows(ctx, read_listing(raw, ctx.today)))
    return made


def sheet(rows: Sequence[Sequence[Any]], *merged: str) -> bytes:
    def fill(out: Any, book: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for n, value in enumerate(row):
                if isinstance(value, datetime):
                    out.write_datetime(at, n, value, day)
                elif value is not None:
                    out.write(at, n, value)
        for one in merged:
            out.merge_range(one, "合并")

    return workbook(("清单", fill))


def after(chat: Chat, data: bytes | str) -> list[Reward]:
    made = plan(chat, data)
    assert made.problems == []
    return [change.after for change in made.changes]


def problems(chat: Chat, data: bytes | str) -> list[tuple[str, str, str]]:
    before = chat.state()
    made = plan(chat, data)
    assert chat.state() == before
    return [(one.place.shown, one.code, word_problem(one, WORDS)) for one in made.problems]


def carry_out(chat: Chat, data: bytes, name: str = "清单.xlsx") -> None:
    def act(ctx: Context) -> None:
        made = plan_rows(ctx, read_listing(data, ctx.today))
        assert made.problems == []
        assert save_changes(ctx, made.changes, name).approval is None

    does(chat, act)


def test_a_messy_sheet_is_understood(chat: Chat) -> None:
    title: list[Any] = ["2026 年积分兑换清单"]
    heads = ["礼品名称", "所需积分（分）", "成本（万元）", "面值（元）", "库存数量", "限购"]
    more = ["有效期（天）", "开始日期", "截止", "是否上架", "需审批", "兑换说明", "负责人"]
    rows: list[list[Any]] = [
        title,
        [],
        [*heads, *more],
        [
            *("空调 保养", "１，２００", 0.06, None, "2０", "每年两次", "长期", "2026年12月1日"),
            *(datetime(2026, 12, 31), "√", "否", "电话预约\n上门", "小王"),  # noqa: DTZ001  a cell
        ],
        ["工程款抵用券", "1.5万", "0.8", "￥8,000", "不限", 2, 90, 46357, "2027/3/1 18:30"],
    ]
    service, voucher = after(chat, sheet(rows))
    assert service == Reward(
        id=RewardId(""),
        number=0,
        name="空调 保养",
        kind=RewardKind.GOODS,
        points=1_200,
        cost=60_000,
        limit=Limit(2, LimitPeriod.YEAR),
        has_stock=True,
        opens_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
        closes_at=datetime(2026, 12, 31, 16, tzinfo=UTC),
        description="电话预约 上门",
    )
    assert (voucher.kind, voucher.points, voucher.value, voucher.cost) == (
        RewardKind.VOUCHER,
        15_000,
        800_000,
        800_000,
    )
    assert (voucher.limit, voucher.valid_days) == (Limit(2, LimitPeriod.EVER), 90)
    assert (voucher.opens_at, voucher.closes_at) == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2027, 3, 1, 10, 30, tzinfo=UTC),
    )
    made = plan(chat, sheet(rows))
    assert made.unused == ["负责人"]
    assert [change.stock for change in made.changes] == [20, 0]


@pytest.mark.parametrize(
    ("typed", "limit"),
    [
        ("2", Limit(2, LimitPeriod.EVER)),
        ("每家客户每季度限3份", Limit(3, LimitPeriod.QUARTER)),
        ("1次/月", Limit(1, LimitPeriod.MONTH)),
        ("一年 2 个", Limit(2, LimitPeriod.YEAR)),
        ("总共5张", Limit(5, LimitPeriod.EVER)),
        ("不限", None),
        ("", None),
    ],
)
def test_limits_are_read_as_people_write_them(chat: Chat, typed: str, limit: Limit | None) -> None:
    [reward] = after(chat, f"名称,积分,成本,限兑\n空调,800,600,{typed}\n")
    assert reward.limit == limit


def test_every_problem_is_named_with_its_cell_and_nothing_is_done(chat: Chat) -> None:
    put(chat, KEPT, 3)
    text = (
        "编号,名称,积分,成本,库存,限兑,结束,图片,等级,上架,类型\n"
        ",,很多,1.234,-1,随便,三十二号,x,钻石,也许,什么\n"
        ",席位,0,600,,,,http://a.cn/p.png,,,\n"
        "7,礼品,100,50,,,,,,,\n"
        "1,空调保养,800,600,-5,,,,,,\n"
    )
    assert problems(chat, text) == [
        ("B2", "missing", "没有填"),
        ("C2", "not_a_number", "「很多」不是数"),
        ("D2", "finer_than_a_fen", "「1.234」比分还小"),
        ("E2", "negative", "「-1」是负数"),
        ("F2", "not_a_limit", "限兑没有看懂：「随便」，例如「每年 2 份」"),
        ("G2", "not_a_date", "不是日期：「三十二号」，例如 2026-12-31"),
        ("J2", "unknown_word", "没有看懂「也许」，可以填：是、否"),
        (
            "K2",
            "unknown_word",
            "没有看懂「什么」，可以填：抵用券、延长质保、专属服务、活动席位、实物礼品",
        ),
        ("E5", "negative", "「-5」是负数"),
        ("A4", "unknown_number", "没有编号 7 的兑换品：新增的请把编号留空"),
        ("H3", "not_https", "图片要是 https 开头的网址「http：//a.cn/p.png」"),
        ("C3", "out_of_range", "积分要在 1 到 100,000,000，现在是 0"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("客户,金额\n滨江,5\n", "no_headings"),
        ("名称,积分,礼品\n空调,800,x\n", "heading_twice"),
        ("名称,积分\n", "no_rows"),
        ("名称,积分,成本\n" + "空调,800,600\n" * (ROWS_MAX + 1), "too_many_rows"),
        ("名称,积分,成本\n空调,800,600\n空 调,900,600\n", "row_twice"),
        ("名称,积分,成本,等级\n空调,800,600,银牌\n", "no_tier"),
        ("名称,积分,图片\n空调,800," + "x" * 501 + "\n", "too_long"),
        ("名称,积分,库存\n空调,800,1000001\n", "stock_range"),
    ],
)
def test_what_is_no_list_of_rewards_is_refused(chat: Chat, data: str, code: str) -> None:
    assert [found for _, found, _ in problems(chat, data)] == [code]


def test_merged_cells_below_the_headings_are_refused_above_them_not(chat: Chat) -> None:
    rows: list[list[Any]] = [
        ["清单"],
        ["名称", "积分", "成本"],
        ["空调", 800, 600],
        ["席位", 900, 600],
    ]
    assert problems(chat, sheet(rows, "E1:F1")) == []
    assert ("清单", "merged") in [found[:2] for found in problems(chat, sheet(rows, "C3:C4"))]


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0old", b"\xff\xfe\x00"]
)
def test_what_is_no_table_is_not_read(chat: Chat, data: bytes) -> None:
    with pytest.raises(Unreadable):
        plan(chat, data)


def test_failed_formulas_and_injected_texts_stay_what_they_are(chat: Chat) -> None:
    rows: list[list[Any]] = [
        ["名称", "积分", "成本"],
        ["#REF!", 800, 600],
        ["=HYPERLINK(1)", "#N/A", 600],
    ]
    assert [code for _, code, _ in problems(chat, sheet(rows))] == ["formula_error"] * 2
    [reward] = after(chat, "名称,积分,成本\n=1+1,800,600\n")
    assert reward.name == "=1+1"


def export(chat: Chat) -> bytes:
    data: bytes = does(chat, lambda ctx: save_catalogue(read_catalogue(ctx), tier_names(ctx)))
    return data


def furnish(chat: Chat) -> None:
    save(chat, TIERS, kind=DraftKind.PROGRAMME)
    submit(chat)
    chat.says("zhang", "批准 1")
    put(chat, KEPT, 5)
    put(chat, a_reward(id=RewardId("reward-2"), number=2, name="席位", tier="silver"))


def test_an_export_imported_unchanged_changes_nothing_whatever_was_sold_since(chat: Chat) -> None:
    furnish(chat)
    data = export(chat)
    does(chat, partial(sell, quantity=2))
    before = chat.state()
    made = plan(chat, data)
    assert (made.changes, made.unchanged, made.problems) == ([], 2, [])
    carry_out(chat, data)
    assert chat.state() == before


def sell(ctx: Context, quantity: int) -> None:
    for move in (StockMove.HOLD, StockMove.HAND_OVER):
        moved = Moved(ctx.ids.new(), KEPT.id, move, quantity, None, "test", ctx.now)
        assert ctx.work.stocks.move(moved)


def test_stock_is_what_it_should_be_with_the_files_name_and_once(chat: Chat) -> None:
    put(chat, KEPT, 5)
    does(chat, partial(sell, quantity=2))
    text = "编号,名称,积分,成本,库存,已兑出\n1,空调保养,800,600,9,2\n".encode()
    carry_out(chat, text)
    assert stock(chat) == Stock(9, 0, 2)
    does(chat, partial(sell, quantity=1))
    carry_out(chat, text)
    assert stock(chat) == Stock(8, 0, 3)
    carry_out(chat, "名称,积分,库存\n空调保养,800,2\n".encode())
    assert stock(chat) == Stock(2, 0, 3)
    moves = [one.note for one in does(chat, lambda ctx: ctx.work.stocks.moves(KEPT.id, 9))]
    assert moves == ["清单.xlsx", "", "", "清单.xlsx", "", "", "begin"]
    assert rewards(chat) == [KEPT]


def test_no_more_is_taken_out_than_is_free(chat: Chat) -> None:
    put(chat, KEPT, 5)
    moved = partial(Moved, reward=KEPT.id, redemption=None, actor="test")
    does(
        chat,
        lambda ctx: ctx.work.stocks.move(
            moved(id=ctx.ids.new(), move=StockMove.HOLD, quantity=4, at=ctx.now)
        ),
    )
    text = "名称,积分,库存,已兑出\n空调保养,800,0,3\n"
    [(place, code, words)] = problems(chat, text)
    assert (place, code) == ("C2", "stock_short")
    assert words == "库存要减 2 份，只有 1 份可动（另有 4 份已为客户留着）"


def test_any_number_may_become_so_many_and_back(chat: Chat) -> None:
    put(chat, KEPT, 5)
    carry_out(chat, "名称,积分,库存\n空调保养,800,\n".encode())
    assert rewards(chat)[0].has_stock
    carry_out(chat, "名称,积分,库存\n空调保养,800,不限\n".encode())
    assert not rewards(chat)[0].has_stock
    carry_out(chat, "名称,积分,库存\n空调保养,800,3\n".encode())
    assert rewards(chat)[0].has_stock
    assert stock(chat) == Stock(3)


def test_what_was_changed_since_the_export_is_named(chat: Chat) -> None:
    put(chat, replace(KEPT, version=3))
    text = "编号,名称,积分,成本,版本\n1,空调保养,900,600,2\n"
    [(place, code, _)] = problems(chat, text)
    assert (place, code) == ("E2", "changed")
    assert problems(chat, text.replace("900", "800")) == []
    assert problems(chat, text.replace(",2\n", ",3\n")) == []


def test_a_tier_is_called_by_its_name_or_code(chat: Chat) -> None:
    furnish(chat)
    head = "名称,积分,成本,等级\n礼品,800,600,"
    for called in ("银卡", "silver", "SILVER"):
        assert after(chat, head + called + "\n")[0].tier == "silver"
    assert after(chat, head + "\n")[0].tier == ""
    assert after(chat, head + "不限\n")[0].tier == ""
    [(place, code, words)] = problems(chat, head + "钻石\n")
    assert (place, code) == ("D2", "unknown_tier")
    assert "银卡" in words


def test_a_column_that_is_missing_leaves_what_there_is_an_empty_cell_empties_it(chat: Chat) -> None:
    full = replace(KEPT, description="说明", needs_approver=True, segments=frozenset({"市政"}))
    put(chat, full)
    [changed] = after(chat, "名称,积分,分组\n空调保养,900,\n")
    assert changed == replace(full, points=900, segments=frozenset())
    [grouped] = after(chat, "名称,积分,分组\n空调保养,900,市政、住宅\n")
    assert grouped.segments == {"市政", "住宅"}


def test_a_row_with_a_number_may_rename(chat: Chat) -> None:
    put(chat, KEPT)
    assert after(chat, "编号,名称,积分\n1,空调清洗,800\n") == [replace(KEPT, name="空调清洗")]


def test_warnings_do_not_keep_anything_from_being_done(chat: Chat) -> None:
    made = plan(chat, "名称,积分,成本\n空调,800,900\n")
    assert (made.problems, len(made.changes)) == ([], 1)
    [warning] = made.warnings
    assert word_problem(warning, WORDS) == "积分偏低：一分换走的钱比账上每分的成本高"


def test_terms_are_read_from_pairs_too(chat: Chat) -> None:
    def planned(**pairs: str) -> Plan:
        made: Plan = does(chat, lambda ctx: plan_rows(ctx, read_pairs(pairs, TODAY)))
        return made

    [change] = planned(name="空调", 积分="800", cost="600", 库存="5").changes
    assert (change.after.points, change.after.cost, change.stock) == (800, 60_000, 5)
    [problem] = planned(name="空调", points="", 颜色="红").problems[:1]
    assert problem.code == "unknown_word"
    put(chat, KEPT)
    [change] = planned(number="1", 限兑="每月1份", 成本="").changes
    assert (change.after.limit, change.after.cost) == (Limit(1, LimitPeriod.MONTH), 0)
