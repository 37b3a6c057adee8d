"""The victim: real gateways, one after another over one database, each killed at work.

`python -m tests.crash.victim HOME TOKEN` imports everything and loads the maps once, stays single-threaded, and forks
a gateway for each order that it reads (one JSON line: where to die, if it is to do that by itself). The gateway works
with several threads until SIGKILL. Every line that the victim writes is one `write` that a pipe takes whole:

    forked PID · begun · accepted ID INDEX · refused ID INDEX · ended ID INDEX OUTCOME · dead PID STATUS
    repeated ID STANDING OUTCOME, under a key that was used before: the kept outcome, or `-`

The points at which it can die stand around the ports of the `House` and the driver's socket; production code knows
nothing of them.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from gateway import bootstrap
from gateway.bootstrap import Gateway, build, load_maps
from gateway.config import load_settings
from gateway.model import (
    Admitted,
    Answer,
    Attempted,
    Call,
    Declined,
    Disclosure,
    Envelope,
    Recorded,
    Recorder,
    Refused,
    Repeated,
    Sent,
    Unit,
)
from gateway.storage.log import Append, Result
from gateway.transfer import House, accept, attempt
from gateway.transport.connection import DeadlineSocket
from gateway.transport.intake import RECORD_BYTES
from tests.deployment import SERVICE_REQUEST, transfer_body

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

POINTS = (
    "written",  # in the transaction of a group, before its commit
    "durable",  # after the commit, before anyone was told of it
    "recorded",  # between commit and seal
    "sealed",  # between seal and send
    "half sent",  # in the middle of the send
    "sent",  # all bytes have left, no answer was read
    "answered",  # after the answer, before the outcome was handed over
    "handed over",  # before the outcome is durable
)
RECIPIENT, PURPOSE = "mc-primer-uk", "service_request"
BLOCKED = "usr_blocked"
THREADS = 6
SWEEP_EVERY_SECONDS = 0.05

Tell = Callable[..., None]


@dataclass
class Fate:
    """Where this gateway dies by itself, if anywhere."""

    point: str | None
    passage: int

    def __post_init__(self) -> None:
        self._passages = itertools.count(1)

    def strikes(self, point: str) -> bool:
        """Whether this is the passage at which it dies."""
        return point == self.point and next(self._passages) == self.passage

    def meet(self, point: str) -> None:
        """Die here, if this is the place."""
        if self.strikes(point):
            die()


def die() -> NoReturn:
    """As by a power cut: no handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class FatedRecorder:
    """The recorder, with a place to die after each of its steps."""

    def __init__(self, recorder: Recorder, fate: Fate) -> None:
        self._recorder = recorder
        self._fate = fate

    def repeated(self, admitted: Admitted) -> Repeated | None:
        """As the recorder."""
        return self._recorder.repeated(admitted)

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        """As the recorder."""
        result = self._recorder.intent(disclosure)
        if isinstance(result, Recorded):
            self._fate.meet("recorded")
        return result

    def refusal(self, refused: Refused) -> Declined:
        """As the recorder."""
        return self._recorder.refusal(refused)

    def outcome(self, recorded: Recorded, sent: Sent, envelope: Envelope | None, answer: Answer | None) -> None:
        """As the recorder."""
        self._recorder.outcome(recorded, sent, envelope, answer)
        self._fate.meet("handed over")


def fated_house(gateway: Gateway, fate: Fate) -> House:
    """The gateway's house, with places to die between the steps of the path."""
    house, turn = gateway.house, gateway.store.log._turn

    @contextmanager
    def fated_turn() -> Iterator[Append]:
        with turn() as append:

            def fated_append(units: Sequence[Unit]) -> list[Result]:
                results = append(units)
                fate.meet("written")
                return results

            yield fated_append
        fate.meet("durable")

    def seal(recorded: Recorded) -> Envelope:
        envelope = house.seal(recorded)
        fate.meet("sealed")
        return envelope

    def send(envelope: Envelope) -> Sent:
        sent = house.send(envelope)
        fate.meet("answered")
        return sent

    gateway.store.log._turn = fated_turn
    _fate_the_socket(fate)
    return replace(house, recorder=FatedRecorder(house.recorder, fate), seal=seal, send=send)


