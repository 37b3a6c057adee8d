"""Bodies as a recipient's own API takes them, through stages 2 and 3: they leave in their own shape, with the minimum.

The targets beside the shared payloads are a proposal; where a file of ours says otherwise, the difference stands here
with its reason. Without the shared payloads, our own examples stand in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.canonical import Node, Number
from gateway.cli.verdict import try_map
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.model import Disclosure
from gateway.purpose import load_examples, load_snapshot

MAPS = Path(__file__).parents[2] / "purpose_maps"
PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads"
SNAPSHOT = load_snapshot(MAPS, compile_projection)
AROUND: dict[str, Node] = {"query": {"request_id": "ORD-5003"}, "header": {"accept-language": "ru"}}

# Path → what leaves instead of the target's value; None: it stays home.
OTHERWISE: dict[str, dict[str, str | None]] = {
    "07": {
        "packages[0].items[0].name": "Товар",  # the code of the goods stands beside it already
        "to_location.address": "ул. Примерная, 10/1, кв. 45, подъезд 2, домофон [КОД]",  # a label stands in its place
    },
    "08": {
        "route_points[0].contact.name": "С.",  # a name is a name, at a store too
        **{f"route_points[{point}].address.coordinates[{axis}]": None for point in (0, 1) for axis in (0, 1)},
        "emergency_contact.name": None,  # the taxonomy lets no emergency contact out
        "emergency_contact.phone": None,
    },
}


@pytest.mark.parametrize("number", OTHERWISE)
def test_a_body_in_a_carrier_s_own_shape_leaves_in_it_as_its_target_shows(number: str) -> None:
    """T18."""
    files = sorted(PAYLOADS.glob(f"{number}_*.json"))
    if not files:
        print("the shared payloads are not here; our own examples stand in")
        assert load_examples(MAPS, SNAPSHOT)
        return
    given, target = parse(files[0].read_bytes()), parse((PAYLOADS / "expected" / files[0].name).read_bytes())
    assert isinstance(given, dict)
    meta = given["meta"]
    assert isinstance(meta, dict)
    who, what = str(meta["recipient"]), str(meta["purpose"])
    located = next(one.located for pair, one in SNAPSHOT.maps.items() if pair == (who, what))

    found = try_map(SNAPSHOT, who, what, {**AROUND, "body": given["body"]} if located else given["body"])

    assert isinstance(found, Disclosure)
    body = found.data["body"] if located and isinstance(found.data, dict) else found.data
    expected = {**dict(leaves(target)), **OTHERWISE[number]}
    assert dict(leaves(body)) == {path: value for path, value in expected.items() if value is not None}


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from leaves(inner, f"{path}[{at}]")
    else:
        yield path, ("number", str(node)) if isinstance(node, Number) else node
