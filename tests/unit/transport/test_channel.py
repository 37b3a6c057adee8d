from __future__ import annotations

import dataclasses
import pathlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import responses

from gateway.clock import SystemClock
from gateway.model import Answer, Cause, Credentials, OutcomeCode, Recipient, Route, Sent
from gateway.transport.channel import Channel
from tests.envelopes import BODY, TRANSFER_ID, envelope_for, recipient_at
from tests.recipients import Authority, Received, RecordingRecipient, Reply, ScriptedRecipient, Visit

CAP = 1_000_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def good(authority: Authority) -> Iterator[RecordingRecipient]:
    with RecordingRecipient(authority) as recipient:
        yield recipient


def channel_to(recipient: Recipient, secret: str | None = None) -> Channel:
    secrets = {} if recipient.credentials is None else {recipient.credentials.secret: secret or ""}
    return Channel(recipient, secrets, CAP, SystemClock())


def test_a_whole_2xx_answer_is_delivered(authority: Authority, good: RecordingRecipient) -> None:
    recipient = recipient_at(good.base_url, authority.ca_file)
    channel = channel_to(recipient)

    sent = channel.send(envelope_for(recipient))
    channel.close()

    answer = Answer(200, {"content-type": "application/json"}, b'{"ok":true}')
    assert sent == Sent(OutcomeCode.DELIVERED, None, 200, answer)


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 409, 422, 429, 500, 503, 599])
def test_any_other_whole_answer_is_rejected_with_its_status_and_body(authority: Authority, status: int) -> None:
    body = b"" if status == 304 else b'{"why":"no"}'

    with RecordingRecipient(authority, lambda _: Reply(status, (), body)) as bad:
        recipient = recipient_at(bad.base_url, authority.ca_file)
        channel = channel_to(recipient)
        sent = channel.send(envelope_for(recipient))
        channel.close()

    assert sent == Sent(OutcomeCode.REJECTED, None, status, Answer(status, {}, body))


def test_what_arrives_is_exactly_this(authority: Authority, good: RecordingRecipient) -> None:
    """T21, T22, T23: as the recipient saw it, not as we think that we sent it."""
    credentials = Credentials("Authorization", "token", "Bearer")
    recipient = recipient_at(good.base_url, authority.ca_file, credentials=credentials)
    channel = channel_to(recipient, "s3cret")

    channel.send(envelope_for(recipient, route=Route("PUT", "/v2/orders")))
    channel.close()

    headers = {
        "Host": f"127.0.0.1:{good.port}",
        "User-Agent": "gateway",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Authorization": "Bearer s3cret",
        "Content-Type": "application/jose",
        "Content-Length": str(len(BODY)),
        "Idempotency-Key": TRANSFER_ID,
    }
    assert good.received == [Received("PUT", "/v2/orders", tuple(headers.items()), BODY)]


def test_each_route_of_a_recipient_has_its_own_request(authority: Authority, good: RecordingRecipient) -> None:
    recipient = recipient_at(good.base_url, authority.ca_file)
    channel = channel_to(recipient)

    for route in (Route("POST", "/a"), Route("PATCH", "/b"), Route("POST", "/a")):
        channel.send(envelope_for(recipient, route=route))
    channel.close()

    assert [(seen.method, seen.path) for seen in good.received] == [("POST", "/a"), ("PATCH", "/b"), ("POST", "/a")]


def test_connections_are_kept_for_two_hundred_sends_over_four_threads(
    authority: Authority, good: RecordingRecipient
) -> None:
    recipient = recipient_at(good.base_url, authority.ca_file)
    channel = channel_to(recipient)

    with ThreadPoolExecutor(4) as threads:
        sent = list(threads.map(lambda _: channel.send(envelope_for(recipient)), range(200)))
    channel.close()

    assert {each.outcome for each in sent} == {OutcomeCode.DELIVERED}
    assert len(good.received) == 200
    assert good.connections == good.handshakes
    assert good.connections <= 4


def test_each_answer_comes_back_to_the_transfer_that_asked(authority: Authority) -> None:
    with RecordingRecipient(authority, lambda received: Reply(body=received.body)) as echo:
        recipient = recipient_at(echo.base_url, authority.ca_file)
        channel = channel_to(recipient)

        def answer_to(number: int) -> bytes:
            sent = channel.send(envelope_for(recipient, body=b"%d" % number))
            return b"" if sent.answer is None else sent.answer.body

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(answer_to, range(200)))
        channel.close()

    assert answers == [b"%d" % number for number in range(200)]


def test_a_connection_that_the_recipient_closed_meanwhile_is_replaced(authority: Authority) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(Reply().encode())
        visit.end()

    with ScriptedRecipient(script, authority.server_context()) as closing:
        recipient = recipient_at(closing.base_url, authority.ca_file)
        channel = channel_to(recipient)
        sent = []
        for _ in range(3):
            sent.append(channel.send(envelope_for(recipient)).outcome)
            time.sleep(0.05)  # its closing travels
        channel.close()

    assert (sent, closing.connections) == ([OutcomeCode.DELIVERED] * 3, 3)


def test_over_the_in_flight_limit_one_waits_for_a_place(authority: Authority) -> None:
    together = 0
    most = 0
    lock = threading.Lock()

    def reply(_: Received) -> Reply:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.01)
        with lock:
            together -= 1
        return Reply()

    with RecordingRecipient(authority, reply) as slow:
        recipient = recipient_at(slow.base_url, authority.ca_file, in_flight=2)
        channel = channel_to(recipient)
        with ThreadPoolExecutor(8) as threads:
            outcomes = {s.outcome for s in threads.map(lambda _: channel.send(envelope_for(recipient)), range(16))}
        channel.close()

    assert (outcomes, most, slow.connections) == ({OutcomeCode.DELIVERED}, 2, 2)


