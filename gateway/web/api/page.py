"""The page of the API's description: one HTML document, made once from what the routes declare.

Written here instead of Swagger UI: 1.7 MB of another's script would have to be let in, could not tell error codes, and
shows nothing where scripts are off. Promises: every route, parameter, answer and error code of the description is on
the page, each under an anchor; it is made of escaped text alone (T82). It must never hold a script, an inline style, or
an address of another origin.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from gateway.web.advice import ADVICE, OUTCOMES, REASONS
from gateway.web.api.declare import EXAMPLE_HEADERS
from gateway.web.problems import PROBLEMS

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_INK: Final = re.compile(r"`([^`]+)`")
_DEEPEST: Final = 4
_ON_ONE_LINE: Final = 2
_LONGEST_PATTERN: Final = 40


class Row(NamedTuple):
    """A parameter, a header, or a member of a body."""

    name: str
    kind: str
    text: str
    required: bool
    depth: int = 0


class Answer(NamedTuple):
    """An answer: its status, what it means, its content types and the codes it may have."""

    status: str
    text: str
    content_types: tuple[str, ...]
    codes: tuple[str, ...]
    example: str


class Route(NamedTuple):
    """One path under one or more methods that are described alike."""

    anchor: str
    methods: tuple[str, ...]
    path: str
    summary: str
    paragraphs: tuple[str, ...]
    asks: str
    parameters: tuple[Row, ...]
    headers: tuple[Row, ...]
    content_types: tuple[str, ...]
    body: tuple[Row, ...]
    curl: str
    answers: tuple[Answer, ...]


class Group(NamedTuple):
    """The routes of one blueprint."""

    anchor: str
    title: str
    routes: tuple[Route, ...]


def write_page(tree: Mapping[str, Any]) -> bytes:
    """The page that a description makes."""
    environment = Environment(
        loader=PackageLoader("gateway.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"ink": ink, "steps": steps}
    told = environment.get_template("docs.html").render(
        info=tree["info"],
        openapi=tree["openapi"],
        groups=groups(tree),
        problems=PROBLEMS,
        advice=ADVICE,
        reasons=REASONS,
        outcomes=OUTCOMES,
        schemes=tree["components"]["securitySchemes"],
    )
    return told.encode("utf-8")


def ink(text: str) -> Markup:
    """A sentence with its `words` as code; a word that is an error code leads to it."""

    def word(found: re.Match[str]) -> str:
        said = found[1]
        return f'<a href="#{said}"><code>{said}</code></a>' if said in PROBLEMS else f"<code>{said}</code>"

    return Markup(_INK.sub(word, str(escape(text))))  # noqa: S704 -- escaped before a word is marked


def steps(path: str) -> Markup:
    """A path that may be broken after each step."""
    return Markup("/<wbr>").join(path.split("/"))


def groups(tree: Mapping[str, Any]) -> list[Group]:
    """The routes, by what they are for."""
    found: dict[str, list[Route]] = {tag["name"]: [] for tag in tree["tags"]}
    for path, item in tree["paths"].items():
        alike: dict[str, list[str]] = {}
        for method in _METHODS:
            if method in item:
                alike.setdefault(item[method]["summary"], []).append(method)
        for methods in alike.values():
            operation = item[methods[0]]
            found[operation["tags"][0]].append(_route(tree, path, methods, item, operation))
    titles = {tag["name"]: tag["description"] for tag in tree["tags"]}
    return [Group(f"about-{name}", titles[name], tuple(routes)) for name, routes in found.items() if routes]


def _route(
    tree: Mapping[str, Any], path: str, methods: list[str], item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Route:
    parameters = [_at(tree, one) for one in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    content = operation.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = next((one["schema"] for one in content.values()), {})
    rows = {where: tuple(_rows_of(parameters, where)) for where in ("path", "query", "header")}
    return Route(
        anchor=f"{methods[0]}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}",
        methods=tuple(method.upper() for method in methods),
        path=path,
        summary=operation["summary"],
        paragraphs=tuple(operation.get("description", "").split("\n\n")) if operation.get("description") else (),
        asks=_asks(operation["security"]),
        parameters=rows["path"] + rows["query"],
        headers=rows["header"],
        content_types=tuple(content),
        body=tuple(_members(tree, schema)),
        curl=_curl(path, methods, parameters, operation),
        answers=tuple(_answer(status, one) for status, one in operation["responses"].items()),
    )


def _at(tree: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of the description, or the component that it names."""
    reference = part.get("$ref")
    if reference is None:
        return part
    found: Any = tree
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return _at(tree, found)


