"""Values are checked, not only names (law 6; T4, T5, T14)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical import Node, Number
from gateway.minimise.values import Fault, compile_check
from gateway.model import FieldType, Transform, WithheldReason
from tests.rules import rule


def judged(value: Node, kind: FieldType, **bounds: Any) -> object:
    """The value that passes, or the rule that it failed."""
    made = compile_check(rule("field", kind, **bounds))(value)
    return f"fails {made.rule}" if isinstance(made, Fault) else made


STRING, TEXT, INTEGER, DECIMAL = FieldType.STRING, FieldType.TEXT, FieldType.INTEGER, FieldType.DECIMAL


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        ("REQ-2026-000123", {"pattern": "[A-Z0-9-]+"}),
        ("KZT", {"one_of": ("KZT", "USD")}),
        ("ул. Примерная", {"max_length": 13}),
        ("e\u0301 не приведено к NFC", {}),
        ("г.\u00a0Павлодар ❤\ufe0f", {}),
        ("", {}),
        ("900101100103", {"one_of": ("900101100103",)}),
    ],
)
def test_a_string_passes_as_it_came(value: str, bounds: dict[str, Any]) -> None:
    assert judged(value, STRING, **bounds) == value


@pytest.mark.parametrize(
    ("value", "bounds", "failed"),
    [
        pytest.param("abc", {"max_length": 2}, "max_length 2", id="too long"),
        pytest.param("abc\n", {"pattern": "abc"}, "unseen characters", id="a line end"),
        pytest.param("xabc", {"pattern": "abc"}, "pattern", id="a pattern is of the whole"),
        pytest.param("EUR", {"one_of": ("KZT",)}, "one_of", id="not listed"),
        pytest.param("kzt", {"one_of": ("KZT", "kzt"), "pattern": "[A-Z]+"}, "pattern", id="listed in vain"),
        pytest.param("KZT", {"one_of": ("KZT",), "max_length": 2}, "max_length 2", id="listed and too long"),
        pytest.param(Number("5"), {}, "string", id="a number"),
        pytest.param(True, {}, "string", id="a boolean"),
        pytest.param({"a": "b"}, {}, "string", id="an object"),
        pytest.param(["a"], {}, "string", id="an array"),
        pytest.param("a\x00b", {}, "unseen characters", id="NUL"),
        pytest.param("a\x85b", {}, "unseen characters", id="C1"),
        pytest.param("a\ud800b", {}, "unseen characters", id="a lone surrogate"),
        pytest.param("a\u202eb", {}, "unseen characters", id="bidi"),
        pytest.param("a\u200bb", {}, "unseen characters", id="no width"),
        pytest.param("a\U000e0041b", {}, "unseen characters", id="a tag"),
        pytest.param("4111 1111 1111 1111", {}, "identifier", id="a card"),
        pytest.param("ORD 87000000123", {"pattern": ".*"}, "identifier", id="a phone inside"),
        pytest.param("%38%37000000123", {}, "identifier", id="a phone, percent-encoded"),
        pytest.param("a@example.com", {}, "identifier", id="an address"),
    ],
)
def test_a_string_that_fails_says_what(value: Node, bounds: dict[str, Any], failed: str) -> None:
    assert judged(value, STRING, **bounds) == f"fails {failed}"


@pytest.mark.parametrize(
    ("value", "kind", "bounds"),
    [
        (Number("5"), INTEGER, {}),
        (Number("-3"), INTEGER, {"minimum": "-3"}),
        ("0", INTEGER, {}),
        (Number("870123456.78"), DECIMAL, {"maximum": "999999999.99"}),
        ("1234567.50", DECIMAL, {}),
        (Number("12345678901234567890"), INTEGER, {}),
        (Number("9" * 40), INTEGER, {}),
        (Number("1.10"), DECIMAL, {"places": 2}),
        (Number("0.1"), DECIMAL, {}),
        ("18000.00", DECIMAL, {"minimum": "0.01", "maximum": "18000.00"}),
        (Number("-15230.5"), DECIMAL, {"minimum": "-15230.50"}),
        (Number("700"), DECIMAL, {"one_of": ("700",)}),
    ],
)
def test_a_number_keeps_its_digits_and_its_kind(value: str, kind: FieldType, bounds: dict[str, Any]) -> None:
    """Law 9."""
    made = judged(value, kind, **bounds)

    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("value", "kind", "bounds", "failed"),
    [
        pytest.param(Number("5.0"), INTEGER, {}, "integer", id="a fraction"),
        pytest.param(Number("1e3"), INTEGER, {}, "integer", id="an exponent"),
        pytest.param(True, INTEGER, {}, "integer", id="a boolean"),
        pytest.param("٣", INTEGER, {}, "integer", id="a foreign digit"),
        pytest.param(" 5", INTEGER, {}, "integer", id="a space"),
        pytest.param("+5", INTEGER, {}, "integer", id="a plus"),
        pytest.param("0900101100103", INTEGER, {}, "integer", id="an IIN behind a zero"),
        pytest.param("007", DECIMAL, {}, "decimal", id="zeros before a number"),
        pytest.param("90010.1100103", DECIMAL, {}, "identifier", id="an IIN around the point"),
        pytest.param("8700000012.3", DECIMAL, {}, "identifier", id="a phone around the point"),
        pytest.param("", INTEGER, {}, "integer", id="nothing"),
        pytest.param(Number("9" * 41), INTEGER, {}, "integer", id="too many digits"),
        pytest.param(Number("6"), INTEGER, {"maximum": "5"}, "maximum 5", id="too great"),
        pytest.param(Number("-1"), INTEGER, {"minimum": "0"}, "minimum 0", id="too small"),
        pytest.param(Number("900101100103"), INTEGER, {}, "identifier", id="an IIN"),
        pytest.param("4111111111111111", INTEGER, {}, "identifier", id="a card"),
        pytest.param(Number("87000000123"), INTEGER, {}, "identifier", id="a phone"),
        pytest.param(Number("1E400"), DECIMAL, {}, "decimal", id="a great exponent"),
        pytest.param("NaN", DECIMAL, {}, "decimal", id="not a number"),
        pytest.param("Infinity", DECIMAL, {}, "decimal", id="infinity"),
        pytest.param(".5", DECIMAL, {}, "decimal", id="no whole part"),
        pytest.param("5.", DECIMAL, {}, "decimal", id="no fraction"),
        pytest.param("1.2.3", DECIMAL, {}, "decimal", id="two points"),
        pytest.param("1,5", DECIMAL, {}, "decimal", id="a comma"),
        pytest.param(Number("100.0079161234567"), DECIMAL, {"places": 2}, "places 2", id="a phone in the decimals"),
        pytest.param("1." + "0" * 40, DECIMAL, {}, "decimal", id="too many decimals"),
        pytest.param("0.87000000123", DECIMAL, {}, "identifier", id="a phone after the point"),
        pytest.param("900101100103.00", DECIMAL, {"places": 2}, "identifier", id="an IIN before the point"),
    ],
)
def test_a_number_that_fails_says_what(value: Node, kind: FieldType, bounds: dict[str, Any], failed: str) -> None:
    """T5: games with numbers."""
    assert judged(value, kind, **bounds) == f"fails {failed}"


@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        (FieldType.BOOLEAN, [True, False, "true", "false"], ["True", "1", Number("1"), "", {}, []]),
        (
            FieldType.DATE,
            ["2021-06-01", "1890-01-01", "2024-02-29"],
            ["2023-02-29", "2021-6-1", "20210601", "01.06.2021", "2021-06-01T00:00:00Z", "2021-W01-1", Number("2021")],
        ),
        (
            FieldType.DATETIME,
            [
                "2026-11-20T08:40:00+05:00",
                "2026-11-20T08:40:00Z",
                "2026-11-20T08:40:00.12-00:30",
                "2026-11-20t08:40:00z",
            ],
            [
                "2026-11-20T08:40:00",
                "2026-11-20",
                "2026-11-20 08:40:00Z",
                "2026-02-30T08:40:00Z",
                "2026-11-20T25:00:00Z",
                "2026-11-20T08:40:00+24:00",
                "2026-11-20T08:40Z",
                "2026-11-20T08:40:00.1234567890Z",
            ],
        ),
        (FieldType.PERIOD, ["2026-10", "0001-01"], ["2026-13", "2026-00", "2026-1", "2026-10-01", "202610"]),
        (FieldType.AREA, ["54.30", "36,10", "54", "0.5"], ["-1", "1.234", "1000000", "54.", "54 m2", "1e3"]),
        (FieldType.POSTAL_INDEX, ["140000", "S00A1B2"], ["14000", "1400000", "s00a1b2", "S00A1", "140 000"]),
        (FieldType.SHARE, ["1/2", "1/1", "543/10000"], ["0/1", "2/1", "1/0", "1", "-1/2", "1/ 2", "1/1000000000"]),
        (
            FieldType.PHONE,
            ["8 (700) 000-01-23", "+7 700 000-01-23", "87000000123"],
            ["900101100103", "55-12-34", Number("87000000123"), "жена: 87000000124", ""],
        ),
        (FieldType.EMAIL, ["test.primerov@example.com"], ["test.primerov", "a@b", "a@example.com, b@example.com"]),
    ],
)
def test_each_type_takes_its_own_and_nothing_else(kind: FieldType, good: list[Node], wrong: list[Node]) -> None:
    assert [judged(value, kind) for value in good] == good
    assert [judged(value, kind) for value in wrong] == [f"fails {kind}"] * len(wrong)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://pay.example.com/cb", None),
        ("https://pay.example.com", None),
        ("https://pay.example.com/cb?", None),
        ("https://pay.example.com/cb?id=5", "url"),
        ("https://pay.example.com/cb#x", "url"),
        ("http://pay.example.com/cb", "url"),
        ("HTTPS://pay.example.com/cb", "url"),
        ("https://evil.example.com/cb", "url"),
        ("https://pay.example.com.evil.example/cb", "url"),
        ("https://a:b@pay.example.com/cb", "url"),
        ("https://pay.example.com@evil.example/cb", "url"),
        ("https://pay.example.com:8443/cb", "url"),
        ("https://pay.example.com\\@evil.example/", "url"),
        ("https://pay.example.com/u/87000000123", "identifier"),
        ("https://pay.example.com/u/%2B7%20700%20000%2001%2023", "identifier"),
        ("https://pay.example.com/u/8/700/000/01/23", "identifier"),
        ("https://pay.example.com/u/900101/100103", "identifier"),
        ("https://pay.example.com/a%2540b.kz", "identifier"),
        ("https://pay.example.com/a%25252540b.kz", "identifier"),
        ("https://pay.example.com/a%20b", None),
        ("https://pay.example.com/" + "a" * 2048, "url"),
    ],
)
def test_a_url_is_of_a_listed_host_and_carries_nothing(value: str, expected: str | None) -> None:
    made = judged(value, FieldType.URL, hosts=("pay.example.com",))

    assert made == (value if expected is None else f"fails {expected}")


def test_a_url_without_hosts_is_no_url() -> None:
    assert judged("https://pay.example.com/", FieldType.URL) == "fails url"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Течёт\n\tстояк\u200d", "Течёт\n\tстояк\u200d"),
        ("a\x00b", "fails control characters"),
        ("\ud800", "fails control characters"),
        (Number("5"), "fails text"),
    ],
)
def test_text_may_hold_lines_but_no_controls(value: Node, expected: object) -> None:
    assert judged(value, TEXT) == expected


def test_text_that_is_too_long_is_over_the_limit() -> None:
    fault = compile_check(rule("text", TEXT, max_length=3))("abcd")

    assert fault == Fault(WithheldReason.OVER_LIMIT, "max_length 3")


@pytest.mark.parametrize(
    ("value", "expected"), [("2020-01-01", "fails minimum 2021-01-01"), ("2021-06-01", "2021-06-01")]
)
def test_a_date_can_have_bounds(value: str, expected: str) -> None:
    assert judged(value, FieldType.DATE, minimum="2021-01-01", maximum="2022-01-01") == expected
    assert judged("2022-01-02", FieldType.DATE, maximum="2022-01-01") == "fails maximum 2022-01-01"


@pytest.mark.parametrize(
    ("kind", "bounds"), [(STRING, {"minimum": "1"}), (FieldType.EMAIL, {"maximum": "1"}), (INTEGER, {"places": 2})]
)
def test_a_bound_that_means_nothing_for_its_type_does_not_compile(kind: FieldType, bounds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="has no"):
        compile_check(rule("field", kind, **bounds))


def test_the_phone_of_a_transform_is_judged_by_it() -> None:
    assert judged("rubbish", FieldType.PHONE, transform=Transform.E164) == "rubbish"


NODES = st.recursive(
    st.none() | st.booleans() | st.text() | st.from_regex(r"-?[0-9]{1,5}(\.[0-9]{1,5})?", fullmatch=True).map(Number),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(NODES, st.sampled_from(sorted(FieldType)))
def test_a_check_gives_back_exactly_what_it_was_given_or_a_fault(value: Node, kind: FieldType) -> None:
    made = compile_check(rule("field", kind, hosts=("a.kz",)))(value)

    assert isinstance(made, Fault) or made is value


@pytest.mark.parametrize(
    "value", ['{"a": 1}', "%7B%22a%22:1%7D", "ODcwMDAwMDAxMjM=", "ref-ODcwMDAwMDAxMjM", "заказ 3837303030303030313233"]
)
def test_a_document_or_encoded_text_is_no_plain_value(value: str) -> None:
    """T14."""
    assert judged(value, STRING) == "fails a document or encoded text"


def test_what_a_map_lists_is_not_searched() -> None:
    assert judged("ODcwMDAwMDAxMjM=", STRING, one_of=("ODcwMDAwMDAxMjM=",)) == "ODcwMDAwMDAxMjM="


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("010203/500008", FieldType.SHARE, id="an IIN as a share"),
        pytest.param("87000/100012", FieldType.SHARE, id="a phone as a share"),
        pytest.param("900101100103@mail.example", FieldType.EMAIL, id="an IIN as an address"),
        pytest.param("87000000123@mail.example", FieldType.EMAIL, id="a phone as an address"),
        pytest.param("a.8-700-000-01-23@mail.example", FieldType.EMAIL, id="a phone in an address"),
        pytest.param(Number("7000000123"), FieldType.INTEGER, id="a phone without its 8"),
        pytest.param(Number("7000000123"), FieldType.DECIMAL, id="a phone without its 8 as a sum"),
    ],
)
def test_an_identifier_is_no_share_address_or_sum(value: Node, kind: FieldType) -> None:
    """T5, T14."""
    assert judged(value, kind) == "fails identifier"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1/2", FieldType.SHARE),
        ("125/1000", FieldType.SHARE),
        ("test.primerov1990@example.com", FieldType.EMAIL),
        (Number("7000000.00"), FieldType.DECIMAL),
        (Number("1234567890"), FieldType.INTEGER),
    ],
)
def test_a_plain_share_address_or_sum_passes(value: Node, kind: FieldType) -> None:
    assert judged(value, kind) == value


@pytest.mark.parametrize("value", ['Позвонить {"iin": 1} ей', "код ODcwMDAwMDAxMjM="])
def test_a_document_or_encoded_text_is_no_free_text_either(value: str) -> None:
    """T14."""
    assert judged(value, TEXT) == "fails a document or encoded text"
