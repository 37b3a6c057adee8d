from __future__ import annotations

import pathlib

import pytest
import requests
import responses

from gateway.clock import SystemClock
from gateway.model import Answer, Cause
from gateway.transport.flight import Broken, Flight
from gateway.transport.request import RequestTemplate
from gateway.transport.way import Way
from tests.envelopes import TRANSFER_ID, envelope_for, recipient_at
from tests.recipients import Authority, RecordingRecipient


def _flight() -> Flight:
    clock = SystemClock()
    return Flight(clock.monotonic() + 5, clock.monotonic, 100_000)


def _request(base_url: str) -> requests.PreparedRequest:
    recipient = recipient_at(base_url, None)
    return RequestTemplate(recipient, {}).fill(TRANSFER_ID, envelope_for(recipient))


def test_a_request_comes_back_with_its_whole_answer(tmp_path: pathlib.Path) -> None:
    authority = Authority(tmp_path)
    flight = _flight()

    with RecordingRecipient(authority) as good:
        way = Way(good.base_url, authority.ca_file, 2, 1_000)
        answer = way.ask(flight, _request(good.base_url))
        way.close()

    assert answer == Answer(200, {"content-type": "application/json"}, b'{"ok":true}')
    assert flight.begun


def test_the_allowance_leaves_room_for_a_head_and_for_framing() -> None:
    assert Way("https://a.example", None, 1, 1_000).allowance > 1_000 * 5 // 4


def test_a_ca_file_that_is_none_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OSError, match=r"."):
        Way("https://a.example", str(tmp_path / "none.pem"), 1, 1_000)


def test_an_error_of_a_library_comes_out_as_its_cause_without_its_text() -> None:
    way = Way("https://a.example", None, 1, 1_000)

    with responses.RequestsMock() as wire:
        wire.post("https://a.example/v1/requests", body=requests.ConnectionError("CANARY"))
        with pytest.raises(Broken) as caught:
            way.ask(_flight(), _request("https://a.example"))
    way.close()

    assert caught.value.cause is Cause.UNREACHABLE
    assert caught.value.__suppress_context__
    assert "CANARY" not in str(caught.value)
