"""Our purpose maps on real input, through stages 2 and 3: the examples beside them, and the shared payloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.canonical import Node, write
from gateway.cli.verdict import told, try_map
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.model import Disclosure, Refused, Snapshot
from gateway.purpose import Example, load_examples, load_snapshot

MAPS = Path(__file__).parents[2] / "purpose_maps"
PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads"
SNAPSHOT = load_snapshot(MAPS, compile_projection)
EXAMPLES = load_examples(MAPS, SNAPSHOT)
NUMBERS = ("01", "03", "04", "05", "06")
FREE_TEXT = ("text", "comment")
PERSONAL = ("900101100103", "850515200208", "00 01 2", "000123", "@example.com", "4111", "KZ86", "192.0.2.17")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_every_example_gets_the_verdict_it_expects(example: Example) -> None:
    found = told(try_map(SNAPSHOT, example.recipient, example.purpose, example.payload))

    withheld = example.expected.get("withheld", [])
    assert isinstance(withheld, list)
    assert {key: found[key] for key in example.expected if key != "withheld"} == {
        key: expected for key, expected in example.expected.items() if key != "withheld"
    }
    told_withheld = [{"path": one["path"], "reason": one["reason"]} for one in found["withheld"]]
    assert [item for item in withheld if item not in told_withheld] == []


def test_every_pair_of_class_and_purpose_has_an_example() -> None:
    shown = {(example.recipient, example.purpose) for example in EXAMPLES}
    pairs = {(SNAPSHOT.recipients[who].recipient_class, what) for who, what in shown if (who, what) in SNAPSHOT.maps}

    assert len(pairs) == 6
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize("number", NUMBERS)
def test_a_shared_payload_leaves_with_the_values_of_its_target_and_no_others(number: str) -> None:
    given, target = shared(number, PAYLOADS), shared(number, PAYLOADS / "expected")
    if given is None or target is None:
        print("the shared payloads are not here; our own examples stand in")
        assert EXAMPLES
        return

    disclosure = disclosed(SNAPSHOT, given)

    assert values(disclosure.data) == values(target)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_identifier_of_a_shared_payload_is_left_in_its_free_text(number: str) -> None:
    given = shared(number, PAYLOADS)
    if given is None:
        print("the shared payloads are not here; our own examples stand in")
        assert EXAMPLES
        return

    disclosure = disclosed(SNAPSHOT, given)

    texts = [value for key, value in leaves(disclosure.data) if key in FREE_TEXT]
    assert [part for part in PERSONAL for text in texts if part in text] == []


def test_money_leaves_with_the_digits_it_came_with() -> None:
    """T18, law 9."""
    charge = b'{"service_code":"mgmt","period":"2026-10","amount":1.10,"currency":"KZT"}'
    payload = parse(b'{"records":[{"personal_account":"100200300","premise_id":"p1","charges":[%b]}]}' % charge)

    found = try_map(SNAPSHOT, "mc-primer-uk", "management_services", payload)

    assert isinstance(found, Disclosure)
    assert charge in write(found.data)


@pytest.mark.parametrize("account", ["900101100103", "4111111111111111"], ids=["an IIN", "a card"])
def test_a_number_that_names_a_person_is_no_account(account: str) -> None:
    """T14, law 6."""
    payload = parse(b'{"records":[{"personal_account":"%b","premise_id":"p1"}]}' % account.encode())

    found = try_map(SNAPSHOT, "mc-primer-uk", "management_services", payload)

    assert isinstance(found, Refused)


def shared(number: str, folder: Path) -> Node:
    files = sorted(folder.glob(f"{number}_*.json")) if folder.is_dir() else []
    return parse(files[0].read_bytes()) if files else None


def disclosed(snapshot: Snapshot, payload: Node) -> Disclosure:
    assert isinstance(payload, dict)
    meta = payload["meta"]
    assert isinstance(meta, dict)
    found = try_map(snapshot, str(meta["recipient"]), str(meta["purpose"]), payload)
    assert isinstance(found, Disclosure)
    return found


def values(node: Node) -> Counter[str]:
    """The values that leave, wherever they stand; free text and the pseudonym are judged elsewhere."""
    return Counter(value for key, value in leaves(node) if key not in (*FREE_TEXT, "subject_ref"))


def leaves(node: Node, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from leaves(inner, name)
    elif isinstance(node, list):
        for inner in node:
            yield from leaves(inner, key)
    elif node is not None:
        yield key, str(node)
