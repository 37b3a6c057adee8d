"""Declaring a route: the view, and what the API's description says of it, in one place.

Promises: a route that is served is described, with the shape of its answer and of its problems. It must never parse a
body: flask-smorest's parser takes duplicate keys, so admission parses and the request's schema is only described here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from marshmallow import Schema

from gateway.web.problems import MEDIA_TYPE
from gateway.web.schemas import ProblemSchema

View = Callable[..., Response]


def declare(
    blueprint: Blueprint,
    methods: str | Sequence[str],
    rule: str,
    view: View,
    *,
    answer: type[Schema] | Mapping[str, Any],
    content_type: str = "application/json",
    request: type[Schema] | None = None,
) -> None:
    """Serve `view` under its methods and a rule; its docstring is the summary.

    It is described through flask-smorest's wrappers and served without them: each looks through every answer.
    """

    def serve(state: BlueprintSetupState) -> None:
        state.app.view_functions[f"{blueprint.name}.{view.__name__}"] = view

    described = blueprint.response(200, answer, content_type=content_type)(view)
    described = blueprint.alt_response(
        "default", schema=ProblemSchema, content_type=MEDIA_TYPE, description="A problem document (RFC 9457)"
    )(described)
    if request is not None:
        body = {"required": True, "content": {"application/json": {"schema": request}}}
        described = blueprint.doc(requestBody=body)(described)
    blueprint.route(rule, methods=[methods] if isinstance(methods, str) else list(methods))(described)
    blueprint.record(serve)
