from __future__ import annotations

import hashlib
import hmac
import uuid

import pytest

from gateway.batch.ids import RecordIds
from gateway.errors import MalformedRequest
from gateway.model import CallerId


def _digest(text: bytes) -> bytes:
    return hmac.digest(b"k" * 32, text, hashlib.sha256)


def _ids(caller: str = "backend", purpose: str = "service_request", batch: str = "b-1") -> RecordIds:
    return RecordIds(_digest, CallerId(caller), "mc-primer-uk", purpose, batch)


def test_the_id_of_a_record_is_the_same_every_time() -> None:
    """T47: started again, a batch meets what stands in the log."""
    assert _ids().id_of(7) == _ids().id_of(7)
    assert _ids().fingerprint(7, b"x") == _ids().fingerprint(7, b"x")


@pytest.mark.parametrize(
    "other",
    [_ids(caller="billing"), _ids(purpose="payment"), _ids(batch="b-2")],
    ids=["caller", "purpose", "batch"],
)
def test_another_batch_has_other_ids(other: RecordIds) -> None:
    """T49: another caller's batch of the same name is another batch."""
    assert other.id_of(1) != _ids().id_of(1)
    assert other.id_of(1)[:18] != _ids().id_of(1)[:18]
    assert other.fingerprint(1, b"x") != _ids().fingerprint(1, b"x")


def test_ids_are_uuids_of_version_8_in_the_order_of_the_records() -> None:
    numbers = [1, 2, 255, 256, 2**20 - 1, 2**20, 2**32 - 1]
    ids = [_ids().id_of(number) for number in numbers]

    assert ids == sorted(ids)
    assert {uuid.UUID(one).version for one in ids} == {8}
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}


def test_no_two_records_or_tries_share_an_id() -> None:
    ids = {_ids().id_of(number, attempt) for number in range(1, 2_000) for attempt in range(3)}

    assert len(ids) == 1_999 * 3


def test_a_fingerprint_tells_a_changed_record_and_one_that_moved() -> None:
    told = {_ids().fingerprint(1, b"x"), _ids().fingerprint(1, b"y"), _ids().fingerprint(2, b"x")}

    assert len(told) == 3


@pytest.mark.parametrize("batch", ["", "a b", "имя", "x" * 256, "a\n"])
def test_what_names_no_batch_is_refused(batch: str) -> None:
    with pytest.raises(MalformedRequest, match="no name"):
        _ids(batch=batch)
