"""What callers get wrong in a body, for each content type: not its grammar, twice the same name, too much, too deep.

Through a real `gateway serve`: each its own code, nothing is recorded and nothing is sent; a preview says the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest

from tests.e2e.attacked import BOUNDARY, TOO_LONG, TYPES, Attacked, attacked, multipart, one_line, raw_head


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("bodies")) as found:
        yield found


def _part(name: str, value: str = "A-1", more: str = "") -> str:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}'


def _json(inside: bytes) -> bytes:
    return b'{"order":{"number":"A-1",' + inside + b"}}"


DTD = b"<!DOCTYPE Order [%b]><Order number='A-1' label='&a;'/>"
BOMB = b"".join(b"<!ENTITY %c '%b'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
MALFORMED = {
    "json": {
        "nothing": b"",
        "cut off": one_line("json")[:-1],
        "two values": one_line("json") + b"{}",
        "T1 a name twice": _json(b'"label":"a","label":"b"'),
        "T1 a name twice, once escaped": _json(b'"label":"a","\\u006cabel":"b"'),
        "T1 a name twice, far below": _json(b'"x":[{"y":{"z":1,"z":2}}]'),
        "T4 a lone surrogate": _json(b'"label":"\\ud800"'),
        "T4 overlong UTF-8": _json(b'"label":"\xc0\xaf"'),
        "T4 NUL": _json(b'"label":"\\u0000"'),
        "T4 a raw control": _json(b'"label":"\x01"'),
        "T5 NaN": _json(b'"x":NaN'),
        "T5 Infinity": _json(b'"x":Infinity'),
        "T5 1e400": _json(b'"x":1e400'),
        "T5 5,000 digits": _json(b'"x":' + b"9" * 5000),
        "T5 a number as no JSON has it": _json(b'"x":+1'),
        "T6 100,000 opening brackets": b"[" * 100_000,
        "T6 100,000 objects": b'{"a":' * 100_000,
        "T8 UTF-16": one_line("json").decode().encode("utf-16"),
        "T8 UTF-32": one_line("json").decode().encode("utf-32-be"),
        "T8 a byte order mark": b"\xef\xbb\xbf" + one_line("json"),
        "T8 Windows-1251": '{"order":{"number":"A-1","label":"тест"}}'.encode("cp1251"),
        "a comment": b"{/* A-1 */}",
        "a comma at the end": _json(b'"x":1,'),
    },
    "form": {
        "T1 a name twice": b"number=A-1&number=A-2",
        "T1 a name twice, once escaped": b"number=A-1&%6eumber=A-2",
        "T4 overlong UTF-8": b"number=A-1&label=%c0%af",
        "T4 a broken escape": b"number=A-1&label=%zz",
        "no name": b"number=A-1&=x",
        "no value": b"number=A-1&label",
        "T6 1,001 fields": b"&".join(b"f%d=1" % n for n in range(1001)),
        "T6 a name of 257 characters": b"number=A-1&" + b"n" * 257 + b"=1",
        "T8 UTF-16": "number=A-1".encode("utf-16"),
    },
    "multipart": {
        "nothing": b"",
        "another boundary": one_line("multipart").replace(BOUNDARY.encode(), b"b-boundary"),
        "no end": one_line("multipart").replace(f"--{BOUNDARY}--".encode(), b""),
        "T10 words before the first part": b"hello\r\n" + one_line("multipart"),
        "T10 words after the last": one_line("multipart") + b"hello",
        "T1 a name twice": multipart(_part("number"), _part("number", "A-2")),
        "T10 a quote in a name": multipart(_part("number"), _part("a%22; name=%22b")),
        "T4 bytes that are not UTF-8": multipart(_part("number"), _part("label", "?")).replace(b"?", b"\xff"),
        "T6 1,001 fields": multipart(*(_part(f"f{n}") for n in range(1001))),
    },
    "ndjson": {
        "T1 a name twice": b'{"number":"A-1","number":"A-2"}\n',
        "T5 NaN in the second line": one_line("ndjson") + b'{"number":NaN}\n',
        "T4 bytes that are not UTF-8": b'{"number":"\xff"}\n',
        "T6 a line that is too deep": b"[" * 10_000 + b"\n",
        "T8 UTF-16": one_line("ndjson").decode().encode("utf-16"),
        "a line that is no object": one_line("ndjson") + b'"A-2"\n',
        "a line cut off": one_line("ndjson") + b'{"number"\n',
    },
    "csv": {
        "nothing": b"",
        "T1 a column twice": b"number;number\r\nA-1;A-2\r\n",
        "a row that is short": b"number;label\r\nA-1\r\n",
        "a row that is long": b"number;label\r\nA-1;b;c\r\n",
        "a quote that does not end": b'number;label\r\nA-1;"b\r\n',
        "a quote within a cell": b'number;label\r\nA-1;a"b\r\n',
        "a column without a name": b"number;\r\nA-1;x\r\n",
        "T4 bytes that are not UTF-8": "number;label\r\nA-1;тест\r\n".encode("cp1251"),
        "T6 1,001 columns": b";".join(b"f%d" % n for n in range(1001)) + b"\r\n",
        "T8 UTF-16": "number\r\nA-1\r\n".encode("utf-16"),
    },
    "xml": {
        "nothing": b"",
        "cut off": b"<Order number='A-1'>",
        "two roots": b"<Order number='A-1'/><Order/>",
        "T1 an attribute twice": b"<Order number='A-1' number='A-2'/>",
        "T6 an entity": DTD % b"<!ENTITY a 'b'>",
        "T6 an entity of a file": DTD % b"<!ENTITY a SYSTEM 'file:///etc/hostname'>",
        "T6 an entity of an address": DTD % b"<!ENTITY a SYSTEM 'http://127.0.0.1/'>",
        "T6 a billion laughs": DTD % (b"<!ENTITY a 'ha'>" + BOMB),
        "T6 a document type without entities": b"<!DOCTYPE Order SYSTEM 'x.dtd'><Order number='A-1'/>",
        "T6 an entity that nobody declared": b"<Order number='A-1' label='&a;'/>",
        "T6 10,000 levels": b"<a>" * 10_000 + b"</a>" * 10_000,
        "T6 1,001 attributes": b"<Order " + b" ".join(b"f%d='1'" % n for n in range(1001)) + b"/>",
        "T4 a control": b"<Order number='A-1' label='&#1;'/>",
        "T8 UTF-16": "<Order number='A-1'/>".encode("utf-16"),
    },
}
CASES = [(kind, name) for kind, bodies in MALFORMED.items() for name in bodies]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_body_that_is_not_of_its_type_reaches_no_one(running: Attacked, kind: str, name: str) -> None:
    """T1, T4, T5, T6, T8, T10."""
    before = running.state

    answer = running.ask(kind, MALFORMED[kind][name])

    assert running.expect_wrong(answer, 400, "malformed_request", before)["detail"]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_preview_says_the_same_of_it(running: Attacked, kind: str, name: str) -> None:
    """T1, T4, T5, T6, T8, T10: whoever asks first learns it first."""
    before = running.state

    answer = running.preview(kind, MALFORMED[kind][name])

    assert running.expect_wrong(answer, 400, "malformed_request", before)


UNTAKEN = {
    "a file": multipart(_part("number", "%PDF-1.7", '; filename="a.pdf"')),
    "T10 a file named after a person": multipart(_part("number", "%PDF", '; filename="паспорт_Примеров.pdf"')),
    "T10 a file by the other spelling": multipart(_part("number", "%PDF", "; filename*=utf-8''a.pdf")),
    "T10 a part with a type": multipart(_part("number").replace("\r\n\r\n", "\r\nContent-Type: image/png\r\n\r\n")),
    "T10 a part in base64": multipart(
        _part("number").replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    ),
    "T10 a part without a name": multipart("Content-Disposition: form-data\r\n\r\nA-1"),
    "T10 a header that no reader needs": multipart(_part("number").replace("\r\n\r\n", "\r\nX-A: 1\r\n\r\n")),
    "T8 XML with a charset of its own": b"<?xml version='1.0' encoding='utf-7'?><Order number='A-1'/>",
}


@pytest.mark.parametrize("name", UNTAKEN)
def test_what_hides_another_type_within_is_not_taken(running: Attacked, name: str) -> None:
    """T8, T10: files above all; and nothing of a file's name is said back."""
    kind, before = "xml" if "XML" in name else "multipart", running.state

    answer = running.ask(kind, UNTAKEN[name])
    previewed = running.preview(kind, UNTAKEN[name])

    running.expect_wrong(answer, 415, "unsupported_media_type", before)
    running.expect_wrong(previewed, 415, "unsupported_media_type", before)
    assert b"pdf" not in answer[2].lower() + previewed[2].lower()


