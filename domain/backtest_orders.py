"""Orders of back-tests: asked for over the API, run one after another by processes of their own.

    WAITING --claim--> RUNNING --kept--> DONE
                               --refused, or broken for the last time--> FAILED
                               --broken, or told to stop--> WAITING
                               --its process has died, the lease lapses--> claimed again

Who claims an order counts a try and holds a lease; only the last to claim it may say how it ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.ids import ApiKeyId, BacktestId, MemberId
from domain.replay.drafts import Period

TRIES_MAX = 3
LEASE = timedelta(seconds=30)
"""How long after the last sign of life a claim holds."""
PAUSE = timedelta(seconds=10)
"""Between a try that broke and the next one."""


class OrderState(StrEnum):
    """Where an order is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class OrderFailure(StrEnum):
    """Why an order has failed, if not for a refusal, which goes by its own code."""

    BUG = "bug"
    """Every try broke; the log says how."""
    ABANDONED = "abandoned"
    """The process has died in every try."""


@dataclass(frozen=True, slots=True)
class BacktestOrder:
    """A back-test that somebody wants."""

    id: BacktestId
    """What the result will go by."""
    draft: int
    """The number of the stored draft."""
    says: str
    """What the draft must still say: `Draft.says`."""
    period: Period
    by: MemberId
    api_key: ApiKeyId
    ordered_at: datetime
    state: OrderState = OrderState.WAITING
    tries: int = 0
    """How often it was claimed; who has claimed it is known by this number."""
    started_at: datetime | None = None
    entries: int | None = None
    """How many entries of the ledger there are to play; None until that is known."""
    played: int = 0
    """How many of them have been played."""
    finished_at: datetime | None = None
    reason: str | None = None
    """Why it has failed: the code of a refusal, or an `OrderFailure`."""

    @property
    def is_exhausted(self) -> bool:
        """Tell whether the claim is one more than there may be."""
        return self.tries > TRIES_MAX

    def tries_again_at(self, now: datetime) -> datetime | None:
        """Say when another try follows one that broke; None when it was the last."""
        return now + PAUSE if self.tries < TRIES_MAX else None
