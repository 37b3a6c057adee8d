from __future__ import annotations

import uuid

from gateway.admission.transfer_id import new_transfer_id
from gateway.clock import Instant

AT = Instant(1_790_000_000_123_456)


def test_an_id_is_a_uuid_of_version_7_that_holds_its_millisecond() -> None:
    actual = uuid.UUID(new_transfer_id(AT))

    assert (actual.version, actual.variant) == (7, uuid.RFC_4122)
    assert actual.int >> 80 == AT // 1_000


def test_ids_sort_by_the_microsecond_of_admission() -> None:
    ids = [new_transfer_id(Instant(AT + micros)) for micros in range(2_000)]

    assert sorted(ids) == ids


def test_ids_of_one_instant_differ() -> None:
    ids = {new_transfer_id(AT) for _ in range(1_000)}

    assert len(ids) == 1_000
