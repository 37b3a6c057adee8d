"""A bank that asks the platform: before a payment it checks an account, then it pays.

The demo plays the bank and, in a server of its own, the platform's billing, which answers with all that it holds about
the account. Promises: what reached the bank is the body that it was sent, and what of the account stands in it is
looked for, value by value.
"""

from __future__ import annotations

import http.client
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from gateway.cli.demo.billing import ACCOUNT, BILLER, OWED
from gateway.cli.demo.story import TERMINAL
from gateway.cli.demo.telling import block, console, heading, leaves
from gateway.cli.demo.world import World

DOING: Final = "asking as a bank"
_TXN: Final = "4102000301"
_SUM: Final = "18250.40"
ASKED: Final = (
    ("check", {"command": "check", "txn_id": _TXN, "account": ACCOUNT}),
    ("pay", {"command": "pay", "txn_id": _TXN, "account": ACCOUNT, "sum": _SUM, "txn_date": "20261120120000"}),
    ("check of no account of ours", {"command": "check", "txn_id": "4102000302", "account": "999999"}),
)
_HINT: Final = "*"


def show(world: World) -> dict[str, Any]:
    """Ask as the bank, and once as someone else; what the platform answered, what reached them, what is logged."""
    calls = [_asked(world, title, words) for title, words in ASKED]
    status, body = _ask(world, ASKED[0][1], "not-the-banks-password")
    logged = world.command("transfer", "list", "--recipient", TERMINAL)["transfers"]
    return {
        "recipient": TERMINAL,
        "calls": calls,
        "stranger": {"status": status, "bytes": len(body), "platform_was_asked": world.unasked() > 0},
        "log": [{name: one[name] for name in ("index", "direction", "ended")} for one in reversed(logged)],
    }


def wrong(shown: dict[str, Any]) -> list[str]:
    """What did not come as it must."""
    check, pay, nobody = shown["calls"]
    problems = [
        f"{one['title']}: {one['status']} {one['answer']}"
        for one in (check, pay)
        if one["answer"].get("result") != 0 or one["answer"].get("sum") is None or _HINT not in _hint(one["answer"])
    ]
    problems += [
        f"{one['title']}: the account's own values reached the bank" for one in shown["calls"] if one["leaked"]
    ]
    problems += [] if nobody["answer"].get("result") == 1 else ["no account of ours: not told so"]
    stranger = shown["stranger"]
    silent = stranger["status"] == http.client.UNAUTHORIZED and not stranger["bytes"]
    problems += [] if silent and not stranger["platform_was_asked"] else ["a wrong password was answered"]
    logged = [(one["direction"], one["ended"]) for one in shown["log"]]
    return problems + ([] if logged == [("answer", "delivered")] * 2 else [f"the log says {logged}"])


def tell(shown: dict[str, Any], number: int) -> None:
    """What was asked, what the platform answered, what reached the bank."""
    heading(number, "a bank asks us: check, then pay", TERMINAL)
    block(
        "in its own protocol, at /v1/pull/…, with its own password; the gateway asks the platform's billing, which "
        "answers with all that it holds about the account:",
        indent=0,
    )
    for one in shown["calls"]:
        console.print(f"  GET {one['asked']}", markup=False)
        held = f"the platform answered {one['held']} values" if one["held"] else "the platform knows of none"
        console.print(f"    {held}; {leaves(one['answer'])} reached the bank:")
        block(one["body"].replace(",", ", "), indent=4, style="green")
    stranger = shown["stranger"]
    console.print(
        f"with a wrong password: {stranger['status']}, {stranger['bytes']} bytes, and the platform was "
        f"{'asked all the same' if stranger['platform_was_asked'] else 'not asked'}"
    )
    for one in shown["log"]:
        console.print(
            f"[bold]logged as #{one['index']} before it was given[/], direction {one['direction']}: {one['ended']}"
        )
    console.print()


def _asked(world: World, title: str, words: dict[str, str]) -> dict[str, Any]:
    status, body = _ask(world, words, world.bank[1])
    told = world.arrival().get("data", {})  # what the platform answered
    own = {text for text in _values(told) if text not in {*words.values(), OWED, BILLER, "0", "fio"}}
    return {
        "title": title,
        "asked": f"/kaspi?{urlencode(words)}",
        "status": status,
        "held": leaves(told),
        "answer": orjson.loads(body),
        "body": body.decode(),
        "leaked": len([text for text in own if text != str(told.get("prv_txn_id")) and text in body.decode()]),
    }


def _ask(world: World, words: dict[str, str], password: str) -> tuple[int, bytes]:
    shown = b64encode(f"{world.bank[0]}:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    try:
        target = f"/v1/pull/{TERMINAL}/kaspi?{urlencode(words)}"
        connection.request("GET", target, headers={"Authorization": f"Basic {shown}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _hint(answer: dict[str, Any]) -> str:
    return str(answer.get("fields", {}).get("field1", {}).get("#text", ""))


def _values(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for inner in node.values():
            yield from _values(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _values(inner)
    else:
        yield str(node)
