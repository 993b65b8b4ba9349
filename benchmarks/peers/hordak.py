"""django-hordak, a double-entry ledger on Django: `transfer_to` in a loop, by several threads.

Runs in the peers' environment: `python hordak.py <url>`, then a line of JSON for each line of JSON.
Everything is as its documentation has it: Django's defaults, one transaction per transfer.
"""

import json
import sys
import threading
from importlib.metadata import version
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from moneyed import Money

CURRENCY = "CNY"


def main() -> None:
    """Migrate the database, then answer until there is nothing more to answer."""
    _configure(sys.argv[1])
    call_command("migrate", verbosity=0)
    names = ("django-hordak", "django", "psycopg")
    _say({name: version(name) for name in names})
    customers = _Customers()
    for line in sys.stdin:
        asked = json.loads(line)
        _say(_balance() if "check" in asked else customers.pace(**asked))


class _Customers:
    """The accounts that are posted to, made when they are first needed."""

    def __init__(self) -> None:
        # lazy: models exist only once Django is configured.
        from hordak.models import Account, AccountType

        self._model = Account
        self._liability = AccountType.liability
        self._issued = Account.objects.create(
            name="issued", type=AccountType.expense, currencies=[CURRENCY], code="1"
        )
        self._made = 0

    def pace(self, clients: int, seconds: float, wallets: int) -> dict[str, float]:
        """Transfer to so many accounts in turn for a while."""
        accounts = [self._another() for _ in range(wallets)]
        begin = threading.Barrier(clients + 1)
        took: list[list[float]] = [[] for _ in range(clients)]
        ends = [0.0] * clients

        def run(number: int) -> None:
            mine = accounts[number::clients] or accounts
            begin.wait()
            ends[number] = self._transfer(mine, seconds, took[number])

        threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        begin.wait()
        started = perf_counter()
        for thread in threads:
            thread.join()
        every = sorted(1000 * one for some in took for one in some)
        return {
            "per_second": len(every) / (max(ends) - started),
            "p50_ms": every[len(every) // 2],
            "p99_ms": every[len(every) * 99 // 100],
        }

    def _transfer(self, accounts: list[Any], seconds: float, took: list[float]) -> float:
        # lazy: connections exist only once Django is configured.
        from django.db import connection

        amount, turn = Money(30, CURRENCY), 0
        connection.ensure_connection()
        last = perf_counter()
        until = last + seconds
        while last < until:
            self._issued.transfer_to(accounts[turn % len(accounts)], amount)
            turn += 1
            now = perf_counter()
            took.append(now - last)
            last = now
        connection.close()
        return last

    def _another(self) -> Any:
        self._made += 1
        return self._model.objects.create(
            name=f"customer {self._made}",
            type=self._liability,
            currencies=[CURRENCY],
            code=str(1 + self._made),
        )


def _balance() -> dict[str, bool]:
    # lazy: models exist only once Django is configured.
    from django.db.models import Sum
    from hordak.models import Leg  # lazy: the same

    sums = Leg.objects.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return {"balances": sums["debit"] == sums["credit"]}


def _configure(url: str) -> None:
    parsed = urlsplit(url)
    host = parse_qs(parsed.query).get("host", [parsed.hostname or ""])[0]
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parsed.path.lstrip("/"),
                "USER": unquote(parsed.username or ""),
                "PASSWORD": unquote(parsed.password or ""),
                "HOST": host,
                "PORT": str(parsed.port or ""),
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "mptt", "hordak"],
        USE_TZ=True,
        DEFAULT_CURRENCY=CURRENCY,
        CURRENCIES=[CURRENCY],
        HORDAK_DECIMAL_PLACES=0,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
