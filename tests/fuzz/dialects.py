"""Bodies written and read by the standard library alone: the oracle must not ask the gateway's own formats.

`write` spells a tree in a content type as a platform or a partner would; `leaves_of` reads what arrived, strictly, into
leaves: where each stands, whether it is a number, a boolean or a text, and its digits or letters as they came.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import random
import re
import urllib.parse
import xml.etree.ElementTree as ET
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | bool | None"
Key: TypeAlias = tuple[str | int, ...]
Leaves: TypeAlias = dict[Key, str]
"""Where a leaf stands → `s:text`, `n:digits` or `b:true`."""

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
NDJSON, CSV, XML = "application/x-ndjson", "text/csv", "application/xml"
TYPED = frozenset({JSON, NDJSON})  # the formats in which a number is not a text
_BOUNDARY = "edgeOfTheParts"
ROOTED = frozenset({XML, CSV, NDJSON})  # the formats whose top holds one thing and nothing beside it
_FIELD = re.compile(r'Content-Disposition: form-data; name="([^"]+)"')
_CHARSET = re.compile(r"charset=([\w-]+)")


class Num(str):
    """A number, by its digits."""

    __slots__ = ()


class Unreadable(Exception):
    """What arrived is not what its content type says."""


# ── writing ─────────────────────────────────────────────────────────────────


def write(tree: Tree, media_type: str, randomness: random.Random) -> tuple[str, bytes]:
    """The content type and the bytes of a tree, in one of the spellings that occur."""
    if media_type == JSON:
        return randomness.choice([JSON, JSON, "application/json; charset=utf-8"]), json_text(tree).encode()
    if media_type == NDJSON:
        return NDJSON, "".join(f"{json_text(record)}\n" for record in _records(tree)).encode()
    if media_type == CSV:
        return _write_csv(tree, randomness)
    if media_type == XML:
        return XML, _write_xml(tree)
    fields = [(name, _flat(value)) for name, value in _object(tree).items() if value is not None]
    if media_type == FORM:
        return FORM, urllib.parse.urlencode(fields).encode()
    parts = [f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{v}\r\n' for name, v in fields]
    return f"{MULTIPART}; boundary={_BOUNDARY}", ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()


def json_text(tree: Tree) -> str:
    """JSON with every number in its own digits."""
    if isinstance(tree, dict):
        return "{" + ",".join(f"{_spelled(key)}:{json_text(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(json_text, tree)) + "]"
    return str(tree) if isinstance(tree, Num) else _spelled(tree)


def _spelled(leaf: object) -> str:
    return json.dumps(leaf, ensure_ascii=False)  # noqa: TID251 -- independent of the gateway's own writer


def _object(tree: Tree) -> dict[str, Tree]:
    assert isinstance(tree, dict)
    return tree


def _records(tree: Tree) -> list[Tree]:
    records = _object(tree).get("records", [])
    assert isinstance(records, list)
    return records


def _flat(value: Tree) -> str:
    assert isinstance(value, str | bool)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_csv(tree: Tree, randomness: random.Random) -> tuple[str, bytes]:
    records = [_object(record) for record in _records(tree)]
    names = list(dict.fromkeys(name for record in records for name in record))
    charset = randomness.choice(["utf-8", "windows-1251"])
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=randomness.choice(";,"), lineterminator=randomness.choice(["\r\n", "\n"]))
    writer.writerow(names)
    for record in records:
        writer.writerow(["" if record.get(name) is None else _flat(record[name]) for name in names])
    return f"{CSV}; charset={charset}", out.getvalue().encode(charset)


def _write_xml(tree: Tree) -> bytes:
    ((name, root),) = _object(tree).items()
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + _element(name, _object(root))).encode()


def _element(name: str, node: dict[str, Tree]) -> str:
    attributes, inside = "", ""
    tag, spaces = _tag(name, "e")
    for number, (key, value) in enumerate(node.items()):
        if key.startswith("@"):
            attribute, space = _tag(key[1:], f"a{number}")
            attributes += f"{space} {attribute}={quoteattr(_flat(value), {chr(10): '&#10;'})}"
        elif key == "#text":
            inside += escape(_flat(value))
        elif key == "#comment":
            inside += f"<!--{_flat(value)}-->"
        else:
            children = value if isinstance(value, list) else [value]
            inside += "".join(_element(key, _object(child)) for child in children)
    return f"<{tag}{spaces}{attributes}>{inside}</{tag}>"


def _tag(name: str, prefix: str) -> tuple[str, str]:
    """A name with its namespace as a prefix, and the declaration of that prefix."""
    uri, brace, local = name.removeprefix("{").partition("}")
    return (f"{prefix}:{local}", f' xmlns:{prefix}="{uri}"') if brace else (name, "")


# ── reading ─────────────────────────────────────────────────────────────────


def leaves_of(content_type: str, body: bytes) -> Leaves:
    """The leaves of a body. Raises Unreadable."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not body:
        return {}
    try:
        return _READERS[media_type](content_type, body)
    except (ValueError, KeyError, csv.Error, ET.ParseError) as error:
        raise Unreadable(f"{media_type}: {type(error).__name__}") from None


