"""gateway.transfer_log.kept_answer: an answer comes back as it was, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.clock import Instant
from gateway.errors import LogDiverged
from gateway.model import Answer, Claim
from gateway.transfer_log.digests import fields_key
from gateway.transfer_log.kept_answer import answer_key, open_answer, seal_answer
from tests.unit.transfer_log.samples import transfer_id

KEY = answer_key(bytes(range(32)))
CLAIM = Claim(b"key", b"request", Instant(0), Instant(1))
ANSWER = Answer(201, {"Content-Type": "application/json", "Location": "/v1/transfers/x"}, '{"имя":1.10}'.encode())


@pytest.mark.parametrize(
    "answer",
    [ANSWER, Answer(204, {}, b""), Answer(502, {"Retry-After": "1"}, bytes(range(256)) * 4_096)],
    ids=["json", "nothing", "a megabyte of any bytes"],
)
def test_an_answer_comes_back_byte_for_byte(answer: Answer) -> None:
    assert open_answer(seal_answer(answer, KEY, transfer_id(1), CLAIM), KEY, transfer_id(1), CLAIM) == answer


def test_nothing_of_it_can_be_read_and_the_same_looks_different_every_time() -> None:
    """Law 5."""
    first, second = (seal_answer(ANSWER, KEY, transfer_id(1), CLAIM) for _ in range(2))

    assert first != second
    assert not any(part in first for part in (ANSWER.body, b"Location", b"/v1/transfers", b"application/json"))


@pytest.mark.parametrize("at", [0, 12, 40, -1], ids=["nonce", "head", "middle", "tag"])
def test_what_was_changed_does_not_open(at: int) -> None:
    sealed = bytearray(seal_answer(ANSWER, KEY, transfer_id(1), CLAIM))
    sealed[at] ^= 1

    with pytest.raises(LogDiverged):
        open_answer(bytes(sealed), KEY, transfer_id(1), CLAIM)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12)])
def test_rubbish_does_not_open(sealed: bytes) -> None:
    with pytest.raises(LogDiverged):
        open_answer(sealed, KEY, transfer_id(1), CLAIM)


def test_it_opens_for_its_transfer_and_under_its_key_alone() -> None:
    """T49: a row that was moved under another transfer shows nothing."""
    sealed = seal_answer(ANSWER, KEY, transfer_id(1), CLAIM)

    for key, name in ((KEY, transfer_id(2)), (answer_key(bytes(32)), transfer_id(1))):
        with pytest.raises(LogDiverged):
            open_answer(sealed, key, name, CLAIM)


@pytest.mark.parametrize(
    "other",
    [
        replace(CLAIM, key=b"keyr", fingerprint=b"equest"),
        replace(CLAIM, key=b"theirs"),
        replace(CLAIM, fingerprint=b"x"),
    ],
    ids=["moved along", "another caller's", "another request"],
)
def test_it_opens_under_its_claim_alone(other: Claim) -> None:
    """T49, T53's like: whoever can write the database and is a caller too could point its own claim at a transfer."""
    sealed = seal_answer(ANSWER, KEY, transfer_id(1), CLAIM)

    with pytest.raises(LogDiverged):
        open_answer(sealed, KEY, transfer_id(1), other)


def test_the_key_of_an_answer_is_not_that_of_the_field_digests() -> None:
    assert answer_key(bytes(32)) not in {fields_key(bytes(32)), bytes(32)}
