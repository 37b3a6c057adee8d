"""Send an envelope: the one call, and the last look at the log's receipt before anything leaves.

Promises: an envelope without a receipt never leaves (law 3, T64), and everything that a recipient or the network does
comes back as a `Sent`. What raises is a fault of ours: an envelope that was not recorded, a recipient that cannot be
addressed. `prepare` finds the latter at the start (law 10).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from gateway.clock import Clock
from gateway.errors import ConfigError
from gateway.model import Envelope, Receipt, Recipient, RecipientId, Sent
from gateway.transport.channel import Channel
from gateway.transport.request import request_problems


class NotRecorded(RuntimeError):
    """An envelope without a receipt of the log was about to be sent: a bug, stopped at the last door."""


class Transport:
    """All ways to the outside, one channel per recipient."""

    def __init__(self, secrets: Mapping[str, str], answer_cap_bytes: int, clock: Clock) -> None:
        self._secrets = secrets
        self._cap = answer_cap_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._channels: dict[RecipientId, Channel] = {}

    def prepare(self, recipients: Iterable[Recipient]) -> None:
        """Open the channels (no connection yet). Raises ConfigError with every problem of every recipient."""
        problems: list[str] = []
        for recipient in recipients:
            try:
                self._channel(recipient)
            except ConfigError as error:
                problems.extend(error.problems)
        if problems:
            raise ConfigError(problems, hint="correct the recipient's file or the settings, then start again")

    def send(self, envelope: Envelope) -> Sent:
        """Send it once and say how that ended, by its deadline.

        Raises NotRecorded where the log has no receipt for it, ConfigError where `prepare` would.
        """
        check_receipt(envelope)
        return self._channel(envelope.recorded.disclosure.permitted.map.recipient).send(envelope)

    def close(self) -> None:
        """Close what is open and idle; flights under way end on their own."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()

    def _channel(self, recipient: Recipient) -> Channel:
        channel = self._channels.get(recipient.id)
        if channel is not None and (channel.recipient is recipient or channel.recipient == recipient):
            return channel
        with self._lock:
            channel = self._channels.get(recipient.id)
            if channel is None or channel.recipient != recipient:
                # Where its file changed, flights on the old channel end there; its connections go with the last one.
                self._channels[recipient.id] = channel = self._open(recipient)
            return channel

    def _open(self, recipient: Recipient) -> Channel:
        secret = self._secrets.get(recipient.credentials.secret) if recipient.credentials is not None else None
        problems = request_problems(recipient, secret)
        if not problems:
            try:
                return Channel(recipient, self._secrets, self._cap, self._clock)
            except OSError:
                problems.append(f"recipient {recipient.id}: ca_file: no CA certificates can be read from it")
        raise ConfigError(problems)


def check_receipt(envelope: Envelope) -> None:
    """Last door (T64): types hold the order, this holds it against a cast, a stub or a copy gone wrong."""
    for recorded in (envelope.recorded, *envelope.also):
        receipt = recorded.receipt
        if type(receipt) is not Receipt or not 0 <= receipt.index < receipt.size:
            raise NotRecorded("the log gave no receipt for this envelope")
        if receipt.checkpoint.split(b"\n", 2)[1:2] != [b"%d" % receipt.size]:
            raise NotRecorded("the receipt's checkpoint is not of the tree that it names")
