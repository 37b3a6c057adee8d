from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint

from gateway.admission.request import TransferSchema
from gateway.web.api.declare import completed, declare
from gateway.web.api.described import Described
from gateway.web.schemas import StateSchema


def post_thing() -> Response:
    """Make a thing."""
    return Response(b'{"status" : "made"}', 201)


def described(told: Described | None = None, **options: Any) -> tuple[Flask, dict[str, Any]]:
    app = Flask("test")
    app.config.update(API_TITLE="t", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    routes = Blueprint("things", "things")
    more: dict[str, Any] = {} if told is None else {"told": told}
    declare(routes, "POST", "/things", post_thing, answer=StateSchema, **more, **options)
    api = Api(app)
    api.register_blueprint(routes)
    return app, completed("/things", api.spec.to_dict()["paths"]["/things"]["post"])


def test_a_declared_route_is_served_as_it_is_and_described() -> None:
    app, operation = described(request=TransferSchema)

    answer = app.test_client().post("/things", data=b"not parsed: {")

    assert (answer.status_code, answer.data) == (201, b'{"status" : "made"}')
    assert app.view_functions["things.post_thing"] is post_thing
    assert operation["summary"] == "Make a thing."
    assert operation["requestBody"]["required"] is True
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/State"
    }


def test_a_route_of_which_no_more_is_told_is_for_callers_and_may_answer_with_any_problem() -> None:
    _app, operation = described()

    assert {"gatewayToken": []} in operation["security"]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert "requestBody" not in operation


def test_examples_stand_beside_their_shapes() -> None:
    told = Described(problems=(), asked={"a": 1}, answered={"status": "alive"}, done="Made")

    _app, operation = described(told, request=TransferSchema)

    assert operation["requestBody"]["content"]["application/json"]["example"] == {"a": 1}
    assert operation["responses"]["200"]["content"]["application/json"]["example"] == {"status": "alive"}
    assert operation["responses"]["200"]["description"] == "Made"


def test_headers_go_in_and_out_by_their_names() -> None:
    told = Described(problems=(), needs=("Idempotency-Key",), takes=("Gateway-Basis",), gives=("Location",))

    _app, operation = described(told)

    assert operation["parameters"] == [
        {"$ref": "#/components/parameters/Idempotency-Key-needed"},
        {"$ref": "#/components/parameters/Gateway-Basis"},
    ]
    assert operation["responses"]["200"]["headers"] == {"Location": {"$ref": "#/components/headers/Location"}}


def test_where_an_answer_may_be_the_recipient_s_nothing_of_ours_is_promised() -> None:
    told = Described(problems=("not_granted",), gives=("Gateway-Outcome",), relays=True)

    _app, operation = described(told, content_type="*/*")

    ours = operation["responses"]["403"]
    assert set(ours["content"]) == {"application/problem+json", "*/*"}
    assert ours["headers"]["Gateway-Problem"] == {"$ref": "#/components/headers/Gateway-Problem-sometimes"}
    assert "Gateway-Outcome" in ours["headers"]
    assert "*/*" in operation["responses"]["default"]["content"]


def test_other_answers_stand_beside() -> None:
    _app, operation = described(Described(problems=(), beside={"202": {"description": "Later"}}))

    assert operation["responses"]["202"] == {"description": "Later"}
