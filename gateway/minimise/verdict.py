"""A verdict on a payload as it is told to those who ask before they send: previews, `map try`, examples.

Promises: the members of DESIGN 6.7, in its order, with alarms, findings and failures beside them. It holds the
disclosure itself, and so must never be recorded, logged or counted.
"""

from __future__ import annotations

from typing import Any

from gateway.model import Disclosure, Refused


def told(result: Disclosure | Refused) -> dict[str, Any]:
    """The verdict as DESIGN 6.7 spells it."""
    disclosed = result if isinstance(result, Disclosure) else None
    refused = result if isinstance(result, Refused) else None
    return {
        "decision": "permitted" if disclosed else "refused",
        "reason": refused.reason.value if refused else None,
        "disclosure": disclosed.data if disclosed else None,
        "released": [{"path": one.path, "rule": one.rule} for one in disclosed.released] if disclosed else [],
        "withheld": [
            {"path": one.path, "reason": one.reason.value} | ({} if one.rule is None else {"rule": one.rule})
            for one in result.withheld
        ],
        "alarms": list(result.alarms),
        "findings": dict(disclosed.findings) if disclosed else {},
        "failures": [
            {"path": one.path, "reason": one.reason.value, "rule": one.rule}
            for one in (refused.failures if refused else ())
        ],
    }


def in_the_clear(name: str) -> str:
    """A name that no map knows, as it is: for those who sent it, and for no one else (law 4)."""
    return name
