from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import parse_path, path_text
from gateway.errors import ConfigError
from gateway.purpose.drafted.kinds import Kind
from gateway.purpose.drafted.openapi import read_openapi
from gateway.purpose.drafted.traffic import Traffic

PERSON = {
    "type": "object",
    "required": ["fullName"],
    "properties": {
        "fullName": {"type": "string", "example": "Canary Person", "default": "Canary"},
        "email": {"type": "string", "format": "email"},
        "parent": {"$ref": "#/components/schemas/Person"},
    },
}
ORDER: dict[str, Any] = {
    "allOf": [
        {"$ref": "#/components/schemas/Base"},
        {
            "properties": {
                "recipient": {"$ref": "#/components/schemas/Person"},
                "items": {"type": "array", "items": {"properties": {"count": {"type": "integer"}}}},
                "when": {"type": ["null", "string"], "format": "date-time"},
                "mode": {"oneOf": [{"enum": ["door", "point"], "type": "string"}, {"type": "null"}]},
            }
        },
    ]
}


def document(**paths: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "servers": [{"url": "/relative"}, {"url": "https://api.example/v1/"}],
        "paths": {f"/{name}": item for name, item in paths.items()},
        "components": {
            "schemas": {"Person": PERSON, "Order": ORDER, "Base": {"properties": {"fixed": {"const": 7}}}},
            "parameters": {"lang": {"in": "query", "name": "lang", "schema": {"type": "string", "enum": ["ru", "kk"]}}},
        },
    }


def post(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    answer = {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string", "format": "uuid"}}}}}}
    return {
        "post": {"requestBody": {"content": {media_type: {"schema": schema}}}, "responses": {"201": answer, "400": {}}}
    }


def test_properties_are_seen_with_types_lists_and_what_is_required() -> None:
    traffic = Traffic()

    read_openapi(document(orders=post({"$ref": "#/components/schemas/Order"})), traffic, None)

    told = {path_text(path): leaf for path, leaf in traffic.bodies.items()}
    assert told.keys() == {"fixed", "recipient.fullName", "recipient.email", "items[].count", "when", "mode"}
    assert told["recipient.fullName"].required
    assert told["recipient.email"].kinds == {Kind.EMAIL}
    assert (told["mode"].values, told["mode"].listed) == ({"door", "point"}, True)
    assert told["when"].kinds == {Kind.DATETIME}
    assert told["fixed"].values == {"7"}
    assert [path_text(path) for path in traffic.answers] == ["id"]
    assert (traffic.base_url, traffic.texts()) == ("https://api.example/v1", ["POST /orders"])


def test_examples_and_defaults_are_not_read() -> None:
    """T14."""
    traffic = Traffic()

    read_openapi(document(orders=post({"$ref": "#/components/schemas/Order"})), traffic, None)

    assert not any("Canary" in value for leaf in traffic.bodies.values() for value in leaf.values)


def test_parameters_are_fields_outside_the_body() -> None:
    item = {
        "parameters": [{"$ref": "#/components/parameters/lang"}],
        "get": {"parameters": [{"in": "path", "name": "orderId", "required": True, "schema": {"type": "string"}}]},
    }
    traffic = Traffic()
    told = document()
    told["paths"]["/orders/{orderId}"] = item

    read_openapi(told, traffic, None)

    assert traffic.texts() == ["GET /orders/{order_id}"]
    assert {path_text(path) for path in traffic.outside} == {"query.lang", "path.order_id"}
    assert traffic.outside[parse_path("path.order_id")].required


def test_a_form_is_read_where_that_is_what_the_api_takes() -> None:
    traffic = Traffic()

    read_openapi(document(a=post({"properties": {"x": {"type": "boolean"}}}, "multipart/form-data")), traffic, None)

    assert traffic.media_type == "multipart/form-data"


def test_of_many_routes_one_must_be_chosen() -> None:
    many = document(**{name: post({"properties": {name: {"type": "string"}}}) for name in "abcd"})
    traffic = Traffic()

    with pytest.raises(ConfigError, match="expected --route, one of at most 3 at once: POST /a, POST /b"):
        read_openapi(many, Traffic(), None)
    with pytest.raises(ConfigError, match="expected --route"):
        read_openapi(many, Traffic(), "POST /e")
    read_openapi(many, traffic, "POST /b")

    assert [path_text(path) for path in traffic.bodies] == ["b"]


def test_a_reference_to_nowhere_or_outside_is_nothing() -> None:
    traffic = Traffic()
    away = {"properties": {"a": {"$ref": "https://elsewhere.example/x"}, "b": {"$ref": "#/components/none"}}}

    read_openapi(document(a=post(away)), traffic, None)

    assert all(not leaf.kinds and not leaf.values for leaf in traffic.bodies.values())


def test_a_description_that_unfolds_without_end_is_refused_in_time() -> None:
    """Sixty schemas of two lines each would be 2**60 paths, or as many ways to one."""
    ref = "#/components/schemas/S{}"
    for fold in (
        lambda below: {"properties": {"a": {"$ref": below}, "b": {"$ref": below}}},
        lambda below: {"allOf": [{"$ref": below}, {"$ref": below}]},
    ):
        schemas = {f"S{at}": fold(ref.format(at + 1)) for at in range(60)} | {"S60": {"type": "string"}}
        content = {"application/json": {"schema": {"$ref": ref.format(0)}}}
        told = {
            "openapi": "3.1.0",
            "components": {"schemas": schemas},
            "paths": {"/x": {"post": {"requestBody": {"content": content}}}},
        }

        with pytest.raises(ConfigError) as caught:
            read_openapi(told, Traffic(), None)

        assert "too many fields" in caught.value.problems[0]
