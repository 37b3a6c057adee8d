from __future__ import annotations

import hashlib
import io
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.canonical import parse_path
from gateway.model import Caller, CallerId, Serves
from gateway.web.schemas import KeptSetSchema
from tests.unit.web.served import CALLERS, TOKEN, Served
from tests.values import NOW, PAIR, purpose_map

KEEPER = "gw_keeper_" + "k" * 43
PATH = f"/v1/recipients/{PAIR[0]}/scope/houses"
PERSONAL = "87000000125"
KEEPS = {"Gateway-Token": KEEPER, "Content-Type": "application/json"}
OF_NO_LENGTH = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}  # it came in chunks


class Unreadable(io.BytesIO):
    def read(self, _size: int | None = -1) -> bytes:
        raise AssertionError("it was read")


@pytest.fixture(autouse=True)
def a_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Caller(CallerId("keeper"), frozenset(), None, frozenset({PAIR[0]}))
    monkeypatch.setitem(CALLERS, hashlib.sha256(KEEPER.encode()).digest(), keeper)


def served() -> Served:
    return Served(maps=(purpose_map(serves=(Serves(parse_path("ticket"), None, "houses"),)),))


def ask(house: Served, method: str = "PUT", path: str = PATH, tree: Any = None, **headers: str) -> TestResponse:
    sent = {"Gateway-Token": KEEPER, "Content-Type": "application/json", **headers}
    return house.ask().open(path, method=method, data=b"" if tree is None else orjson.dumps(tree), headers=sent)


def test_a_set_is_replaced_and_told_by_its_number() -> None:
    house = served()

    answer = ask(house, tree={"values": ["h-1", "h-2"]})

    told = {"recipient": PAIR[0], "name": "houses", "count": 2, "updated_at": "2026-11-18T09:46:40.000Z"}
    assert (answer.status_code, answer.get_json()) == (200, told | {"updated_at": answer.get_json()["updated_at"]})
    assert house.sets[PAIR[0], "houses"].values == {"h-1", "h-2"}
    assert ask(house, "GET").get_json() == answer.get_json()
    assert KeptSetSchema().validate(answer.get_json()) == {}
    assert house.sets[PAIR[0], "houses"].updated_at == NOW


def test_some_come_and_some_go() -> None:
    house = served()
    ask(house, tree={"values": ["h-1", "h-2"]})

    answer = ask(house, "PATCH", tree={"add": ["h-3"], "remove": ["h-1"]})

    assert (answer.status_code, answer.get_json()["count"]) == (200, 2)
    assert house.sets[PAIR[0], "houses"].values == {"h-2", "h-3"}


def test_a_set_that_was_never_written_holds_none_since_never() -> None:
    told = ask(served(), "GET").get_json()

    assert (told["count"], told["updated_at"]) == (0, None)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_only_whom_an_operator_lets_keep_it_learns_or_changes_anything(method: str) -> None:
    """T47, T48: a grant for transfers is no right to say whose data they may hold."""
    house = served()
    tree = {"values": ["h-1"]} if method == "PUT" else {"add": ["h-1"]}

    strangers = [
        ask(house, method, path, tree, **{"Gateway-Token": TOKEN})
        for path in (PATH, PATH.replace("houses", "others"), "/v1/recipients/nobody/scope/houses")
    ]
    unknown = ask(house, method, PATH, tree, **{"Gateway-Token": "gw_none"})

    assert {(one.status_code, one.headers["Gateway-Problem"]) for one in strangers} == {(403, "not_granted")}
    assert len({one.data for one in strangers}) == 1
    assert (unknown.status_code, house.sets) == (401, {})


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_only_a_set_that_the_recipients_file_names_is_there(method: str) -> None:
    house = served()

    answer = ask(house, method, PATH.replace("houses", "others"), {"values": ["h-1"]})

    assert (answer.status_code, answer.headers["Gateway-Problem"], house.sets) == (404, "unknown_set", {})


@pytest.mark.parametrize(
    ("tree", "headers", "status"),
    [
        ({"values": [PERSONAL, ""]}, {}, 400),
        ({"values": PERSONAL}, {}, 400),
        ({PERSONAL: ["x"]}, {}, 400),
        ({"values": [PERSONAL]}, {"Content-Type": "text/csv"}, 415),
        ({"values": [PERSONAL]}, {"Content-Encoding": "gzip"}, 415),
    ],
    ids=["blank", "no array", "unknown key", "type", "encoding"],
)
def test_a_bad_body_changes_nothing_and_is_not_repeated(tree: Any, headers: dict[str, str], status: int) -> None:
    house = served()

    answer = ask(house, tree=tree, **headers)

    assert (answer.status_code, house.sets) == (status, {})
    assert PERSONAL.encode() not in answer.data + house.lines.getvalue()


def test_a_set_may_be_larger_than_a_transfer_and_not_without_end() -> None:
    house = served()
    values = [f"h-{number:06}" for number in range(2_000)]

    taken = ask(house, tree={"values": values})
    declared = [
        house.ask().put(PATH, headers=KEEPS, environ_overrides={"CONTENT_LENGTH": str(length)})
        for length in ((16 << 20) + 2, 1 << 40)
    ]
    endless = house.ask().put(
        PATH,
        headers=KEEPS,
        input_stream=io.BytesIO(b" " * ((16 << 20) + 1)),
        environ_overrides=OF_NO_LENGTH,
    )

    of_no_length = house.ask().put(
        PATH,
        headers=KEEPS,
        input_stream=io.BytesIO(orjson.dumps({"values": values})),
        environ_overrides=OF_NO_LENGTH,
    )

    assert house.settings.max_body_bytes < len(orjson.dumps(values))
    assert of_no_length.get_json()["count"] == 2_000
    assert (taken.status_code, taken.get_json()["count"]) == (200, 2_000)
    assert {(one.status_code, one.headers["Gateway-Problem"]) for one in (*declared, endless)} == {
        (413, "payload_too_large")
    }


def test_a_body_is_not_waited_for_where_it_may_not_come() -> None:
    """A stranger's sixteen megabytes are not read."""
    house = served()

    answer = house.ask().put(
        PATH,
        headers={"Gateway-Token": TOKEN, "Content-Type": "application/json"},
        input_stream=Unreadable(),
        environ_overrides={"CONTENT_LENGTH": "16000000"},
    )

    assert answer.status_code == 403


def test_a_database_that_is_away_is_503() -> None:
    house = served()
    house.store.unavailable = True

    answer = ask(house, tree={"values": ["h-1"]})

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (503, "log_unavailable")


def test_readiness_names_the_sets_that_hold_no_one_to_those_who_may_see_it() -> None:
    house = served()

    empty, far = house.ask().get("/readyz"), house.ask().get("/readyz", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    ask(house, tree={"values": ["h-1"]})
    filled = house.ask().get("/readyz")

    assert (empty.status_code, empty.get_json()["empty_sets"]) == (200, [f"{PAIR[0]}:houses"])
    assert "empty_sets" not in far.get_json()
    assert "empty_sets" not in filled.get_json()


def test_the_routes_are_described() -> None:
    spec = served().ask().get("/openapi.json").get_json()
    described = spec["paths"]["/v1/recipients/{recipient_id}/scope/{name}"]

    assert {"get", "put", "patch"} <= described.keys()
    assert {"recipient_id", "name"} == {one["name"] for one in described["parameters"]}
    body = described["put"]["requestBody"]["content"]["application/json"]["schema"]
    values = spec["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"]["values"]
    assert (values["type"], values["items"]["type"]) == ("array", "string")
