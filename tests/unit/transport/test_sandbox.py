from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.model import Answer, Cause, Credentials, Recipient, Sandbox, Signer, SignerKind
from gateway.transport.sandbox import SandboxWay, Tried, sandbox_secrets
from tests.recipients import Authority, Received, RecordingRecipient, Reply
from tests.values import recipient

SECRETS = {"shop_token": "the-real-one", "sandbox_shop_token": "the-sandbox-one"}
CREDENTIALS = Credentials("Authorization", "shop_token", "Bearer")
TRIED = Tried(method="POST", target="/v2/orders?a=b", content_type="application/json", body=b"{}", headers={"x-a": "1"})
CAP = 4_096


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def sandbox(authority: Authority) -> Iterator[RecordingRecipient]:
    with RecordingRecipient(authority) as made:
        yield made


def of(base_url: str, authority: Authority | None = None, **changes: Any) -> Recipient:
    ca_file = None if authority is None else authority.ca_file
    return recipient(sandbox=Sandbox((base_url,)), ca_file=ca_file, timeout_seconds=5.0, **changes)


def way(one: Recipient, base_url: str) -> SandboxWay:
    return SandboxWay(one, base_url, SECRETS, CAP, SystemClock())


def test_an_invented_request_goes_to_the_sandbox_with_its_own_secret(
    sandbox: RecordingRecipient, authority: Authority
) -> None:
    made = way(of(sandbox.base_url, authority, credentials=CREDENTIALS), sandbox.base_url)

    answer = made.ask(TRIED)
    made.close()

    (came,) = sandbox.received
    assert isinstance(answer, Answer)
    assert (answer.status, came.method, came.path, came.body) == (200, "POST", "/v2/orders?a=b", b"{}")
    assert came.header("Authorization") == "Bearer the-sandbox-one"
    assert {name.lower() for name, _ in came.headers} == {
        *("host", "user-agent", "accept", "accept-encoding", "authorization", "x-a", "content-type", "content-length")
    }
    assert "the-real-one" not in repr(came)


@pytest.mark.parametrize("asked", ["https://elsewhere.example", "https://127.0.0.1:9", "https://127.0.0.1:9/v2/"])
def test_an_address_that_the_file_does_not_list_is_refused_before_anything_is_opened(asked: str) -> None:
    """T26: not even its name is looked up."""
    opened: list[str] = []
    watching = [True]

    def audit(event: str, _arguments: tuple[object, ...]) -> None:
        if watching[0] and event in {"socket.connect", "socket.getaddrinfo", "socket.__new__"}:
            opened.append(event)

    sys.addaudithook(audit)
    try:
        for one in (of("https://127.0.0.1:9/v2"), recipient()):
            with pytest.raises(ConfigError, match="lists no such sandbox"):
                way(one, asked)
    finally:
        watching[0] = False

    assert opened == []


def test_a_secret_that_the_sandbox_has_not_is_never_replaced_by_the_recipients() -> None:
    signer = Signer(kind=SignerKind.BEARER, secrets={"token": "other_token"})

    assert sandbox_secrets(recipient(credentials=CREDENTIALS), SECRETS) == {"shop_token": "the-sandbox-one"}
    with pytest.raises(ConfigError, match="GATEWAY_SECRET_SANDBOX_OTHER_TOKEN") as refused:
        sandbox_secrets(recipient(signer=signer), {"other_token": "the-real-one"})
    assert "the-real-one" not in str(refused.value)


def test_a_redirect_is_an_answer_and_not_followed(authority: Authority) -> None:
    """T25."""
    with RecordingRecipient(authority) as other:
        moved = Reply(307, (("Location", other.base_url),), b"")
        with RecordingRecipient(authority, lambda _: moved) as sandbox:
            answer = way(of(sandbox.base_url, authority), sandbox.base_url).ask(TRIED)

        assert isinstance(answer, Answer)
        assert (answer.status, other.received) == (307, [])


def test_an_answer_that_is_too_large_or_of_the_wrong_peer_is_a_cause(authority: Authority, tmp_path: Path) -> None:
    """T29, T31."""
    (tmp_path / "other").mkdir()
    with RecordingRecipient(authority, lambda _: Reply(200, (), b"x" * (CAP + 1))) as sandbox:
        large = way(of(sandbox.base_url, authority), sandbox.base_url).ask(TRIED)
        wrong = way(of(sandbox.base_url, Authority(tmp_path / "other")), sandbox.base_url).ask(TRIED)

    assert (large, wrong) == (Cause.ANSWER_TOO_LARGE, Cause.TLS)


def test_a_token_is_fetched_where_the_sandbox_gives_it(authority: Authority) -> None:
    def tokens(came: Received) -> Reply:
        return Reply(200, (("Content-Type", "application/json"),), b'{"access_token":"t0k","token_type":"bearer"}')

    signer = Signer(
        kind=SignerKind.OAUTH2,
        secrets={"client_id": "an_id", "client_secret": "a_secret"},
        token_url="https://127.0.0.1:9/never",
    )
    secrets = {"sandbox_an_id": "sandbox-id", "sandbox_a_secret": "sandbox-secret"}
    with RecordingRecipient(authority, tokens) as login, RecordingRecipient(authority) as sandbox:
        stated = Sandbox((sandbox.base_url,), f"{login.base_url}/token")
        one = recipient(sandbox=stated, signer=signer, ca_file=authority.ca_file, timeout_seconds=5.0)
        answer = SandboxWay(one, sandbox.base_url, secrets, CAP, SystemClock()).ask(TRIED)

    assert isinstance(answer, Answer)
    assert b"sandbox-secret" in login.received[0].body
    assert sandbox.received[0].header("Authorization") == "Bearer t0k"
