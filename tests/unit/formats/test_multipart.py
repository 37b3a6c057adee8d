from __future__ import annotations

import re

import pytest
from requests import Request

from gateway.canonical import Node, Number
from gateway.errors import AdmissionError, MalformedRequest, UnsupportedMediaType
from gateway.formats.document import MAX_FIELDS, MAX_NAME_LENGTH
from gateway.formats.multipart import read

SECRET = "87000000123"


def part(name: str = "a", content: str = "1", *headers: str) -> str:
    lines = [f'Content-Disposition: form-data; name="{name}"', *headers]
    return "--X\r\n" + "".join(line + "\r\n" for line in lines) + f"\r\n{content}\r\n"


def body_of(*parts: str) -> bytes:
    return ("".join(parts) + "--X--\r\n").encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (body_of(), {}),
        (body_of(part()), {"a": "1"}),
        (body_of(part()).removesuffix(b"\r\n"), {"a": "1"}),
        (body_of(part(), part("имя", "Сынақ")), {"a": "1", "имя": "Сынақ"}),
        (body_of(part("a", "")), {"a": ""}),
        (body_of(part("a", "1\r\n\r\n2\n--Y\r\n")), {"a": "1\r\n\r\n2\n--Y\r\n"}),
        (body_of(part("a", "1", "Content-Type: text/plain")), {"a": "1"}),
        (body_of(part("a", "1", "content-type:Text/Plain; charset=UTF-8")), {"a": "1"}),
        (body_of(part("a b&=", "1")), {"a b&=": "1"}),
    ],
    ids=["none", "one", "no last line end", "two", "empty", "lines", "typed", "typed with charset", "odd name"],
)
def test_fields_are_read(body: bytes, expected: Node) -> None:
    assert read("X", body).tree == expected


def test_a_body_that_requests_makes_is_read() -> None:
    files = {"order": (None, "INV-1"), "имя": (None, "Сынақ Үлгіқызы")}
    made = Request("POST", "https://a.example", files=files).prepare()
    assert isinstance(made.body, bytes)

    document = read(str(made.headers["Content-Type"]).partition("boundary=")[2], made.body)

    assert document.tree == {"order": "INV-1", "имя": "Сынақ Үлгіқызы"}


