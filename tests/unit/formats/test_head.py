"""What may stand in the head of a request cannot change the request's shape."""

from __future__ import annotations

import pytest

from gateway.formats.head import is_header_value, is_segment, is_token, named_segments, path_pattern, with_segments


@pytest.mark.parametrize("text", ["Authorization", "X-Sig", "x", "a!#$%&'*+.^_`|~9"])
def test_a_token_is_what_rfc_9110_calls_one(text: str) -> None:
    assert is_token(text)


@pytest.mark.parametrize("text", ["", "a b", "a:", "a\r\nb", "подпись", "a,b", "(a)", "a\n"])
def test_what_could_end_a_name_early_is_no_token(text: str) -> None:
    assert not is_token(text)


@pytest.mark.parametrize("text", ["x", "Bearer abc", 'a"b;c=d,e', "~"])
def test_printable_ascii_can_stand_in_a_header(text: str) -> None:
    assert is_header_value(text)


@pytest.mark.parametrize("text", ["", " a", "a ", "a\r\nX: y", "a\n", "a\x00", "a\tb", "қала", "é"])
def test_what_servers_read_in_two_ways_cannot_stand_in_a_header(text: str) -> None:
    """T20."""
    assert not is_header_value(text)


@pytest.mark.parametrize("text", ["7", "ORD-7", "a.b", "a b", "a..b", "Ақжол", "a?b#c"])
def test_what_can_be_quoted_whole_is_a_segment(text: str) -> None:
    assert is_segment(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "..;x",
        "%2e",
        "a%2fb",
        "a\x85b",
        "a\u2028b",
        "．．",
        "a／b",
        "a/b",
        "a\\b",
        "a\r\nb",
        "a\x00",
        "a\x7f",
        "a\n",
    ],
)
def test_what_could_lead_elsewhere_is_no_segment(text: str) -> None:
    """T23."""
    assert not is_segment(text)


def test_named_segments_are_read_matched_and_filled() -> None:
    path = "/v1/orders/{order_id}/items/{item}.json"

    found = path_pattern(path).fullmatch("/v1/orders/7/items/a b.json")

    assert named_segments(path) == ("order_id", "item")
    assert found is not None
    assert found.groupdict() == {"order_id": "7", "item": "a b"}
    assert with_segments(path, {"order_id": "7", "item": "x"}.__getitem__) == "/v1/orders/7/items/x.json"


@pytest.mark.parametrize(
    "asked", ["/v1/orders", "/v1/orders/", "/v1/orders/7/8", "/V1/orders/7", "/v1/orders/7\n/", "/v1xorders/7"]
)
def test_another_path_is_not_of_the_declared_one(asked: str) -> None:
    assert path_pattern("/v1/orders/{order_id}").fullmatch(asked) is None
