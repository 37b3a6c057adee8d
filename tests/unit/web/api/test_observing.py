"""`Gateway-Observe` on the preview route: what is counted, and what never fails for it."""

from __future__ import annotations

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.model import Disclosure, Refused
from tests.unit.web.api.test_preview import HEADERS, served, stated
from tests.unit.web.served import ASKED, TOKEN, Served


def preview(house: Served, asked: object = None, observe: str | None = "1") -> TestResponse:
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json"}
    more = {} if observe is None else {"Gateway-Observe": observe}
    return house.ask().post("/v1/preview", data=orjson.dumps(ASKED if asked is None else asked), headers=headers | more)


def test_with_the_header_the_verdict_is_the_same_and_its_shape_is_counted() -> None:
    house = served()

    observed, plain = preview(house), preview(house, observe=None)

    assert observed.get_json() == plain.get_json()
    assert [type(one) for one in house.observed] == [Disclosure]


def test_observing_is_of_one_request_and_nothing_stays_on() -> None:
    """T51: no setting and no earlier request turns it on."""
    house = served()
    page = house.ask()
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json"}

    for more in ({"Gateway-Observe": "1"}, {}, {}):
        assert page.post("/v1/preview", data=orjson.dumps(ASKED), headers=headers | more).status_code == 200

    assert len(house.observed) == 1


def test_a_refusal_is_counted_too() -> None:
    house = served()

    assert preview(house, ASKED | {"recipient": "nobody"}).get_json()["reason"] == "unknown_recipient"
    assert [type(one) for one in house.observed] == [Refused]


def test_each_record_is_counted() -> None:
    house = served()
    body = b'{"ticket":"REQ-1"}\n{"ticket":"REQ-2"}\n'

    answer = stated(house, body, "application/x-ndjson", observe="1")

    assert (answer.status_code, len(house.observed)) == (200, 2)


@pytest.mark.parametrize("value", ["0", "true", "", " 1 1", "2"])
def test_any_other_value_is_refused(value: str) -> None:
    """Taking it silently would be a week without a count."""
    house = served()

    answer = preview(house, observe=value)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_request")
    assert house.observed == []


@pytest.mark.parametrize("route", ["/v1/transfers", "/v1/proxy/mc-primer-uk/service_request/x"])
def test_on_other_routes_the_header_means_nothing(route: str) -> None:
    house = served()
    headers = HEADERS | {"Gateway-Observe": "1", "Content-Type": "application/json"}

    house.ask().post(route, data=orjson.dumps(ASKED), headers=headers)

    assert house.observed == []


def test_a_caller_that_is_not_known_is_not_observed() -> None:
    house = served()

    answer = house.ask().post(
        "/v1/preview", data=orjson.dumps(ASKED), headers={"Gateway-Token": "gw_x_y", "Gateway-Observe": "1"}
    )

    assert (answer.status_code, house.observed) == (401, [])


def test_metrics_tell_how_many_and_how_often_counts_could_not_be_written() -> None:
    house = served()
    house.observe_troubles = 3
    page = house.ask()
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json", "Gateway-Observe": "1"}

    answer = page.post("/v1/preview", data=orjson.dumps(ASKED), headers=headers)
    told = page.get("/metrics", headers={"Authorization": "Bearer metrics-token"}).get_data(as_text=True)

    assert answer.status_code == 200
    assert 'gateway_previews_observed_total{caller="backend"} 1.0' in told
    assert "gateway_observe_failures_total 3.0" in told
