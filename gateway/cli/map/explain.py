"""`gateway map explain`: which rule decides and why, as sentences in Kazakh, Russian or English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import click

from gateway.canonical import Path, parse_path
from gateway.cli.map.group import MAPS, find, folder, group, load
from gateway.cli.terminal import command, emit, out
from gateway.errors import ConfigError
from gateway.model import Snapshot
from gateway.purpose.explained import (
    Language,
    Line,
    Ruling,
    Section,
    Sources,
    Voice,
    explain_map,
    explain_path,
    read_sources,
)


@command(group, "explain", example="gateway map explain carrier-cdek-test goods_delivery recipient.email --lang kk")
@click.argument("recipient")
@click.argument("purpose")
@click.argument("path", required=False)
@MAPS
@click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default="en",
    show_default=True,
    help="Language of the answer.",
)
def explain(recipient: str, purpose: str, path: str | None, maps: str | None, lang: str, *, as_json: bool) -> None:
    """Say in sentences what one recipient gets for one purpose, or whether a value at PATH would leave, and why.

    PATH is one of the recipient's own body, of the class map, or any other: keys joined by dots, [] after an array.
    """
    every = _sources(load(maps), folder(maps), recipient, purpose)
    asked, voice = None if path is None else _path(path), Voice(Language(lang))
    told = [_Told(one, None if asked is None else explain_path(one, asked, voice), voice) for one in every]
    first, *pulls = [one.data() for one in told]
    data = {"recipient": recipient, "purpose": purpose, "lang": lang, **first, **({"pulls": pulls} if pulls else {})}
    emit(data, lambda: _tell_all(told), as_json=as_json)


def _sources(snapshot: Snapshot, directory: FilePath, recipient: str, purpose: str) -> list[Sources]:
    """What a pair gets: what is sent to it, then each thing that it asks for itself. Raises ConfigError for neither."""
    pulls = [one for one in snapshot.pulls if (one.recipient, one.purpose) == (recipient, purpose)]
    sent = (recipient, purpose) in snapshot.maps or not pulls
    found = [read_sources(directory, find(snapshot, recipient, purpose))] if sent else []
    return [*found, *(read_sources(directory, one.map, (number, one)) for number, one in enumerate(pulls))]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is said of one map."""

    sources: Sources
    ruling: Ruling | None
    voice: Voice

    def data(self) -> dict[str, Any]:
        """For programs."""
        pull = self.sources.pull
        asked = {} if pull is None else {"asked": f"{pull.route.method} {pull.route.path}"}
        head = {**asked, "version": self.sources.map.version}
        if self.ruling is not None:
            return {**head, **_ruling(self.ruling)}
        return {**head, "sections": [_section(one) for one in explain_map(self.sources, self.voice)]}

    def tell(self) -> None:
        """To a person."""
        if self.sources.pull is not None:
            out.print(f"\n{self.sources.pull.route.method} {self.sources.pull.route.path}", style="bold", markup=False)
        if self.ruling is not None:
            _tell_ruling(self.ruling)
        else:
            _tell(explain_map(self.sources, self.voice))


def _path(text: str) -> Path:
    try:
        return parse_path(text)
    except ValueError as error:
        raise ConfigError([f"PATH: {error}"], hint="such as packages[].items[].name, odd keys JSON-quoted") from None


def _tell_all(told: list[_Told]) -> None:
    for one in told:
        one.tell()


def _section(section: Section) -> dict[str, Any]:
    entries = [{"path": one.path, "says": [_line(line) for line in one.lines]} for one in section.entries]
    return {"section": section.key.removeprefix("section_"), "title": section.title, "entries": entries}


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "path": ruling.path,
        "verdict": ruling.verdict.value,
        "reason": ruling.reason and ruling.reason.value,
        "says": [_line(line) for line in ruling.lines],
    }


def _line(line: Line) -> dict[str, str | None]:
    return {"key": line.key, "text": line.text, "at": line.at}


def _tell(sections: tuple[Section, ...]) -> None:
    for section in sections:
        out.print(f"\n[bold]{section.title}[/]")
        for entry in section.entries:
            if entry.path is not None:
                out.print(f"\n  {entry.path}", style="cyan", markup=False)
            _tell_lines(entry.lines)


def _tell_ruling(ruling: Ruling) -> None:
    out.print(ruling.path, style="bold cyan", markup=False)
    _tell_lines(ruling.lines)


def _tell_lines(lines: tuple[Line, ...]) -> None:
    for line in lines:
        out.print(f"    {line.text}", markup=False, end="")
        out.print("" if line.at is None else f"   {line.at}", style="dim", markup=False)
