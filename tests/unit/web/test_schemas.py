from __future__ import annotations

import pytest
from marshmallow import RAISE, Schema

from gateway.canonical import Json
from gateway.clock import Instant
from gateway.model import CallerId
from gateway.web.schemas import DeliveredSchema, JwksSchema, LifeSchema, ProblemSchema, StateSchema
from tests.unit.web.served import ASKED, TOKEN, FakeEntry, FakeRecord, Served, post


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (JwksSchema(), "/.well-known/jwks.json"),
        (StateSchema(), "/healthz"),
        (StateSchema(), "/readyz"),
        (LifeSchema(), "/v1/transfers/t-1"),
        (ProblemSchema(), "/v1/transfers/t-2"),
        (ProblemSchema(), "/nowhere"),
    ],
)
def test_a_real_answer_is_as_it_is_described(schema: Schema, path: str) -> None:
    served = Served()
    shared: dict[str, Json] = {"recipient": "r", "attempt": 1, "released": {"a": "d"}, "map": "ab"}
    entry = FakeEntry(1, "intent", Instant(0), shared, {"withheld": {"never": ["iin"]}, "findings": {"phone": 1}})
    served.store.found["t-1"] = FakeRecord(CallerId("backend"), (entry,))

    answer = served.ask().get(path, headers={"Gateway-Token": TOKEN})

    assert schema.validate(answer.get_json()) == {}


def test_a_reply_to_a_transfer_is_as_it_is_described() -> None:
    assert DeliveredSchema(unknown=RAISE).validate(post(Served()).get_json()) == {}


def test_a_refusal_is_as_it_is_described() -> None:
    refused = post(Served(), {**ASKED, "recipient": "nobody"}).get_json()

    assert ProblemSchema(unknown=RAISE).validate(refused) == {}
