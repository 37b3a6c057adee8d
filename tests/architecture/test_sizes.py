"""Files and functions that one can hold in the head."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOT, modules, statements

FILE_LINES = 400
FUNCTION_STATEMENTS = 40
TRANSFER_LINES = 150

LARGE_FILES: dict[str, str] = {}  # path → why it is one idea
LARGE_FUNCTIONS: dict[str, str] = {}  # path:name → why it is one idea


def _lines(name: str) -> int:
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


def test_transfer_can_be_read_at_once() -> None:
    assert _lines("gateway/transfer.py") <= TRANSFER_LINES


def test_no_file_is_a_room_too_big_to_know() -> None:
    sizes = sorted(((_lines(name), name) for name in modules()), reverse=True)
    print("largest files:", sizes[:5])

    assert [pair for pair in sizes if pair[0] > FILE_LINES and pair[1] not in LARGE_FILES] == []


def test_no_function_does_too_much() -> None:
    sizes = sorted(
        (
            (statements(node), f"{name}:{node.name}")
            for name, tree in modules().items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        ),
        reverse=True,
    )
    print("largest functions:", sizes[:5])

    assert [pair for pair in sizes if pair[0] > FUNCTION_STATEMENTS and pair[1] not in LARGE_FUNCTIONS] == []


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_module_opens_with_what_it_is_for(name: str) -> None:
    docstring = ast.get_docstring(modules()[name])

    assert docstring is not None
    assert docstring.split("\n\n")[0].endswith((".", ":", "?", ")"))


def test_the_lists_of_exceptions_name_only_what_exists() -> None:
    assert [name for name in LARGE_FILES if name not in modules()] == []
