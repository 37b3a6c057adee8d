"""Attacks on how a body is read (T1 to T8), through a real `gateway serve`: what two readers could read in two ways.

What is compared is what arrives: the bytes that a recipient gets are those of the plain request, or nothing leaves.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.e2e.attacked import ORDER, TYPES, Attacked, attacked, one_line

DUPLICATES = 120
KEYS = ("order", "number", "label", "note", "codes", "value", "residents", "flat")
CONFUSED = str.maketrans("abcehiknmoprstuxy", "аЬсеһікпморгѕтихуx"[:17])
LIGATED = {"order": "ᵒrder", "number": "ⁿumber", "label": "ｌabel", "flat": "ﬂat", "note": "noᵗe"}
STRANGE = (
    "\u0000", "\u0007", "\u001b[31m", "\u007f", "\u0085", "\u00ad", "\u200b", "\u200d", "\u202e", "\u2028", "\ufeff",
    "\ufffd", "\ufffe", "\U000e0041", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "Z̴̢a̵l̷g̸o", "ﷺ", "ﬁﬂ", "İı",
    "ß", "ｓｃｒｉｐｔ", "١٢٣", "undefined", "null", "NaN", "true", "1E+02", "-0", "0x0", "../../etc/passwd",
    "'; DROP TABLE x",
    "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "%s%n", "`id`", "$(id)", "=1+1", "\\", '"', "a" * 5000,
)  # fmt: skip
MACHINERY = (
    "__proto__",
    "constructor",
    "prototype",
    "$ref",
    "$where",
    "$gt",
    "{{order}}",
    "__class__",
    "toString",
    "~",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("parsing")) as found:
        yield found


def _within(randomness: random.Random, inner: bytes) -> bytes:
    """An object, at a random depth of objects and arrays."""
    for _ in range(randomness.randrange(20)):
        inner = b"[%b]" % inner if randomness.random() < 0.3 else b'{"a":1,"%d":%b}' % (randomness.randrange(9), inner)
    return b'{"order":{"number":"A-1"},"deep":%b}' % inner


def test_a_name_that_comes_twice_at_any_depth_is_no_request(running: Attacked) -> None:
    """T1: whichever of the two a partner's parser would take."""
    randomness, before = random.Random(1), running.state

    for _ in range(DUPLICATES):
        name = randomness.choice([b"amount", b"\\u0061mount", b"", b"order"])
        other = b"amount" if name.endswith(b"mount") else name
        body = _within(randomness, b'{"%b":1,"x":{},"%b":999}' % (name, other))
        assert running.expect_wrong(running.ask("json", body), 400, "malformed_request", before)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("change", [str.upper, str.title, lambda key: unicodedata.normalize("NFKD", key) + "\u0301"])
def test_a_name_that_another_reader_takes_for_the_same_does_not_leave(
    running: Attacked, kind: str, change: Any
) -> None:
    """T2: a partner that folds case gets one `number`, the one that the map names."""
    assert running.ask(kind, one_line(kind))[0] == 200
    plain = running.last

    status, headers, _raw = running.ask(kind, one_line(kind, **{change("number"): "A-2", change("label"): "canary"}))

    assert (status, running.last) == (200, plain)
    assert int(headers["gateway-withheld"]) >= 2
    assert b"A-2" not in running.arrived[-1].body


@pytest.mark.parametrize("key", KEYS)
def test_a_look_alike_of_an_allowed_name_stays_home(running: Attacked, key: str) -> None:
    """T3: Cyrillic letters, ligatures and what is not seen; what leaves has no name but those of the map."""
    looks = {
        key.translate(CONFUSED),
        LIGATED.get(key, f"\uff5e{key}"),
        f"{key}\u200d",
        f"\u2060{key}",
        f"{key[0]}\u00ad{key[1:]}",
    }
    looks.discard(key)
    assert running.order()[0] == 200
    plain = running.arrived[-1].body

    for look in looks:
        status, headers, _raw = running.ask(
            "json", orjson.dumps({"order": {"number": "A-1", look: "A"}, look: {"number": "A-2", "flat": "5"}})
        )
        assert (status, running.arrived[-1].body) == (200, plain)
        assert int(headers["gateway-withheld"]) >= 2


@pytest.mark.parametrize("text", STRANGE, ids=[f"{ord(text[0]):x}-{len(text)}-{n}" for n, text in enumerate(STRANGE)])
def test_a_strange_text_has_a_verdict_and_breaks_nothing(running: Attacked, text: str) -> None:
    """T4: as a key, as a string and as free text; a verdict, and never a failure of ours."""
    body = {"order": {"number": "A-1", "label": text, "note": text, text: text}, text: [text]}

    status, headers, _raw = running.ask("json", orjson.dumps(body))

    assert (status, headers.get("gateway-problem")) in [(200, None), (400, "malformed_request")]
    if status == 200:
        arrived: Any = running.last
        assert set(arrived) == {"order"}
        assert set(arrived["order"]) <= {"number", "label", "note"}
        seen = [
            sign for sign in str(arrived["order"].get("label", "")) if unicodedata.category(sign) in ("Cc", "Cf", "Cs")
        ]
        assert [sign for sign in seen if sign != "\u200d"] == []


