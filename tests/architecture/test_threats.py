"""Each row of the threat table that this release must hold has a test that cites it, through the built gateway.

The table itself stands outside of the project; its rows are listed here with a word for each. A row is cited as `T31`
in the docstring of a test that runs the attack, in the docstring of its module, or in the name of a case.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

ROWS = {
    1: "duplicate keys",
    2: "keys equal to those who fold case",
    3: "look-alike keys",
    4: "strange text",
    5: "number games",
    6: "deep and huge bodies",
    7: "keys that machinery acts on",
    8: "encodings that lie",
    9: "content-type confusion",
    10: "forms and multipart",
    11: "an empty or broken map",
    12: "nested maps",
    13: "free text",
    14: "data encoded into allowed fields",
    15: "one id for all recipients",
    16: "arrays of other people",
    17: "null, empty, absent",
    18: "over-stripping",
    20: "header injection",
    21: "hop-by-hop and trace headers",
    22: "header leakage",
    23: "query and path leakage",
    24: "cookies",
    25: "redirects",
    33: "answers that say too much",
    47: "purpose spoofing",
    48: "what is another caller's",
    49: "one key of two callers or two requests",
}
BUILT = ("tests/e2e", "tests/crash")  # where a real `gateway serve` is asked
_CITED = re.compile(r"\bT([1-9][0-9]?)\b")
_SPAN = re.compile(r"\bT([1-9][0-9]?) to T([1-9][0-9]?)\b")


def cited(text: str) -> set[int]:
    """The rows that some words cite; `T20 to T23` is all four."""
    spans = {row for first, last in _SPAN.findall(text) for row in range(int(first), int(last) + 1)}
    return spans | {int(row) for row in _CITED.findall(text)}


def _texts(test: ast.FunctionDef, tree: ast.Module) -> str:
    """What a test says of itself: its docstring, and the names of the cases of the tables that it is run on."""
    tables = {node.id for one in test.decorator_list for node in ast.walk(one) if isinstance(node, ast.Name)}
    found = [ast.get_docstring(test) or ""]
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in tables:
            found += [
                one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
    return "\n".join(found)


@cache
def citing() -> dict[int, list[str]]:
    """Row → the tests that cite it."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for row in cited(_texts(node, tree)):
                    found.setdefault(row, []).append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=[f"T{row} {words}" for row, words in ROWS.items()])
def test_the_row_is_held_by_a_test_through_the_built_gateway(row: int) -> None:
    tests = [one for one in citing().get(row, []) if one.startswith(BUILT)]

    assert tests, f"no test below {' or '.join(BUILT)} cites T{row} ({ROWS[row]})"


def test_a_citation_is_found_where_it_stands_and_nowhere_else() -> None:
    assert cited("T1, T20 to T23; T09:00, GET10, T1x.") == {1, 20, 21, 22, 23}
    assert cited("2026-11-23T9:00") == set()
    assert cited("") == set()


def test_what_cites_exists() -> None:
    files = {Path(one.split("::")[0]) for tests in citing().values() for one in tests}

    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert len(files) > len(ROWS)
