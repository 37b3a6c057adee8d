"""A registry: two thousand residents to their managing company, by one command, and the same command again.

Promises: the file holds what a platform's export holds; the figures are those of the command's own verdicts and of the
envelopes that the company opened; the time is the command's, its start included.
"""

from __future__ import annotations

import csv
import queue
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.cli.demo.invented import Resident, residents
from gateway.cli.demo.story import REGISTER
from gateway.cli.demo.telling import block, console, heading
from gateway.cli.demo.world import World

DOING: Final = "sending a registry"
RESIDENTS: Final = 2_000
BATCH: Final = "register-2026-11"
_BAD: Final[dict[int, tuple[str, str]]] = {  # the row, the column, and what stands there
    17: ("resident.last_name", ""),
    404: ("resident.role", "сосед"),
    1312: ("resident.premise.total_area_m2", "большая"),
    1893: ("resident.id", "8 700 000 01 23"),
}
BAD_ROWS: Final = tuple(_BAD)
UNREADABLE: Final = 1  # the last of them says not whom it is about


def row_of(who: Resident) -> dict[str, str]:
    """A row as the platform's export has it."""
    row = {
        "resident.id": who.subject,
        "resident.last_name": who.last_name,
        "resident.first_name": who.first_name,
        "resident.patronymic": who.patronymic,
        "resident.iin": who.iin,
        "resident.birth_date": who.birth_date,
        "resident.id_document.number": f"0000{who.number:05}",
        "resident.phone": who.phone,
        "resident.email": who.email,
        "resident.role": "owner",
        "resident.address.city": "Павлодар",
        "resident.address.street": who.street,
        "resident.address.house": who.house,
        "resident.address.apartment": who.apartment,
        "resident.premise.premise_id": f"prem_{who.number:04}",
        "resident.premise.type": "apartment",
        "resident.premise.total_area_m2": f"{40 + who.number % 50}.30",
        "resident.personal_account": str(1_000_000 + who.number),
        "resident.balance": f"-{who.number}.50",
        "consent": f"kind=consent; ref=consent-{who.number}; given_at=2026-11-01T09:00:00+05:00",
    }
    if who.number in _BAD:
        column, text = _BAD[who.number]
        row[column] = text
    return row


def show(world: World) -> dict[str, Any]:
    """Write the registry, send it, and send it again."""
    path = world.folder / "residents.csv"
    _write(path)
    words = ["transfer", "send", REGISTER.recipient, REGISTER.purpose, "--file", str(path), "--batch-id", BATCH]
    words += ["--subject-field", "resident.id", "--basis-field", "consent"]
    began = time.monotonic()
    first = _sent(world, words)
    seconds = time.monotonic() - began
    refused = [orjson.loads(line) for line in path.with_suffix(".refused.ndjson").read_bytes().splitlines()]
    arrived = _arrived(world, first.get("delivered", 0))
    again = _sent(world, words)
    return {
        "command": f"gateway {' '.join(words)}".replace(f"{world.folder}/", ""),
        "records": first["records"],
        "ended": _counts(first),
        "seconds": round(seconds, 1),
        "rate": round(first["records"] / seconds),
        "refused": [_bad(one) for one in refused],
        "arrived": arrived,
        "again": {"ended": _counts(again), "arrived": world.unasked()},
    }


def wrong(shown: dict[str, Any]) -> list[str]:
    """What did not come as it must."""
    good = RESIDENTS - len(BAD_ROWS)
    problems = [] if shown["records"] == RESIDENTS else [f"{shown['records']} of {RESIDENTS} rows were told of"]
    problems += [] if shown["ended"].get("delivered") == good else [f"the registry ended so: {shown['ended']}"]
    problems += [] if shown["arrived"]["records"] == good else [f"{shown['arrived']['records']} records were opened"]
    problems += [] if [one["record"] for one in shown["refused"]] == list(BAD_ROWS) else ["other rows were refused"]
    again = shown["again"]
    told = {"already": RESIDENTS - UNREADABLE, "unreadable": UNREADABLE}
    problems += [] if again["ended"] == told else [f"the second run ended so: {again['ended']}"]
    return problems + (["the second run sent something"] if again["arrived"] else [])


def tell(shown: dict[str, Any], number: int) -> None:
    """How many, how fast, what was refused, and what a second run does."""
    heading(number, "a registry of residents", REGISTER.recipient)
    console.print(f"[bold]{shown['command']}[/]")
    console.print(
        f"{shown['records']:,} rows in {shown['seconds']} s with the command's start, {shown['rate']:,} a second: "
        f"{_ended(shown['ended'])}"
    )
    arrived = shown["arrived"]
    console.print(
        f"the company opened {arrived['envelopes']} envelopes with {arrived['records']:,} records, "
        "[bold]each logged before it was sent[/]"
    )
    console.print(f"of the {len(_columns())} columns {len(arrived['fields'])} arrived:")
    block(", ".join(arrived["fields"]), style="green")
    console.print("what did not arrive, from residents.refused.ndjson, to correct in its place; no values stand there:")
    for one in shown["refused"]:
        block(f"row {one['record']:<5} {one['decision']}: {one['why']}", style="yellow")
    again = shown["again"]
    console.print(f"the same command again: [bold]{_ended(again['ended'])}[/]; {again['arrived']} envelopes left\n")


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _columns())
        writer.writeheader()
        writer.writerows(row_of(who) for who in residents(RESIDENTS))


def _columns() -> list[str]:
    return list(row_of(next(residents(1))))


def _sent(world: World, words: list[str]) -> dict[str, Any]:
    """The last line, which is about all of them."""
    found: dict[str, Any] = orjson.loads(world.told(*words).splitlines()[-1])
    return found


def _counts(summary: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in summary.items() if isinstance(count, int) and name != "records"}


def _ended(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def _bad(line: dict[str, Any]) -> dict[str, Any]:
    failures = [f"{one['path']} ({one['rule']})" for one in line.get("failures", [])]
    why = " ".join([line.get("reason") or line.get("fault", ""), *failures])
    return {"record": line["record"], "decision": line["decision"], "why": why}


def _arrived(world: World, records: int) -> dict[str, Any]:
    """What the company opened, once that is so many records: envelopes, records, and which fields there were."""
    opened: Counter[str] = Counter()
    names: set[str] = set()
    with suppress(queue.Empty):
        while opened["records"] < records:
            one = world.arrival()
            opened["envelopes"] += 1
            opened["records"] += len(one.get("indices", ()))
            names |= set(_fields(one.get("data", {})))
    return {"envelopes": opened["envelopes"], "records": opened["records"], "fields": sorted(names)}


def _fields(node: Any, path: str = "") -> list[str]:
    if isinstance(node, dict):
        return [name for key, inner in node.items() for name in _fields(inner, f"{path}.{key}".lstrip("."))]
    return [path] if path else []
