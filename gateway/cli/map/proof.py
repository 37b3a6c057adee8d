"""The file that `map shrink` leaves beside the maps: what a sandbox took, dated, for a person to confirm.

Promises: it is written as `gateway.purpose.evidence` reads it, holds paths and figures and no value, and takes no
other file's place.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path as FilePath

import orjson

from gateway.canonical import Json
from gateway.clock import MICROSECONDS, Instant
from gateway.purpose import Evidence
from gateway.purpose.evidence import EVIDENCE

_MOST = 99
_HEAD = """\
# What the sandbox of this recipient took, found by `gateway map shrink` with an invented payload. No values.
# Read it, and put your name into confirmed_by; `gateway map advise` then tells where the map asks for more.
"""


def write_evidence(evidence: Evidence, maps: FilePath, out: FilePath | None) -> FilePath:
    """Write it to `out`, or to the next free name of its day beside the maps; where. Raises OSError for one taken."""
    path = out if out is not None else _free(maps / EVIDENCE / evidence.recipient / evidence.purpose, evidence.taken_at)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(evidence_text(evidence))
    return path


def evidence_text(evidence: Evidence) -> str:
    """The file's text."""
    lines = [
        f"recipient: {_quoted(evidence.recipient)}",
        f"purpose: {_quoted(evidence.purpose)}",
        f"taken_at: {_quoted(evidence.taken_at)}",
        f"against: {_quoted(evidence.against)}",
        f"body: {_quoted(evidence.body)}",
        f"map_version: {_quoted(evidence.map_version)}",
        f"requests: {evidence.requests}",
        f"complete: {_quoted(evidence.complete)}",
        f"steady: {_quoted(evidence.steady)}",
    ]
    for name in ("accepts", "never_needed", "undecided"):
        paths: tuple[str, ...] = getattr(evidence, name)
        lines += [f"{name}:", *[f"  - {_quoted(path)}" for path in paths]] if paths else [f"{name}: []"]
    by = "" if evidence.confirmed_by is None else f" {_quoted(evidence.confirmed_by)}"
    return "\n".join([_HEAD + lines[0], *lines[1:], f"confirmed_by:{by}", ""])


def moment(now: Instant) -> str:
    """The instant as evidence states it, to the second."""
    return f"{datetime.fromtimestamp(now // MICROSECONDS, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def _quoted(value: Json) -> str:
    return orjson.dumps(value).decode("utf-8")  # which YAML 1.2 reads as it is meant


def _free(folder: FilePath, taken_at: str) -> FilePath:
    day = taken_at[:10]
    names = (day, *(f"{day}-{number}" for number in range(2, _MOST)))
    return next(
        (path for name in names if not (path := folder / f"{name}.yaml").exists()), folder / f"{day}-{_MOST}.yaml"
    )
