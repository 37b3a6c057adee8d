"""Strict YAML: see also tests/data/broken_maps, which `test_load` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.canonical import Number
from gateway.purpose.yaml_files import Document, read_document
from tests.unit.purpose.samples import document


def problems_of(tmp_path: Path, text: str | bytes) -> list[str]:
    file = tmp_path / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    found, problems = read_document(file)
    assert found is None
    return [problem.removeprefix(file.as_posix()) for problem in problems]


def test_values_keep_the_kind_that_was_written(tmp_path: Path) -> None:
    found = document(tmp_path, 'a: 1.10\nb: "1"\nc: true\nd: no\ne: ~\nf: [x, 2]\n')

    assert found.value == {"a": "1.10", "b": "1", "c": True, "d": "no", "e": None, "f": ["x", "2"]}


def test_an_unquoted_number_is_a_number_with_the_digits_that_were_written(tmp_path: Path) -> None:
    found = document(tmp_path, "a: 12345678901234567890.10\n")

    assert isinstance(found.value, dict)
    assert isinstance(found.value["a"], Number)
    assert found.value["a"] == "12345678901234567890.10"


def test_a_date_is_text_in_yaml_1_2(tmp_path: Path) -> None:
    found = document(tmp_path, "day: 2026-11-20\n")

    assert found.value == {"day": "2026-11-20"}


def test_every_key_knows_its_line(tmp_path: Path) -> None:
    found = document(tmp_path, "a:\n  b: 1\n  c:\n    - x\n    - y: 2\n")

    assert dict(found.lines) == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("a", "c", 1, "y"): 5,
    }


def test_a_problem_names_the_line_of_the_nearest_key_that_is_there() -> None:
    found = Document("maps/x.yaml", {}, {("a",): 7})

    assert found.problem(("a", "b", 0), "expected more") == "maps/x.yaml:7: a.b.0: expected more"


def test_a_problem_of_the_whole_file_stands_in_its_first_line() -> None:
    found = Document("maps/x.yaml", {}, {})

    assert found.problem((), "expected more") == "maps/x.yaml:1: expected more"


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "a: &x 1\na: 2\nb: !!str 3\nc: 0x1F\n")

    assert found == [
        ":1: a: expected no anchor: write the value out where it is used",
        ":2: a: duplicate key; it stands in line 1 already",
        ":3: b: expected no tag: the rules decide what type a value has",
        ":4: c: expected quotes: unquoted, this reads as another number than what is written",
    ]


@pytest.mark.parametrize("number", ["0123", "1_000", "0x1F", "0o17", ".5", "+1", "1e3", ".inf", ".NaN", "1."])
def test_what_only_looks_like_a_number_must_be_quoted(tmp_path: Path, number: str) -> None:
    found = problems_of(tmp_path, f"a: {number}\n")

    assert found == [":1: a: expected quotes: unquoted, this reads as another number than what is written"]


@pytest.mark.parametrize("key", ["&k a: 1", "!!str a: 1"])
def test_a_key_bears_neither_anchor_nor_tag(tmp_path: Path, key: str) -> None:
    found = problems_of(tmp_path, key + "\n")

    assert len(found) == 1


def test_a_file_that_is_not_utf_8_is_a_problem(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "a: ё".encode("cp1251"))

    assert found == [":1: expected a readable file in UTF-8 (UnicodeDecodeError)"]


def test_a_control_character_is_a_problem(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "a: \x07\n")

    assert found == [":1: expected YAML without control characters"]


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    found, problems = read_document(tmp_path / "none.yaml")

    assert found is None
    assert problems == [
        f"{(tmp_path / 'none.yaml').as_posix()}:1: expected a readable file in UTF-8 (FileNotFoundError)"
    ]


def test_a_file_that_is_too_deep_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    """T6."""
    found = problems_of(tmp_path, "a: " + "[" * 500 + "]" * 500 + "\n")

    assert len(found) == 1
    assert found[0].endswith("expected at most 32 levels")
