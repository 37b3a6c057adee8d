"""What callers get wrong around a body: route, method, address, query, headers, token, subject, basis, grant.

Through a real `gateway serve`: each its own code, nothing is sent, and what is refused stands in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from tests.e2e.attacked import ABOUT, BASIS, PURPOSE, TOKEN, TOO_LONG, Attacked, attacked, one_line, raw_head, url

GOOD = one_line("json")
GET = "/v1/orders/A-7"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("addresses")) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that must not get through: its status and code, and what is wrong with it."""

    status: int
    code: str
    url: str = url("json")
    method: str = "POST"
    body: bytes | None = GOOD
    headers: Mapping[str, str] = field(default_factory=dict)  # an empty one is not sent


def _get(status: int, code: str, path: str = GET, body: bytes | None = None, **headers: str) -> Wrong:
    return Wrong(status, code, url("address", path), "GET", body, {"Content-Type": "", **headers})


def _about(status: int, code: str, **headers: str) -> Wrong:
    return Wrong(status, code, headers={name.replace("_", "-"): value for name, value in headers.items()})


ROUTES = {
    "a path that is not declared": Wrong(404, "unknown_route", url("json", "/v2/order")),
    "a path that goes on": Wrong(404, "unknown_route", url("json", "/v2/orders/7")),
    "a path in capitals": Wrong(404, "unknown_route", url("json", "/V2/orders")),
    "a path with a slash at its end": Wrong(404, "unknown_route", url("json", "/v2/orders/")),
    "two slashes": Wrong(404, "not_found", url("json", "//v2/orders")),
    "two slashes within": Wrong(404, "unknown_route", url("json", "/v2//orders")),
    "dots": Wrong(404, "unknown_route", url("json", "/v2/x/../orders")),
    "encoded dots": Wrong(404, "unknown_route", url("json", "/v2/x/%2e%2e/orders")),
    "a parameter of the path": Wrong(404, "unknown_route", url("json", "/v2/orders;a=b")),
    "NUL": Wrong(404, "unknown_route", url("json", "/v2/orders%00")),
    "bytes that are not UTF-8": Wrong(400, "malformed_request", url("json", "/v2/%ff")),
    "no path": Wrong(404, "not_found", url("json", "")),
    "only a slash": Wrong(404, "not_found", url("json", "/")),
    "no purpose": Wrong(404, "not_found", "/v1/proxy/at-json"),
    "another version": Wrong(404, "not_found", url("json").replace("/v1/", "/v2/")),
    "a method that is not declared": Wrong(404, "unknown_route", method="PUT"),
    "a GET of a route that is posted to": Wrong(404, "unknown_route", method="GET", body=None),
    "a method that nothing takes": Wrong(405, "method_not_allowed", method="TRACE", body=None),
    "a method of its own": Wrong(405, "method_not_allowed", method="BREW", body=None),
    "a recipient that no map names": Wrong(422, "unknown_recipient", url("nobody")),
    "a recipient that is a person": Wrong(422, "unknown_recipient", f"/v1/proxy/87000000123/{PURPOSE}/v2/orders"),
    "a recipient that is no name": Wrong(400, "malformed_request", f"/v1/proxy/a%20b/{PURPOSE}/v2/orders"),
    "a purpose that the recipient has not": Wrong(422, "unknown_purpose", url("json").replace(PURPOSE, "marketing")),
    "a recipient without a grant": Wrong(403, "not_granted", url("ungranted")),
}
SEGMENTS = {
    "an encoded slash": _get(404, "unknown_route", "/v1/orders/A-7%2Frefunds"),
    "a slash encoded twice": _get(422, "required_invalid", "/v1/orders/A-7%252Frefunds"),
    "a way up": _get(422, "required_invalid", "/v1/orders/%2e%2e"),
    "a backslash": _get(422, "required_invalid", "/v1/orders/A-7%5C"),
    "a line break": _get(404, "not_found", "/v1/orders/A-7%0d%0aX-Admin:%201"),
    "a query within": _get(422, "required_invalid", "/v1/orders/A-7%3Fkind=door"),
    "an IIN": _get(422, "required_invalid", "/v1/orders/900101100103"),
    "a phone": _get(422, "required_invalid", "/v1/orders/87000000123"),
    "too long": _get(422, "required_invalid", "/v1/orders/" + "A" * 21),
    "empty": _get(404, "unknown_route", "/v1/orders/"),
    "a name twice in the query": _get(400, "malformed_request", GET + "?kind=door&kind=store"),
    "a name twice in the query, once escaped": _get(400, "malformed_request", GET + "?kind=door&%6bind=store"),
    "a query without values": _get(400, "malformed_request", GET + "?kind"),
    "a query that is not UTF-8": _get(400, "malformed_request", GET + "?kind=%ff"),
    "a body where there is none": _get(400, "malformed_request", GET, b"{}", **{"Content-Type": "application/json"}),
}
HEADERS = {
    "no token": _about(401, "unauthenticated", Gateway_Token=""),
    "the recipient's credential for a token": _about(401, "unauthenticated", Gateway_Token=TOKEN),
    "the token as a Bearer": _about(401, "unauthenticated", Gateway_Token="", Authorization="Bearer gw_x"),
    "the recipient's credential where its library puts it": _about(
        401, "unauthenticated", Gateway_Token="", Authorization=f"Bearer {TOKEN}", X_Api_Key=TOKEN
    ),
    "no subject": _about(400, "malformed_request", Gateway_Subject=""),
    "a subject that is a phone": _about(400, "malformed_request", Gateway_Subject="+77000000123"),
    "a subject that is an IIN": _about(400, "malformed_request", Gateway_Subject="900101100103"),
    "a subject that is an e-mail": _about(400, "malformed_request", Gateway_Subject="test.primerov@example.com"),
    "a subject that is a card": _about(400, "malformed_request", Gateway_Subject="4111111111111111"),
    "a subject of 65 characters": _about(400, "malformed_request", Gateway_Subject="s" * 65),
    "no basis": _about(403, "basis_missing", Gateway_Basis=""),
    "a basis that is none": _about(400, "malformed_request", Gateway_Basis="consent"),
    "a basis of no known kind": _about(400, "malformed_request", Gateway_Basis=BASIS.replace("consent;", "wish;")),
    "a basis without its time": _about(400, "malformed_request", Gateway_Basis="kind=consent; ref=consent-1"),
    "a basis twice in one": _about(400, "malformed_request", Gateway_Basis=BASIS + "; kind=obligation"),
    "a basis whose reference is a phone": _about(
        400, "malformed_request", Gateway_Basis=BASIS.replace("consent-1", "87000000123")
    ),
    "an Idempotency-Key that is none": _about(400, "malformed_request", Idempotency_Key="k 1"),
    "a compressed body": _about(415, "unsupported_media_type", Content_Encoding="gzip"),
    "no content type": _about(415, "unsupported_media_type", Content_Type=""),
    "text": _about(415, "unsupported_media_type", Content_Type="text/plain"),
    "JSON by another name": _about(415, "unsupported_media_type", Content_Type="application/vnd.api+json"),
    "a form where JSON is due": _about(
        415, "unsupported_media_type", Content_Type="application/x-www-form-urlencoded"
    ),
    "two content types in one": _about(415, "unsupported_media_type", Content_Type="application/json, text/xml"),
    "JSON in UTF-7": _about(415, "unsupported_media_type", Content_Type="application/json; charset=utf-7"),
    "JSON in UTF-16": _about(415, "unsupported_media_type", Content_Type="application/json; charset=utf-16"),
    "JSON in Windows-1251": _about(
        415, "unsupported_media_type", Content_Type="application/json; charset=windows-1251"
    ),
}  # fmt: skip
WRONG = ROUTES | SEGMENTS | HEADERS


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_around_a_body_has_its_code_and_reaches_no_one(running: Attacked, name: str) -> None:
    """T8, T9, T20, T22, T23."""
    wrong, before = WRONG[name], running.state
    headers = {**ABOUT, **wrong.headers}

    answer = running.served.call(wrong.method, wrong.url, wrong.body, headers)

    assert running.expect_wrong(answer, wrong.status, wrong.code, before)


