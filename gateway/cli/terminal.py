"""How the command line speaks: to people with words and tables, to programs with JSON, to both about errors.

Promises: every command takes `--json`; results go to stdout, progress and errors to stderr; an error says what to do
next and ends with exit code 1. It must never print a payload's value that the command was not asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.config import Settings, load_settings
from gateway.errors import GatewayError, ProblemList

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

type_of_command = Callable[..., Any]


def command(group: click.Group, name: str, *, example: str) -> Callable[[type_of_command], click.Command]:
    """Register a command that takes `--json` and shows an example in its help."""

    def register(function: type_of_command) -> click.Command:
        with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(function)
        return group.command(name, epilog=f"\b\nExample:\n  {example}")(with_json)

    return register


def emit(data: object, lines: Callable[[], None], *, as_json: bool) -> None:
    """Print `data` as JSON, or let `lines` tell it to a person."""
    if as_json:
        click.echo(pretty(data))
    else:
        lines()


def pretty(data: object) -> str:
    """Indented JSON text of plain data and neutral trees, numbers with their own digits."""
    import orjson  # noqa: PLC0415 -- one use, and `--help` stays quick

    from gateway.canonical import Number  # noqa: PLC0415 -- the same

    def number(value: object) -> orjson.Fragment:
        if isinstance(value, Number):
            return orjson.Fragment(value.encode("ascii"))
        if isinstance(value, str):
            return orjson.Fragment(orjson.dumps(str(value)))
        raise TypeError(type(value).__name__)

    options = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_SUBCLASS
    return orjson.dumps(data, default=number, option=options).decode("utf-8")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """A table for people; where there is nothing, the sentence that says what to do."""
    if not rows:
        out.print(empty)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))  # a cell is never markup
    out.print(grid)


def settings() -> Settings:
    """The settings of this environment. Raises ConfigError."""
    return load_settings(os.environ)


def read_input(path: str | None) -> bytes:
    """The bytes of a file, or of standard input where none is named."""
    return Path(path).read_bytes() if path and path != "-" else sys.stdin.buffer.read()


def fail(error: GatewayError, *, as_json: bool) -> int:
    """Tell an error; the exit code."""
    problems = error.problems if isinstance(error, ProblemList) else (str(error),)
    if as_json:
        click.echo(pretty({"error": {"code": error.code, "problems": list(problems), "hint": error.hint}}), err=True)
        return 1
    err.print(f"[bold red]{error.code}[/]")
    for problem in problems:
        err.print(f"  {problem}", markup=False)
    if error.hint:
        err.print(f"  → {error.hint}", markup=False)
    return 1
