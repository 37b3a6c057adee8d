"""Before the switch: what the carrier's API really needs, asked of its sandbox with an invented order.

Promises: what is told is what `gateway map shrink` found and wrote; the carrier itself is not asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from gateway.cli.demo.own_api import NEEDED
from gateway.cli.demo.story import ORDER
from gateway.cli.demo.telling import block, console, heading
from gateway.cli.demo.world import World

DOING: Final = "asking a sandbox what it needs"
BUDGET: Final = 80


def show(world: World) -> dict[str, Any]:
    """Let `map shrink` leave out field after field."""
    words = ("map", "shrink", ORDER.recipient, ORDER.purpose, "--against", world.sandbox)
    told = world.command(*words, "--requests", str(BUDGET), "--pause", "0")
    written = Path(told["written"])
    return {
        "command": f"gateway {' '.join(words)}",
        "budget": BUDGET,
        **{name: told[name] for name in ("requests", "complete", "steady", "accepts", "never_needed", "undecided")},
        "evidence": str(written.relative_to(world.folder)),
        "evidence_stands": written.is_file(),
        "arrived": world.unasked(),  # at the carrier itself, or anyone else
    }


def wrong(shown: dict[str, Any]) -> list[str]:
    """What did not come as it must."""
    whole = shown["complete"] and shown["steady"] and not shown["undecided"] and shown["never_needed"]
    problems = [] if whole else ["what the sandbox needs was not settled"]
    problems += [f"{path}: needed, and not found so" for path in NEEDED if path not in shown["accepts"]]
    problems += [] if shown["requests"] <= shown["budget"] else ["the budget was not kept"]
    problems += [] if shown["evidence_stands"] else ["no evidence was written"]
    return problems + (["a recipient was asked by map shrink"] if shown["arrived"] else [])


def tell(shown: dict[str, Any], number: int) -> None:
    """What it needs, and what it never did."""
    heading(number, "before the switch: what its API needs", ORDER.recipient)
    console.print("an invented order, asked again and again of the carrier's sandbox with fields left out:")
    console.print(f"[bold]{shown['command']}[/]")
    fields = len(shown["accepts"]) + len(shown["never_needed"]) + len(shown["undecided"])
    console.print(
        f"accepts [bold]{len(shown['accepts'])} of {fields} fields[/], in {shown['requests']} requests; never needed:"
    )
    block(", ".join(shown["never_needed"]), style="yellow")
    console.print("as evidence, for a person to confirm:")
    block(shown["evidence"])
    console.print()
