"""How the demo tells what happened, readable at 100 columns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from textwrap import wrap
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from gateway.cli.demo.billing import ACCOUNT
from gateway.cli.demo.drop_in import BY_FORM, about
from gateway.cli.demo.story import CHECKOUT, DROP_IN, RECIPIENTS, REQUEST_RU, TERMINAL, request
from gateway.cli.demo.world import World
from gateway.cli.terminal import pretty

WIDTH = 100
ASKED = {"command": "check", "txn_id": "4102000303", "account": ACCOUNT}

console = Console(highlight=False, width=WIDTH)
_TITLES = {**{one.id: one.title for one in (*RECIPIENTS, *DROP_IN)}, TERMINAL: "bank that asks the platform"}


def heading(number: int, title: str, recipient: str) -> None:
    """The line above an act."""
    console.rule(f"[bold]{number}. {title}[/] → {recipient}, {_TITLES[recipient]}", align="left")


def block(text: str, *, indent: int = 2, style: str = "") -> None:
    """A text of any length, its lines indented alike."""
    for line in wrap(text, WIDTH - indent, break_on_hyphens=False, drop_whitespace=True) or [""]:
        console.print(f"{' ' * indent}{line}", markup=False, style=style)


def transfers(shown: list[dict[str, Any]]) -> None:
    """Per transfer: what the platform held, what left, what stayed and why, what the recipient said."""
    for number, one in enumerate(shown, start=1):
        reply, arrived = one["reply"], one["arrived"]
        if not arrived:
            console.print(f"[bold red]{one['title']}: {one['status']} {reply.get('code')}[/]")
            continue
        heading(number, one["title"], arrived["recipient"])
        console.print(f"the platform held {leaves(one['held'])} values; {leaves(arrived['data'])} left:")
        console.print(_indent(pretty(arrived["data"])), markup=False, style="green")
        _stayed(one["stayed"])
        for kind, count in sorted(reply.get("findings", {}).items()):
            console.print(f"  in the text       {count} × {kind} replaced", markup=False, style="yellow")
        for group in reply.get("alarms", []):
            console.print(f"  [bold red]alarm[/]             a key of the special category {group!r} was met")
        console.print(
            f"the recipient opened {arrived['bytes']} sealed bytes: "
            f"[bold]logged as #{arrived['index']} before it was sent[/]\n"
        )


def drop_in(shown: list[dict[str, Any]], numbers: Iterator[int]) -> None:
    """Per call through the proxy: who made it, what arrived, what stayed and why, and whose credentials went along."""
    for one, number in zip(shown, numbers, strict=False):  # which do not end
        if "arrived" not in one:
            console.print(f"[bold red]{one['title']}: {one['status']} {one.get('code')}[/]")
            continue
        arrived = one["arrived"]
        heading(number, one["title"], arrived["recipient"])
        console.print(f"by {one['by']}, with a new base URL:")
        console.print(f"  {one['base_url']}", markup=False)
        console.print(f"it sent {leaves(one['held'])} values; {leaves(arrived['data'])} arrived at {arrived['route']}:")
        console.print(_indent(pretty(arrived["data"])), markup=False, style="green")
        _stayed(one["stayed"])
        console.print(f"  Gateway-Withheld: {one['withheld']}")
        console.print(f"headers that arrived: {', '.join(arrived['headers'])}", markup=False)
        console.print(_proof(arrived))
        console.print(
            f"[bold red]of the platform's own credentials arrived: {', '.join(one['leaked'])}[/]"
            if one["leaked"]
            else "of the platform's own credentials (token, account, password, cookie) none arrived"
        )
        console.print(
            f"the recipient answered {one['status']}: [bold]logged as #{one['log']['index']} before it was sent[/]\n"
        )


def _proof(arrived: dict[str, Any]) -> str:
    if "signature" in arrived:
        said = f"[bold]{arrived['signature']}[/], says the recipient"
        return f"pg_salt and pg_sig, made by the gateway over what is left: {said}"
    return f"access token, fetched by the gateway: [bold]{arrived['credential']}[/], says the recipient"


def _stayed(withheld: list[dict[str, str]]) -> None:
    console.print("what stayed home:")
    for reason, paths in sorted(_by_reason(withheld).items()):
        lines = wrap(", ".join(paths), 80, break_on_hyphens=False)
        for line, name in zip(lines, chain((reason,), repeat("")), strict=False):
            console.print(f"  {name:<17} {line}", markup=False, style="yellow")


def rest(report: dict[str, Any]) -> None:
    """Refusals, the log, the rewound copy."""
    console.rule("[bold]Refused, each for its reason[/]", align="left")
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("reason", "status", "because", "recorded as"):
        grid.add_column(column)
    for one in report["refusals"]:
        index = one["reply"].get("log", {}).get("index")
        grid.add_row(str(one["reply"].get("code")), str(one["status"]), one["because"], f"#{index}")
    console.print(grid)
    console.print("and through the proxy:")
    for one in report["drop_in"]["refused"]:
        console.print(f"  {one['code']} {one['status']} by {one['by']}: {one['because']}", markup=False)
    console.print()
    console.rule("[bold]The transfer log[/]", align="left")
    log = report["log"]
    console.print(
        f"log verify: [bold green]verified[/] {log['entries']} entries under {log['checkpoints']} checkpoints"
        if log["verified"]
        else f"[bold red]log verify: {log['problems']}[/]"
    )
    rewound = report["rewound"]
    console.print("then a copy of the log was rewound, and the next envelope went out from the older copy:")
    console.print(f"  the recipient refused it: [bold]{rewound['arrived'].get('rejected')}[/]", end="")
    console.print(f"; the platform got {rewound['status']} {rewound['reply'].get('code')}")
    console.print(f"\ndone in {report['seconds']} s")


def keep(world: World) -> None:
    """What to try while it runs."""
    base = f"http://127.0.0.1:{world.port}"
    body = world.folder / "request.json"
    body.write_text(pretty(request(REQUEST_RU)), encoding="utf-8")
    form = world.folder / "checkout.form"
    form.write_bytes(BY_FORM.body)
    headers = {"Gateway-Token": world.token, "Content-Type": BY_FORM.content_type, **about(CHECKOUT)}
    stated = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    console.print()
    console.rule("[bold]It is still running[/] (Ctrl-C ends it)", align="left")
    command = f"GATEWAY_HOME={world.home} {Path(sys.executable).parent / 'gateway'}"
    plain = Console(highlight=False, soft_wrap=True)
    for line in (
        f"curl -s {base}/v1/transfers -H 'Gateway-Token: {world.token}' -H 'Content-Type: application/json' -d @{body}",
        f"curl -si {base}{BY_FORM.path} {stated} -d @{form}",
        f"curl -su {':'.join(world.bank)} '{base}/v1/pull/{TERMINAL}/kaspi?{urlencode(ASKED)}'",
        f"curl -s {base}/v1/log/checkpoint",
        f"curl -s {base}/.well-known/jwks.json",
        f"curl -s {base}/readyz",
        f"curl -s {base}/metrics",
        f"{command} map advise",
        f"{command} transfer list",
        f"{command} log verify",
    ):
        plain.print(line, markup=False)


def leaves(node: Any) -> int:
    """How many values there are in a tree."""
    if isinstance(node, dict):
        return sum(leaves(value) for value in node.values())
    if isinstance(node, list):
        return sum(leaves(value) for value in node)
    return 0 if node is None else 1


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _by_reason(withheld: list[dict[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in withheld:
        found.setdefault(item["reason"], []).append(item["path"])
    return found
