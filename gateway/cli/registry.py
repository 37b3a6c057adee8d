"""`gateway transfer send … --file REGISTER.ndjson`: a registry from a file, record by record, through the whole path.

Promises: the file is read as it is sent, never whole; a verdict for each record goes to standard output under `--json`,
and what did not reach the recipient, without values, to a file beside the registry. Nothing else is kept: started
again under the same batch it goes on where it was, whatever ended it, because the log knows each record. Ctrl-C ends
it between two groups.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import click
import orjson
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from gateway.admission.quota import RefusalQuota
from gateway.admission.request import basis_in
from gateway.admission.tokens import authenticate
from gateway.batch import Asked, Begun
from gateway.batch.run import STOPPED
from gateway.bootstrap import Gateway, build
from gateway.cli.terminal import err, out, settings
from gateway.errors import ConfigError
from gateway.formats.registry import dialect_of

KINDS: Final = {".ndjson": "application/x-ndjson", ".csv": "text/csv"}
REFUSED_SUFFIX: Final = ".refused.ndjson"
INTERRUPTED: Final = 130
_REACHED: Final = "delivered"
_NOT_UTF_8: Final = "it is not UTF-8"
_TOLD_OF_REFUSED: Final = ("record", "decision", "reason", "fault", "failures", "outcome", "cause", "transfer_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was said on the command line."""

    recipient: str
    purpose: str
    path: str
    content_type: str
    batch: str
    basis: str | None
    subject_field: str | None
    basis_field: str | None
    refused_path: str | None
    as_json: bool


@dataclass(slots=True)
class _Missed:
    """How many records did not reach the recipient, and what became before of those that the log already knew."""

    records: int = 0
    not_utf_8: int = 0
    stood: Counter[str] = field(default_factory=Counter)

    def count(self, verdict: Mapping[str, Any]) -> bool:
        """Whether this record did not reach the recipient, now or before."""
        ended = verdict.get("outcome")
        if verdict.get("decision") == "already":
            self.stood[ended or ("refused" if verdict.get("reason") else "under way")] += 1
        if ended == _REACHED:
            return False
        self.records += 1
        self.not_utf_8 += str(verdict.get("fault", "")).startswith(_NOT_UTF_8)
        return True


def content_type_of(path: str, stated: str | None) -> str | None:
    """What a registry in this file is; None where the file is one payload."""
    return stated or KINDS.get(Path(path).suffix.lower())


def send_registry(words: Words, token: str) -> int:
    """Send it, or what is left of it; the exit code: 0 where every record reached the recipient, now or before."""
    gateway = build(settings())
    try:
        with contextlib.ExitStack() as stack:
            stream, size = _opened(words.path, stack)
            watched = _Watched(stream)
            begun = _begun(gateway, words, token, watched.read)
            refused = stack.enter_context(_refused_file(words).open("wb"))
            gateway.sweep.start()  # what a killed run left behind ends as `unknown`, whether a server runs or not
            interrupted = stack.enter_context(_ends_between_groups(begun))
            showing = stack.enter_context(_progress(size, enabled=err.is_terminal))
            missed = _tell_each(begun, words, refused, lambda count: showing(watched.taken, count))
    finally:
        gateway.close()
    _tell_all(begun, words, missed)
    if interrupted():
        return INTERRUPTED
    return 1 if missed.records or begun.run.code else 0


def _begun(gateway: Gateway, words: Words, token: str, read: Callable[[int], bytes]) -> Begun:
    lookup = gateway.store.callers.lookup
    caller = authenticate(lookup, token).id
    quota = RefusalQuota(gateway.house.clock, gateway.settings.refusals_per_minute)
    asked = Asked(
        who=lambda: authenticate(lookup, token),
        recipient=words.recipient,
        purpose=words.purpose,
        batch=words.batch,
        basis=None if words.basis is None else basis_in(words.basis),
        subject_field=words.subject_field,
        basis_field=words.basis_field,
        dialect=dialect_of(words.content_type),
    )
    return gateway.begin(asked, read, lambda: quota.take(caller))


def _tell_each(begun: Begun, words: Words, refused: IO[bytes], show: Callable[[int], None]) -> _Missed:
    """Every verdict to where it belongs; what did not reach the recipient."""
    missed = _Missed()
    for verdict in begun.run.verdicts(begun.rows):
        if missed.count(verdict):
            refused.write(_line({name: verdict[name] for name in _TOLD_OF_REFUSED if name in verdict}))
        if words.as_json:
            sys.stdout.buffer.write(_line(verdict))
        show(begun.run.tally.records)
    return missed


def _tell_all(begun: Begun, words: Words, missed: _Missed) -> None:
    summary = begun.run.summary()
    if words.as_json:
        sys.stdout.buffer.write(_line(summary))
        sys.stdout.buffer.flush()
        return
    ends = ", ".join(
        f"{count} {word}" for word, count in summary.items() if isinstance(count, int) and word != "records"
    )
    out.print(f"{summary['records']} records: {ends or 'none'}", markup=False)
    if missed.stood.total() != missed.stood[_REACHED]:
        out.print(f"of those already: {', '.join(f'{count} {word}' for word, count in missed.stood.items())}")
    if missed.not_utf_8 and words.content_type == KINDS[".csv"]:
        out.print("not UTF-8? --content-type 'text/csv; charset=windows-1251'", markup=False)
    if begun.run.code is not None:
        why = "it was told to end" if begun.run.code == STOPPED else f"{begun.run.code} {begun.run.detail}".rstrip()
        out.print(f"stopped: {why}", markup=False)
        out.print(f"The same command goes on from there; no record of batch {words.batch} goes twice.", markup=False)
    if summary["records"]:
        out.print(f"What did not arrive, and why: {_refused_file(words)}", markup=False)


def _refused_file(words: Words) -> Path:
    if words.refused_path is not None:
        return Path(words.refused_path)
    return Path("registry" if words.path == "-" else words.path).with_suffix(REFUSED_SUFFIX)


def _line(told: Mapping[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _opened(path: str, stack: contextlib.ExitStack) -> tuple[IO[bytes], int | None]:
    """The stream, and how long it is, where that can be known. Raises ConfigError."""
    if path == "-":
        return sys.stdin.buffer, None
    try:
        stream = stack.enter_context(Path(path).open("rb"))  # noqa: SIM115 -- the stack closes it
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    return stream, os.fstat(stream.fileno()).st_size


class _Watched:
    """A stream that knows how much of it was taken."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.taken = 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.taken += len(piece)
        return piece


@contextlib.contextmanager
def _ends_between_groups(begun: Begun) -> Iterator[Callable[[], bool]]:
    """While it lasts, the first Ctrl-C or SIGTERM ends the registry between two groups; whether one came."""
    came: list[int] = []

    def end(number: int, _frame: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)
        begun.run.stop()
        click.echo("ending after this group; once more to end at once", err=True)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Rate(ProgressColumn):
    """How many records a second."""

    def render(self, task: Task) -> Text:
        seconds = task.elapsed or 0.0
        records = int(task.fields["records"])
        return Text(f"{records:,} records, {records / seconds if seconds else 0:,.0f}/s")


@contextlib.contextmanager
def _progress(size: int | None, *, enabled: bool) -> Iterator[Callable[[int, int], None]]:
    """One bar on standard error, for people: bytes taken, records told, their rate and the time left."""
    columns = (TextColumn("registry"), BarColumn(), _Rate(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not enabled) as bar:
        task = bar.add_task("registry", total=size, records=0)
        yield lambda taken, records: bar.update(task, completed=taken, records=records)
