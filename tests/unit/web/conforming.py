"""A browser that holds every answer against the API's description: its status, headers, content type and shape.

Shapes are taken more strictly here than they are published: a member that is not described is a fault.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import orjson
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

_DESCRIBED: dict[str, Any] = {}


class Conforming(FlaskClient):
    """Asks, and fails where the answer is not as it is described."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if not _DESCRIBED:
            told = super().open("/openapi.json").data
            _DESCRIBED.update(_closed(orjson.loads(told)))
        assert (told_wrong := self.faults(answer)) == [], (answer.request.method, answer.request.path, told_wrong)
        return answer

    def faults(self, answer: TestResponse) -> list[str]:
        """What is not as it is described; of a path or method that is not described, the problem that says so."""
        method, path = answer.request.method, answer.request.path
        try:
            rule, _ = self.application.url_map.bind("").match(path, method, return_rule=True)
        except HTTPException:
            return [] if answer.status_code in (404, 405) else [f"no route, and {answer.status_code}"]
        item = _DESCRIBED["paths"][re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)]
        operation = item["get" if method == "HEAD" else method.lower()]
        said = operation["responses"].get(str(answer.status_code)) or operation["responses"].get("default")
        if said is None:
            return [f"the status {answer.status_code} is not described"]
        return _faults_of(said, answer, method)


def _faults_of(said: dict[str, Any], answer: TestResponse, method: str) -> list[str]:
    found: list[str] = []
    for name, header in said.get("headers", {}).items():
        declared = _at(header)
        if name not in answer.headers:
            found += [f"no {name}"] if declared.get("required") else []
            continue
        value: object = answer.headers[name]
        if declared["schema"].get("type") == "integer":
            value = int(str(value))
        found += [f"{name}: {error.message}" for error in _shaped(declared["schema"]).iter_errors(value)]
    content = said.get("content", {})
    media_type = answer.mimetype or ""
    if "*/*" in content and "Gateway-Problem" not in answer.headers:
        return found  # whatever the recipient says
    if media_type not in content:
        return [*found, f"the content type {media_type!r} is not described"] if content else found
    shape = content[media_type]
    if media_type.endswith("json") and not media_type.endswith("ndjson") and method != "HEAD":
        problems = _shaped(shape["schema"]).iter_errors(orjson.loads(answer.data))
        found += [f"{error.json_path}: {error.message}" for error in problems]
    return found


def _at(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = _DESCRIBED
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _shaped(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": _DESCRIBED["components"]})


def _closed(tree: dict[str, Any]) -> dict[str, Any]:
    """The description, with every object of described members closed to others."""
    closed = deepcopy(tree)
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return closed
