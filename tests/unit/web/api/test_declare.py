from __future__ import annotations

from flask import Flask, Response
from flask_smorest import Api, Blueprint

from gateway.admission.request import TransferSchema
from gateway.web.api.declare import declare
from gateway.web.schemas import StateSchema


def test_a_declared_route_is_served_as_it_is_and_described() -> None:
    app = Flask("test")
    app.config.update(API_TITLE="t", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    routes = Blueprint("things", "things")

    def post_thing() -> Response:
        """Make a thing."""
        return Response(b'{"status" : "made"}', 201)

    declare(routes, "POST", "/things", post_thing, answer=StateSchema, request=TransferSchema)
    api = Api(app)
    api.register_blueprint(routes)
    answer = app.test_client().post("/things", data=b"not parsed: {")

    assert (answer.status_code, answer.data) == (201, b'{"status" : "made"}')
    assert app.view_functions["things.post_thing"] is post_thing
    described = api.spec.to_dict()["paths"]["/things"]["post"]
    assert described["summary"] == "Make a thing."
    assert described["requestBody"]["required"] is True
    assert described["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/State"
    }