def _fate_the_socket(fate: Fate) -> None:
    send, recv = DeadlineSocket.send, DeadlineSocket.recv

    def fated_send(self: DeadlineSocket, data: ReadableBuffer, flags: int = 0) -> int:
        if fate.strikes("half sent"):
            send(self, memoryview(data)[: memoryview(data).nbytes // 2], flags)
            die()
        return send(self, data, flags)

    def fated_recv(self: DeadlineSocket, buflen: int = RECORD_BYTES, flags: int = 0) -> bytes:
        fate.meet("sent")
        return recv(self, buflen, flags)

    DeadlineSocket.send, DeadlineSocket.recv = fated_send, fated_recv  # type: ignore[method-assign]


def main(home: str, token: str) -> None:
    """Fork a gateway for each order, and say how it ended."""
    protocol = os.dup(1)
    os.dup2(2, 1)  # diagnostics go to standard error: nothing but whole lines of ours is on the pipe

    def tell(*words: object) -> None:
        os.write(protocol, (" ".join(map(str, words)) + "\n").encode("ascii"))

    settings = load_settings({"GATEWAY_HOME": home})
    snapshot = load_maps(settings)
    bootstrap.load_maps = lambda settings: snapshot
    assert threading.active_count() == 1, "only one thread survives a fork"
    tell("ready")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _live(build(settings), token, orjson.loads(line), tell)
            finally:  # only an error leads here
                traceback.print_exc()
                os._exit(70)
        tell("forked", pid)
        tell("dead", pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _live(gateway: Gateway, token: str, order: dict[str, Any], tell: Tell) -> None:
    threading.excepthook = _end_loudly
    house = fated_house(gateway, Fate(order["point"], order["passage"]))
    for number in range(THREADS):
        randomness = random.Random(f"{order['seed']}-{number}")
        caller = _Caller(token, randomness, order.get("keys"))
        threading.Thread(target=_call_for_ever, args=(house, caller, tell), daemon=True).start()
    tell("begun")
    while True:  # the sweep of earlier gateways' intents is killed at work too
        gateway.sweep.once()
        threading.Event().wait(SWEEP_EVERY_SECONDS)


@dataclass
class _Caller:
    """One who asks again and again; with `keys`, under one of so many Idempotency-Keys, each of one request."""

    token: str
    randomness: random.Random
    keys: int | None

    def call(self) -> Call:
        """The next request."""
        if self.keys is None:
            return Call(self.token, "application/json", _body(self.randomness))
        return keyed_call(self.token, self.randomness.randrange(self.keys))


def keyed_call(token: str, number: int) -> Call:
    """The one request of one key: whoever sends it again sends the same bytes."""
    body = orjson.dumps(transfer_body(RECIPIENT, PURPOSE, SERVICE_REQUEST, f"usr_key_{number}"))
    return Call(token, "application/json", body, idempotency_key=f"key-{number}")


def told(ended: Attempted) -> Answer:
    """What a caller is told, for these tests: how it ended."""
    return Answer(200, {}, ended.sent.outcome.encode())


def _call_for_ever(house: House, caller: _Caller, tell: Tell) -> None:
    while True:
        result = accept(caller.call(), house)
        if isinstance(result, Declined):
            tell("refused", result.refused.admitted.transfer_id, result.receipt.index)
            continue
        if isinstance(result, Repeated):
            tell("repeated", result.transfer_id, result.standing, result.answer.body.decode() if result.answer else "-")
            continue
        transfer_id = result.disclosure.permitted.admitted.transfer_id
        tell("accepted", transfer_id, result.receipt.index)
        ended = attempt(transfer_id, house, told)
        tell("ended", transfer_id, result.receipt.index, ended.sent.outcome.value)


def _body(randomness: random.Random) -> bytes:
    """Mostly what is delivered; sometimes a subject who is blocked, or a payload without what the map requires."""
    kind = randomness.random()
    payload = SERVICE_REQUEST if kind > 0.05 else {"iin": SERVICE_REQUEST["iin"]}
    subject = f"usr_{randomness.randrange(10_000):04}" if kind < 0.95 else BLOCKED
    return orjson.dumps(transfer_body(RECIPIENT, PURPOSE, payload, subject))


def _end_loudly(args: threading.ExceptHookArgs) -> None:
    traceback.print_exception(args.exc_type, args.exc_value, args.exc_traceback)
    os._exit(70)


if __name__ == "__main__":
    main(*sys.argv[1:])
