"""gateway.transfer_log.digests: one digest for each released field, each under a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import re

import pytest

from gateway.canonical import Node, Number, b64, write
from gateway.transfer_log.digests import digest_tree, fields_key
from tests.unit.transfer_log.samples import DATA

KEY = fields_key(bytes(range(32)))


def _expected(path: str, leaf: Node) -> str:
    opening = hmac.digest(KEY, path.encode(), "sha256")
    return b64(hashlib.sha256(opening + write(leaf)).digest()[:20])


def test_the_tree_has_the_disclosures_own_shape() -> None:
    data: Node = {"a": {"b": ["x", {"c": Number("1.10")}]}, "d": True, "e": []}

    tree = digest_tree(data, KEY)

    assert tree == {
        "a": {"b": [_expected("a.b[0]", "x"), {"c": _expected("a.b[1].c", Number("1.10"))}]},
        "d": _expected("d", True),
        "e": [],
    }


@pytest.mark.parametrize(
    ("data", "path", "leaf"),
    [
        ({"order": {"price": "18000.00"}}, "order.price", "18000.00"),
        ({"records": [{"charges": [{}, {"amount": Number("5")}]}]}, "records[0].charges[1].amount", Number("5")),
        ({"fields": {"@name": "Тест П."}}, 'fields."@name"', "Тест П."),
        ([["x"]], "[0][0]", "x"),
    ],
    ids=["plain", "indices", "odd key", "arrays only"],
)
def test_a_field_is_digested_under_its_indexed_path(data: Node, path: str, leaf: Node) -> None:
    told = str(digest_tree(data, KEY))

    assert _expected(path, leaf) in told


def test_equal_fields_of_one_transfer_look_different() -> None:
    """T86: who is shown how one of them was digested learns nothing of the other."""
    tree = digest_tree({"a": "same", "b": "same"}, KEY)

    assert tree == {"a": _expected("a", "same"), "b": _expected("b", "same")}
    assert _expected("a", "same") != _expected("b", "same")


def test_equal_fields_of_two_transfers_look_different() -> None:
    """T86, T58: a digest is no way to find the same phone again."""
    other = fields_key(bytes(32))

    assert digest_tree({"phone": "+77000000123"}, KEY) != digest_tree({"phone": "+77000000123"}, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Number("1.10"), Number("1.1")), (Number("5"), "5"), (True, "true"), ("", None), ("é", "e\u0301")],
    ids=["digits", "number and text", "boolean and text", "empty and null", "two spellings of a letter"],
)
def test_values_that_leave_as_other_bytes_have_other_digests(one: Node, other: Node) -> None:
    assert digest_tree({"a": one}, KEY) != digest_tree({"a": other}, KEY)


@pytest.mark.parametrize("length", [1, 55, 56, 63, 64, 65, 1000])
def test_the_spelled_out_hmac_is_the_standard_librarys(length: int) -> None:
    name = "x" * length

    assert digest_tree({name: "leaf"}, KEY) == {name: _expected(name, "leaf")}


def test_a_digest_is_twenty_bytes_of_base64url() -> None:
    digests = re.findall(r"'([A-Za-z0-9_-]{27})'", str(digest_tree(DATA, KEY)))

    assert len(digests) == 19
    assert len(set(digests)) == 19


def test_no_value_stands_in_the_tree() -> None:
    told = str(digest_tree(DATA, KEY))

    assert [value for value in ("ORD-5001", "Павлодар", "77000000123", "18000") if value in told] == []


def test_the_fields_key_is_made_from_the_transfers_key_and_a_label() -> None:
    label = b"gateway field digests, version 1"

    assert fields_key(bytes(range(32))) == hmac.digest(bytes(range(32)), label, "sha256")


def test_the_fields_key_is_not_the_transfers_key() -> None:
    assert fields_key(bytes(32)) != bytes(32)
    assert fields_key(bytes(32)) != fields_key(b"\x01" + bytes(31))
