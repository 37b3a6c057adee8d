from __future__ import annotations

import pytest

from gateway.model import Cause
from gateway.transport.flight import Broken, Flight


def flight_at(now: float, *, deadline: float = 10.0, allowance: int = 100) -> Flight:
    return Flight(deadline, lambda: now, allowance)


def test_the_time_that_remains_is_counted_to_the_deadline() -> None:
    flight = flight_at(7.5)

    assert flight.remaining() == 2.5


@pytest.mark.parametrize("now", [10.0, 11.0], ids=["at the deadline", "after it"])
def test_from_the_deadline_on_no_time_remains(now: float) -> None:
    flight = flight_at(now)

    with pytest.raises(Broken) as broken:
        flight.remaining()

    assert broken.value.cause is Cause.DEADLINE


def test_bytes_are_taken_up_to_the_allowance() -> None:
    flight = flight_at(0, allowance=10)

    flight.take(10)

    assert (flight.allowance, flight.ended) == (0, False)


def test_a_byte_over_the_allowance_is_too_large() -> None:
    flight = flight_at(0, allowance=10)

    with pytest.raises(Broken) as broken:
        flight.take(11)

    assert broken.value.cause is Cause.ANSWER_TOO_LARGE


def test_taking_nothing_means_that_the_recipient_has_ended() -> None:
    flight = flight_at(0)

    flight.take(0)

    assert flight.ended
