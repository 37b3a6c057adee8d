"""Attacks on the wire (T20 to T25), through a real `gateway serve`: headers, addresses, cookies, redirects.

What is compared is the request as a recipient's server got it: its line, and its headers as an exact set.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest

from tests.e2e.attacked import ABOUT, SUBJECT, TOKEN, Attacked, attacked, one_line, raw_head
from tests.recipients import Authority, Received, RecordingRecipient, Reply

WITH_BODY = [
    "Host",
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "X-Api-Key",
    "Content-Type",
    "Content-Length",
    "Idempotency-Key",
]
BODYLESS = [name for name in WITH_BODY if name not in ("Content-Type", "Content-Length")]
GET = "/v1/orders/A-7"


@contextmanager
def _in_a_hostile_home(folder: Path) -> Iterator[Attacked]:
    """With a .netrc, proxies and roots in the process's environment that a careless HTTP library would take."""
    home = folder / "who"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login canary-netrc password canary-netrc\n", encoding="utf-8")
    (home / ".netrc").chmod(0o600)
    proxies = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), "http://canary:proxy@127.0.0.1:9"
    )
    with attacked(
        folder, HOME=str(home), NETRC=str(home / ".netrc"), SSLKEYLOGFILE=str(folder / "keys"), **proxies
    ) as found:
        yield found
    assert not (folder / "keys").exists()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with _in_a_hostile_home(tmp_path_factory.mktemp("wire")) as found:
        yield found


def _expect_ours_alone(received: Received, names: list[str], *more: str) -> None:
    """The headers that we send, each once, and none of what a caller put anywhere."""
    assert sorted(name for name, _ in received.headers) == sorted([*names, *more])
    assert received.header("X-Api-Key") == TOKEN
    assert received.header("User-Agent") == "gateway"
    assert "canary" not in repr((received.path, received.headers)) + received.body.decode("utf-8", "replace")


CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
PAYLOADS = [
    f"A-1{line}X-Admin: 1"
    for line in ("\r\n", "\n", "\r", "\r\n\r\n", "\u2028", "\u0085", "\u560d\u560a", "%0d%0a", "%E5%98%8A")
]


@pytest.mark.parametrize("text", [*CONTROLS, *PAYLOADS], ids=lambda text: ascii(text)[1:-1])
def test_a_line_break_in_a_value_makes_no_header(running: Attacked, text: str) -> None:
    """T20: every C0 and C1 control, and the spellings of a line break, in each part that may carry a value."""
    value = text if len(text) > 1 else f"A{text}1"
    before = len(running.arrived)
    asked = [
        running.ask("address", None, method="GET", path=f"/v1/orders/{quote(value, safe='')}"),
        running.ask("address", None, method="GET", path=f"{GET}?kind={quote(value, safe='')}"),
        running.ask("form", b"number=A-1&label=" + quote(value, safe="").encode()),
        running.order(order={"number": "A-1", "label": value}, value={"string": value}),
        running.order(order={"number": value}),
        running.ask("json", one_line("json"), headers={"Gateway-Subject": quote(value)}),
    ]

    assert {answer[0] for answer in asked} <= {200, 400, 404, 422}
    assert {answer[0] for answer in asked} & {400, 404, 422}
    for received in running.arrived[before:]:
        _expect_ours_alone(received, WITH_BODY if received.body else BODYLESS)
        assert received.path.split("?")[0] in ("/v2/orders", GET)
        assert b"X-Admin" not in repr((received.path, received.headers)).encode()


@pytest.mark.parametrize("value", ["s1 x", "s1\tx", "s1;x", "\u00e9", "s1\u0085X-Admin: 1"])
def test_a_declared_header_carries_what_its_type_takes_and_no_more(running: Attacked, value: str) -> None:
    """T20: the good one arrives, each other stays home."""
    good = running.ask("address", None, method="GET", path=GET, headers={"X-Shop": "s1"})
    assert (good[0], running.arrived[-1].header("x-shop")) == (200, "s1")

    status, headers, _raw = running.ask("address", None, method="GET", path=GET, headers={"X-Shop": value})

    assert (status, headers["gateway-withheld"]) == (200, "1")
    _expect_ours_alone(running.arrived[-1], BODYLESS)


NAMES = (
    "Cookie", "Authorization", "Proxy-Authorization", "User-Agent", "Referer", "Origin", "Accept-Language",
    "Accept", "Via", "Forwarded", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    "X-Request-Id", "X-Correlation-Id", "Traceparent", "Tracestate", "Baggage", "B3", "X-Api-Key",
    "X-Signature", "Signature", "X-Http-Method-Override", "If-None-Match", "Range", "Pragma", "Cache-Control",
    "Dnt", "Sec-Fetch-Site", "X-Customer", "From", "Te", "Trailer", "Priority", "Early-Data",
    "X-Amzn-Trace-Id", "Cf-Connecting-Ip", "True-Client-Ip",
)  # fmt: skip
HOSTILE = {name: f"canary-{name.lower()}" for name in NAMES}