@pytest.mark.parametrize("given", TYPES)
@pytest.mark.parametrize("taken", TYPES)
def test_a_body_of_one_type_is_never_read_as_another(running: Attacked, taken: str, given: str) -> None:
    """T9: each route has one parser, whatever a caller calls its body."""
    before = running.state

    answer = running.ask(taken, one_line(given), headers={"Content-Type": TYPES[given]})

    if taken == given:
        assert (answer[0], len(running.arrived)) == (200, before[1] + 1)
    else:
        running.expect_wrong(answer, 415, "unsupported_media_type", before)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "koi8-r", "utf-8, utf-7", "utf-8; charset=utf-7", "none"])
@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "multipart"])
def test_a_charset_that_is_not_the_type_s_is_not_guessed_at(running: Attacked, kind: str, charset: str) -> None:
    """T8."""
    before = running.state

    answer = running.ask(kind, one_line(kind), headers={"Content-Type": f"{TYPES[kind]}; charset={charset}"})

    assert running.expect_wrong(answer, 415, "unsupported_media_type", before)


@pytest.mark.parametrize("kind", TYPES)
def test_a_body_over_the_limit_is_not_read(running: Attacked, kind: str) -> None:
    """T6."""
    before = running.state

    answer = running.ask_raw(kind, TOO_LONG, *raw_head(running.served.token, Content_Type=TYPES[kind]))

    assert running.expect_wrong(answer, 413, "payload_too_large", before)


@pytest.mark.parametrize("kind", TYPES)
def test_a_compressed_body_is_not_decoded(running: Attacked, kind: str) -> None:
    before = running.state

    answer = running.ask(kind, zlib.compress(one_line(kind)), headers={"Content-Encoding": "deflate"})

    assert running.expect_wrong(answer, 415, "unsupported_media_type", before)


def test_five_million_brackets_cost_no_more_than_a_glance(running: Attacked) -> None:
    """T6: a megabyte of them, many times; a good request between them is answered."""
    before = running.state

    for body in (b"[" * 1_000_000, b'{"a":' * 200_000, b'[{"a":' * 150_000):
        running.expect_wrong(running.ask("json", body), 400, "malformed_request", before)

    assert running.order()[0] == 200