@pytest.mark.parametrize(
    "body",
    [
        body_of('--X\r\nContent-Disposition: form-data; name="a"; filename="паспорт_Примеров.pdf"\r\n\r\n1\r\n'),
        body_of("--X\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''a\r\n\r\n1\r\n"),
        body_of('--X\r\nContent-Disposition: form-data; filename="a"; name="a"\r\n\r\n1\r\n'),
        body_of('--X\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n'),
        body_of("--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"),
        body_of("--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n"),
        body_of(part("a", "1", "Content-Type: application/pdf")),
        body_of(part("a", "{}", "Content-Type: application/json")),
        body_of(part("a", "1", "Content-Type: text/plain; charset=windows-1251")),
        body_of(part("a", "1", "Content-Type: multipart/mixed; boundary=Y")),
        body_of(part("a", "MQ==", "Content-Transfer-Encoding: base64")),
        body_of(part("a", "1", "X-Other: 1")),
    ],
    ids=[
        "filename", "filename*", "filename first", "attachment", "bare name", "no name", "pdf", "json", "charset",
        "nested", "transfer encoding", "other header",
    ],
)  # fmt: skip
def test_files_and_all_that_is_no_plain_field_are_refused(body: bytes) -> None:
    """T10: nothing of a file name comes back either."""
    with pytest.raises(UnsupportedMediaType, match="files are not taken") as caught:
        read("X", body)

    assert "паспорт" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--X",
        b"--X\r\n",
        b"--X--x",
        b"preamble\r\n" + body_of(part()),
        b"\r\n" + body_of(part()),
        body_of(part()) + b"epilogue",
        body_of(part()).replace(b"--X--", b"--X"),
        body_of(part()).replace(b"\r\n", b"\n"),
        body_of(part("a", "1").replace("--X\r\n", "--X \r\n")),
        body_of(part("a", "1\r\n--XY\r\n")),
        body_of(part("a", "1").replace("--X\r\n", "--Xab")),
        body_of("--X\r\n\r\n1\r\n"),
        body_of("--X\r\nContent-Type: text/plain\r\n\r\n1\r\n"),
        body_of('--X\r\nContent-Disposition: form-data; name="a"\r\n1\r\n'),
        body_of('--X\r\nContent-Disposition: form-data; name="a"\r\n ;b=1\r\n\r\n1\r\n'),
        body_of('--X\r\nContent-Disposition : form-data; name="a"\r\n\r\n1\r\n'),
        body_of(part("a", "1", 'Content-Disposition: form-data; name="b"')),
        body_of(part("a", "1", "Content-Type: text/plain", "Content-Type: text/plain")),
        body_of(part(), part()),
        body_of(part("")),
        body_of(part("a\tb")),
        body_of(part("a\\b")),
        body_of(part("a%22b")),
        body_of(part("a%0ab")),
        body_of(part("a" * (MAX_NAME_LENGTH + 1))),
        body_of(part("a", "\x00")),
        body_of(part("a", "\x1b")),
        body_of(part("a\x00")),
        body_of(part()).replace(b"\r\n1\r\n", b"\r\n\xff\r\n"),
        body_of(part()).replace(b'"a"', b'"\xff"'),
        body_of(*(part(str(at)) for at in range(MAX_FIELDS + 1))),
    ],
    ids=[
        "empty", "open", "open line", "unclean end", "preamble", "line before", "epilogue", "no end", "line feeds",
        "padding", "longer boundary", "no line end",
        "no headers", "no disposition", "no blank line", "folded", "space in header",
        "disposition twice", "type twice", "name twice", "empty name", "tab in name", "backslash in name",
        "escaped quote in name", "escaped line end in name", "long name", "NUL", "control", "NUL in name",
        "not UTF-8", "name not UTF-8", "too many",
    ],
)  # fmt: skip
def test_what_two_readers_may_read_differently_is_refused(body: bytes) -> None:
    """T4, T6, T10."""
    with pytest.raises(MalformedRequest, match="is not strict multipart form data") as caught:
        read("X", body)

    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [body_of(part(SECRET, SECRET), part(SECRET)), body_of(part(SECRET, SECRET, f"X-{SECRET}: {SECRET}"))],
    ids=["twice", "header"],
)
def test_an_error_never_says_a_name_or_a_value(body: bytes) -> None:
    """T86."""
    with pytest.raises(AdmissionError) as caught:
        read("X", body)

    assert SECRET not in str(caught.value)


def test_what_leaves_has_a_boundary_of_our_own() -> None:
    tree: Node = {"имя": "--X\r\n", "sum": Number("5430.00"), "no": None, "ok": True}
    first, second = read("X", body_of(part())), read("X", body_of(part()))

    written = first.write(tree)

    boundary = re.fullmatch("multipart/form-data; boundary=([0-9a-f]{32})", first.media_type)
    assert boundary is not None
    assert first.media_type != second.media_type
    assert read(boundary[1], written).tree == {"имя": "--X\r\n", "sum": "5430.00", "ok": "true"}
    assert b"filename" not in written


def test_a_value_that_holds_the_boundary_is_not_written() -> None:
    document = read("X", body_of(part()))
    boundary = document.media_type.partition("boundary=")[2]

    with pytest.raises(MalformedRequest, match="a value of it holds the boundary"):
        document.write({"a": f"\r\n--{boundary}--"})


@pytest.mark.parametrize("name", ['a"; filename="b', "a\r\nX: 1", "a\\", "a%22"], ids=repr)
def test_a_name_that_would_make_a_header_is_not_written(name: str) -> None:
    """T20."""
    with pytest.raises(MalformedRequest, match="more than one reading"):
        read("X", body_of(part())).write({name: "1"})
