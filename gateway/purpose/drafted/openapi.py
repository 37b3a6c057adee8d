"""An API's own description (OpenAPI 3): routes, the properties of bodies with their types and lists, parameters.

Promises: examples and defaults are not read, because they may be somebody's data; references outside the document are
not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from gateway.canonical import Node, Path, Step
from gateway.errors import ConfigError
from gateway.purpose.drafted.kinds import Kind
from gateway.purpose.drafted.seen import Leaf, Leaves, step_of
from gateway.purpose.drafted.traffic import Traffic, name_of
from gateway.purpose.schemas import MEDIA_TYPES


class Above(NamedTuple):
    """The references on the way to a schema, and every step that was made so far in one document."""

    references: frozenset[str]
    steps: list[Path]


_METHODS: Final = ("get", "post", "put", "patch", "delete")
_ROUTES_MOST: Final = 3  # of more, whoever drafts says which
_DEEPEST: Final = 12  # references that stand for references
_STEPS_MOST: Final = 20_000  # few schemas can stand for more paths than anyone has time for
_KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    "integer": frozenset({Kind.INTEGER}),
    "number": frozenset({Kind.DECIMAL}),
    "boolean": frozenset({Kind.BOOLEAN}),
    "email": frozenset({Kind.EMAIL}),
    "phone": frozenset({Kind.PHONE}),
    "date": frozenset({Kind.DATE}),
    "date-time": frozenset({Kind.DATETIME}),
    "uri": frozenset({Kind.URL}),
    "url": frozenset({Kind.URL}),
    "uuid": frozenset({Kind.CODE}),
}


def read_openapi(tree: Mapping[str, Any], traffic: Traffic, route: str | None) -> None:
    """Add what the document says of its routes, or of one. Raises ConfigError for too many, or not that one."""
    operations = list(_operations(tree))
    known = [told for told, _ in operations]
    chosen = [(told, one) for told, one in operations if route is None or told == route]
    if not chosen or len(chosen) > _ROUTES_MOST:
        there_are = ", ".join(known[:20])
        raise ConfigError([f"expected --route, one of at most {_ROUTES_MOST} at once: {there_are}"])
    if traffic.base_url is None:
        traffic.base_url = _server(tree)
    above = Above(frozenset(), [])
    for told, operation in chosen:
        method, _, path = told.partition(" ")
        traffic.routes[method, path] += 1
        for parameter in _parameters(operation, tree):
            _outside(parameter, tree, traffic.outside, above)
        for media_type, schema in _contents(_of(operation, "requestBody", tree)):
            traffic.media_types.append(media_type)
            _properties(schema, tree, (), traffic.bodies, required=False, above=above)
        for status, answer in _table(operation.get("responses")).items():
            if status.startswith("2"):
                for _, schema in _contents(_table(_resolved(answer, tree))):
                    _properties(schema, tree, (), traffic.answers, required=False, above=above)


def _operations(tree: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in _table(tree.get("paths")).items():
        segments = [f"{{{name_of(part[1:-1])}}}" if part.startswith("{") else part for part in path.split("/")]
        shared = _list(_table(item).get("parameters"))
        for method in _METHODS:
            operation = _table(_table(item).get(method))
            if operation:
                told = {**operation, "parameters": [*shared, *_list(operation.get("parameters"))]}
                yield f"{method.upper()} {'/'.join(segments)}", told


def _parameters(operation: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (_table(_resolved(one, tree)) for one in _list(operation.get("parameters")))


def _outside(parameter: Mapping[str, Any], tree: Mapping[str, Any], leaves: Leaves, above: Above) -> None:
    place, name = parameter.get("in"), str(parameter.get("name"))
    if place in ("path", "query"):
        path = (Step(str(place)), step_of(name_of(name) if place == "path" else name))
        _properties(parameter.get("schema"), tree, path, leaves, required=bool(parameter.get("required")), above=above)


def _contents(holder: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The media type that we can write, best first, and the schema of its body."""
    content = _table(holder.get("content"))
    for media_type in MEDIA_TYPES:
        if media_type in content:
            yield media_type, _table(content[media_type]).get("schema")
            return


def _properties(
    given: object, tree: Mapping[str, Any], at: Path, leaves: Leaves, *, required: bool, above: Above
) -> None:
    reference = given.get("$ref") if isinstance(given, dict) else None
    if reference in above.references:
        return  # a schema that holds itself is told once
    above = above if reference is None else above._replace(references=above.references | {reference})
    above.steps.append(at)
    if len(above.steps) > _STEPS_MOST:
        raise ConfigError(["too many fields; expected --route, of a smaller one"])
    schema = _table(_resolved(given, tree))
    for parts in ("allOf", "oneOf", "anyOf"):
        for part in _list(schema.get(parts)):
            _properties(part, tree, at, leaves, required=required and parts == "allOf", above=above)
    if "items" in schema and at and not at[-1].each:
        item = (*at[:-1], Step(at[-1].key, each=True))
        _properties(schema["items"], tree, item, leaves, required=required, above=above)
    needed = _list(schema.get("required"))
    for name, below in _table(schema.get("properties")).items():
        _properties(below, tree, (*at, step_of(name)), leaves, required=name in needed, above=above)
    if at and not {"items", "properties", "allOf", "oneOf", "anyOf"} & schema.keys():
        _leaf(schema, at, leaves, required=required)


def _leaf(schema: Mapping[str, Any], at: Path, leaves: Leaves, *, required: bool) -> None:
    kind = schema.get("type")
    named = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else str(kind)
    if named in ("object", "array", "null"):
        return
    leaf = leaves.setdefault(at, Leaf(at))
    leaf.required = leaf.required or required
    leaf.count += 1
    leaf.kinds |= _KINDS.get(str(schema.get("format")), frozenset()) or _KINDS.get(named, frozenset())
    listed = [str(one) for one in [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]]
    if listed:
        leaf.listed = True
        leaf.values |= set(listed)
        leaf.kinds |= {Kind.CODE} if named == "string" else set()


def _of(operation: Mapping[str, Any], key: str, tree: Mapping[str, Any]) -> dict[str, Any]:
    return _table(_resolved(operation.get(key), tree))


def _resolved(node: object, tree: Mapping[str, Any]) -> Any:
    """What a reference inside the document stands for; the node itself where it is none."""
    for _ in range(_DEEPEST):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        found: Any = tree
        for key in reference[2:].split("/"):
            found = _table(found).get(key.replace("~1", "/").replace("~0", "~"))
        node = found
    return None


def _server(tree: Mapping[str, Any]) -> str | None:
    urls = [_table(one).get("url") for one in _list(tree.get("servers"))]
    return next((url.rstrip("/") for url in urls if isinstance(url, str) and url.startswith("https://")), None)


def _table(node: object) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _list(node: Node | object) -> list[Any]:
    return node if isinstance(node, list) else []
