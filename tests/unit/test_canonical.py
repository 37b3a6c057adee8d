"""gateway.canonical: one spelling for one thing."""

from __future__ import annotations

import pytest

from gateway.canonical import (
    Json,
    Node,
    Number,
    Path,
    Step,
    b64,
    encode,
    key_text,
    key_tokens,
    parse_path,
    path_text,
    unb64,
    write,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"b": 1, "a": True}, b'{"a":true,"b":1}', id="keys sorted"),
        pytest.param({"z": {"b": None, "a": []}}, b'{"z":{"a":[],"b":null}}', id="keys sorted at every depth"),
        pytest.param(["b", "a"], b'["b","a"]', id="lists in their own order"),
        pytest.param("ә", '"ә"'.encode(), id="letters as they are"),
        pytest.param('"\\/\b\f\n\r\t\x01\x7f', b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f"', id="short escapes"),
        pytest.param(2**53 - 1, b"9007199254740991", id="largest integer"),
    ],
)
def test_encode_spells_a_value_in_the_one_canonical_way(value: Json, expected: bytes) -> None:
    spelled = encode(value)

    assert spelled == expected


@pytest.mark.parametrize("digits", ["1.10", "0.1", "98765432109876543210", "-0", "1E+2", "5430.00"])
def test_write_gives_a_number_the_digits_it_came_with(digits: str) -> None:
    node: Node = {"n": Number(digits)}

    written = write(node)

    assert written == b'{"n":' + digits.encode() + b"}"


def test_write_keeps_keys_in_the_order_they_stand() -> None:
    node: Node = {"b": "1", "a": [Number("1"), True, None]}

    written = write(node)

    assert written == b'{"b":"1","a":[1,true,null]}'


def test_write_refuses_what_is_no_node() -> None:
    with pytest.raises(TypeError):
        write({"at": object()})  # type: ignore[dict-item]  # what no parser makes


@pytest.mark.parametrize("raw", [b"", b"\xfb\xff", b"f", b"fo", b"foo", bytes(range(256))])
def test_base64url_gives_back_the_bytes(raw: bytes) -> None:
    text = b64(raw)

    assert unb64(text) == raw
    assert "=" not in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Zg==", id="padded"),
        pytest.param("Zh", id="bits left over"),
        pytest.param("+/8", id="the other alphabet"),
        pytest.param("Z", id="no whole byte"),
        pytest.param("Z g", id="space"),
        pytest.param("Zg\n", id="newline"),
        pytest.param("Жг", id="letters of no alphabet"),
    ],
)
def test_base64url_has_one_spelling_only(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unb64(text)


PATHS: list[tuple[str, Path]] = [
    ("ticket", (Step("ticket"),)),
    ("ticket.contact.name", (Step("ticket"), Step("contact"), Step("name"))),
    ("records[].charges[].amount", (Step("records", each=True), Step("charges", each=True), Step("amount"))),
    ("items[]", (Step("items", each=True),)),
    ('fields."@name"', (Step("fields"), Step("@name"))),
    ('"a.b"[]."c\\"d"', (Step("a.b", each=True), Step('c"d'))),
    ("Получатель.ИИН", (Step("Получатель"), Step("ИИН"))),
]


@pytest.mark.parametrize(("text", "path"), PATHS, ids=[text for text, _ in PATHS])
def test_a_path_and_its_text_say_the_same(text: str, path: Path) -> None:
    assert path_text(path) == text
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "a[]b", "a[0]", "[]", "1a", "a b", '"a', '"\\x"', "a[][]"]
)
def test_text_that_spells_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_path(text)


def test_the_place_of_a_fault_in_a_path_is_named() -> None:
    with pytest.raises(ValueError, match="character 7"):
        parse_path("ticket.0")


@pytest.mark.parametrize(
    ("key", "expected"), [("name", "name"), ("имя", "имя"), ("_id", "_id"), ("@name", '"@name"'), ("2nd", '"2nd"')]
)
def test_a_key_is_quoted_only_where_it_is_no_word(key: str, expected: str) -> None:
    text = key_text(key)

    assert text == expected


@pytest.mark.parametrize(
    "key", ["benefitCategory", "benefit_category", "BENEFIT-CATEGORY", "Benefit.Category", "benefit category"]
)
def test_spellings_of_one_name_have_the_same_tokens(key: str) -> None:
    tokens = key_tokens(key)

    assert tokens == ("benefit", "category")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("subjectIIN", ("subject", "iin"), id="capitals at the end"),
        pytest.param("IINNumber", ("iin", "number"), id="capitals before a word"),
        pytest.param("категорияЛьготы", ("категория", "льготы"), id="Russian"),
        pytest.param("Жеңілдік_санаты", ("жеңілдік", "санаты"), id="Kazakh"),
        pytest.param("ｉｉｎ", ("iin",), id="full width letters"),
        pytest.param("phone2", ("phone",), id="digits say nothing"),
        pytest.param("42", (), id="no word at all"),
    ],
)
def test_tokens_are_the_words_of_a_key(key: str, expected: tuple[str, ...]) -> None:
    tokens = key_tokens(key)

    assert tokens == expected
