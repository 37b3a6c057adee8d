"""Stage 3: what leaves. The only place where a `Disclosure` is made.

`minimise` runs the map that the decision named over the payload, and either gives exactly what will leave, as bytes,
or says why nothing will. It must never look at the payload itself: only the compiled map does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from gateway.canonical import Node
from gateway.formats import Document, blank
from gateway.formats.head import BODYLESS, named_segments
from gateway.minimise.account import AND_MORE
from gateway.minimise.names import Spelled
from gateway.model import (
    Admitted,
    Conceal,
    Disclosure,
    Failure,
    InSet,
    Location,
    Pairwise,
    Permitted,
    Projection,
    PurposeMap,
    Refused,
    RefusedReason,
    Whose,
    Withheld,
    WithheldReason,
)

_UNREAD_MOST = 50


def minimise(permitted: Permitted, conceal: Conceal, pairwise: Pairwise, in_set: InSet) -> Disclosure | Refused:
    """The disclosure that the map makes of the payload, or the refusal where it can make none.

    Whatever `in_set` raises is passed on.
    """
    recipient, subject = permitted.map.recipient.id, permitted.admitted.subject
    whose = Whose(subject, partial(pairwise, recipient, subject), partial(in_set, recipient))
    projection = permitted.map.project(permitted.admitted.payload, conceal, whose)
    failures = projection.failures or _unfit(projection, permitted)
    reason = _refusal(projection, failures)
    withheld = (*projection.withheld, *_unread(permitted.admitted, conceal))
    if reason is not None:
        return Refused(
            admitted=permitted.admitted,
            reason=reason,
            map=permitted.map,
            policy_version=permitted.policy_version,
            failures=failures,
            withheld=withheld,
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
        withheld=withheld,
        alarms=projection.alarms,
        findings=projection.findings,
    )


def _unread(admitted: Admitted, conceal: Conceal) -> Iterator[Withheld]:
    """What stood in a query of which no field is read, by its names."""
    if admitted.unread:
        spelled = Spelled(conceal)
        for name in admitted.unread[:_UNREAD_MOST]:
            yield Withheld(f"{Location.QUERY}.{spelled[name]}", WithheldReason.NOT_IN_MAP)
        if len(admitted.unread) > _UNREAD_MOST:
            yield AND_MORE


def _form(admitted: Admitted, purpose_map: PurposeMap) -> Document:
    """What it leaves as: the dialect that it came in, or the plain one of the recipient's media type."""
    if admitted.write is None or admitted.media_type is None:
        return blank(purpose_map.media_type)
    return Document(None, admitted.media_type, admitted.write)


def _body(data: Node, purpose_map: PurposeMap, form: Document) -> bytes:
    """The bytes of the body; where fields stand outside it too, of its own part, and none where nothing is in it."""
    part = _part(data, Location.BODY) if purpose_map.located else data
    return b"" if part is None else form.write(part)


def _part(data: Node, location: Location) -> Node:
    return data.get(location) if isinstance(data, dict) else None


def _unfit(projection: Projection, permitted: Permitted) -> tuple[Failure, ...]:
    """What keeps a request of this route from being written: a segment too few or too many, a body that it has not."""
    if not permitted.map.located:
        return ()
    route = permitted.admitted.route or permitted.map.route
    path = _part(projection.data, Location.PATH)
    withheld = {one.path for one in projection.withheld}
    failures = []
    for name in named_segments(route.path):
        if not isinstance(path, dict) or name not in path:
            where = f"{Location.PATH}.{name}"
            reason = RefusedReason.REQUIRED_INVALID if where in withheld else RefusedReason.REQUIRED_MISSING
            failures.append(Failure(where, reason, "segment of the route"))
    for name in sorted(path.keys() - set(named_segments(route.path))) if isinstance(path, dict) else ():
        rule = "no segment of the route"
        failures.append(Failure(f"{Location.PATH}.{name}", RefusedReason.REQUIRED_INVALID, rule))
    if route.method in BODYLESS and _part(projection.data, Location.BODY) is not None:
        failures.append(Failure(Location.BODY, RefusedReason.REQUIRED_INVALID, f"{route.method} carries no body"))
    return tuple(failures)


def _refusal(projection: Projection, failures: tuple[Failure, ...]) -> RefusedReason | None:
    if projection.out_of_scope:
        return RefusedReason.OUT_OF_SCOPE
    if projection.forbidden:
        return RefusedReason.SPECIAL_CATEGORY
    if failures:
        missing = any(failure.reason is RefusedReason.REQUIRED_MISSING for failure in failures)
        return RefusedReason.REQUIRED_MISSING if missing else RefusedReason.REQUIRED_INVALID
    return None if projection.data else RefusedReason.EMPTY_MAP
