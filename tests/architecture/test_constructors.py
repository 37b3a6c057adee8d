"""The order of the path is held by types only if each value is made in one place (DESIGN section 2)."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import modules

MADE_IN = {
    "Admitted": {
        "gateway/admission/request.py",
        "gateway/admission/pulled.py",  # where the recipient is the one that asks
        "gateway/admission/registry.py",  # a record of a registry, under what was stated once for all
        "gateway/cli/verdict.py",  # sends and records nothing
    },
    "Permitted": {"gateway/purpose/decide.py"},
    "Disclosure": {"gateway/minimise/disclose.py"},
    "Recorded": {"gateway/transfer_log/record.py", "gateway/transfer_log/record_many.py"},  # one, and a group of them
    "Declined": {"gateway/transfer_log/record.py", "gateway/transfer_log/record_many.py"},
    "Receipt": {"gateway/storage/log.py"},
    # For recipients that open it, for those that cannot, and for many records of a registry.
    "Envelope": {"gateway/seal/envelope.py", "gateway/seal/plain.py", "gateway/seal/shared.py"},
}


def _makers(value: str) -> set[str]:
    return {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) == value
    }


@pytest.mark.parametrize("value", sorted(MADE_IN))
def test_each_value_of_the_path_is_made_in_one_place(value: str) -> None:
    assert _makers(value) == MADE_IN[value]


def test_no_one_edits_a_value_of_the_path() -> None:
    """`dataclasses.replace` would make one without its stage."""
    users = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and any(a.name == "replace" for a in node.names)
    }

    assert users == {
        "gateway/web/api/pull.py",  # a House for one request, whose admission is over
        "gateway/batch/begin.py",  # a House for one registry, whose recorder gathers a group
        "gateway/web/__init__.py",  # guards the House's door with the quota; a House is wiring, no value
        "gateway/minimise/answers.py",  # an answer that is less than it was
        "gateway/purpose/compile.py",  # rules, while they are made
        "gateway/purpose/places.py",
        "gateway/purpose/pulls.py",
        "gateway/purpose/shape.py",
        "gateway/purpose/text_modes.py",  # a rule of free text, under its map's mode
    }
