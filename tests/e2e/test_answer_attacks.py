"""Attacks on what comes back (T33, law 12), through a real `gateway serve`: a recipient's answer is a transfer too.

With an answer map, what it names comes back and nothing else, whatever the status; without one, a status, a capped
body and three headers. A recipient that answers with its stack trace, or with other people's data, reaches no caller
with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from tests.e2e.attacked import ORDER, TOKEN, Attacked, attacked
from tests.recipients import Reply

JSON = ("Content-Type", "application/json")
CORPUS = {
    "another person": b'{"payer":"\xd0\x9f\xd1\x80\xd0\xb8 canary","phone":"87000000123","id":"A-1"}',
    "a stack trace": b"Traceback (most recent call last): canary",
    "a page": b"<!doctype html><script>fetch('//canary')</script>",
    "JSON that is none": b'{"id":"A-1","canary":',
    "a name twice": b'{"id":"A-1","id":"canary"}',
    "a list": b'[{"id":"A-1","name":"canary"}]',
    "a text": b'"canary"',
    "nests": b'{"a":' * 400 + b'"canary"' + b"}" * 400,
    "an id that is a person": b'{"id":"900101100103","canary":1}',
    "an id with lines": b'{"id":"A-1\\r\\nX-Canary: 1"}',
    "an id that is an object": b'{"id":{"canary":1}}',
    "a number over all bounds": b'{"sum":99999999999999999999999999,"canary":1}',
    "a number that is none": b'{"sum":NaN,"canary":1}',
    "bytes": bytes(range(256)) + b"canary",
    "UTF-16": '{"id":"A-1","name":"canary"}'.encode("utf-16"),
    "an error with a person in it": '{"error":"нет ИИН 900101100103 у 87000000123","canary":1}'.encode(),
}
SAID = ("application/json", "text/html; charset=utf-8", "application/xml", "text/csv", "image/png", "")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("answers")) as found:
        yield found


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("name", CORPUS)
def test_only_what_the_answer_map_names_comes_back(running: Attacked, name: str, status: int) -> None:
    """T33: under each content type that it could claim, in success and in failure, on the proxy and on transfers."""
    for said in SAID:
        content_type = (("Content-Type", said),) if said else ()
        running.says += [Reply(status, content_type, CORPUS[name])] * 2
        found, headers, raw = running.ask("mapped", orjson.dumps(ORDER))
        stated = running.served.call("POST", "/v1/transfers", _stated())

        assert found == status
        assert "gateway-problem" not in headers
        for told in (raw + repr(headers).encode(), stated[2]):
            assert b"canary" not in told.lower()
            assert [one for one in (b"900101100103", b"87000000123") if one in told] == []
    assert not running.says


def _stated() -> dict[str, object]:
    basis = {"kind": "consent", "ref": "consent-1", "given_at": "2026-11-01T09:00:00+05:00"}
    about = {"recipient": "at-mapped", "purpose": "goods_delivery", "subject": "usr_0001"}
    return {**about, "basis": basis, "payload": ORDER}


def test_what_the_answer_map_names_does_come_back(running: Attacked) -> None:
    """T33, T18: with its own digits."""
    running.says.append(Reply(201, (JSON,), b'{"id":"A-1","sum":1.10,"canary":1,"error":"x"}'))

    status, headers, raw = running.ask("mapped", orjson.dumps(ORDER))

    assert (status, headers["content-type"], raw) == (201, "application/json", b'{"id":"A-1","sum":1.10,"error":"x"}')


@pytest.mark.parametrize("status", [200, 302, 404, 503])
@pytest.mark.parametrize("who", ["json", "mapped"])
def test_of_an_answer_s_headers_three_come_back(running: Attacked, who: str, status: int) -> None:
    """T33: no cookie, no trace of the recipient's servers, none of the names that are ours to say."""
    theirs = {
        "Content-Type": "application/json", "Retry-After": "7", "Content-Language": "kk",
        "Set-Cookie": "a=canary", "Server": "canary", "X-Powered-By": "canary", "Location": "/canary",
        "Link": "<canary>", "Refresh": "0; url=canary",
        "Content-Security-Policy": "canary", "Access-Control-Allow-Origin": "*", "X-Accel-Redirect": "/canary",
        "Gateway-Problem": "canary", "Gateway-Transfer": "canary", "Gateway-Outcome": "canary",
        "X-Request-Id": "canary", "Cache-Control": "public, max-age=9", "X-Content-Type-Options": "canary",
        "WWW-Authenticate": "canary",
    }  # fmt: skip
    running.says.append(Reply(status, tuple(theirs.items()), b'{"id":"A-1"}'))

    found, headers, raw = running.ask(who, orjson.dumps(ORDER))

    assert (found, raw) == (status, b'{"id":"A-1"}')
    assert "canary" not in repr(headers)
    assert {name: headers[name] for name in ("retry-after", "content-language", "content-type")} == {
        "retry-after": "7", "content-language": "kk", "content-type": "application/json",
    }  # fmt: skip
    ours = {"gateway-transfer", "gateway-outcome", "gateway-withheld", "x-content-type-options", "cache-control"}
    assert headers.keys() - ours == {
        "retry-after",
        "content-language",
        "content-type",
        "content-length",
        "server",
        "date",
    }
    assert headers["cache-control"] == "no-store"


def test_an_answer_over_the_cap_comes_back_to_no_one(running: Attacked) -> None:
    """T33: whole or not at all, and the diagnostics hold nothing of it."""
    running.says.append(Reply(200, (JSON,), b'{"id":"canary-%b"}' % (b"x" * (2 << 20))))

    status, headers, raw = running.ask("json", orjson.dumps(ORDER))

    assert (status, headers["gateway-problem"]) == (502, "answer_too_large")
    assert b"canary" not in raw + running.served.diagnostics.read_bytes()


def test_an_answer_that_says_our_credential_back_does_not_come_back_with_it(running: Attacked) -> None:
    """T33: an answer map has no place for it."""
    running.says.append(Reply(401, (JSON,), orjson.dumps({"id": "A-1", "key": TOKEN, "error": "x"})))

    status, _headers, raw = running.ask("mapped", orjson.dumps(ORDER))

    assert (status, raw) == (401, b'{"id":"A-1","error":"x"}')