def test_a_body_over_the_limit_reaches_no_one(running: Attacked) -> None:
    """T6."""
    before = running.state

    answer = running.ask_raw("json", TOO_LONG, *raw_head(running.served.token))

    assert running.expect_wrong(answer, 413, "payload_too_large", before)


TWICE = {
    "two tokens": ([b"Gateway-Token: gw_nobody_x"], 401, "unauthenticated"),
    "two subjects": ([b"Gateway-Subject: usr_0002"], 400, "malformed_request"),
    "two bases": ([f"Gateway-Basis: {BASIS}".encode()], 400, "malformed_request"),
}


@pytest.mark.parametrize("name", TWICE)
def test_a_header_that_comes_twice_is_not_chosen_from(running: Attacked, name: str) -> None:
    """T9, T20: whichever of the two comes first."""
    lines, status, code = TWICE[name]
    head = raw_head(running.served.token)

    for both in ([*head, *lines], [*lines, *head]):
        before = running.state
        running.expect_wrong(running.ask_raw("json", GOOD, *both), status, code, before)

    assert running.ask_raw("json", GOOD, *head)[0] == 200


def test_of_two_content_types_one_is_read_and_the_other_goes_nowhere(running: Attacked) -> None:
    """T9: the server hands over the first. The one parser of the route reads by it, and what leaves says ours."""
    good, other = raw_head(running.served.token), b"Content-Type: text/xml"
    before = running.state

    refused = running.ask_raw("json", GOOD, other, *good)
    running.expect_wrong(refused, 415, "unsupported_media_type", before)
    taken = running.ask_raw("json", GOOD, *good, other)

    assert taken[0] == 200
    types = [value for name, value in running.arrived[-1].headers if name.lower() == "content-type"]
    assert (types, running.last) == (["application/json"], {"order": {"number": "A-1"}})


@pytest.mark.parametrize(
    "line",
    [b"X-Shop: a\0b", b"X-Shop: a\rX-Admin: 1", b"X-Shop: a\r\n\tX-Admin: 1", b"X-Shop : a", b"X Shop: a", b": a"],
    ids=["NUL", "a bare CR", "a folded line", "a blank before the colon", "a blank within", "no name"],
)
def test_a_head_that_two_readers_could_read_in_two_ways_is_no_request(running: Attacked, line: bytes) -> None:
    """T20: it ends at the server of ours, or the header leaves as the one value that it has."""
    running.state  # noqa: B018 -- outcomes are written
    arrived = len(running.arrived)
    head = [*raw_head(running.served.token), line]

    status, _headers, _raw = running.ask_raw("address", b"{}", *head, path="/v1/orders/A-7")

    assert status in (400, 404)
    assert len(running.arrived) == arrived
