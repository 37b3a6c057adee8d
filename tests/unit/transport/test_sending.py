from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import cast

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.model import Credentials, OutcomeCode, Receipt
from gateway.transport import Transport
from gateway.transport.sending import NotRecorded
from tests.envelopes import envelope_for, receipt_at, recipient_at
from tests.recipients import Authority, RecordingRecipient


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport({"token": "s3cret"}, 1_000_000, SystemClock())
    yield transport
    transport.close()


@pytest.mark.parametrize(
    "receipt",
    [
        cast("Receipt", "a receipt, says the caller"),
        receipt_at(-1, 3),
        receipt_at(3, 3),
        receipt_at(0, 0),
        dataclasses.replace(receipt_at(0, 1), checkpoint=b""),
        dataclasses.replace(receipt_at(0, 2), checkpoint=receipt_at(0, 1).checkpoint),
    ],
    ids=["no receipt", "no index", "outside its tree", "empty tree", "no checkpoint", "another tree's checkpoint"],
)
def test_an_envelope_without_the_logs_receipt_never_leaves(
    authority: Authority, transport: Transport, receipt: Receipt
) -> None:
    """T64: the last door holds what the types hold."""
    with RecordingRecipient(authority) as good:
        envelope = envelope_for(recipient_at(good.base_url, authority.ca_file), receipt=receipt)
        with pytest.raises(NotRecorded):
            transport.send(envelope)

    assert good.connections == 0


def test_an_envelope_that_was_never_recorded_never_leaves(authority: Authority, transport: Transport) -> None:
    """T64."""
    with RecordingRecipient(authority) as good:
        envelope = envelope_for(recipient_at(good.base_url, authority.ca_file))
        forged = dataclasses.replace(envelope, recorded=dataclasses.replace(envelope.recorded, receipt=None))  # type: ignore[arg-type]
        with pytest.raises(NotRecorded):
            transport.send(forged)

    assert good.connections == 0


def test_the_smallest_log_gives_a_good_receipt(authority: Authority, transport: Transport) -> None:
    with RecordingRecipient(authority) as good:
        sent = transport.send(envelope_for(recipient_at(good.base_url, authority.ca_file), receipt=receipt_at(0, 1)))

    assert sent.outcome is OutcomeCode.DELIVERED


def test_each_recipient_has_its_own_way(authority: Authority, transport: Transport) -> None:
    with RecordingRecipient(authority) as one, RecordingRecipient(authority) as two:
        for name, at in (("one", one), ("two", two), ("one", one)):
            transport.send(envelope_for(recipient_at(at.base_url, authority.ca_file, recipient_id=name)))

    assert (len(one.received), one.connections, len(two.received)) == (2, 1, 1)


def test_credentials_go_to_the_recipient_that_wants_them_only(authority: Authority, transport: Transport) -> None:
    with RecordingRecipient(authority) as one, RecordingRecipient(authority) as two:
        credentials = Credentials("X-Api-Key", "token")
        wants = recipient_at(one.base_url, authority.ca_file, recipient_id="one", credentials=credentials)
        transport.send(envelope_for(wants))
        transport.send(envelope_for(recipient_at(two.base_url, authority.ca_file, recipient_id="two")))

    assert (one.received[0].header("X-Api-Key"), two.received[0].header("X-Api-Key")) == ("s3cret", None)


def test_a_recipient_whose_file_changed_is_reached_at_its_new_address(
    authority: Authority, transport: Transport
) -> None:
    with RecordingRecipient(authority) as old, RecordingRecipient(authority) as new:
        for at in (old, new, new):
            transport.send(envelope_for(recipient_at(at.base_url, authority.ca_file)))

    assert (len(old.received), len(new.received), new.connections) == (1, 2, 1)


def test_preparing_opens_no_connection(authority: Authority, transport: Transport) -> None:
    with RecordingRecipient(authority) as good:
        transport.prepare([recipient_at(good.base_url, authority.ca_file)])

    assert good.connections == 0


def test_preparing_says_every_problem_of_every_recipient_at_once(transport: Transport, tmp_path: pathlib.Path) -> None:
    """Law 10."""
    url = "https://api.recipient.example"
    credentials = Credentials("Host", "missing")

    with pytest.raises(ConfigError) as error:
        transport.prepare(
            [
                recipient_at("http://plain.example", None, recipient_id="one"),
                recipient_at(url, None, recipient_id="two", credentials=credentials),
                recipient_at(url, str(tmp_path / "none.pem"), recipient_id="three"),
            ]
        )

    assert error.value.problems == (
        "recipient one: base_url: an https:// address without a user, query or fragment is needed",
        "recipient two: credentials: header 'Host' cannot carry them",
        "recipient two: credentials: no secret named 'missing'; set GATEWAY_SECRET_MISSING",
        "recipient three: ca_file: no CA certificates can be read from it",
    )


def test_a_recipient_that_cannot_be_addressed_is_a_fault_of_ours(transport: Transport) -> None:
    envelope = envelope_for(recipient_at("http://plain.example", None))

    with pytest.raises(ConfigError):
        transport.send(envelope)


def test_after_closing_a_new_way_is_opened(authority: Authority, transport: Transport) -> None:
    with RecordingRecipient(authority) as good:
        recipient = recipient_at(good.base_url, authority.ca_file)
        transport.send(envelope_for(recipient))
        transport.close()
        transport.send(envelope_for(recipient))

    assert good.connections == 2
