from __future__ import annotations

import dataclasses
import pathlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from gateway.clock import SystemClock
from gateway.model import Cause, OutcomeCode, Recipient, Signer, SignerKind
from gateway.transport.channel import Channel
from gateway.transport.flight import Broken, Flight
from gateway.transport.token import Tokens
from tests.envelopes import envelope_for, recipient_at
from tests.recipients import Authority, RecordingRecipient, Reply
from tests.values import FakeClock

SECRETS = {"cdek_id": "id-of-the-platform", "cdek_secret": "canary secret & more"}
GRANTED = orjson.dumps({"access_token": "canary.token", "token_type": "bearer", "expires_in": 3600})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class Issuer:
    """Answers at its token's path what it is told to, and elsewhere takes one token."""

    def __init__(self, authority: Authority) -> None:
        self.says = Reply(200, (("Content-Type", "application/json"),), GRANTED)
        self.takes: str | None = "Bearer canary.token"
        self.server = RecordingRecipient(authority, self._reply)

    def _reply(self, request: object) -> Reply:
        path, authorization = request.path, request.header("Authorization")  # type: ignore[attr-defined]
        if path == "/oauth/token":
            return self.says
        return Reply() if authorization == self.takes else Reply(401)

    def asked(self) -> int:
        """How often it was asked for a token."""
        return sum(received.path == "/oauth/token" for received in self.server.received)


@pytest.fixture
def issuer(authority: Authority) -> Iterator[Issuer]:
    made = Issuer(authority)
    with made.server:
        yield made


def recipient_of(issuer: Issuer, authority: Authority, scope: str = "") -> Recipient:
    signer = Signer(
        kind=SignerKind.OAUTH2,
        secrets={"client_id": "cdek_id", "client_secret": "cdek_secret"},
        token_url=f"{issuer.server.base_url}/oauth/token",
        scope=scope,
    )
    return dataclasses.replace(recipient_at(issuer.server.base_url, authority.ca_file), signer=signer)


def tokens_of(issuer: Issuer, authority: Authority, clock: FakeClock | SystemClock, scope: str = "") -> Tokens:
    recipient = recipient_of(issuer, authority, scope)
    assert recipient.signer is not None
    return Tokens(recipient, recipient.signer, SECRETS, clock)


def flight() -> Flight:
    clock = SystemClock()
    return Flight(clock.monotonic() + 5, clock.monotonic, 1_000_000)


def test_a_token_is_asked_for_by_the_credentials_and_by_nothing_else(issuer: Issuer, authority: Authority) -> None:
    """RFC 6749 section 4.4.2."""
    tokens = tokens_of(issuer, authority, SystemClock(), scope="orders")

    value = tokens.authorization(flight())
    tokens.close()

    (asked,) = issuer.server.received
    assert value == "Bearer canary.token"
    assert (asked.method, asked.path) == ("POST", "/oauth/token")
    assert asked.body == (
        b"grant_type=client_credentials&client_id=id-of-the-platform&client_secret=canary+secret+%26+more&scope=orders"
    )
    assert asked.header("Content-Type") == "application/x-www-form-urlencoded"


def test_a_token_serves_many_transfers_until_shortly_before_its_end(issuer: Issuer, authority: Authority) -> None:
    clock = FakeClock()
    recipient = recipient_of(issuer, authority)
    assert recipient.signer is not None
    tokens = Tokens(recipient, recipient.signer, SECRETS, clock)
    asked = []

    for seconds in (0.0, 3_500.0, 69.0, 2.0):
        clock.seconds += seconds
        tokens.authorization(Flight(clock.monotonic() + 5, clock.monotonic, 1_000_000))
        asked.append(issuer.asked())
    tokens.close()

    assert asked == [1, 1, 1, 2]


def test_threads_that_need_a_token_at_once_ask_for_one(issuer: Issuer, authority: Authority) -> None:
    tokens = tokens_of(issuer, authority, SystemClock())
    start = threading.Barrier(8)

    def ask() -> str:
        start.wait()
        return tokens.authorization(flight())

    with ThreadPoolExecutor(8) as pool:
        values = {future.result() for future in [pool.submit(ask) for _ in range(8)]}
    tokens.close()

    assert values == {"Bearer canary.token"}
    assert issuer.asked() == 1


@pytest.mark.parametrize(
    "says",
    [
        Reply(401, (), b'{"error":"invalid_client"}'),
        Reply(200, (), b"not JSON, canary.token"),
        Reply(200, (), b'{"token":"canary.token"}'),
        Reply(200, (), b'{"access_token":17}'),
        Reply(200, (), b'{"access_token":"canary\\r\\nEvil: yes"}'),
        Reply(200, (), b'{"access_token":"canary.token","token_type":"mac"}'),
        Reply(302, (("Location", "https://evil.example/"),), b""),
        Reply(200, (), b"x" * 100_000),
    ],
    ids=["refused", "no JSON", "no token", "no text", "a line break", "another type", "a redirect", "too much"],
)
def test_without_a_token_nothing_is_sent_and_the_outcome_says_so(
    issuer: Issuer, authority: Authority, says: Reply
) -> None:
    """T24, T31, T33: and what the server said is in no text of ours."""
    issuer.says = says
    recipient = recipient_of(issuer, authority)
    channel = Channel(recipient, SECRETS, 1_000_000, SystemClock())

    sent = channel.send(envelope_for(recipient))
    channel.close()

    assert (sent.outcome, sent.cause) == (OutcomeCode.NOT_SENT, Cause.CREDENTIALS)
    assert [received.path for received in issuer.server.received] == ["/oauth/token"]


def test_a_token_that_is_not_taken_is_forgotten_and_the_transfer_is_not_repeated(
    issuer: Issuer, authority: Authority
) -> None:
    recipient = recipient_of(issuer, authority)
    channel = Channel(recipient, SECRETS, 1_000_000, SystemClock())
    issuer.takes = None

    refused = channel.send(envelope_for(recipient))
    issuer.takes = "Bearer canary.token"
    taken = channel.send(envelope_for(recipient))
    channel.close()

    assert (refused.outcome, refused.status) == (OutcomeCode.REJECTED, 401)
    assert taken.outcome is OutcomeCode.DELIVERED
    assert [received.path for received in issuer.server.received].count("/v1/requests") == 2
    assert issuer.asked() == 2


def test_a_server_of_tokens_that_cannot_be_reached_leaves_the_recipient_alone(
    authority: Authority, tmp_path: pathlib.Path
) -> None:
    closed = Issuer(authority)
    with closed.server:
        recipient = recipient_of(closed, authority)
    assert recipient.signer is not None
    tokens = Tokens(recipient, recipient.signer, SECRETS, SystemClock())

    with pytest.raises(Broken) as caught:
        tokens.authorization(flight())
    tokens.close()

    assert caught.value.cause is Cause.CREDENTIALS


def test_the_credentials_and_the_token_show_nowhere(issuer: Issuer, authority: Authority) -> None:
    tokens = tokens_of(issuer, authority, SystemClock())
    tokens.authorization(flight())

    shown = repr(tokens) + repr(vars(tokens)["_token"])
    tokens.close()

    assert "canary" not in shown
