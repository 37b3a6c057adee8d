"""Stage 3: what leaves. The only place where a `Disclosure` is made.

`minimise` runs the map that the decision named over the payload, and either gives exactly what will leave, as bytes,
or says why nothing will. It must never look at the payload itself: only the compiled map does.
"""

from __future__ import annotations

from functools import partial

from gateway.canonical import Node
from gateway.formats import Document, blank
from gateway.model import (
    Admitted,
    Conceal,
    Disclosure,
    Pairwise,
    Permitted,
    Projection,
    PurposeMap,
    Refused,
    RefusedReason,
    Whose,
)

BODY = "body"


def minimise(permitted: Permitted, conceal: Conceal, pairwise: Pairwise) -> Disclosure | Refused:
    """The disclosure that the map makes of the payload, or the refusal where it can make none."""
    subject = permitted.admitted.subject
    whose = Whose(subject, partial(pairwise, permitted.map.recipient.id, subject))
    projection = permitted.map.project(permitted.admitted.payload, conceal, whose)
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
    form = _form(permitted.admitted, permitted.map)
    return Disclosure(
        permitted=permitted,
        data=projection.data,
        body=_body(projection.data, permitted.map, form),
        media_type=form.media_type,
        write=form.write,
        released=projection.released,
        withheld=projection.withheld,
        alarms=projection.alarms,
        findings=projection.findings,
    )


def _form(admitted: Admitted, purpose_map: PurposeMap) -> Document:
    """What it leaves as: the dialect that it came in, or the plain one of the recipient's media type."""
    if admitted.write is None or admitted.media_type is None:
        return blank(purpose_map.media_type)
    return Document(None, admitted.media_type, admitted.write)


def _body(data: Node, purpose_map: PurposeMap, form: Document) -> bytes:
    """The bytes of the body; where fields stand outside it too, of its own part, and none where nothing is in it."""
    if not purpose_map.located:
        return form.write(data)
    part = data.get(BODY) if isinstance(data, dict) else None
    return b"" if part is None else form.write(part)


def _refusal(projection: Projection) -> RefusedReason | None:
    if projection.out_of_scope:
        return RefusedReason.OUT_OF_SCOPE
    if projection.forbidden:
        return RefusedReason.SPECIAL_CATEGORY
    if projection.failures:
        missing = any(failure.reason is RefusedReason.REQUIRED_MISSING for failure in projection.failures)
        return RefusedReason.REQUIRED_MISSING if missing else RefusedReason.REQUIRED_INVALID
    return None if projection.data else RefusedReason.EMPTY_MAP
