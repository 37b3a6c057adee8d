from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from gateway.formats import read
from gateway.minimise import compile_projection, minimise_answer
from gateway.model import Answer, Cause, FieldType, OutcomeCode, Plan, Project, Sent
from tests.rules import LEXICON, conceal, rule

PROJECT = compile_projection(
    Plan(
        (
            rule("id", pattern="[0-9]{1,9}"),
            rule("sum", FieldType.DECIMAL, places=2, minimum="0", maximum="1000000"),
            rule("entity.uuid", pattern="[0-9a-f-]{4,36}"),
            rule("errors[].code", pattern="[a-z_]{1,40}", max_items=3),
            rule("records[].id", pattern="[0-9]{1,9}", max_items=10),
        ),
        (),
        LEXICON,
    )
)
XML = compile_projection(
    Plan(
        (
            rule('R."@id"', pattern="[0-9]{1,9}"),
            rule('R.Item[]."#text"', pattern="[0-9]{1,9}", max_items=10),
        ),
        (),
        LEXICON,
    )
)


def sent(
    body: bytes,
    content_type: str | None = "application/json",
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Sent:
    outcome = OutcomeCode.DELIVERED if status < 300 else OutcomeCode.REJECTED
    stated = {} if content_type is None else {"content-type": content_type}
    return Sent(outcome, None, status, Answer(status, {**stated, **headers}, body))


def reduced(body: bytes, content_type: str | None = "application/json", project: Project = PROJECT) -> Answer:
    answer = minimise_answer(sent(body, content_type), project, conceal).answer
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b'{"a":1, "a":2}'), ("text/html", b"<h1>502</h1>"), (None, b"\xff\x00"), ("x", b"")],
)
def test_without_a_map_the_answer_comes_back_byte_for_byte(content_type: str | None, body: bytes) -> None:
    came = sent(body, content_type)

    assert minimise_answer(came, None, conceal) is came


@pytest.mark.parametrize(
    "came",
    [
        Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE),
        Sent(OutcomeCode.DELIVERED, Cause.ANSWER_TOO_LARGE, 200, Answer(200, {"content-type": "x"}, b"")),
        sent(b"", None, 204),
        sent(b"", "application/json"),
    ],
    ids=["no answer", "too large", "no content", "empty"],
)
def test_what_has_no_body_has_nothing_to_reduce(came: Sent) -> None:
    assert minimise_answer(came, PROJECT, conceal) is came


def test_a_null_under_a_name_of_the_map_comes_back_as_null_and_no_other() -> None:
    """T17, T33: libraries read each key of an answer by its name; what no map names stays with the recipient."""
    rules = (rule("id", pattern="[0-9]{1,9}"), rule("o.a"), rule("o.b"), rule("list[].c"), rule("gone"))
    keeping = compile_projection(Plan(rules, (), LEXICON, keeps_null=True))
    body = b'{"id":null,"o":{"a":null,"b":"1","phone":null},"list":[{"c":null},null,{"c":"2"}],"email":null}'

    kept, dropped = reduced(body, project=keeping), reduced(body, project=compile_projection(Plan(rules, (), LEXICON)))

    assert kept.body == b'{"id":null,"o":{"a":null,"b":"1"},"list":[{"c":null},{"c":"2"}]}'
    assert dropped.body == b'{"o":{"b":"1"},"list":[{"c":"2"}]}'


def test_an_object_or_an_array_that_is_null_comes_back_as_null() -> None:
    rules = (rule("o.a"), rule("list[].c"), rule("id", pattern="[0-9]{1,9}"))
    keeping = compile_projection(Plan(rules, (), LEXICON, keeps_null=True))

    assert reduced(b'{"o":null,"list":null,"id":"a phone"}', project=keeping).body == b'{"o":null,"list":null}'


@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 422, 500, 503])
def test_only_what_the_map_names_comes_back_success_or_not(status: int) -> None:
    """T33, law 12: an error body is an answer too."""
    body = b'{"trace":"CANARY","sum":1.10,"errors":[{"code":"bad_phone","message":"CANARY"}],"id":"17"}'

    came = minimise_answer(sent(body, status=status), PROJECT, conceal)

    assert came.status == status
    assert came.answer == Answer(
        status, {"content-type": "application/json"}, b'{"id":"17","sum":1.10,"errors":[{"code":"bad_phone"}]}'
    )


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json; charset=utf-8", b'{"id":"1","x":"CANARY"}', b'{"id":"1"}'),
        ("application/x-www-form-urlencoded", b"x=CANARY&id=1", b"id=1"),
        ("application/x-ndjson", b'{"id":"1","x":"CANARY"}\n{"id":"2"}\n', b'{"id":"1"}\n{"id":"2"}\n'),
        ("text/csv", b"x,id\r\nCANARY,1\r\n", b"id\r\n1\r\n"),
    ],
    ids=["json", "form", "ndjson", "csv"],
)
def test_an_answer_is_reduced_in_its_own_format(content_type: str, body: bytes, expected: bytes) -> None:
    actual = reduced(body, content_type)

    assert actual.body == expected
    assert actual.headers["content-type"] == read(content_type, body).media_type


