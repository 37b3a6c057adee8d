"""What callers get wrong about the sets that say whose data a recipient may have.

Through a real `gateway serve`: each its own code, the set stays as it was, and a recipient whose set holds no one is
sent no one's data.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import orjson
import pytest

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import CallerId, RecipientId
from tests.e2e.answers import expect_problem
from tests.e2e.attacked import Attacked, attacked

SET = "/v1/recipients/at-kept/scope/towns"
IN_TOWN = {"number": "A-1", "town": "Павлодар"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("scopes")) as found:
        store = open_store(found.deployment.settings, found.deployment.keyring, SystemClock())
        store.callers.let_keep(CallerId("attacker"), RecipientId("at-kept"))
        store.close()
        deadline = time.monotonic() + 3
        while found.served.call("GET", SET)[0] != 200:  # it counts within two seconds
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found


def _values(*values: object) -> bytes:
    return orjson.dumps({"values": values})


WRONG: dict[str, tuple[int, str, str, str, bytes, dict[str, str]]] = {
    "no token": (401, "unauthenticated", "PUT", SET, _values("a"), {"Gateway-Token": ""}),
    "sets of another recipient": (403, "not_granted", "PUT", SET.replace("kept", "scoped"), _values("a"), {}),
    "a recipient that no map names": (403, "not_granted", "PUT", SET.replace("at-kept", "mc-nobody"), _values("a"), {}),
    "a set that the file does not name": (404, "unknown_set", "PUT", SET.replace("towns", "houses"), _values("a"), {}),
    "no set": (404, "not_found", "PUT", SET.removesuffix("/towns"), _values("a"), {}),
    "a method that it does not take": (405, "method_not_allowed", "DELETE", SET, b"", {}),
    "text": (415, "unsupported_media_type", "PUT", SET, b"a", {"Content-Type": "text/plain"}),
    "a compressed body": (415, "unsupported_media_type", "PUT", SET, _values("a"), {"Content-Encoding": "gzip"}),
    "JSON that is none": (400, "malformed_request", "PUT", SET, b'{"values":[', {}),
    "T1 a name twice": (400, "malformed_request", "PUT", SET, b'{"values":[],"values":["a"]}', {}),
    "a list alone": (400, "malformed_request", "PUT", SET, b'["a"]', {}),
    "no values": (400, "malformed_request", "PUT", SET, b"{}", {}),
    "a value that is a number": (400, "malformed_request", "PUT", SET, _values(87000000123), {}),
    "a value that is too long": (400, "malformed_request", "PUT", SET, _values("a" * 129), {}),
    "a value that does not print": (400, "malformed_request", "PUT", SET, _values("a\u202eb"), {}),
    "T6 values over the limit": (400, "malformed_request", "PUT", SET, _values(*map(str, range(100_001))), {}),
    "T6 a body over the limit": (413, "payload_too_large", "PUT", SET, b" " * ((16 << 20) + 1), {}),
    "a value that comes and goes": (400, "malformed_request", "PATCH", SET, b'{"add":["a"],"remove":["a"]}', {}),
    "a name that nobody knows": (400, "malformed_request", "PATCH", SET, b'{"87000000123":["a"]}', {}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_set_that_is_not_kept_as_it_should_be_stays_as_it_was(running: Attacked, name: str) -> None:
    """T1, T6, T16."""
    status, code, method, url, body, headers = WRONG[name]
    before = running.served.call("GET", SET)[2]

    answer = running.served.call(method, url, body, headers)

    document = expect_problem(answer, status, code)
    assert "transfer_id" not in document
    assert running.served.call("GET", SET)[2] == before


def test_a_recipient_whose_set_holds_no_one_gets_no_one_s_data(running: Attacked) -> None:
    """T16: until the platform says so, and no longer than it says so."""
    before = running.state
    running.expect_wrong(running.order("kept", order=IN_TOWN), 403, "out_of_scope", before)

    assert running.served.call("PUT", SET, _values("Павлодар"))[0] == 200
    assert _soon(running, 200)

    assert running.served.call("PUT", SET, _values("Астана"))[0] == 200
    assert _soon(running, 403)
    before = running.state
    running.expect_wrong(running.order("kept", order=IN_TOWN), 403, "out_of_scope", before)


def _soon(running: Attacked, status: int) -> bool:
    """Whether every process follows within two seconds."""
    deadline = time.monotonic() + 2
    while (found := running.order("kept", order=IN_TOWN)[0]) != status and time.monotonic() < deadline:
        time.sleep(0.05)
    return found == status
