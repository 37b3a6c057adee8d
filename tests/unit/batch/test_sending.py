from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.batch.sending import parts
from gateway.clock import SystemClock
from gateway.model import Receipt, Recorded
from gateway.seal.shared import MAX_SHARED_BYTES
from gateway.transport import Transport
from gateway.transport.sending import NotRecorded
from tests import registries
from tests.envelopes import envelope_for, receipt_at, recipient_at
from tests.recipients import Received, Reply
from tests.registries import Setting, lines, record, refusable, verified


def _recorded(*, checkpoint: int = 18, size: int = 2) -> Recorded:
    receipt = receipt_at(17, checkpoint)
    return envelope_for(recipient_at("https://a.example", None), body=b"x" * size, receipt=receipt).recorded


def _sizes(found: list[list[Recorded]]) -> list[int]:
    return [len(one) for one in found]


def test_what_shares_an_envelope_is_no_more_than_the_file_says() -> None:
    assert _sizes(parts([_recorded() for _ in range(9)], 4)) == [4, 4, 1]
    assert _sizes(parts([_recorded() for _ in range(3)], 1)) == [1, 1, 1]
    assert parts([], 4) == []


def test_what_shares_an_envelope_stands_under_one_checkpoint() -> None:
    assert _sizes(parts([_recorded(), _recorded(), _recorded(checkpoint=19)], 4)) == [2, 1]


def test_what_shares_an_envelope_can_be_opened() -> None:
    large = MAX_SHARED_BYTES // 2

    assert _sizes(parts([_recorded(size=large), _recorded(size=large), _recorded()], 4)) == [1, 2]
    assert _sizes(parts([_recorded(size=3 * large)], 4)) == [1]


def test_no_record_of_an_envelope_leaves_without_a_receipt() -> None:
    """T64: the last door looks at each of them."""
    envelope = envelope_for(recipient_at("https://a.example", None))
    unrecorded = replace(envelope.recorded, receipt=cast("Receipt", None))

    with pytest.raises(NotRecorded):
        Transport({}, 1024, SystemClock()).send(replace(envelope, also=(envelope.recorded, unrecorded)))


def test_records_share_envelopes_and_each_has_its_own_entry(shared: Setting) -> None:
    rows: list[Any] = [record(number) for number in range(1, 11)]
    rows[4] = refusable(5)

    told = shared.run(lines(*rows))

    assert told[-1] == {"batch": "b-1", "records": 10, "delivered": 9, "refused": 1, "ended": "whole"}
    assert len(shared.received) == 3
    assert sorted(shared.opened()) == [f"REQ-{number:06}" for number in range(1, 11) if number != 5]
    assert verified(shared.gateway) == (10 + 3, [])  # an envelope has one outcome


def test_the_outcome_of_an_envelope_is_that_of_each_record(shared: Setting) -> None:
    told = shared.run(lines(*(record(number) for number in range(1, 5))))

    found = [shared.gateway.store.transfers.find(one["transfer_id"]) for one in told[:-1]]
    ends = [one.entries[-1] for one in found if one is not None]

    assert [(one.kind, one.shared and one.shared["outcome"]) for one in ends] == [("outcome", "delivered")] * 4
    assert len({one.index for one in ends}) == 1


def test_started_again_no_record_of_an_envelope_goes_twice(shared: Setting) -> None:
    """T47."""
    body = lines(*(record(number) for number in range(1, 11)))
    shared.run(body)

    told = shared.run(body)

    assert told[-1]["already"] == 10
    assert {one["outcome"] for one in told[:-1]} == {"delivered"}
    assert len(shared.received) == 3


def test_where_nothing_comes_back_all_records_of_the_envelope_are_unknown(tmp_path: Path) -> None:
    """T63."""

    def hang_up(_: Received) -> Reply:
        raise ConnectionAbortedError

    with registries.setting(tmp_path, together=4, reply=hang_up) as made:
        told = made.run(lines(*(record(number) for number in range(1, 5))))
        again = made.run(lines(*(record(number) for number in range(1, 5))))

    assert [one["outcome"] for one in told[:-1]] == ["unknown"] * 4
    assert again[-1]["already"] == 4
    assert len(made.received) == 1


def test_in_the_clear_many_records_are_one_array(tmp_path: Path) -> None:
    clear = {"protection": "tls", "protection_reason": "it cannot open envelopes"}
    with registries.setting(tmp_path, together=4, **clear) as made:
        made.run(lines(*(record(number) for number in range(1, 4))))

    body = made.received[0].body

    assert (body[:12], body.count(b'"id":"REQ-'), body[-1:]) == (b'[{"ticket":{', 3, b"]")
    assert b"900101100103" not in body


@pytest.mark.parametrize("together", [1, 4])
def test_a_slow_recipient_is_sent_to_by_many_at_once(tmp_path: Path, together: int) -> None:
    def slowly(_: Received) -> Reply:
        time.sleep(0.1)
        return Reply()

    with registries.setting(tmp_path, reply=slowly, together=together) as made:
        began = time.monotonic()
        told = made.run(lines(*(record(number) for number in range(1, 24 * together + 1))))
        seconds = time.monotonic() - began

    assert told[-1]["delivered"] == 24 * together
    assert seconds < 24 * 0.1
    assert 1 < made.recipient.connections <= 12
