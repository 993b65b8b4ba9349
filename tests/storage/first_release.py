"""A database as the first release left it, written by that release's own statements and hashes."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, text

AT = "2026-11-22 02:00:00.000000"
LATER = "2026-11-30 16:30:00.000000"
END = "2028-11-30 16:00:00.000000"
GENESIS = "0" * 64
AVAILABLE, DEBT, ISSUED = "wallet.available", "wallet.debt", "firm.issued"
PENALTIES, EXPIRED = "firm.penalties", "firm.expired"

AMOUNT = '{"field":"amount","kind":"per_full_unit","points":10,"unit":1000000}'
ON_TIME = '[{"comparison":"le","field":"days_late","value":0}]'
RULES = [
    ("contract-amount", 1, "contract_signed", "[]", AMOUNT, "earn", 24, None),
    ("contract-amount", 2, "contract_signed", "[]", AMOUNT, "earn", 12, END),
    (
        "milestone-on-time",
        1,
        "milestone_accepted",
        ON_TIME,
        '{"kind":"fixed","points":50}',
        "earn",
        24,
        None,
    ),
]
EVENTS = [
    ("e-1", "HT-1", "contract_signed", '{"amount": 5000000, "名": "滨江 \\"一期\\""}'),
    ("e-2", "HT-2", "complaint_closed", '{"satisfied": false}'),
    ("e-3", "HT-3", "contract_signed", '{"amount": 1000000}'),
    ("e-4", "HT-4", "check_in", "{}"),
]
MOVES = [
    # id, debit, credit, points, reason, event, reverses, part, available, debt, at
    ("n-1", ISSUED, AVAILABLE, 50, "award", "e-1", None, None, 50, 0, AT),
    ("n-2", AVAILABLE, PENALTIES, 50, "penalty", "e-2", None, None, 0, 0, AT),
    ("n-3", DEBT, PENALTIES, 30, "penalty", "e-2", None, None, 0, 30, AT),
    ("n-4", ISSUED, DEBT, 10, "debt_paid", "e-3", None, None, 0, 20, LATER),
    ("n-5", PENALTIES, DEBT, 20, "reversal", "e-2", "n-3", 1, 0, 0, LATER),
    ("n-6", PENALTIES, AVAILABLE, 10, "reversal", "e-2", "n-3", 2, 10, 0, LATER),
    ("n-7", PENALTIES, AVAILABLE, 50, "reversal", "e-2", "n-2", 1, 60, 0, LATER),
]
LOTS = [("l-1", "n-1", 50, 50), ("l-2", "n-6", 10, 10)]
USES = [("n-2", 1, "l-1", "take", 50), ("n-7", 1, "l-1", "give_back", 50)]


class FirstRelease:
    """Writes rows into a database at revision 0001."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._zone = "+00:00" if connection.dialect.name == "postgresql" else ""

    def write(self) -> str:
        """Write a firm with a history; give the head of its wallet's chain."""
        self._add("tenants", id="main", name="main", created_at=self._at(AT))
        self._add("customers", id="c-acme", code="K001", name="滨江置业")
        self._add("members", id="m-li", name="李经理", is_active=True)
        self._rules_and_events()
        empty: dict[str, Any] = dict.fromkeys(("available", "held", "pending", "debt", "seq"), 0)
        self._add("wallets", customer_id="c-acme", head="", **empty)
        head = GENESIS
        for seq, move in enumerate(MOVES, 1):
            head = self._move(seq, move, head)
        times = {"earned_at": self._at(AT), "expires_at": self._at(END)}
        for name, entry, points, remaining in LOTS:
            lot = {"id": name, "entry_id": entry, "points": points, "remaining": remaining}
            self._add("lots", customer_id="c-acme", **lot, **times)
        for entry, place, lot_id, direction, points in USES:
            use = {"entry_id": entry, "place": place, "lot_id": lot_id, "direction": direction}
            self._add("lot_uses", points=points, **use)
        self._connection.execute(
            text("UPDATE wallets SET available = 60, seq = 7, head = :head"), {"head": head}
        )
        return head

    def _rules_and_events(self) -> None:
        for code, version, kind, conditions, formula, direction, months, end in RULES:
            self._add(
                "rule_versions",
                code=code,
                version=version,
                event_type=kind,
                conditions=conditions,
                formula=formula,
                direction=direction,
                valid_months=months,
                debt_policy="take_and_owe",
                effective_from=self._at(AT),
                effective_to=end and self._at(end),
            )
        for name, source_id, kind, data in EVENTS:
            self._add(
                "events",
                id=name,
                source="erp",
                source_id=source_id,
                type=kind,
                customer_id="c-acme",
                occurred_at=self._at(AT),
                recorded_at=self._at(AT),
                recorded_by="m-li",
                data=data,
                content_hash="of the first release",
            )

    def _move(self, seq: int, move: tuple[Any, ...], previous: str) -> str:
        name, debit, credit, points, reason, event, reverses, part, available, debt, at = move
        row: dict[str, Any] = {
            "id": name,
            "customer_id": "c-acme",
            "seq": seq,
            "debit": debit,
            "credit": credit,
            "points": points,
            "reason": reason,
            "event_id": event,
            "rule": "contract-amount" if reason in {"award", "debt_paid"} else None,
            "rule_version": 1 if reason in {"award", "debt_paid"} else None,
            "actor": "member:m-li",
            "effective_at": at,
            "recorded_at": at,
            "cause_key": f"k{seq}",
            "key": f"k{seq}#0",
            "reverses": reverses,
            "reversal_part": part,
            "available_after": available,
            "debt_after": debt,
            "previous": previous,
        }
        head = self._hash(row)
        times = {field: self._at(row[field]) for field in ("effective_at", "recorded_at")}
        self._add("entries", **(row | times), hash=head)
        return head

    @staticmethod
    def _hash(row: dict[str, Any]) -> str:
        """Hash an entry as the first release did."""
        order = "previous id customer_id seq debit credit points reason event_id rule rule_version"
        order += " actor effective_at recorded_at key reverses available_after debt_after"
        data = b""
        for field in order.split():
            value = row[field]
            if field.endswith("_at"):
                value = value.replace(" ", "T") + "+00:00"
            framed = b"\0" if value is None else b"\1" + str(value).encode()
            data += len(framed).to_bytes(4, "big") + framed
        return sha256(data).hexdigest()

    def _at(self, moment: str) -> str:
        return moment + self._zone

    def _add(self, name: str, /, **row: Any) -> None:
        if name != "tenants":
            row["tenant_id"] = "main"
        into, values = ", ".join(row), ", ".join(f":{column}" for column in row)
        self._connection.execute(text(f"INSERT INTO {name} ({into}) VALUES ({values})"), row)  # noqa: S608
