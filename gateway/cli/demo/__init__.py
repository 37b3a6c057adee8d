"""`gateway demo`: the main job, for real, on this machine.

It starts the gateway under its real server and recipients as real HTTPS servers, sends realistic payloads, lets the
recipients open and verify them, mirrors a day of orders and asks a sandbox what it needs, makes calls to recipients'
own APIs through the proxy, lets a bank ask the platform, sends a registry, shows each main reason for a refusal,
verifies the transfer log, and at the end rewinds a copy of the log to see a recipient refuse it. Everything lives in a
temporary folder and on loopback.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from itertools import count, cycle, islice
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gateway.cli.demo import drop_in, mirrored, pulled, register, shrunk, telling
from gateway.cli.demo.story import ACTS, BLOCKED_SUBJECT, REFUSALS, REQUEST_RU, request
from gateway.cli.demo.world import World, free_port, made_world
from gateway.cli.terminal import emit, err, out
from gateway.cli.verdict import told, try_map
from gateway.errors import ConfigError
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.purpose import load_snapshot

TRANSFERS = 60
BEFORE_THE_SWITCH = {"mirrored": mirrored, "shrink": shrunk}
AFTER_THE_SWITCH = {"pull": pulled, "registry": register}


@click.command("demo", epilog="\b\nExample:\n  gateway demo --keep")
@click.option("--keep", is_flag=True, help="Leave it running afterwards, with URLs and curl lines to try.")
@click.option("--maps", default=None, help="Folder of the maps to copy [default: $GATEWAY_MAPS or purpose_maps].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(*, keep: bool, maps: str | None, as_json: bool) -> None:
    """Show the whole path of a transfer with a gateway and recipients of its own, in under a minute."""
    folder = Path(maps or os.environ.get("GATEWAY_MAPS", "purpose_maps"))
    if not (folder / "taxonomy.yaml").is_file():
        raise ConfigError([f"{folder}: no taxonomy.yaml"], hint="run it in the project's folder, or give --maps")
    for ending in (signal.SIGINT, signal.SIGTERM):  # also where a shell started it with SIGINT ignored
        signal.signal(ending, signal.default_int_handler)
    started = time.monotonic()
    err.print("starting a gateway and its recipients …")
    with made_world(folder) as world:
        world.start_gateway(world.port)
        report: dict[str, Any] = {"transfers": _send_all(world)}
        if not as_json:
            telling.transfers(report["transfers"])
        numbers = count(len(ACTS) + 1)
        for name, act in BEFORE_THE_SWITCH.items():
            report[name] = _shown(world, act, numbers, as_json=as_json)
        report["drop_in"] = drop_in.show(world)
        if not as_json:
            telling.drop_in(report["drop_in"]["calls"], numbers)
        for name, act in AFTER_THE_SWITCH.items():
            report[name] = _shown(world, act, numbers, as_json=as_json)
        report["refusals"] = _refuse_all(world)
        report["log"] = world.command("log", "verify")
        report["rewound"] = _rewind(world)
        report["seconds"] = round(time.monotonic() - started, 1)
        emit(report, lambda: telling.rest(report), as_json=as_json)
        _insist(report)
        if keep:
            telling.keep(world)
            _wait()
    if keep:
        out.print("\nended; the folder is gone")


def _shown(world: World, act: ModuleType, numbers: Iterator[int], *, as_json: bool) -> dict[str, Any]:
    """Show one of the acts that have a file of their own: each has `DOING`, `show`, `tell` and `wrong`."""
    with err.status(f"{act.DOING} …"):
        shown: dict[str, Any] = act.show(world)
    if not as_json:
        act.tell(shown, next(numbers))
    return shown


def _send_all(world: World) -> list[dict[str, Any]]:
    """Send every act once and the rest as a stream of them; what the platform held, what left, what arrived."""
    shown: list[dict[str, Any]] = []
    maps = load_snapshot(world.folder / "purpose_maps", compile_projection)
    with Progress(
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task("sending", total=TRANSFERS)
        for act in islice(cycle(ACTS), TRANSFERS):
            status, reply = world.call("POST", "/v1/transfers", request(act))
            arrived = world.arrival() if status == HTTPStatus.OK else {}
            progress.advance(task)
            if len(shown) < len(ACTS):
                plain = told(try_map(maps, act.recipient, act.purpose, parse(orjson.dumps(act.payload))))
                shown.append(
                    {
                        "title": act.title,
                        "held": act.payload,
                        "stayed": plain["withheld"],  # with the names that the gateway itself conceals
                        "status": status,
                        "reply": reply,
                        "arrived": arrived,
                    }
                )
            elif status != HTTPStatus.OK:
                raise ConfigError([f"a transfer of the demo failed with {status} {reply.get('code')}"])
    return shown


def _refuse_all(world: World) -> list[dict[str, Any]]:
    world.command("subject", "block", BLOCKED_SUBJECT)
    told = []
    for refusal in REFUSALS:
        status, reply = world.call("POST", "/v1/transfers", request(refusal.act, basis=refusal.basis))
        told.append({"expected": refusal.reason, "because": refusal.because, "status": status, "reply": reply})
    return told


def _rewind(world: World) -> dict[str, Any]:
    """Go on sending after a copy was taken, then run a second gateway on the older copy: a recipient must notice."""
    older = world.copy_home("rewound")
    for _ in range(3):
        world.call("POST", "/v1/transfers", request(REQUEST_RU))
        world.arrival()
    port = free_port()
    world.start_gateway(port, older)
    status, reply = world.call("POST", "/v1/transfers", request(REQUEST_RU), port=port)
    return {"status": status, "reply": reply, "arrived": world.arrival()}


def _insist(report: dict[str, Any]) -> None:
    """A demo that did not show what it says is a failure."""
    wrong = [
        f"{one['title']}: {one['status']} {one['reply'].get('code')}"
        for one in report["transfers"]
        if one["status"] != HTTPStatus.OK
    ]
    wrong += [
        f"expected {one['expected']}, found {one['reply'].get('code')}"
        for one in report["refusals"]
        if one["reply"].get("code") != one["expected"]
    ]
    wrong += [
        f"{one['title']}: {one['status']} {one.get('code')}"
        for one in report["drop_in"]["calls"]
        if "arrived" not in one or one["leaked"] or "wrong" in one["arrived"].values()
    ]
    wrong += [
        f"expected {one['expected']}, found {one['code']}"
        for one in report["drop_in"]["refused"]
        if one["code"] != one["expected"]
    ]
    for name, act in {**BEFORE_THE_SWITCH, **AFTER_THE_SWITCH}.items():
        wrong += act.wrong(report[name])
    wrong += [] if report["log"].get("verified") else ["the log does not verify"]
    wrong += [] if report["rewound"]["arrived"].get("rejected") == "rewound" else ["the rewound log was not refused"]
    if wrong:
        raise ConfigError(wrong, hint="this is a bug of the gateway")


def _wait() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
