from __future__ import annotations

from pathlib import Path

import pytest

from gateway.canonical import Node
from gateway.cli.map.sample import sample
from gateway.cli.map.shrinking import fields_of
from gateway.cli.verdict import try_map
from gateway.errors import ConfigError
from gateway.minimise import compile_projection
from gateway.minimise.invented import someones
from gateway.model import Disclosure, PurposeId, PurposeMap, RecipientId
from gateway.purpose import load_examples, load_snapshot
from tests.deployment import ROOT

MAPS = ROOT / "purpose_maps"
SNAPSHOT = load_snapshot(MAPS, compile_projection)
EXAMPLES = load_examples(MAPS, SNAPSHOT)


def declared(recipient: str, purpose: str) -> PurposeMap:
    return SNAPSHOT.maps[RecipientId(recipient), PurposeId(purpose)]


def test_the_richest_invented_example_is_taken() -> None:
    found = sample(declared("carrier-cdek-test", "goods_delivery"), None, EXAMPLES)

    assert found.source.startswith("examples/carrier-cdek-test/goods_delivery/")
    assert len(fields_of(found.payload)) > 10


def test_without_an_example_one_is_made_of_the_map_and_about_no_one() -> None:
    for pair, one in SNAPSHOT.maps.items():
        found = sample(one, None, [])

        assert found.source == "made from the map"
        assert someones(found.payload) == []
        assert fields_of(found.payload), pair


def test_what_is_made_of_the_map_passes_the_map() -> None:
    one = declared("mc-primer-uk", "service_request")

    result = try_map(SNAPSHOT, "mc-primer-uk", "service_request", sample(one, None, []).payload)

    assert isinstance(result, Disclosure)
    assert len(result.released) >= 8


def test_a_file_is_read_as_json(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b'{"number": "ORD-1"}')

    assert sample(declared("carrier-cdek-test", "goods_delivery"), str(path), []).payload == {"number": "ORD-1"}


@pytest.mark.parametrize(
    ("raw", "payload"),
    [
        (b'{"items": ["x"]}', {"body": {"items": ["x"]}}),
        (b'{"query": {"a": "b"}}', {"query": {"a": "b"}}),
    ],
    ids=["body", "whole"],
)
def test_a_body_alone_stands_where_the_map_reads_it(tmp_path: Path, raw: bytes, payload: Node) -> None:
    path = tmp_path / "body"
    path.write_bytes(raw)

    assert sample(declared("carrier-yandex-test", "goods_delivery"), str(path), []).payload == payload


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"phone": "+77011234567"}', "phone: reads as someone's phone"),
        (b'{"recipient": {"name": "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd"}}', "recipient.name: reads as someone's name"),
        (b'{"a": 1, "a": 2}', "neither strict JSON"),
        (b"{}", "holds no field"),
    ],
    ids=["phone", "name", "twice", "empty"],
)
def test_what_is_not_invented_or_not_readable_is_refused_without_its_values(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    path = tmp_path / "body"
    path.write_bytes(raw)

    with pytest.raises(ConfigError) as refused:
        sample(declared("carrier-cdek-test", "goods_delivery"), str(path), [])

    assert said in str(refused.value)
    assert "7011234567" not in str(refused.value)


def test_examples_that_are_not_invented_are_passed_over() -> None:
    found = sample(declared("carrier-yandex-test", "goods_delivery"), None, EXAMPLES)

    assert found.source == "made from the map"
