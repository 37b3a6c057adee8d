"""`gateway map advise`: what a week of mirrored traffic says about the maps and about those who call."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any, Final

import click

from gateway.bootstrap import load_maps
from gateway.canonical import parse_path, path_text
from gateway.cli.map.advice import Advice, ForCaller, ForMap, advise
from gateway.cli.map.group import find, group
from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, out, settings
from gateway.clock import SystemClock
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.model import PurposeId, RecipientId, Snapshot
from gateway.purpose import Contradiction, contradictions, load_evidence
from gateway.purpose.lines import Line, line_of
from gateway.storage import Counted, day_of

_EPOCH: Final = date(1970, 1, 1)
_DAYS_MOST: Final = 366
_LISTED_MOST: Final = 40
_BEGIN: Final = (
    "Nothing was observed yet. Send what you send today as previews too, each with Gateway-Observe: 1:\n"
    "  curl -s http://127.0.0.1:8080/v1/preview -H \"Gateway-Token: $TOKEN\" -H 'Gateway-Observe: 1' \\\n"
    "    -H 'Content-Type: application/json' -d @transfer.json\n"
    "Nothing leaves by that, and no value is kept; after a day or a week, ask again."
)
_NARROWED: Final = "That holds for what you asked about; `gateway map advise` alone tells all that was observed."
_NOT_COUNTED: Final = "Counted are previews with Gateway-Observe: 1; real transfers are not: `gateway transfer list`."


@command(group, "advise", example="gateway map advise mc-primer-uk service_request --since 7")
@click.argument("recipient", required=False)
@click.argument("purpose", required=False)
@click.option("--caller", help="Only what this caller sent.")
@click.option("--since", help="Only the last so many days, or from a date on: 7, or 2026-11-16 [default: all kept].")
@click.option("--forget", is_flag=True, help="Delete everything that was observed.")
@click.option("--yes", is_flag=True, help="Do not ask before --forget.")
def advise_(
    recipient: str | None,
    purpose: str | None,
    caller: str | None,
    since: str | None,
    *,
    forget: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Say what the observed previews mean: what would stay, what fails, what is sent or allowed in vain.

    What is counted are previews that carried Gateway-Observe: 1, by day (UTC), as paths, types and verdicts; real
    transfers are not counted. Every advice has its figure and its next step.
    """
    if forget:
        _forget(yes=yes, as_json=as_json)
        return
    found = settings()
    snapshot = _checked(found, recipient, purpose)
    today = day_of(SystemClock().now())
    first = max(today - found.observe_days + 1, 0 if since is None else _first_day(since))
    with opened() as log:
        counted = log.store.observations.counted(first)
    chosen = [one for one in counted if _is_asked(one, recipient, purpose, caller)]
    told = advise(chosen, snapshot, whole=caller is None)
    against = [
        one
        for one in contradictions(load_evidence(found.maps, snapshot), snapshot)
        if recipient in (None, one.recipient) and purpose in (None, one.purpose)
    ]
    data = _data(told, snapshot, found, against)
    everything = (recipient, purpose, caller, since) == (None, None, None, None)
    emit(data, lambda: _tell(data, everything=everything), as_json=as_json)


def _forget(*, yes: bool, as_json: bool) -> None:
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError(["--forget deletes everything that was observed"], hint="say --yes with it")
        click.confirm("Delete everything that was observed?", abort=True)
    with opened() as log:
        rows = log.store.observations.forget()
    emit({"forgotten": rows}, lambda: out.print(f"{rows} counts deleted"), as_json=as_json)


def _checked(found: Settings, recipient: str | None, purpose: str | None) -> Snapshot:
    snapshot = load_maps(found)
    if recipient is not None and recipient not in snapshot.recipients:
        raise ConfigError([f"{recipient}: no such recipient"], hint="`gateway recipient list` shows them")
    if recipient is not None and purpose is not None:
        find(snapshot, recipient, purpose)
    return snapshot


def _first_day(since: str) -> int:
    """The first day that counts: of the last so many, today among them, or the one that is named."""
    today = _EPOCH + timedelta(days=day_of(SystemClock().now()))
    if len(since) <= len(str(_DAYS_MOST)) and since.isascii() and since.isdigit() and 0 < int(since) <= _DAYS_MOST:
        return (today - _EPOCH).days - int(since) + 1
    try:
        return (date.fromisoformat(since) - _EPOCH).days
    except ValueError:
        raise ConfigError([f"--since: expected 1 to {_DAYS_MOST} days, or a date such as 2026-11-16"]) from None


def _is_asked(one: Counted, recipient: str | None, purpose: str | None, caller: str | None) -> bool:
    asked = ((recipient, one.group.recipient), (purpose, one.group.purpose), (caller, one.group.caller))
    return all(wanted is None or wanted == found for wanted, found in asked)


