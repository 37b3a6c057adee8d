"""Stage 3: what leaves. The only place where a `Disclosure` is made.

`minimise` runs the map that the decision named over the payload, and either gives exactly what will leave, as bytes,
or says why nothing will. It must never look at the payload itself: only the compiled map does.
"""

from __future__ import annotations

from gateway.canonical import write
from gateway.model import Conceal, Disclosure, Permitted, Projection, Refused, RefusedReason

MEDIA_TYPE = "application/json"


def minimise(permitted: Permitted, conceal: Conceal) -> Disclosure | Refused:
    """The disclosure that the map makes of the payload, or the refusal where it can make none."""
    projection = permitted.map.project(permitted.admitted.payload, conceal)
    reason = _refusal(projection)
    if reason is not None:
        return Refused(
            admitted=permitted.admitted,
            reason=reason,
            map=permitted.map,
            policy_version=permitted.policy_version,
            failures=projection.failures,
            withheld=projection.withheld,
            alarms=projection.alarms,
        )
    return Disclosure(
        permitted=permitted,
        data=projection.data,
        body=write(projection.data),
        media_type=MEDIA_TYPE,
        released=projection.released,
        withheld=projection.withheld,
        alarms=projection.alarms,
        findings=projection.findings,
    )


def _refusal(projection: Projection) -> RefusedReason | None:
    if projection.forbidden:
        return RefusedReason.SPECIAL_CATEGORY
    if projection.failures:
        missing = any(failure.reason is RefusedReason.REQUIRED_MISSING for failure in projection.failures)
        return RefusedReason.REQUIRED_MISSING if missing else RefusedReason.REQUIRED_INVALID
    return None if projection.data else RefusedReason.EMPTY_MAP
