"""Beginning a registry: what was asked for it, judged as a whole before the first record is read.

Promises: what would be wrong with every record is told here and once: no name for the batch, a header without the
column that was named, a content type that is no registry's. It must never read further than a header.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gateway.admission.registry import RegistryAdmission, Stated, decimal_columns, read_field, takes_records
from gateway.batch.allowance import Allowance
from gateway.batch.ids import RecordIds
from gateway.batch.pace import Pace
from gateway.batch.run import Ports, Run
from gateway.batch.sending import SealAll, Sending
from gateway.canonical import Path
from gateway.delivery import MemoryPending
from gateway.errors import MalformedRequest
from gateway.formats.registry import Dialect, Read, Registry, Row
from gateway.model import Basis, Caller, KnownRecord, PurposeId, PurposeMap, RecipientId, TransferId
from gateway.transfer import House
from gateway.transfer_log.record_many import GroupRecorder

IN_FLIGHT = 4
"""Of a recipient that no map names: nothing is sent to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller says once, for a whole registry."""

    who: Callable[[], Caller]  # asked again for each group: a revoked token ends a registry too
    recipient: str
    purpose: str
    batch: str
    basis: Basis | None = field(default=None, repr=False)
    subject_field: str | None = None  # None: where the recipient's file says
    basis_field: str | None = None
    dialect: Dialect
    ends_whole: bool = True  # whether the end of the stream is known to be that of the registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a gateway has for every registry."""

    house: House
    recorder: Callable[[], GroupRecorder]
    known: Callable[[Collection[TransferId]], Mapping[TransferId, KnownRecord]]
    digest: Callable[[bytes], bytes]
    seal_all: SealAll


class Begun(NamedTuple):
    """A registry that can go."""

    run: Run
    rows: Iterator[Row]


def begin(asked: Asked, read: Read, around: Around, spend: Callable[[], bool]) -> Begun:
    """A registry over a stream. Raises MalformedRequest for what is wrong with it as a whole."""
    declared = around.house.maps().maps.get((RecipientId(asked.recipient), PurposeId(asked.purpose)))
    ids = RecordIds(around.digest, asked.who().id, asked.recipient, asked.purpose, asked.batch)
    decimals = decimal_columns(declared)
    registry = Registry(
        read,
        asked.dialect,
        flat=declared is not None and takes_records(declared),
        ends_whole=asked.ends_whole,
        is_decimal=decimals.__contains__,
    )
    stated = Stated(
        recipient=asked.recipient,
        purpose=asked.purpose,
        basis=asked.basis,
        subject_from=_subject_from(asked, declared, registry.names),
        basis_from=None if asked.basis_field is None else read_field(asked.basis_field, registry.names),
    )
    ports = _ports(declared, around, asked.who)
    return Begun(Run(ports, RegistryAdmission(stated, declared), ids, Allowance(spend), asked.batch), iter(registry))


def _ports(declared: PurposeMap | None, around: Around, who: Callable[[], Caller]) -> Ports:
    recorder = around.recorder()
    house = replace(around.house, recorder=recorder, pending=MemoryPending())
    together = 1 if declared is None else declared.records_per_envelope
    in_flight = IN_FLIGHT if declared is None else declared.recipient.in_flight
    timeout = 1.0 if declared is None else declared.recipient.timeout_seconds
    pace = Pace(in_flight, timeout, together)
    sending = Sending(house, recorder, around.seal_all, pace, together)
    return Ports(who=who, house=house, recorder=recorder, known=around.known, sending=sending, pace=pace)


def _subject_from(asked: Asked, declared: PurposeMap | None, names: tuple[str, ...] | None) -> Path:
    """Where each record names its subject: as the caller says, or the recipient's file."""
    if asked.subject_field is not None:
        return read_field(asked.subject_field, names)
    path = None if declared is None else declared.subject_from
    if path is None or (declared is not None and (declared.located or takes_records(declared))):
        raise MalformedRequest(
            "it is not said which field of a record names whom it is about",
            hint="Gateway-Subject-Field, or --subject-field: a path of each record, or a column",
        )
    return path
