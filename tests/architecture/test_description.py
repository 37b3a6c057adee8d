"""The API's description is true, whole and valid: what is served is described, and what is described is served."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.web import create_app
from gateway.web.problems import MEDIA_TYPE, PROBLEMS, TYPE_PREFIX
from tests.unit.web.served import Served

METHODS = {"get", "put", "post", "delete", "patch"}
ELSEWHERE = {
    "method_not_allowed": "no operation has it: it is told where there is none of that method",
    "upstream_failed": "is told in the diagnostics alone: a recipient that pulls gets what its file says",
}
OTHERS_ANSWERS = {"/v1/proxy/{recipient}/{purpose}/{path}", "/v1/pull/{recipient}/{path}"}
"""Paths whose answer is someone else's, or in someone else's words, of any status."""


@cache
def tree() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(Served().ask().get("/openapi.json").data)
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in tree()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for one in part.values():
            yield from references(one)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def media() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every content that has a shape, and where it stands."""
    for path, method, operation in operations():
        contents = [("request", operation.get("requestBody", {}))]
        for where, one in [*contents, *operation["responses"].items()]:
            for media_type, content in one.get("content", {}).items():
                yield f"{method} {path} {where} {media_type}", content


def shaped(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": tree()["components"]})


def test_the_description_is_valid_openapi_3_1() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(tree()).iter_errors()] == []


def test_every_route_is_described_and_no_other_is() -> None:
    """T88."""
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in create_app(Served()).url_map.iter_rules()
        for method in rule.methods or ()
    }

    described = {(path, method) for path, method, _ in operations()}

    assert described == {(path, method) for path, method in served if method != "head"}
    assert {path for path, method in served if method == "head"} == {
        path for path, method in described if method == "get"
    }


def test_nothing_is_described_that_no_route_refers_to() -> None:
    components = tree()["components"]
    used = set(references(tree()["paths"]))
    while True:
        more = {one for name in used for one in references(_found(name))} - used
        if not more:
            break
        used |= more

    unused = {
        f"#/components/{kind}/{name}"
        for kind in components.keys() - {"securitySchemes", "examples"}
        for name in components[kind]
    } - used
    assert unused == set()
    assert set(components["examples"]) == {name.rpartition("/")[2] for name in used if "/examples/" in name} | set(
        ELSEWHERE
    )
    schemes = {name for _path, _method, one in operations() for way in one["security"] for name in way}
    assert schemes == set(components["securitySchemes"])


def _found(reference: str) -> Any:
    part: Any = tree()
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def test_every_code_is_enumerated_and_told_by_a_route() -> None:
    problem = tree()["components"]["schemas"]["Problem"]["properties"]
    told = {code for where, content in media() if where.endswith(MEDIA_TYPE) for code in content["examples"]}

    assert problem["code"]["enum"] == sorted(PROBLEMS)
    assert problem["type"]["enum"] == sorted(TYPE_PREFIX + code for code in PROBLEMS)
    assert told == set(PROBLEMS) - set(ELSEWHERE)


def test_every_code_of_an_answer_is_of_its_status() -> None:
    wrong = [
        f"{method} {path} {status} {code}"
        for path, method, operation in operations()
        for status, answer in operation["responses"].items()
        for code in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", ())
        if status != str(PROBLEMS[code].status)
    ]

    assert wrong == []


def test_every_operation_says_what_it_is_who_may_ask_and_how_it_may_fail() -> None:
    for path, method, operation in operations():
        statuses, others = set(operation["responses"]), path in OTHERS_ANSWERS

        assert operation["summary"].endswith("."), path
        assert "security" in operation, path
        assert {"200", "202"} & statuses, path
        assert others or "500" in statuses, path
        assert others or "default" not in statuses, f"{path} says nothing of its problems: Described(problems=...)"
        assert others or method == "get" or "requestBody" in operation, path


def test_every_example_is_of_the_shape_beside_it() -> None:
    wrong: list[str] = []
    count = 0
    for where, content in media():
        examples = [content["example"]] if "example" in content else []
        examples += [_found(one["$ref"])["value"] for one in content.get("examples", {}).values()]
        count += len(examples)
        for example in examples:
            wrong += [f"{where}: {error.message}" for error in shaped(content["schema"]).iter_errors(example)]

    assert wrong == []
    assert count > 100


def test_every_member_of_a_request_says_what_it_is() -> None:
    silent = [
        f"{name}.{member}"
        for name in ("Transfer", "Basis")
        for member, said in tree()["components"]["schemas"][name]["properties"].items()
        if "description" not in said and "anyOf" not in said
    ]

    assert silent == []