def test_over_the_in_flight_limit_until_the_deadline_nothing_is_sent(authority: Authority) -> None:
    """T71: a recipient that holds its places holds no thread for longer than the deadline."""
    occupied = threading.Event()

    def script(visit: Visit) -> None:
        visit.read_request()
        occupied.set()
        visit.halted.wait(5)

    with ScriptedRecipient(script, authority.server_context()) as stuck:
        recipient = recipient_at(stuck.base_url, authority.ca_file, in_flight=1)
        channel = channel_to(recipient)
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(channel.send, envelope_for(recipient, seconds=0.5))
            occupied.wait(5)
            second = channel.send(envelope_for(recipient, seconds=0.1))
        channel.close()

    assert second == Sent(OutcomeCode.NOT_SENT, Cause.BUSY)
    assert first.result() == Sent(OutcomeCode.UNKNOWN, Cause.DEADLINE)


def test_a_place_is_given_back_however_a_flight_ends(authority: Authority) -> None:
    with ScriptedRecipient(lambda visit: None, authority.server_context()) as closing:
        recipient = recipient_at(closing.base_url, authority.ca_file, in_flight=1)
        channel = channel_to(recipient)
        causes = [channel.send(envelope_for(recipient, seconds=2)).cause for _ in range(4)]
        channel.close()

    assert causes == [Cause.CONNECTION_LOST] * 4


def test_past_its_deadline_nothing_is_sent(authority: Authority, good: RecordingRecipient) -> None:
    recipient = recipient_at(good.base_url, authority.ca_file)
    channel = channel_to(recipient)
    channel.send(envelope_for(recipient))

    sent = channel.send(envelope_for(recipient, seconds=-1))
    channel.close()

    assert (sent, len(good.received)) == (Sent(OutcomeCode.NOT_SENT, Cause.DEADLINE), 1)


def test_after_closing_nothing_is_sent(authority: Authority, good: RecordingRecipient) -> None:
    recipient = recipient_at(good.base_url, authority.ca_file)
    channel = channel_to(recipient)
    channel.close()

    sent = channel.send(envelope_for(recipient))

    assert (sent, good.connections) == (Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE), 0)


def test_the_environment_changes_nothing(
    authority: Authority, good: RecordingRecipient, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T22: no proxy, no .netrc, no bundle of roots, no session keys on disk."""
    proxied: list[bytes] = []
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    netrc.chmod(0o600)

    with ScriptedRecipient(lambda visit: proxied.append(visit.sock.recv(1000)), None) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, Authority(tmp_path).ca_file)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        recipient = recipient_at(good.base_url, authority.ca_file)
        channel = channel_to(recipient)
        sent = channel.send(envelope_for(recipient))
        channel.close()

    assert (sent.outcome, proxied, (tmp_path / "keys").exists()) == (OutcomeCode.DELIVERED, [], False)
    assert good.received[0].header("Authorization") is None


def test_a_bundle_in_the_environment_does_not_vouch_for_a_recipient(
    authority: Authority, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a Session it would: REQUESTS_CA_BUNDLE silently overrides `verify`."""
    other = Authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other.ca_file)
    monkeypatch.setenv("SSL_CERT_FILE", other.ca_file)

    with RecordingRecipient(other) as impostor:
        recipient = recipient_at(impostor.base_url, authority.ca_file)
        channel = channel_to(recipient)
        sent = channel.send(envelope_for(recipient))
        channel.close()

    assert (sent, impostor.received) == (Sent(OutcomeCode.NOT_SENT, Cause.TLS), [])


def test_a_recipient_without_a_ca_file_is_verified_by_the_roots_of_the_system(
    authority: Authority, good: RecordingRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = recipient_at(good.base_url, None)
    untrusted = channel_to(recipient)
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    trusted = channel_to(recipient)

    outcomes = [channel.send(envelope_for(recipient)).outcome for channel in (untrusted, trusted)]
    untrusted.close()
    trusted.close()

    assert outcomes == [OutcomeCode.NOT_SENT, OutcomeCode.DELIVERED]


def test_a_name_is_looked_up_and_verified(authority: Authority) -> None:
    with RecordingRecipient(authority, host="localhost") as named:
        recipient = recipient_at(named.base_url, authority.ca_file)
        channel = channel_to(recipient)
        sent = channel.send(envelope_for(recipient))
        channel.close()

    assert sent.outcome is OutcomeCode.DELIVERED
    assert named.received[0].header("Host") == f"localhost:{named.port}"


def test_the_secret_shows_nowhere(authority: Authority) -> None:
    recipient = recipient_at("https://127.0.0.1:1", authority.ca_file, credentials=Credentials("X-Key", "token"))
    channel = channel_to(recipient, "s3cret-canary")

    shown = repr(channel) + repr(dataclasses.asdict(recipient)) + repr(channel._template)
    channel.close()

    assert "canary" not in shown


@pytest.mark.parametrize(
    "raised", [requests.ConnectionError("CANARY"), requests.Timeout("CANARY")], ids=["lost", "late"]
)
def test_an_error_of_the_library_before_the_first_byte_is_an_outcome_without_its_text(
    authority: Authority, raised: requests.RequestException
) -> None:
    recipient = recipient_at("https://127.0.0.1:9", authority.ca_file)
    channel = channel_to(recipient)

    with responses.RequestsMock() as wire:
        wire.post("https://127.0.0.1:9/v1/requests", body=raised)
        sent = channel.send(envelope_for(recipient))
    channel.close()

    assert sent == Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE)
