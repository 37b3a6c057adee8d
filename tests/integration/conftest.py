"""Fixtures of the tests over real sockets: an authority, and a transport that trusts it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gateway.clock import SystemClock
from gateway.model import Sent
from gateway.transport import Transport
from tests.envelopes import BODY, envelope_for, recipient_at
from tests.integration.hostile_sending import (
    CAP,
    GRACE_SECONDS,
    Send,
)
from tests.recipients import (
    Authority,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def send(authority: Authority) -> Iterator[Send]:
    transport = Transport({}, CAP, SystemClock())

    def send_to(base_url: str, *, seconds: float = 5.0, body: bytes = BODY, name: str = "hostile") -> Sent:
        recipient = recipient_at(base_url, authority.ca_file, recipient_id=name)
        begun = time.monotonic()
        sent = transport.send(envelope_for(recipient, seconds=seconds, body=body))
        assert time.monotonic() - begun < seconds + GRACE_SECONDS
        return sent

    yield send_to
    transport.close()
