"""What importing a file of rewards would do: changes beside what there is, and every problem."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bot.catalogue.loading import ListedReward, Listing
from bot.catalogue.problems import RowFault, RowProblem
from bot.catalogue.words import folded, listed
from domain.ids import RewardId
from domain.reward_checks import Names, check_reward, folded_name, names_of
from domain.rewards import STOCK_MAX, Reward, RewardKind, Stock
from domain.rules.findings import Severity
from handlers.contract import Context
from handlers.reward_views import tier_names
from handlers.usecases.rewards import NEW, Change, setting_of


@dataclass(slots=True)
class Plan:
    """What a file would do."""

    changes: list[Change] = field(default_factory=list)
    """Only those that do something."""
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    """With any of them nothing is done."""
    warnings: list[RowProblem] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def plan_rows(ctx: Context, listing: Listing) -> Plan:
    """Work out what a file would do; changes nothing."""
    return _Planning(ctx, listing).plan()


class _Planning:
    """One file beside the catalogue."""

    def __init__(self, ctx: Context, listing: Listing) -> None:
        self._listing = listing
        self._rewards = ctx.work.rewards.all()
        self._by_number = {reward.number: reward for reward in self._rewards}
        self._by_name = names_of(self._rewards)
        self._stocks = ctx.work.stocks.all()
        self._tiers = tier_names(ctx)
        self._setting = setting_of(ctx)
        self._plan = Plan(problems=listing.problems, unused=listing.unused)

    def plan(self) -> Plan:
        """Match the rows to rewards, and judge what they would be beside each other."""
        changed: list[tuple[ListedReward, Change]] = []
        seen: dict[str, int] = {}
        for row in self._listing.rows:
            before = self._matching(row)
            key = before.id if before else folded_name(row.terms.get("name", ""))
            if seen.setdefault(key, row.row) != row.row:
                self._refuse(row, "name", RowFault.ROW_TWICE, first=seen[key])
                continue
            change = self._change(row, before)
            if change is None:
                continue
            if change.is_any:
                changed.append((row, change))
            else:
                self._plan.unchanged += 1
        self._check(changed)
        self._plan.changes = [change for _, change in changed]
        return self._plan

    def _matching(self, row: ListedReward) -> Reward | None:
        if row.number is not None:
            return self._by_number.get(row.number)
        return next(iter(self._by_name.get(folded_name(row.terms["name"]), ())), None)

    def _change(self, row: ListedReward, before: Reward | None) -> Change | None:
        if before is None and row.number is not None:
            self._refuse(row, "number", RowFault.UNKNOWN_NUMBER, found=row.number)
            return None
        terms = dict(row.terms)
        if terms.get("tier") and not self._has_tier(row, terms):
            return None
        if before is None:
            terms.setdefault("kind", RewardKind.VOUCHER if terms.get("value") else RewardKind.GOODS)
            after = Reward(id=NEW, number=0, **terms)
        else:
            after = replace(before, **terms)
        change = Change(before, after, self._stock(row, before))
        if change.differing and row.version not in {None, after.version}:
            self._refuse(row, "version", RowFault.CHANGED, read=row.version, version=after.version)
            return None
        return change

    def _has_tier(self, row: ListedReward, terms: dict[str, Any]) -> bool:
        """Put a tier's code in the place of what it is called."""
        called = terms["tier"]
        codes = [
            code
            for code, name in self._tiers.items()
            if folded(called) in {folded(code), folded(name)}
        ]
        if called in codes:
            codes = [called]
        if len(codes) != 1:
            code = RowFault.UNKNOWN_TIER if self._tiers else RowFault.NO_TIER
            self._refuse(row, "tier", code, found=called, choices=listed(self._tiers.values()))
            return False
        terms["tier"] = codes[0]
        return True

    def _stock(self, row: ListedReward, before: Reward | None) -> int:
        """Give what has to come in or be taken out so that so many are free.

        Where the file says how many were not free when it was written, what was sold since does not
        count as missing, and the same file again changes nothing.
        """
        if row.stock is None:
            return 0
        stock = self._stocks.get(before.id, Stock()) if before else Stock()
        if row.used is None:
            wanted = row.stock - stock.available
        else:
            wanted = row.stock + row.used - stock.received
        if row.stock > STOCK_MAX or stock.available + wanted > STOCK_MAX:
            self._refuse(row, "stock", RowFault.STOCK_RANGE, found=row.stock, limit=STOCK_MAX)
        elif wanted < -stock.available:
            data = {"available": stock.available, "held": stock.held, "asked": -wanted}
            self._refuse(row, "stock", RowFault.STOCK_SHORT, **data)
        return wanted

    def _check(self, changed: list[tuple[ListedReward, Change]]) -> None:
        wanted = [
            (row, change.after if change.before else replace(change.after, id=_place(row)))
            for row, change in changed
        ]
        shelf = {one.id: one for one in (*self._rewards, *(after for _, after in wanted))}
        names = names_of(shelf.values())
        for row, after in wanted:
            for severity, problem in self._found(row, after, names):
                is_error = severity is Severity.ERROR
                (self._plan.problems if is_error else self._plan.warnings).append(problem)

    def _found(
        self, row: ListedReward, after: Reward, names: Names
    ) -> Iterator[tuple[Severity, RowProblem]]:
        for one in check_reward(after, names, self._setting):
            place = row.place(one.place)
            yield one.severity, RowProblem(place, one.fault, one.data, one.place)

    def _refuse(self, row: ListedReward, name: str, code: RowFault, **data: Any) -> None:
        self._plan.problems.append(RowProblem(row.place(name), code, data))


def _place(row: ListedReward) -> RewardId:
    return RewardId(f"row:{row.row}")