def _data(
    told: Sequence[ForMap], snapshot: Snapshot, found: Settings, against: Sequence[Contradiction]
) -> dict[str, Any]:
    return {
        "previews": sum(one.previews for one in told),
        "since": _day(min((one.first_day for one in told), default=None)),
        "until": _day(max((one.last_day for one in told), default=None)),
        "kept_days": found.observe_days,
        "recipients": [_of_map(one, snapshot, found) for one in told],
        "contradicted": [_contradicted(one) for one in against],
    }


def _of_map(one: ForMap, snapshot: Snapshot, found: Settings) -> dict[str, Any]:
    return {
        "recipient": one.recipient,
        "purpose": one.purpose,
        "previews": one.previews,
        "looked_at": one.looked,
        "not_counted": one.more,
        "never_sent": [_of_line(advice, one, snapshot, found) for advice in one.never_sent],
        "callers": [_of_caller(caller) for caller in one.callers],
    }


def _of_line(advice: Advice, one: ForMap, snapshot: Snapshot, found: Settings) -> dict[str, Any]:
    """What is allowed and never sent, with the line to delete."""
    recipient = snapshot.recipients[RecipientId(one.recipient)]
    line = line_of(found.maps, recipient, PurposeId(one.purpose), parse_path(advice.path))
    where = None if line is None else f"{line.file}:{line.number}"
    return {**_plain(advice), "line": where, "next": _removal(advice, line, one.recipient)}


def _removal(advice: Advice, line: Line | None, recipient: str) -> str:
    if line is None or advice.next.startswith("required"):
        return advice.next
    if not line.is_class:
        return f"delete line {line.number} of {line.file}"
    return (
        f"withhold it in recipients/{recipient}.yaml; or delete line {line.number} of {line.file}, for the whole class"
    )


def _of_caller(one: ForCaller) -> dict[str, Any]:
    groups = ("refused", "withheld", "always_failing", "in_vain")
    lists = {name: [_plain(advice) for advice in getattr(one, name)] for name in groups}
    return {"caller": one.caller, "previews": one.previews, "permitted": one.permitted, **lists}


def _plain(advice: Advice) -> dict[str, Any]:
    return {"path": advice.path, "why": advice.why, "count": advice.count, "of": advice.of, "next": advice.next}


def _contradicted(one: Contradiction) -> dict[str, Any]:
    verb = "requires" if one.required else "releases"
    return {
        "recipient": one.recipient,
        "purpose": one.purpose,
        "path": path_text(one.path),
        "why": f"the map {verb} it; evidence of {one.evidence.taken_at[:10]} says that it is never needed",
        "confirmed_by": one.evidence.confirmed_by,
        "next": "remove it from the map, or say beside it why it must leave all the same",
    }


def _day(number: int | None) -> str | None:
    return None if number is None else (_EPOCH + timedelta(days=number)).isoformat()


def _tell(data: Mapping[str, Any], *, everything: bool) -> None:
    if not data["previews"]:
        out.print(_BEGIN, markup=False)
        if not everything:
            out.print(_NARROWED, markup=False)
    else:
        out.print(f"{data['previews']} previews observed, {data['since']} to {data['until']} (UTC days)")
    for one in data["recipients"]:
        _tell_map(one)
    for one in data["contradicted"]:
        out.print(f"\n{one['recipient']} {one['purpose']} {one['path']}: {one['why']}", markup=False)
        out.print(f"  → {one['next']}", markup=False)
    if data["previews"]:
        out.print(f"\n{_NOT_COUNTED}", markup=False)


def _tell_map(one: Mapping[str, Any]) -> None:
    out.print(f"\n[bold]{one['recipient']} · {one['purpose']}[/]   {one['previews']} previews")
    if one["not_counted"]:
        out.print(
            f"  {one['not_counted']} facts were beyond the limits: what was never sent is not known", markup=False
        )
    _tell_advice("allowed, and never sent by anyone observed", one["never_sent"])
    for caller in one["callers"]:
        out.print(f"\n  [bold]caller {caller['caller']}[/]   {caller['permitted']} of {caller['previews']} permitted")
        _tell_advice("would be refused", caller["refused"])
        _tell_advice("allowed, and its value never passes", caller["always_failing"])
        _tell_advice("sent in vain", caller["in_vain"])
        failing = {line["path"] for line in caller["always_failing"]}
        others = [line for line in caller["withheld"] if line not in caller["in_vain"] and line["path"] not in failing]
        _tell_advice("would be withheld too", others)


def _tell_advice(title: str, advice: Sequence[Mapping[str, Any]]) -> None:
    if not advice:
        return
    out.print(f"\n  {title}")
    shown = advice[:_LISTED_MOST]
    for line, after in zip_longest(shown, shown[1:]):
        field, figure = line["path"] or "the whole", f"{line['count']} of {line['of']}"
        out.print(f"    {field:<36} {line['why']:<30} {figure}", markup=False)
        if after is None or after["next"] != line["next"]:  # what is to do, once for all that it is about
            out.print(f"      → {line['next']}", markup=False)
    if len(advice) > _LISTED_MOST:
        out.print(f"    … and {len(advice) - _LISTED_MOST} more: --json")
