"""The records of a registry: each becomes an `Admitted` of its own, by what was stated once for all of them.

Promises: a record's subject is the opaque id at the path that was named, judged as in any other request; its basis is
the one at the path that was named, or the one that was stated for all. A record without a subject, or with a malformed
one, never becomes a transfer. It must never say in an error what a record holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from gateway.admission.proxied import text_at
from gateway.admission.request import basis_in, opaque_subject
from gateway.canonical import Node, Path, Step, parse_path
from gateway.clock import Instant
from gateway.errors import MalformedRequest
from gateway.model import Admitted, Basis, Caller, FieldType, PurposeMap, TransferId

RECORD_TYPES: Final = frozenset({"application/x-ndjson", "text/csv"})
"""The media types whose bodies are records."""

_RECORDS: Final = "records"
_BODY: Final = "body"
_DECIMALS: Final = frozenset({FieldType.DECIMAL, FieldType.AREA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is said once, for all records of a registry."""

    recipient: str
    purpose: str
    basis: Basis | None = field(repr=False)  # None: the caller's default, where it has one
    subject_from: Path
    basis_from: Path | None = None


class RegistryAdmission:
    """Stage 1 of the path, for records under one map."""

    def __init__(self, stated: Stated, declared: PurposeMap | None) -> None:
        self.stated = stated
        self._takes_records = declared is not None and takes_records(declared)
        self._located = declared is not None and declared.located

    def admit(self, tree: Node, transfer_id: TransferId, caller: Caller, received_at: Instant) -> Admitted:
        """One record, for the caller as it stands now. Raises MalformedRequest."""
        stated = self.stated
        subject = text_at(tree, stated.subject_from)
        if subject is None:
            raise MalformedRequest("it does not say who it is about")
        payload: Node = {_RECORDS: [tree]} if self._takes_records else tree
        return Admitted(
            transfer_id=transfer_id,
            caller=caller,
            recipient=stated.recipient,
            purpose=stated.purpose,
            subject=opaque_subject(subject),
            basis=(stated.basis or caller.basis) if stated.basis_from is None else _basis_at(tree, stated.basis_from),
            payload={_BODY: payload} if self._located and self._takes_records else payload,
            received_at=received_at,
        )

    def again(self, admitted: Admitted, transfer_id: TransferId, received_at: Instant) -> Admitted:
        """The same record under the id of its next try."""
        return Admitted(
            transfer_id=transfer_id,
            caller=admitted.caller,
            recipient=admitted.recipient,
            purpose=admitted.purpose,
            subject=admitted.subject,
            basis=admitted.basis,
            payload=admitted.payload,
            received_at=received_at,
        )


def takes_records(declared: PurposeMap) -> bool:
    """Whether the map reads `records[]`, as it does where the recipient takes registers itself."""
    depth = 1 if declared.located else 0
    sources = [source for rule in declared.fields for source in rule.sources if len(source) > depth]
    return declared.media_type in RECORD_TYPES or any(
        source[depth].key == _RECORDS and source[depth].each for source in sources
    )


def decimal_columns(declared: PurposeMap | None) -> frozenset[str]:
    """The columns, as a register's header may name them, in which the map reads numbers with decimal places."""
    if declared is None:
        return frozenset()
    flat = takes_records(declared)
    found = set()
    for rule in declared.fields:
        if rule.type in _DECIMALS:
            for source in rule.sources:
                keys = [step.key for step in source if step.key not in {_RECORDS, _BODY}] if flat else source
                found.add(".".join(one if isinstance(one, str) else one.key for one in keys))
    return frozenset(found)


def read_field(text: str, names: tuple[str, ...] | None) -> Path:
    """The path that names a field of each record; where there is a header, one of its columns. Raises MalformedRequest.

    A column that is missing most often means that the header row is.
    """
    if names is not None and text not in names:
        raise MalformedRequest(f"the header has no column {text!r}", hint="does the file begin with its header row?")
    try:
        path = parse_path(text)
    except ValueError:
        if names is None:
            raise MalformedRequest("the field that was named is not a path such as ticket.resident_id") from None
        return (Step(text),)
    if any(step.each for step in path):
        raise MalformedRequest("the field that was named stands in an array; a record is about one person")
    return path


def _basis_at(tree: Node, path: Path) -> Basis:
    """The basis that a record states, as an object or in the words of `Gateway-Basis`."""
    node: Node = tree
    for step in path:
        node = node.get(step.key) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node = "; ".join(f"{name}={text}" for name, text in node.items() if isinstance(text, str))
    if not isinstance(node, str):
        raise MalformedRequest("it states no basis where one was named")
    return basis_in(node)