NUMBERS = ("0.01", "5430.00", "5430.0", "1.10", "9999999.99", "100", "1000000.01")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_let_through_arrives_with_the_same_digits(running: Attacked, number: str) -> None:
    """T5, T18, law 9: as JSON's number, and as the text of every other type."""
    assert running.ask("json", b'{"order":{"number":"A-1"},"value":{"decimal":%b}}' % number.encode())[0] == 200
    assert running.arrived[-1].body == b'{"order":{"number":"A-1"},"value":{"decimal":%b}}' % number.encode()

    for kind in ("form", "multipart", "ndjson", "csv", "xml"):
        assert running.ask(kind, one_line(kind, sum=number))[0] == 200
        assert number.encode() in running.arrived[-1].body


GAMES = ("1e2", "1E400", "100.0079161234567", "1.0000000000000000001", "-0", "-0.00", "0.010", "1.", "99999999.99",
         "87000000123", "900101100103", "9001011001.03", "8700000012.3")  # fmt: skip


@pytest.mark.parametrize("number", GAMES)
def test_a_number_that_plays_games_does_not_leave(running: Attacked, number: str) -> None:
    """T5: an exponent, a phone in the decimals, an IIN with a point in it."""
    for kind, body in (
        ("json", b'{"order":{"number":"A-1"},"value":{"decimal":%b}}' % number.encode()),
        ("form", one_line("form", sum=number)),
        ("csv", one_line("csv", sum=number)),
        ("xml", one_line("xml", sum=number)),
    ):
        status, headers, _raw = running.ask(kind, body)
        assert status == 200 or headers["gateway-problem"] == "malformed_request"
        assert status != 200 or number.encode() not in running.arrived[-1].body.replace(b'version="1.0"', b"")


@pytest.mark.parametrize("number", ["87000000123", "8700000012.3", "900101100103", "9001011001.03", "77000000123.0"])
def test_a_person_s_number_within_the_bounds_of_a_sum_does_not_leave(running: Attacked, number: str) -> None:
    """T5, T14: a neighbour of it that names no one does."""
    for sent, left in ((number, b""), (number[:3] + "9" + number[4:8] + "99" + number[10:], b"sum")):
        body = b'{"order":{"number":"A-1"},"value":{"sum":%b}}' % sent.encode()
        assert running.ask("json", body)[0] == 200
        assert (running.arrived[-1].body == body) is bool(left)


def test_of_a_huge_array_no_more_leaves_than_the_map_says(running: Attacked) -> None:
    """T6: a hundred thousand items; and what is over the limit is told as such."""
    status, headers, _raw = running.order(order={"number": "A-1", "codes": ["A"] * 100_000})

    arrived: Any = running.last
    assert (status, len(arrived["order"].get("codes", []))) in [(200, 3), (200, 0)]
    assert int(headers["gateway-withheld"]) >= 1


@pytest.mark.parametrize("key", MACHINERY)
def test_a_key_that_a_partner_s_machinery_would_act_on_stays_home(running: Attacked, key: str) -> None:
    """T7: as a key, at every level, and as a value where a pattern is due; what arrives is what arrived without it."""
    assert running.order(order={"number": "A-1", "parts": [{"sub": [{"code": "A"}]}]})[0] == 200
    plain = running.arrived[-1].body
    evil = {key: {"admin": True, key: "A"}}

    parts = [{"sub": [{"code": "A", **evil}], **evil}]
    body = {"order": {"number": "A-1", "parts": parts, **evil}, "value": {"string": key + "{}"}, **evil}
    status, _headers, _raw = running.ask("json", orjson.dumps(body))

    assert (status, running.arrived[-1].body) == (200, plain)


ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig", "utf-7",
             "cp1251", "koi8-r", "cp866", "iso-8859-5")  # fmt: skip
SAID = ("", "; charset=utf-8", "; charset=utf-16", "; charset=utf-7", "; charset=windows-1251", "; charset=latin-1")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_body_in_another_encoding_is_no_request_whatever_it_says_of_itself(running: Attacked, encoding: str) -> None:
    """T8: twelve encodings under six content types."""
    body = '{"order":{"number":"A-1","label":"Ёлка и дом"}}'.encode(encoding)
    before = running.state

    for said in SAID:
        status, headers, raw = running.ask("json", body, headers={"Content-Type": f"application/json{said}"})
        code = headers.get("gateway-problem", "")
        if encoding == "utf-7" and said in SAID[:2]:  # is ASCII, and is read as that
            assert (status, body in running.arrived[-1].body) == (200, True)
            before = running.state
            continue
        assert (status, code) in [(400, "malformed_request"), (415, "unsupported_media_type")], said
        running.expect_wrong((status, headers, raw), status, code, before)


def test_the_plain_request_arrives(running: Attacked) -> None:
    """Or every test above would pass on a gateway that takes nothing."""
    assert running.order()[0] == 200
    assert running.arrived[-1].body == orjson.dumps(ORDER)
