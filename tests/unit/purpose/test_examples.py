from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import Number
from gateway.errors import PurposeMapError
from gateway.model import Snapshot
from gateway.purpose import Example, load_examples, load_snapshot
from tests.unit.purpose.samples import SMALL_MAPS, copy_of_small_maps, fake_projection

RIGHT = """
title: a leak
payload: {ticket: {id: R-1, floor: 5, done: false, note: ~}}
expect:
  decision: permitted
  disclosure: {ticket: {id: R-1}}
  withheld: {ticket.note: not_in_map}
"""


@pytest.fixture(scope="module")
def maps() -> Snapshot:
    return load_snapshot(SMALL_MAPS, fake_projection)


def load(
    tmp_path: FilePath, maps: Snapshot, text: str, place: str = "mc-one/service_request/leak.yaml"
) -> tuple[Example, ...]:
    file = tmp_path / "maps" / "examples" / place
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    return load_examples(tmp_path / "maps", maps)


def problems_of(
    tmp_path: FilePath, maps: Snapshot, text: str, place: str = "mc-one/service_request/leak.yaml"
) -> list[str]:
    with pytest.raises(PurposeMapError) as caught:
        load(tmp_path, maps, text, place)
    return [
        problem.removeprefix((tmp_path / "maps" / "examples").as_posix() + "/") for problem in caught.value.problems
    ]


def test_an_example_is_named_by_where_it_stands(tmp_path: FilePath, maps: Snapshot) -> None:
    (found,) = load(tmp_path, maps, RIGHT)

    assert found.name == "mc-one/service_request/leak"
    assert (found.recipient, found.purpose) == ("mc-one", "service_request")


def test_a_payload_is_the_tree_that_a_parser_makes(tmp_path: FilePath, maps: Snapshot) -> None:
    (found,) = load(tmp_path, maps, RIGHT)

    assert found.payload == {"ticket": {"id": "R-1", "floor": "5", "done": False, "note": None}}
    assert isinstance(found.payload, dict)
    assert isinstance(found.payload["ticket"], dict)
    assert isinstance(found.payload["ticket"]["floor"], Number)


def test_what_is_expected_has_the_keys_of_a_verdict(tmp_path: FilePath, maps: Snapshot) -> None:
    (found,) = load(tmp_path, maps, RIGHT)

    assert found.expected == {
        "decision": "permitted",
        "reason": None,
        "disclosure": {"ticket": {"id": "R-1"}},
        "withheld": [{"path": "ticket.note", "reason": "not_in_map"}],
    }


def test_a_refusal_is_expected_to_disclose_nothing(tmp_path: FilePath, maps: Snapshot) -> None:
    (found,) = load(tmp_path, maps, "title: x\npayload: {}\nexpect: {decision: refused, reason: required_missing}\n")

    assert found.expected == {"decision": "refused", "reason": "required_missing", "disclosure": None}


def test_a_folder_without_examples_has_none(tmp_path: FilePath, maps: Snapshot) -> None:
    assert load_examples(copy_of_small_maps(tmp_path), maps) == ()


WRONG = {
    "no reason": (
        "title: x\npayload: {}\nexpect: {decision: refused}\n",
        "mc-one/service_request/leak.yaml:3: expect.reason: expected a reason why a transfer is refused",
    ),
    "a reason that is none": (
        "title: x\npayload: {}\nexpect: {decision: refused, reason: because}\n",
        "mc-one/service_request/leak.yaml:3: expect.reason: expected a reason why a transfer is refused",
    ),
    "a permission without disclosure": (
        "title: x\npayload: {}\nexpect: {decision: permitted}\n",
        "mc-one/service_request/leak.yaml:3: expect: permitted: expected a disclosure, and no reason",
    ),
    "a permission with a reason": (
        "title: x\npayload: {}\nexpect: {decision: permitted, reason: restricted, disclosure: {a: b}}\n",
        "mc-one/service_request/leak.yaml:3: expect: permitted: expected a disclosure, and no reason",
    ),
    "withheld for no reason of the list": (
        "title: x\npayload: {}\nexpect: {decision: permitted, disclosure: {a: b}, withheld: {c: secret}}\n",
        "mc-one/service_request/leak.yaml:3: expect.withheld.c: expected a reason why a field is withheld",
    ),
    "an unknown key": (
        "title: x\npayload: {}\nexpects: {}\n",
        "mc-one/service_request/leak.yaml:1: expect: missing",
    ),
    "a file that does not read": ("title: [", "mc-one/service_request/leak.yaml:1: expected YAML: "),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_an_example_is_as_strict_as_a_map(tmp_path: FilePath, maps: Snapshot, text: str, expected: str) -> None:
    found = problems_of(tmp_path, maps, text)

    assert any(problem.startswith(expected) for problem in found)


@pytest.mark.parametrize(
    "place",
    ["leak.yaml", "mc-one/leak.yaml", "mc-one/service_request/deep/leak.yaml", "mc-one/service_request/leak.yml"],
)
def test_an_example_in_the_wrong_place_is_a_problem(tmp_path: FilePath, maps: Snapshot, place: str) -> None:
    found = problems_of(tmp_path, maps, RIGHT, place)

    assert found == [f"{place}:1: expected examples/<recipient>/<purpose>/<name>.yaml"]


@pytest.mark.parametrize("place", ["mc-two/service_request/leak.yaml", "mc-one/payment/leak.yaml"])
def test_an_example_of_a_map_that_is_not_there_is_a_problem(tmp_path: FilePath, maps: Snapshot, place: str) -> None:
    found = problems_of(tmp_path, maps, RIGHT, place)

    assert found == [f"{place}:1: expected in a folder named after a recipient and a purpose it has"]


def test_an_example_may_show_that_a_purpose_is_unknown(tmp_path: FilePath, maps: Snapshot) -> None:
    text = "title: x\npayload: {}\nexpect: {decision: refused, reason: unknown_purpose}\n"

    (found,) = load(tmp_path, maps, text, "mc-one/payment/none.yaml")

    assert found.expected["reason"] == "unknown_purpose"
