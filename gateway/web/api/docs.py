"""`/openapi.json` and `/docs`: what the routes take and answer, for programs and for people.

Promises: both are made of what the routes declare, once, when they are first asked for; they are the same for everyone,
and hold nothing of this deployment: no recipient, no key, no setting. The page is whole without a script, under a
policy that allows none; it must never load anything from elsewhere.

source: OpenAPI 3.1; CSP level 3; threats T82, T88
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, Final

import orjson
from apispec import APISpec
from flask_smorest import Blueprint

from gateway.web.api.declare import completed, declare
from gateway.web.api.described import (
    GIVES,
    NEEDED,
    SECURITY,
    SOMETIMES,
    TAKES,
    Access,
    Described,
    Said,
    problem_example,
)
from gateway.web.api.page import write_page
from gateway.web.application import Reply
from gateway.web.problems import PROBLEMS
from gateway.web.schemas import ProblemSchema

POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""No script, no frame, no form, nothing from elsewhere: one style sheet of our own."""

_GUARD: Final = (
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_SECONDS: Final = 300
_UNASKED: Final = frozenset({"Error", "PaginationMetadata"})  # flask-smorest's own, which no route of ours refers to

ABOUT: Final = """\
Personal data leaves only for a named purpose, only in the amount needed, and only after it was written down.

A success is 2xx; everything else is a problem document (RFC 9457) with a stable `code`, and carries it in \
`Gateway-Problem` too. On the proxy, an answer without that header is the recipient's. Every route that takes `GET` \
takes `HEAD`; other methods are answered 405 with `Allow`. Bodies are strict: UTF-8, no name twice, no \
`Content-Encoding`.
"""


class Description:
    """What the routes declare, as a tree, as JSON and as a page."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        for name, scheme in SECURITY.items():
            spec.components.security_scheme(name, dict(scheme))
        for name, header in TAKES.items():
            spec.components.parameter(name, "header", {"name": name, **header})
        for name, header in NEEDED.items():
            spec.components.parameter(name, "header", dict(header))
        for name, header in {**GIVES, **SOMETIMES}.items():
            spec.components.header(name, dict(header))
        spec.components.schema("Problem", schema=ProblemSchema)
        for code in PROBLEMS:
            spec.components.example(code, {"value": problem_example(code)})

    @cached_property
    def tree(self) -> Said:
        """The description, each operation under an id of its own."""
        tree: dict[str, Any] = self._spec.to_dict()
        schemas = tree["components"]["schemas"]
        components = {
            **tree["components"],
            "schemas": {name: schemas[name] for name in sorted(schemas.keys() - _UNASKED)},
        }
        paths = {path: _completed(path, item) for path, item in tree["paths"].items()}
        return {**tree, "paths": paths, "components": components}

    @cached_property
    def json(self) -> bytes:
        """The description, for programs."""
        return orjson.dumps(self.tree)

    @cached_property
    def page(self) -> bytes:
        """The description, for people."""
        return write_page(self.tree)


def options() -> Said:
    """What stands at the head of the description."""
    return {
        "info": {
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
    }


def blueprint(description: Description) -> Blueprint:
    """The routes of the description."""
    routes = Blueprint("description", __name__, description="This description, for programs and for people")
    style = files("gateway.web").joinpath("templates/docs.css").read_bytes()

    def get_openapi() -> Reply:
        """What the routes take and answer, as OpenAPI 3.1."""
        return _public(Reply(description.json, content_type="application/json"))

    def get_docs() -> Reply:
        """What the routes take and answer, as a page; each error code has its place, `/docs#not_granted`."""
        return _public(Reply(description.page, content_type="text/html; charset=utf-8"))

    def get_docs_style() -> Reply:
        """How that page looks."""
        return _public(Reply(style, content_type="text/css; charset=utf-8"))

    told = Described(access=Access.PUBLIC, problems=())
    text = {"type": "string"}
    declare(routes, "GET", "/openapi.json", get_openapi, answer={"type": "object"}, told=told)
    declare(routes, "GET", "/docs", get_docs, answer=text, content_type="text/html", told=told)
    declare(routes, "GET", "/docs/style.css", get_docs_style, answer=text, content_type="text/css", told=told)
    return routes


def _public(reply: Reply) -> Reply:
    reply.caching = f"public, max-age={_SECONDS}"
    reply.headers.extend(_GUARD)
    return reply


def _completed(path: str, item: Mapping[str, Any]) -> Said:
    """A path with all its operations, each under an id of its own."""
    return {
        name: {**completed(path, said), "operationId": _operation_id(name, path)} if name in _METHODS else said
        for name, said in item.items()
    }


def _operation_id(method: str, path: str) -> str:
    words = [word.strip("{}") for word in path.replace(".", "/").replace("-", "_").split("/") if word]
    return "_".join([method, *words])
