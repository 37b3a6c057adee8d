from __future__ import annotations

import pytest

from gateway.batch.pace import MOST_IN_GROUP, SHARE_OF_TIMEOUT, Pace


def _settled(pace: Pace, seconds_each: float) -> Pace:
    """After groups whose envelopes take so long each."""
    for _ in range(10):
        envelopes = pace.records
        pace.ended(envelopes, seconds_each * envelopes / pace.at_once)
    return pace


def test_it_begins_with_a_group_in_which_no_one_waits() -> None:
    pace = Pace(in_flight=16, timeout_seconds=10)

    assert (pace.at_once, pace.records) == (12, 12)


def test_a_quarter_of_the_places_stays_free() -> None:
    """T71: single transfers go on beside a registry."""
    assert Pace(in_flight=16, timeout_seconds=10).most_at_once == 12
    assert Pace(in_flight=1, timeout_seconds=10).most_at_once == 1


def test_a_quick_recipient_is_sent_to_by_one_thread_in_large_groups() -> None:
    pace = _settled(Pace(in_flight=16, timeout_seconds=10), 0.0004)

    assert (pace.at_once, pace.records) == (1, MOST_IN_GROUP)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 2.0, 9.0])
def test_a_group_is_sent_well_before_its_deadline(seconds: float) -> None:
    pace = _settled(Pace(in_flight=16, timeout_seconds=10), seconds)

    assert pace.at_once == pace.most_at_once
    assert pace.records == 1 or seconds * pace.records / pace.at_once <= 10 * SHARE_OF_TIMEOUT


def test_a_recipient_that_became_slow_gets_smaller_groups_at_once() -> None:
    pace = _settled(Pace(in_flight=16, timeout_seconds=10), 0.0004)

    pace.ended(256, 256.0)

    assert (pace.at_once, pace.records) == (12, 30)


def test_records_that_share_envelopes_fill_them() -> None:
    pace = _settled(Pace(in_flight=16, timeout_seconds=10, records_per_envelope=100), 0.005)

    assert pace.records == 200


def test_a_group_without_a_send_teaches_nothing() -> None:
    pace = Pace(in_flight=16, timeout_seconds=10)

    pace.ended(0, 5.0)

    assert pace.records == 12
