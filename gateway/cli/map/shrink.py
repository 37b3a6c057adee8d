"""`gateway map shrink`: which fields a recipient's sandbox needs, found by leaving out the others, kept as evidence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any, Final

import click

from gateway.admission.preview import read_route
from gateway.admission.transfer_id import new_transfer_id
from gateway.canonical import path_text
from gateway.cli.map.group import find, group
from gateway.cli.map.proof import moment, write_evidence
from gateway.cli.map.sample import Sample, sample
from gateway.cli.map.shrinking import Found, SampleRefused, Shrinking, Spent, Unsteady, fields_of
from gateway.cli.map.sounding import Sounding, Stopped, read_taken
from gateway.cli.terminal import command, emit, err, out, settings
from gateway.clock import SystemClock
from gateway.errors import ConfigError, MalformedRequest
from gateway.minimise import compile_projection
from gateway.model import Protection, PurposeMap, Route
from gateway.purpose import Evidence, load_examples, load_snapshot
from gateway.transport.sandbox import SandboxWay

REQUESTS: Final = 60
REQUESTS_MOST: Final = 500
_INTERRUPTED: Final = 130
_EXAMPLE: Final = "gateway map shrink carrier-cdek-test goods_delivery --against https://sandbox.carrier-cdek.example"


@command(group, "shrink", example=_EXAMPLE)
@click.argument("recipient")
@click.argument("purpose")
@click.option("--against", required=True, help="The sandbox: one of `sandbox.base_urls` of the recipient's file.")
@click.option("--body", type=click.Path(exists=True, dir_okay=False), help="An invented payload [default: an example].")
@click.option("--route", help="'POST /v2/orders' [default: the first that the file declares].")
@click.option("--requests", default=REQUESTS, show_default=True, type=click.IntRange(2, REQUESTS_MOST), help="At most.")
@click.option("--pause", default=0.2, show_default=True, type=click.FloatRange(0, 60), help="Seconds between requests.")
@click.option("--accept", default="200-299", show_default=True, help="Statuses that mean that the body was taken.")
@click.option("--accept-answer", help="PATH=VALUE of the answer, where refusals come with such a status: Success=true.")
@click.option("--out", "to", type=click.Path(dir_okay=False), help="Where to write [default: evidence/ of the maps].")
@click.option("--maps", default=None, help="Folder of the maps [default: GATEWAY_MAPS of the settings].")
def shrink(
    recipient: str,
    purpose: str,
    *,
    against: str,
    body: str | None,
    route: str | None,
    requests: int,
    pause: float,
    accept: str,
    accept_answer: str | None,
    to: str | None,
    maps: str | None,
    as_json: bool,
) -> None:
    """Leave out one field after another until the sandbox refuses, and write down what it never needed.

    Only invented payloads are tried, and only against an address that the recipient's file lists under `sandbox`, with
    the sandbox's own secrets (GATEWAY_SECRET_SANDBOX_<NAME>). What is found is written beside the maps as evidence,
    which a person confirms. Exit code 1 where not every field could be settled; what is known is written all the same.
    """
    found = settings()
    folder = FilePath(maps) if maps is not None else found.maps
    snapshot = load_snapshot(folder, compile_projection)
    declared = find(snapshot, recipient, purpose)
    if declared.recipient.protection is not Protection.TLS:
        raise ConfigError([f"{recipient}: takes our envelopes, and needs what the map says"], hint="shrink is for APIs")
    if to is not None and FilePath(to).exists():  # before anything is asked: what is found must have its place
        raise ConfigError([f"{to}: exists already"], hint="evidence never replaces a file")
    taken = read_taken(accept, accept_answer)
    clock = SystemClock()
    way = SandboxWay(declared.recipient, against, found.secrets, found.answer_cap_bytes, clock)  # no connection yet
    begun = sample(declared, body, load_examples(folder, snapshot))

    def tell(fields: int, said: str) -> None:
        err.print(f"  [{sounding.requests}/{requests}] {fields} fields: {said}", markup=False)

    sounding = Sounding(
        way,
        declared,
        _route(declared, route),
        begun.payload,
        taken=taken,
        budget=requests,
        pause_seconds=pause,
        new_id=lambda: new_transfer_id(clock.now()),
        tell=tell,
    )
    shrinking = Shrinking(_groups(begun, declared), sounding, requests)
    try:
        why, code = _run(shrinking, sounding)
    finally:
        way.close()
    evidence = _evidence(declared, begun, against=against, found=shrinking.found, requests=sounding.requests)
    written = write_evidence(evidence, folder, FilePath(to) if to else None)
    emit(_data(evidence, written, why), lambda: _tell(evidence, written, why), as_json=as_json)
    if code:
        sys.exit(code)


def _run(shrinking: Shrinking, sounding: Sounding) -> tuple[str | None, int]:
    """Why it ended before everything was settled, and the exit code. Raises ConfigError where nothing was learnt."""
    try:
        shrinking.run()
    except SampleRefused:
        raise ConfigError(
            [f"the sandbox refuses the whole sample: {sounding.last_status}"],
            hint="correct the sample (--body), or say what means that it is taken: --accept, --accept-answer",
        ) from None
    except Unsteady:
        return "it takes its smallest body no more", 1
    except Spent:
        return "the budget of requests is spent", 1
    except Stopped as stopped:
        if not shrinking.found.never_needed and not shrinking.found.accepts:
            raise ConfigError([stopped.why]) from None
        return stopped.why, 1
    except KeyboardInterrupt:
        return "stopped", _INTERRUPTED
    return None, 0


def _groups(begun: Sample, declared: PurposeMap) -> list[list[str]]:
    """The sample's fields: those first that the map does not have, then those that it does not insist on."""
    required = {path_text(rule.path): rule.required for rule in declared.fields}
    ranks = {None: 0, False: 1, True: 2}
    made: list[list[str]] = [[], [], []]
    for one in fields_of(begun.payload):
        made[ranks[required.get(one)]].append(one)
    return made


