from __future__ import annotations

import pathlib
import queue
import time

import pytest
import requests

from gateway.model import Answer
from gateway.transport.connection import DeadlineSocket, RecipientConnection
from gateway.transport.flight import Airspace, Broken, Flight
from gateway.transport.lookup import Lookup
from gateway.transport.pool import RecipientAdapter, RecipientPool, Shelf
from gateway.transport.tls import tls_context
from tests.recipients import LOOPBACK, Authority, RecordingRecipient, Reply, ScriptedRecipient, Visit

HEADERS = {"Host": LOOPBACK, "Content-Length": "6"}


def pool_to(port: int, authority: Authority) -> RecipientPool:
    airspace = Airspace()
    airspace.flight = Flight(time.monotonic() + 5, time.monotonic, 1_000_000)
    return RecipientPool(
        LOOPBACK,
        port,
        maxsize=2,
        ssl_context=tls_context(authority.ca_file, DeadlineSocket),
        lookup=Lookup(LOOPBACK, port),
        airspace=airspace,
        answer_cap_bytes=1_000,
    )


def prepared(url: str) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    request.prepare("POST", url, HEADERS, data=b"sealed")
    return request


def test_a_prepared_request_goes_out_and_its_answer_comes_back(tmp_path: pathlib.Path) -> None:
    authority = Authority(tmp_path)

    with RecordingRecipient(authority, lambda _: Reply(201, body=b"done")) as recipient:
        adapter = RecipientAdapter(pool_to(recipient.port, authority))
        response = adapter.send(prepared(f"{recipient.base_url}/v1?a=b"))
        adapter.close()

    assert vars(response) == {"answer": Answer(201, {"content-type": "application/json"}, b"done")}
    assert [(seen.method, seen.path, seen.body) for seen in recipient.received] == [("POST", "/v1?a=b", b"sealed")]


def test_a_connection_serves_one_request_after_the_other(tmp_path: pathlib.Path) -> None:
    authority = Authority(tmp_path)

    with RecordingRecipient(authority) as recipient:
        pool = pool_to(recipient.port, authority)
        answers = [pool.urlopen("POST", "/v1", body=b"sealed", headers=HEADERS) for _ in range(3)]
        pool.close()

    assert ([answer.status for answer in answers], recipient.connections) == ([200] * 3, 1)


def test_a_connection_that_broke_is_closed_and_the_next_request_gets_another(tmp_path: pathlib.Path) -> None:
    authority = Authority(tmp_path)

    def script(visit: Visit) -> None:
        visit.read_request()
        if recipient.connections > 1:
            visit.send(Reply().encode())
        visit.halted.wait(0.1)

    with ScriptedRecipient(script, authority.server_context()) as recipient:
        pool = pool_to(recipient.port, authority)
        with pytest.raises(Broken):
            pool.urlopen("POST", "/v1", body=b"sealed", headers=HEADERS)
        answer = pool.urlopen("POST", "/v1", body=b"sealed", headers=HEADERS)
        pool.close()

    assert (answer.status, recipient.connections) == (200, 2)


def test_the_last_connection_put_is_the_first_to_be_used_again() -> None:
    """So that few are kept busy, and the others can be given up by the recipient."""
    shelf = Shelf(2)
    first, second = (
        RecipientConnection(LOOPBACK, 1, lookup=Lookup(LOOPBACK, 1), airspace=Airspace(), answer_cap_bytes=1)
        for _ in range(2)
    )
    for connection in (first, second):
        shelf.put(connection)

    assert [shelf.get(), shelf.get()] == [second, first]
    with pytest.raises(queue.Empty):
        shelf.get()


def test_the_adapter_does_not_let_itself_be_told_not_to_verify() -> None:
    adapter = RecipientAdapter(RecipientPool("127.0.0.1", 443))

    for verify, cert in ((False, None), ("/some/bundle.pem", None), (True, "/some/key.pem")):
        with pytest.raises(ValueError, match="verified by its channel's context"):
            adapter.cert_verify(None, "https://127.0.0.1", verify, cert)
    adapter.close()

    assert adapter.get_connection_with_tls_context(requests.PreparedRequest(), verify=True) is adapter._pool


def test_the_adapter_does_not_mix_the_bundle_of_requests_into_the_recipients_roots() -> None:
    pool = RecipientPool("127.0.0.1", 443)
    adapter = RecipientAdapter(pool)

    adapter.cert_verify(pool, "https://127.0.0.1", verify=True, cert=None)
    adapter.close()

    assert (pool.ca_certs, pool.ca_cert_dir) == (None, None)