def test_no_header_of_a_caller_leaves(running: Attacked) -> None:
    """T21, T22: hop by hop, of traces, of browsers, of credentials; on each way out. No .netrc, no proxy counts."""
    for who, body, method, path, names in (
        ("json", one_line("json"), "POST", "/v2/orders", WITH_BODY),
        ("form", one_line("form"), "POST", "/v2/orders", WITH_BODY),
        ("address", b'{"label":"x"}', "PUT", GET, WITH_BODY),
        ("address", None, "GET", GET, BODYLESS),
    ):
        status, _headers, raw = running.ask(who, body, method=method, path=path, headers=HOSTILE)
        assert (status, raw) == (200, b'{"ok":true}')
        _expect_ours_alone(running.arrived[-1], names)


@pytest.mark.parametrize(
    "named", [b"X-Api-Key", b"Gateway-Token", b"Idempotency-Key", b"Content-Type", b"close, X-Shop"]
)
def test_a_caller_cannot_name_a_header_of_ours_as_hop_by_hop(running: Attacked, named: bytes) -> None:
    """T21: `Connection: X-Signature` would have a proxy drop what we set."""
    lines = [*raw_head(running.served.token), b"Connection: " + named]

    status, _headers, _raw = running.ask_raw("json", one_line("json"), *lines)

    assert status == 200
    _expect_ours_alone(running.arrived[-1], WITH_BODY)


def test_the_credential_of_a_recipient_is_ours_to_send_and_in_no_answer(running: Attacked) -> None:
    """T22: whatever a caller puts in its place, and even where the recipient says it back."""
    running.says.append(Reply(body=b'{"ok":true}', headers=(("X-Api-Key", TOKEN), ("WWW-Authenticate", TOKEN))))

    status, headers, raw = running.ask(
        "json", one_line("json"), headers={"X-Api-Key": "canary", "Authorization": TOKEN}
    )

    assert status == 200
    _expect_ours_alone(running.arrived[-1], WITH_BODY)
    assert TOKEN not in repr(headers) + raw.decode()
    assert TOKEN.encode() not in running.served.diagnostics.read_bytes()


def test_what_stands_in_an_address_stands_in_none_of_ours(running: Attacked) -> None:
    """T23: a phone and a name in path and query are neither at the recipient nor in the diagnostics."""
    private = ["+77000000123", "test.primerov@example.com", "Примеров Тест", "canary-query"]
    query = "&".join(f"q{n}={quote(text)}" for n, text in enumerate(private))

    taken = running.ask("json", one_line("json"), path=f"/v2/orders?{query}")
    asked = running.ask("address", None, method="GET", path=f"{GET}?kind=door&{query}")
    kind = running.ask("address", None, method="GET", path=f"{GET}?kind={quote(private[2])}")
    lost = running.ask("json", one_line("json"), path=f"/clients/{quote(private[0])}?{query}")

    assert [answer[0] for answer in (taken, asked, kind, lost)] == [200, 200, 200, 404]
    assert [one.path for one in running.arrived[-3:]] == ["/v2/orders", f"{GET}?kind=door", GET]
    written = running.served.diagnostics.read_bytes() + b"".join(answer[2] for answer in (taken, asked, kind, lost))
    for text in (*private, SUBJECT, ABOUT["Gateway-Basis"]):
        forms = (text.encode(), quote(text).encode(), base64.b64encode(text.encode()), orjson.dumps(text)[1:-1])
        assert [form for form in forms if form in written] == []


def test_a_cookie_that_a_recipient_sets_is_never_sent_back(running: Attacked) -> None:
    """T24: not by the next request, not by another caller's, not to another recipient; and no caller gets it."""
    other = running.deployment.add_caller("other", (("at-form", "goods_delivery"), ("at-json", "goods_delivery")))
    cookies = tuple(
        ("Set-Cookie", f"canary{n}=1; Path=/{more}") for n, more in enumerate(("", "; Domain=127.0.0.1", "; Secure"))
    )
    running.says.append(Reply(headers=(("Content-Type", "application/json"), *cookies)))
    status, headers, _raw = running.order()
    assert (status, "set-cookie" in headers) == (200, False)

    answers = [running.order(), running.ask("form", one_line("form"))]
    while (last := running.ask("json", one_line("json"), headers={"Gateway-Token": other}))[0] == 401:
        continue  # a new caller counts within two seconds

    assert [answer[0] for answer in (*answers, last)] == [200, 200, 200]
    for received in running.arrived[-3:]:
        _expect_ours_alone(received, WITH_BODY)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["another", "itself", "a scheme", "a metadata service"])
def test_a_redirect_is_an_answer_and_not_a_way(running: Attacked, tmp_path: Path, status: int, where: str) -> None:
    """T25: nobody is asked a second time, neither another nor the same; the caller gets no address to go to."""
    with RecordingRecipient(Authority(tmp_path)) as elsewhere:
        location = {
            "another": f"{elsewhere.base_url}/canary",
            "itself": "/v2/orders?again",
            "a scheme": f"http://127.0.0.1:{elsewhere.port}/",
            "a metadata service": "http://169.254.169.254/latest/meta-data/",
        }[where]
        arrived = len(running.arrived)
        running.says.append(Reply(status, (("Location", location), ("Refresh", f"0; url={location}")), b""))

        found, headers, _raw = running.order()

    assert (found, headers["gateway-outcome"]) == (status, "rejected")
    assert {"location", "refresh"} & headers.keys() == set()
    assert (elsewhere.connections, len(running.arrived)) == (0, arrived + 1)