def flatten(tree: Tree, at: Key = ()) -> Leaves:
    """The leaves of a tree; null is none."""
    if isinstance(tree, dict):
        return {key: leaf for name, one in tree.items() for key, leaf in flatten(one, (*at, name)).items()}
    if isinstance(tree, list):
        return {key: leaf for place, one in enumerate(tree) for key, leaf in flatten(one, (*at, place)).items()}
    if tree is None:
        return {}
    if isinstance(tree, bool):
        return {at: "b:true" if tree else "b:false"}
    return {at: f"n:{tree}" if isinstance(tree, Num) else f"s:{tree}"}


def json_tree(text: str) -> Tree:
    """A JSON text, every number by its digits, no name twice. Raises ValueError."""
    tree: Tree = json.loads(text, parse_int=Num, parse_float=Num, object_pairs_hook=_once)  # noqa: TID251 -- and parser
    return tree


def _once(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _read_ndjson(_: str, body: bytes) -> Leaves:
    return flatten({"records": [json_tree(line) for line in body.decode().splitlines()]})


def _read_form(_: str, body: bytes) -> Leaves:
    return flatten(_once(list(urllib.parse.parse_qsl(body.decode("ascii"), True, True, errors="strict"))))


def _read_multipart(content_type: str, body: bytes) -> Leaves:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    pairs: list[tuple[str, Tree]] = []
    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
        raw = part.get_payload(decode=True)
        ((header, disposition),) = part.raw_items()  # bytes beyond ASCII stand there as surrogates
        name = _FIELD.fullmatch(f"{header}: {disposition}".encode("ascii", "surrogateescape").decode())
        if not isinstance(raw, bytes) or name is None:
            raise ValueError("not a field")
        pairs.append((name[1], raw.decode()))
    return flatten(_once(pairs))


def _read_csv(content_type: str, body: bytes) -> Leaves:
    found = _CHARSET.search(content_type)
    text = body.decode(found[1] if found else "utf-8")
    first = re.sub(r'"(?:[^"]|"")*"', "", text).partition("\n")[0]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True))
    names, *records = rows
    if any(len(record) != len(names) for record in records) or len(set(names)) != len(names):
        raise ValueError("rows of several lengths")
    tree: list[Tree] = [{n: cell for n, cell in zip(names, record, strict=True) if cell} for record in records]
    return flatten({"records": tree})


def _read_xml(_: str, body: bytes) -> Leaves:
    root = ET.fromstring(body)
    return flatten({root.tag: _node(root)})


def _node(element: ET.Element) -> Tree:
    node: dict[str, Tree] = {f"@{name}": value for name, value in element.attrib.items()}
    for child in element:
        if child.tail and child.tail.strip():
            raise ValueError("text beside elements")
        children = node.setdefault(child.tag, [])
        assert isinstance(children, list)
        children.append(_node(child))
    if element.text and element.text.strip():
        node["#text"] = element.text
    return node


_READERS = {
    JSON: lambda _, body: flatten(json_tree(body.decode())),
    NDJSON: _read_ndjson,
    FORM: _read_form,
    MULTIPART: _read_multipart,
    CSV: _read_csv,
    XML: _read_xml,
    "text/xml": _read_xml,
}
