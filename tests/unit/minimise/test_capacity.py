"""What a map can carry is told in bits, and is never more than was told (T14)."""

from __future__ import annotations

import base64
import random
from itertools import product
from math import log2
from pathlib import Path
from typing import Any

import pytest

from gateway.canonical import Node, Number, path_text, write
from gateway.minimise import compile_projection
from gateway.minimise.capacity import FREE, capacity, of_map
from gateway.model import FieldRule, FieldType, Plan, Transform
from gateway.purpose import load_snapshot
from tests.rules import LEXICON, rule, show

MAPS = load_snapshot(Path(__file__).parents[3] / "purpose_maps", compile_projection).maps
NARROW = sorted(
    {(path_text(one.path), one) for found in MAPS.values() for one in found.fields if capacity(one) < FREE},
    key=lambda pair: (pair[0], repr(pair[1])),
)


@pytest.mark.parametrize(
    ("changes", "bits"),
    [
        pytest.param({"one_of": ("a", "b", "c", "d"), "required": True}, 2.0, id="a list"),
        pytest.param({"one_of": ("a", "b", "c")}, 2.0, id="a list, or nothing"),
        pytest.param({"pattern": "[0-9]{4}", "required": True}, log2(10_000), id="a pattern of one length"),
        pytest.param({"pattern": "(?:x|[ab])z", "required": True}, log2(3), id="a pattern of parts"),
        pytest.param({"pattern": "[A-Z]+", "max_length": 2, "required": True}, 2 * log2(150_000) + 1, id="open ended"),
        pytest.param({"transform": Transform.PSEUDONYM, "required": True}, 0.0, id="a pseudonym"),
        pytest.param({"max_length": 0, "required": True}, 1.0, id="nothing at all"),
    ],
)
def test_the_bits_of_a_text_follow_from_its_bounds(changes: dict[str, Any], bits: float) -> None:
    """T14."""
    assert capacity(rule("a", **changes)) == pytest.approx(bits)


@pytest.mark.parametrize(
    ("kind", "changes", "alphabet", "longest"),
    [
        pytest.param(FieldType.STRING, {"pattern": "[ab]{1,3}c?"}, "abc", 4, id="pattern"),
        pytest.param(FieldType.STRING, {"pattern": "(?:a|bb|[^ab]c){1,2}"}, "abc", 4, id="pattern of alternatives"),
        pytest.param(FieldType.STRING, {"pattern": "a*(?=b)b|c", "max_length": 3}, "abc", 4, id="pattern, cut off"),
        pytest.param(FieldType.STRING, {"max_length": 2}, "aя9 ", 3, id="length"),
        pytest.param(FieldType.INTEGER, {"minimum": "-3", "maximum": "12"}, "-0123", 3, id="integer"),
        pytest.param(FieldType.DECIMAL, {"minimum": "0", "maximum": "1", "places": 2}, "01.2", 4, id="decimal"),
        pytest.param(FieldType.SHARE, {}, "1/23", 5, id="share"),
        pytest.param(FieldType.AREA, {}, "19.,0", 5, id="area"),
        pytest.param(FieldType.BOOLEAN, {}, "", 0, id="boolean"),
    ],
)
def test_no_more_values_pass_than_the_bits_allow(
    kind: FieldType, changes: dict[str, Any], alphabet: str, longest: int
) -> None:
    """T14: every text of an alphabet is tried."""
    one = rule("a", kind, **changes)
    project = compile_projection(Plan((one,), (), LEXICON))
    texts = ["".join(signs) for size in range(longest + 1) for signs in product(alphabet, repeat=size)]
    tried: list[Node] = [*texts, *map(Number, texts), True, False, "true", "false"]

    passed = {write(project({"a": value}, show).data) for value in tried}

    assert 0 < log2(len(passed)) <= capacity(one) + 1e-9


def spellings(token: int) -> list[str]:
    """What an encoder may make of 64 bits to pass them as a plain value."""
    raw = token.to_bytes(8, "big")
    digits = str(token)
    return [
        digits,
        f"0.{digits}",
        f"{digits[:10]}.{digits[10:]}",
        f"{digits[:10]}/{digits[10:]}",
        raw.hex(),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b32encode(raw).decode(),
        "".join(chr(0x430 + nibble) for byte in raw for nibble in (byte >> 4, byte & 15)),
        "".join("\u200b\u200c"[token >> bit & 1] for bit in range(64)),
    ]


@pytest.mark.parametrize(("text", "one"), NARROW, ids=[f"{text}-{at}" for at, (text, _) in enumerate(NARROW)])
def test_a_narrow_field_passes_no_token_of_64_bits(text: str, one: FieldRule) -> None:
    """T14: each field of the shipped maps that is not declared wide, on its own."""
    chance = random.Random(text)
    leaf = rule("a", one.type, **{name: getattr(one, name) for name in BOUNDS})
    project = compile_projection(Plan((leaf,), (), LEXICON))
    tokens = [chance.getrandbits(64) for _ in range(40)]

    passed = [
        raw
        for token in tokens
        for raw in spellings(token)
        for value in (raw, Number(raw))
        if raw.encode() in write(project({"a": value}, show).data)
    ]

    assert passed == []


BOUNDS = ("one_of", "pattern", "max_length", "minimum", "maximum", "places", "hosts", "generic", "transform")


def test_a_map_carries_what_its_fields_carry_as_often_as_its_arrays_repeat_them() -> None:
    fields = (rule("a", one_of=("x", "y"), required=True), rule("b[].c", pattern="[0-7]", required=True, max_items=4))

    assert of_map(fields) == pytest.approx(1 + 4 * 3)