def _route(declared: PurposeMap, stated: str | None) -> Route:
    if stated is None:
        return declared.route
    try:
        method, path, _ = read_route(stated)
    except MalformedRequest as error:
        raise ConfigError([f"--route: {error}"]) from None
    found = Route(method, path)
    if found not in declared.routes:
        known = ", ".join(f"{one.method} {one.path}" for one in declared.routes)
        raise ConfigError([f"--route: {method} {path}: the file declares no such route"], hint=f"there are: {known}")
    return found


def _evidence(declared: PurposeMap, begun: Sample, *, against: str, found: Found, requests: int) -> Evidence:
    order = fields_of(begun.payload)
    return Evidence(
        recipient=declared.recipient.id,
        purpose=declared.purpose,
        taken_at=moment(SystemClock().now()),
        against=against,
        body=begun.source,
        map_version=declared.version[:12],
        requests=requests,
        complete=found.complete,
        steady=found.steady,
        accepts=tuple(one for one in order if one in found.accepts),
        never_needed=tuple(one for one in order if one in found.never_needed),
        undecided=tuple(one for one in order if one in found.undecided),
    )


def _data(evidence: Evidence, written: FilePath, why: str | None) -> dict[str, Any]:
    return {
        "recipient": evidence.recipient,
        "purpose": evidence.purpose,
        "against": evidence.against,
        "requests": evidence.requests,
        "complete": evidence.complete,
        "steady": evidence.steady,
        "ended": why,
        "accepts": list(evidence.accepts),
        "never_needed": list(evidence.never_needed),
        "undecided": list(evidence.undecided),
        "written": str(written),
    }


def _tell(evidence: Evidence, written: FilePath, why: str | None) -> None:
    lists: Sequence[tuple[str, ...]] = (evidence.accepts, evidence.never_needed, evidence.undecided)
    needed, every = len(evidence.accepts), sum(map(len, lists))
    maybe = f" to {needed + len(evidence.undecided)}" if evidence.undecided else ""
    out.print(f"accepts {needed}{maybe} of {every} fields, asked {evidence.requests} times")
    for title, paths in zip(("needed", "never needed", "undecided"), lists, strict=True):
        if paths:
            out.print(f"  {title}: {', '.join(paths)}", markup=False)
    if why is not None:
        out.print(f"  not settled: {why}; --requests, or run it again", markup=False)
    if not evidence.steady:
        out.print("  not everything was asked twice and answered alike: do not build on this alone")
    out.print(f"written to {written}: read it, and put your name into confirmed_by", markup=False)
