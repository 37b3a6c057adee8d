"""`gateway log`: read the transfer log and check that nobody edited it."""

from __future__ import annotations

import sys

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, err, out, table
from gateway.clock import iso
from gateway.transfer_log.verify import verify


@click.group("log")
def group() -> None:
    """The transfer log: verify it, list its entries."""


@command(group, "verify", example="gateway log verify")
def verify_log(*, as_json: bool) -> None:
    """Recompute every leaf, opening, root and checkpoint; exit code 1 if anything does not agree."""
    with (
        opened() as log,
        log.store.entries.reading() as reading,
        Progress(
            TextColumn("verifying"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=as_json or not err.is_terminal,
        ) as progress,
    ):
        task = progress.add_task("entries", total=reading.size)
        report = verify(
            reading.leaves(),
            reading.openings(),
            reading.checkpoints(),
            origin=log.origin,
            key=log.keyring.log_key.public_key(),
            progress=lambda done: progress.update(task, completed=done),
        )
    data = {
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "intents_without_outcome": report.open_intents,
        "problems": [str(problem) for problem in report.problems],
        "verified": not report.problems,
    }

    def lines() -> None:
        if report.problems:
            out.print(f"[bold red]{report.problem_count} problems[/] in {report.entries} entries")
            for problem in report.problems[:50]:
                out.print(f"  {problem}", markup=False)
        else:
            out.print(f"[green]verified[/] {report.entries} entries under {report.checkpoints} checkpoints")
        if report.open_intents:
            out.print(f"  {report.open_intents} intents still wait for their outcome")

    emit(data, lines, as_json=as_json)
    if report.problems:
        sys.exit(1)


@command(group, "list", example="gateway log list --limit 50")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many, newest last.")
def list_entries(limit: int, *, as_json: bool) -> None:
    """List the newest entries: what was written, when, about which transfer."""
    with opened() as log:
        found = log.store.entries.newest(limit)
    rows: list[dict[str, object]] = [
        {"index": entry.index, "at": iso(entry.at), "kind": entry.kind, "shared": entry.shared} for entry in found
    ]

    def lines() -> None:
        told = [
            [
                f"#{entry.index}",
                iso(entry.at),
                entry.kind,
                *(str((entry.shared or {}).get(key) or "") for key in ("recipient", "purpose")),
                str((entry.shared or {}).get("outcome") or (entry.shared or {}).get("reason") or ""),
                str((entry.shared or {}).get("transfer") or "erased"),
            ]
            for entry in found
        ]
        table(["#", "at", "kind", "recipient", "purpose", "ended", "transfer"], told, empty="The log is empty.")

    emit({"entries": rows}, lines, as_json=as_json)
