"""Trees as bodies and back, by hand and the standard library: nothing of `gateway.formats`."""

from __future__ import annotations

import csv
import io
import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, quote_plus
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from gateway.canonical import Number


def spelled(content_type: str, tree: Any) -> bytes:
    """The body that a caller would send."""
    kind = content_type.partition(";")[0]
    if kind == "application/json":
        return _json(tree).encode()
    if kind == "application/x-ndjson":
        return b"".join(_json(record).encode() + b"\n" for record in tree["records"])
    if kind == "application/x-www-form-urlencoded":
        return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for name, text in tree.items()).encode()
    if kind == "multipart/form-data":
        parts = (f'--b-0\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{t}\r\n' for n, t in tree.items())
        return ("".join(parts) + "--b-0--\r\n").encode()
    if kind == "text/csv":
        return _csv(tree["records"]).encode("cp1251" if "1251" in content_type else "utf-8")
    (name, node), *_ = tree.items()
    return _element(name, node).encode()


def _json(node: Any) -> str:
    if isinstance(node, dict):
        return "{" + ", ".join(f"{_json(key)}: {_json(child)}" for key, child in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(_json, node)) + "]"
    return str.__str__(node) if isinstance(node, Number) else json.dumps(node)  # noqa: TID251 - not ours


def _csv(records: list[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record)) or ["extra"]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def _element(name: str, node: Any) -> str:
    attributes = "".join(f" {key[1:]}={quoteattr(text)}" for key, text in node.items() if key[0] == "@")
    children = "".join(_element(key, child) for key, items in node.items() if key[0] not in "@#" for child in items)
    return f"<{name}{attributes}>{escape(node.get('#text', ''))}{children}</{name}>"


def read_back(content_type: str, body: bytes) -> Any:
    """What a recipient finds in a body, read with the standard library."""
    kind = content_type.partition(";")[0]
    if kind == "application/json":
        return _loads(body)
    if kind == "application/x-ndjson":
        return {"records": [_loads(line) for line in body.splitlines()]}
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    if kind == "multipart/form-data":
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        parts: Any = BytesParser(policy=HTTP).parsebytes(head + body).get_payload()
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode()
            for part in parts
        }
    if kind == "text/csv":
        text = body.decode("cp1251" if "1251" in content_type else "utf-8")
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
        return {"records": [{name: cell for name, cell in row.items() if cell} for row in rows]}
    root = ET.fromstring(body)
    return {root.tag: _children(root)}


def _loads(body: bytes) -> Any:
    return json.loads(body, parse_int=Number, parse_float=Number)  # noqa: TID251 - an independent reader


def _children(element: ET.Element) -> Any:
    made: dict[str, Any] = {f"@{name}": text for name, text in element.attrib.items()}
    for child in element:
        made.setdefault(child.tag, []).append(_children(child))
    return made | ({"#text": element.text} if (element.text or "").strip() else {})


def comma_columns(content_type: str, payload: Any) -> set[str]:
    """The columns of a CSV that hold numbers alone, some of them with a decimal comma."""
    records = payload["records"] if content_type.startswith("text/csv") else []
    columns: dict[str, list[str]] = {}
    for record in records:
        for name, cell in record.items():
            columns.setdefault(name, []).append(cell)
    return {
        name
        for name, cells in columns.items()
        if any("," in cell for cell in cells) and all(re.fullmatch(r"-?\d+(,\d+)?", cell, re.ASCII) for cell in cells)
    }


def respelled(data: Any, columns: set[str], one: str, other: str) -> Any:
    """The same records with the numbers of some columns spelled with another decimal sign."""
    if not columns:
        return data
    number = re.compile(rf"-?\d+{re.escape(one)}\d+", re.ASCII)

    def cell(name: str, text: str) -> str:
        return text.replace(one, other) if name in columns and number.fullmatch(text) else text

    return {"records": [{name: cell(name, text) for name, text in record.items()} for record in data["records"]]}