def _asks(security: list[Mapping[str, Any]]) -> str:
    names = [name for one in security for name in one]
    if not names:
        return "anyone"
    if {} not in security:
        return "a caller, with its token"
    if "recipientToken" in names:
        return "the recipient, as its file says: by a token, a login, its address or its certificate"
    if security[-1] == {}:
        return "anyone; the detail is shown from loopback, or with the metrics token"
    return "anyone from loopback, or with the metrics token"


def _rows_of(parameters: list[Mapping[str, Any]], where: str) -> Iterator[Row]:
    for one in parameters:
        if one["in"] == where:
            yield Row(one["name"], _kind(one["schema"]), one.get("description", ""), one.get("required", False))


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in few words."""
    if "enum" in schema:
        return " | ".join("null" if word is None else str(word) for word in schema["enum"])
    kind = schema.get("type", "any")
    told = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "format" in schema:
        return f"{told}, {schema['format']}"
    pattern = schema.get("pattern", "")
    return f"{told}, {pattern[1:-1]}" if 0 < len(pattern) <= _LONGEST_PATTERN else told


def _members(tree: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Iterator[Row]:
    """The members of a shape, those of objects in it one step deeper."""
    found = _shape(tree, schema)
    required = found.get("required", ())
    for name, one in found.get("properties", {}).items():
        inside = _shape(tree, one)
        each = _shape(tree, inside.get("items", {}))
        text = one.get("description") or inside.get("description", "")
        yield Row(name, _kind(inside), text, name in required, depth)
        if depth < _DEEPEST:
            yield from _members(tree, each or inside, depth + 1)


def _shape(tree: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first shape that a schema may have which says anything."""
    found = _at(tree, schema)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in found:
            return {**_shape(tree, found[word][0]), **{key: found[key] for key in ("description",) if key in found}}
    return found


def _answer(status: str, answer: Mapping[str, Any]) -> Answer:
    codes: list[str] = []
    examples = []
    for one in answer.get("content", {}).values():
        codes += [code for code in one.get("examples", ()) if code in PROBLEMS]
        examples += [one["example"]] if "example" in one else []
    text = answer["description"].removeprefix("A problem: ") if codes else answer["description"]
    return Answer(
        status, text, tuple(answer.get("content", ())), tuple(codes), _written(examples[0]) if examples else ""
    )


def _written(example: object) -> str:
    return example if isinstance(example, str) else orjson.dumps(example, option=orjson.OPT_INDENT_2).decode("utf-8")


def _curl(path: str, methods: list[str], parameters: list[Mapping[str, Any]], operation: Mapping[str, Any]) -> str:
    """A command that asks for it, once GATEWAY and TOKEN are set."""
    method = "post" if "post" in methods else methods[0]
    for one in parameters:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", one["name"])))
    words = ["curl -sS" if method == "get" else f"curl -sS -X {method.upper()}", f'"$GATEWAY{path}"']
    if {"gatewayToken": []} in operation["security"]:
        words.append('-H "Gateway-Token: $TOKEN"')
    words += [f"-H {shlex.quote(f'{name}: {said}')}" for name, said in operation.get(EXAMPLE_HEADERS, {}).items()]
    content = operation.get("requestBody", {}).get("content", {})
    examples = [(name, one["example"]) for name, one in content.items() if "example" in one]
    for media_type, body in examples[:1]:
        words += [f"-H 'Content-Type: {media_type}'", f"--data-binary {shlex.quote(_written(body))}"]
    return " ".join(words) if len(words) <= _ON_ONE_LINE else " \\\n  ".join(words)
