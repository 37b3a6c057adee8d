"""gateway.clock: the one place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.clock import MICROSECONDS, Instant, SystemClock, from_datetime, iso

ALMATY = timezone(timedelta(hours=5))
MOMENTS = [
    pytest.param(Instant(0), "1970-01-01T00:00:00.000000Z", id="epoch"),
    pytest.param(Instant(1), "1970-01-01T00:00:00.000001Z", id="one microsecond"),
    pytest.param(Instant(1_795_341_599_999_999), "2026-11-22T09:59:59.999999Z", id="last microsecond of a second"),
    pytest.param(Instant(-1), "1969-12-31T23:59:59.999999Z", id="before the epoch"),
    pytest.param(Instant(4_102_444_800_000_001), "2100-01-01T00:00:00.000001Z", id="a century on"),
]


@pytest.mark.parametrize(("instant", "text"), MOMENTS)
def test_an_instant_is_written_with_microseconds_and_z(instant: Instant, text: str) -> None:
    assert iso(instant) == text


@pytest.mark.parametrize(("instant", "text"), MOMENTS)
def test_a_datetime_gives_its_instant_to_the_microsecond(instant: Instant, text: str) -> None:
    assert from_datetime(datetime.fromisoformat(text)) == instant


def test_a_datetime_of_another_zone_is_the_same_instant() -> None:
    there = from_datetime(datetime(2026, 11, 22, 15, 0, tzinfo=ALMATY))
    here = from_datetime(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))

    assert there == here


def test_the_machine_clock_counts_microseconds_since_the_epoch() -> None:
    before = time.time_ns() // 1_000

    now = SystemClock().now()

    assert before <= now <= before + 60 * MICROSECONDS


def test_the_monotonic_clock_never_goes_back() -> None:
    clock = SystemClock()

    readings = [clock.monotonic() for _ in range(100)]

    assert readings == sorted(readings)
