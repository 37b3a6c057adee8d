"""The verdicts: what became of each record, as one small object, and of all of them together.

Promises: number, decision, reasons, outcome, ids, and names as the stages concealed them; never a value, and of the
subject nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from gateway.model import Declined, KnownRecord, Recorded, Sent, TransferId, Withheld, WithheldReason

_WITHHELD = {reason: reason.value for reason in WithheldReason}  # a look at `.value` is a call, for each field

Verdict: TypeAlias = Mapping[str, Any]

ALREADY, CHANGED, PERMITTED, REFUSED, UNREADABLE, UNRECORDED = (
    "already",
    "changed",
    "permitted",
    "refused",
    "unreadable",
    "not_recorded",
)


def unreadable(number: int, fault: str) -> Verdict:
    """Of a record that is none, or says not whom it is about."""
    return {"record": number, "decision": UNREADABLE, "fault": fault}


def unrecorded(number: int, transfer_id: TransferId) -> Verdict:
    """Of a record that the log could not take: nothing of it left."""
    return {"record": number, "decision": UNRECORDED, "transfer_id": transfer_id}


def already(number: int, known: KnownRecord, *, changed: bool) -> Verdict:
    """Of a record that stands in the log since an earlier run; `changed` where it said something else then."""
    return {
        "record": number,
        "decision": CHANGED if changed else ALREADY,
        "transfer_id": known.transfer_id,
        **({"reason": known.reason.value, "failures": list(known.failures)} if known.reason is not None else {}),
        **({"outcome": known.outcome and known.outcome.value} if known.reason is None else {}),
        "log": {"index": known.index},
    }


def refused(number: int, declined: Declined) -> Verdict:
    """Of a refusal."""
    found = declined.refused
    return {
        "record": number,
        "decision": REFUSED,
        "transfer_id": found.admitted.transfer_id,
        "reason": found.reason.value,
        "failures": [{"path": one.path, "rule": str(one.rule)} for one in found.failures],
        "withheld": by_reason(found.withheld),
        **({"alarms": list(found.alarms)} if found.alarms else {}),
        "log": {"index": declined.receipt.index},
    }


def sent(number: int, recorded: Recorded, how: Sent | None) -> Verdict:
    """Of a disclosure, and how its attempt ended; None where that is not known."""
    return {
        "record": number,
        "decision": PERMITTED,
        "transfer_id": recorded.disclosure.permitted.admitted.transfer_id,
        "outcome": "unknown" if how is None else how.outcome.value,
        "cause": how.cause.value if how is not None and how.cause is not None else None,
        "status": None if how is None else how.status,
        "withheld": by_reason(recorded.disclosure.withheld),
        **({"alarms": list(recorded.disclosure.alarms)} if recorded.disclosure.alarms else {}),
        "log": {"index": recorded.receipt.index},
    }


def by_reason(withheld: Sequence[Withheld]) -> dict[str, list[str]]:
    """The names that stayed home, by why."""
    found: dict[str, list[str]] = {}
    for one in withheld:
        found.setdefault(_WITHHELD[one.reason], []).append(one.path)
    return found


class Tally:
    """How many records ended how."""

    def __init__(self) -> None:
        self.records = 0
        self._ended: Counter[str] = Counter()

    def add(self, verdict: Verdict) -> None:
        """Count one."""
        self.records += 1
        self._ended[verdict["outcome"] if verdict["decision"] == PERMITTED else verdict["decision"]] += 1

    def told(self, batch: str, stopped: str | None, detail: str = "") -> Verdict:
        """The last line: the whole registry."""
        return {
            "batch": batch,
            "records": self.records,
            **dict(sorted(self._ended.items())),
            "ended": "stopped" if stopped else "whole",
            **({"code": stopped} if stopped else {}),
            **({"detail": detail} if detail else {}),
        }
