"""Declaring a route: the view, and what the API's description says of it, in one place.

Promises: a route that is served is described, with the shape of its answer and of its problems. It must never parse a
body: flask-smorest's parser takes duplicate keys, so admission parses and the request's schema is only described here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from flask import Response
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from marshmallow import Schema

from gateway.web.api.described import (
    Described,
    Said,
    header_answers,
    path_parameters,
    problem_answers,
    sometimes_answers,
)

View: TypeAlias = Callable[..., Response]
Shape: TypeAlias = type[Schema] | Mapping[str, Any]

_PLAINLY: Final = Described()
EXAMPLE_HEADERS: Final = "x-example-headers"
"""The member of an operation that tells the headers of its example."""
_TOLD: Final = "x-told"  # stands in an operation until it is completed: most of it would be copied at every start


def declare(
    blueprint: Blueprint,
    methods: str | Sequence[str],
    rule: str,
    view: View,
    *,
    answer: Shape,
    content_type: str = "application/json",
    request: Shape | None = None,
    told: Described = _PLAINLY,
) -> None:
    """Serve `view` under its methods and a rule; its docstring is the summary and the description.

    `told` says the rest; without it, the route is one that asks for a caller's token and may answer with any problem.
    It is described through flask-smorest's wrappers and served without them: each looks through every answer.
    """

    def serve(state: BlueprintSetupState) -> None:
        state.app.view_functions[f"{blueprint.name}.{view.__name__}"] = view

    operation: Said = {
        "security": told.access.required(),
        "parameters": [*(f"{name}-needed" for name in told.needs), *told.takes],
        "responses": {"200": _done(answer, content_type, told)},
        _TOLD: told,
    }
    if request is not None or told.bodies:
        operation["requestBody"] = _body(request, told)
    described = blueprint.doc(**operation)(view)
    all_methods = [methods] if isinstance(methods, str) else list(methods)
    blueprint.route(rule, methods=all_methods, parameters=path_parameters(rule))(described)
    blueprint.record(serve)


def completed(path: str, operation: Mapping[str, Any]) -> Said:
    """An operation of the description with all its answers."""
    told: Described = operation[_TOLD]
    done = operation["responses"]["200"]
    problems = problem_answers(told, path)
    if told.relays:
        problems = {status: _or_relayed(one, done) for status, one in problems.items()} | {"default": done}
    rest = {name: said for name, said in operation.items() if name != _TOLD}
    if told.asked_with:
        rest[EXAMPLE_HEADERS] = dict(told.asked_with)
    return rest | {"responses": {"200": done} | problems | dict(told.beside)}


def _body(request: Shape | None, told: Described) -> Said:
    content: Said = {} if request is None else {"application/json": {"schema": request}}
    if told.asked is not None and content:
        content["application/json"]["example"] = told.asked
    return {"required": told.body_required, "content": content | dict(told.bodies)}


def _done(answer: Shape, content_type: str, told: Described) -> Said:
    content: Said = {content_type: {"schema": answer}} | dict(told.answers)
    if told.answered is not None:
        content[content_type]["example"] = told.answered
    return {"description": told.done, "headers": header_answers(told.gives), "content": content}


def _or_relayed(problem: Said, relayed: Said) -> Said:
    """A status that is ours or the recipient's: the same headers, none of them promised."""
    return {
        "description": f"{problem['description']}; or the recipient's own answer",
        "headers": sometimes_answers(problem["headers"]) | relayed["headers"],
        "content": problem["content"] | relayed["content"],
    }