def test_xml_is_reduced_in_its_own_format() -> None:
    body = b'<R id="1" name="CANARY"><Item>7</Item><Item>CANARY</Item><Who>CANARY</Who></R>'

    actual = reduced(body, "application/xml", XML)

    assert b"CANARY" not in actual.body
    assert read("application/xml", actual.body).tree == {"R": {"@id": "1", "Item": [{"#text": "7"}]}}


def test_a_reduced_multipart_answer_states_the_boundary_that_it_has() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n17\r\n--b--\r\n'

    actual = reduced(body, "multipart/form-data; boundary=b")

    assert read(actual.headers["content-type"], actual.body).tree == {"id": "17"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", b"<html>CANARY</html>"),
        ("text/plain", b"CANARY"),
        ("application/problem+json", b'{"id":"1"}'),
        ("application/json", b"<html>CANARY</html>"),
        ("application/json", b'{"id":"1","id":"2"}'),
        ("application/json", b'{"id":"1"'),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"id":1e400000}' + b"\x00"),
        ("application/json; charset=utf-16", b'{"id":"1"}'),
        ("application/json, text/html", b'{"id":"1"}'),
        ("application/xml", b'<!DOCTYPE a [<!ENTITY b "CANARY">]><R id="1">&b;</R>'),
        ("application/x-www-form-urlencoded", b"id=1&id=2"),
        (None, b'{"id":"1"}'),
    ],
)
def test_of_an_answer_that_cannot_be_read_nothing_comes_back_nor_the_type_of_what_is_not_there(
    content_type: str | None, body: bytes
) -> None:
    """T33."""
    came = minimise_answer(sent(body, content_type, 500, {"retry-after": "3"}), PROJECT, conceal)

    assert came.answer == Answer(500, {"retry-after": "3"}, b"")
    assert (came.outcome, came.status) == (OutcomeCode.REJECTED, 500)


@pytest.mark.parametrize(
    "body",
    [b'{"who":"CANARY"}', b'["CANARY"]', b'"CANARY"', b"null", b"17", b'{"id":{"CANARY":"CANARY"}}'],
)
def test_of_an_answer_that_holds_nothing_the_map_names_an_empty_object_comes_back(body: bytes) -> None:
    actual = reduced(body)

    assert (actual.body, actual.headers) == (b"{}", {"content-type": "application/json"})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/xml", b"<Who>CANARY</Who>"), ("application/x-www-form-urlencoded", b"who=CANARY")],
)
def test_of_a_format_that_has_no_empty_object_no_body_comes_back(content_type: str, body: bytes) -> None:
    actual = reduced(body, content_type, XML)

    assert (actual.body, actual.headers) == (b"", {})


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":"+77000000123"}',
        b'{"id":"<script>alert(1)</script>"}',
        b'{"sum":100.0079161234567}',
        b'{"sum":12345678901234567890123}',
        b'{"entity":{"uuid":"87000000123"}}'.replace(b"87000000123", b"not an id"),
        b'{"errors":[{"code":"a"},{"code":"b"},{"code":"c"},{"code":"d"}]}',
    ],
)
def test_a_value_that_is_not_what_the_map_says_does_not_come_back(body: bytes) -> None:
    """T5, T14, T33."""
    assert reduced(body).body == b"{}"


def test_the_headers_beside_the_body_stay() -> None:
    came = minimise_answer(sent(b'{"id":"1"}', headers={"content-language": "kk"}), PROJECT, conceal)

    assert came.answer is not None
    assert came.answer.headers == {"content-language": "kk", "content-type": "application/json"}


def test_a_type_stated_at_length_says_no_more_than_what_was_read() -> None:
    actual = reduced(b'{"id":"1"}', "application/JSON ;charset=UTF-8")

    assert actual.headers["content-type"] == "application/json; charset=utf-8"
