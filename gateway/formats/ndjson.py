"""`application/x-ndjson`: `{"records": [{…}, …]}`, one object of strict JSON a line.

Promises: each line meets the rules of `strict_json` by itself, so nothing can begin on one line and end on another;
a blank line is refused, but for the end of the last. Numbers keep their digits (law 9).

source: https://github.com/ndjson/ndjson-spec; threats T1, T4, T5, T6
"""

from __future__ import annotations

from typing import Final

from gateway import canonical
from gateway.canonical import Node
from gateway.errors import MalformedRequest
from gateway.formats.document import MAX_RECORDS, Document, malformed, record_list
from gateway.formats.strict_json import parse

_KIND: Final = "NDJSON"


def read(media_type: str, body: bytes) -> Document:
    """The document of an NDJSON body. Raises MalformedRequest, which names the line."""
    if not body:
        return Document({"records": []}, media_type, write, records=True)
    lines = body.removesuffix(b"\n").split(b"\n", MAX_RECORDS)
    if len(lines) > MAX_RECORDS:
        raise malformed(_KIND, f"it has more than {MAX_RECORDS} lines")
    records: list[Node] = [_record(line, number) for number, line in enumerate(lines, 1)]
    return Document({"records": records}, media_type, write, records=True)


def write(tree: Node) -> bytes:
    """A line of compact JSON for each record. Raises MalformedRequest."""
    return b"".join([canonical.write(record) + b"\n" for record in record_list(tree, _KIND)])


def _record(line: bytes, number: int) -> Node:
    try:
        record = parse(line)
    except MalformedRequest as error:
        told = str(error).removeprefix("the body is not strict JSON: ").replace(", at line 1, column", ", at column")
        raise malformed(_KIND, f"line {number}: {told}") from None
    if not isinstance(record, dict):
        raise malformed(_KIND, f"line {number} is not an object")
    return record
