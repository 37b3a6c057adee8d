"""READ THIS FIRST of registries: group by group, each record on the path of a transfer.

    read       so many records as go into a group; what cannot be read is a verdict and not the end
    1  admit   each, under what was stated once
       known?  a record that stands in the log is told, and nothing of it goes again
    2  decide, 3  minimise: `gateway.transfer.preview`, for each
    4  record  the group in one commit, and in the same one the outcomes of the group before
    5 to 8     `sending`
       told    once the outcome is durable

Promises: no byte of a record leaves before its entry is durable; of a record that may have left, nothing is ever sent
again under the same batch, whatever was killed when; memory holds two groups, however long the registry is. It ends
between groups when it is told to, and by itself where going on would only fill the log. It must never hold a socket, a
table or a request object.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from gateway.admission.registry import RegistryAdmission
from gateway.batch import told
from gateway.batch.allowance import Allowance
from gateway.batch.ids import TRIES, RecordIds
from gateway.batch.pace import Pace
from gateway.batch.sending import Sending
from gateway.batch.told import Tally, Verdict
from gateway.errors import GatewayError, MalformedRequest
from gateway.formats.registry import Row
from gateway.model import (
    Admitted,
    Caller,
    Declined,
    Disclosure,
    KnownRecord,
    OutcomeCode,
    Recorded,
    Refused,
    RefusedReason,
    Sent,
    TransferId,
)
from gateway.transfer import House, preview
from gateway.transfer_log.record_many import Fingerprinted, GroupRecorder

GROUP_BYTES: Final = 4 << 20
STOPPED: Final = "stopped"
TOO_MANY_REFUSALS: Final = "too_many_refusals"
UNREACHABLE: Final = "recipient_unreachable"
REJECTED: Final = "recipient_rejected"
IN_VAIN: Final = 48
"""So many records in a row that the recipient did not take, and going on would only fill the log."""

_FOR_ALL: Final = frozenset(
    {
        RefusedReason.UNKNOWN_RECIPIENT,
        RefusedReason.UNKNOWN_PURPOSE,
        RefusedReason.NOT_GRANTED,
        RefusedReason.KEY_UNUSABLE,
    }
)
"""What is refused of one record for these reasons is refused of every other."""

_MENDED_ELSEWHERE: Final = _FOR_ALL | {RefusedReason.BASIS_MISSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a registry needs from outside; `house.recorder` is `recorder`."""

    who: Callable[[], Caller]
    house: House
    recorder: GroupRecorder
    known: Callable[[Collection[TransferId]], Mapping[TransferId, KnownRecord]]
    sending: Sending
    pace: Pace


class _Asked(NamedTuple):
    """A record that was admitted, and has an id that no transfer has."""

    number: int
    admitted: Admitted
    fingerprint: bytes


class Run:
    """One registry, from its first record to its last."""

    def __init__(
        self, ports: Ports, admission: RegistryAdmission, ids: RecordIds, allowance: Allowance, batch: str
    ) -> None:
        self._ports = ports
        self._admission = admission
        self._ids = ids
        self._allowance = allowance
        self._batch = batch
        self._ending = threading.Event()
        self._in_vain = 0
        self.tally = Tally()
        self.code: str | None = None  # why it stopped before the end
        self.detail = ""

    def stop(self) -> None:
        """End after the group that is under way. May be called from anywhere."""
        self._ending.set()

    def summary(self) -> Verdict:
        """All of it in one line: for each end of a record how many, and why it stopped, if it did."""
        return self.tally.told(self._batch, self.code, self.detail)

    def verdicts(self, rows: Iterator[Row]) -> Iterator[Verdict]:
        """What became of each record, in their order; each once its outcome is durable, where the log is there."""
        before: list[Verdict] = []
        try:
            while self.code is None:
                group, broken = self._read(rows)
                verdicts = self._carry(group) if group else []
                yield from self._counted(before)
                before = verdicts
                if broken is not None:
                    self._stop(broken.code, str(broken))
                elif not group:
                    break
                elif self._ending.is_set():
                    self._stop(STOPPED)
        except GatewayError as error:
            self._stop(error.code)
        finally:
            self._ports.sending.close()
            self._flush()
        yield from self._counted(before)

    def _read(self, rows: Iterator[Row]) -> tuple[list[Row], MalformedRequest | None]:
        """The next group, and what makes it the last one."""
        group: list[Row] = []
        held = 0
        try:
            for row in islice(rows, self._ports.pace.records):
                group.append(row)
                held += row.size
                if held > GROUP_BYTES:
                    break
        except MalformedRequest as broken:
            return group, broken
        return group, None

    def _carry(self, group: list[Row]) -> list[Verdict]:
        found: dict[int, Verdict] = {}
        asked = self._new(self._admitted(group, found), found)
        numbers, decided = self._decided(asked)
        made = self._ports.recorder.record(decided)
        # A crash here leaves intents without an outcome: nothing has left; the sweep will write `unknown`.
        recorded = [one for one in made if isinstance(one, Recorded)]
        sent = self._ports.sending.send(recorded)
        # A crash here leaves intents without an outcome, and the recipient may have them: `unknown`.
        self._tell(numbers, decided, made, sent, found)
        self._judge(recorded, sent)
        return [found[number] for number in sorted(found)]

    def _judge(self, recorded: Sequence[Recorded], sent: Mapping[TransferId, Sent]) -> None:
        outcomes = {one.outcome for one in sent.values()}
        self._in_vain = 0 if OutcomeCode.DELIVERED in outcomes else self._in_vain + len(recorded)
        if self._in_vain >= IN_VAIN:
            code = REJECTED if OutcomeCode.REJECTED in outcomes else UNREACHABLE
            self._stop(code, f"the recipient took none of the last {self._in_vain} records")

    def _admitted(self, group: list[Row], found: dict[int, Verdict]) -> list[_Asked]:
        """1. Admit each; what is none gets its verdict, while there may be such."""
        asked: list[_Asked] = []
        caller, received_at = self._ports.who(), self._ports.house.clock.now()
        for row in group:
            fault = row.fault
            if row.tree is not None:
                try:
                    admitted = self._admission.admit(row.tree, self._ids.id_of(row.number), caller, received_at)
                    asked.append(_Asked(row.number, admitted, self._ids.fingerprint(row.number, row.digest)))
                    continue
                except MalformedRequest as error:
                    fault = str(error)
            if not self._allowance.refused():
                self._stop(TOO_MANY_REFUSALS)
                break
            found[row.number] = told.unreadable(row.number, fault)
        return asked

    def _new(self, asked: list[_Asked], found: dict[int, Verdict]) -> list[_Asked]:
        """Those that do not stand in the log; where nothing of one left, it may go again under its next id."""
        new: list[_Asked] = []
        received_at = self._ports.house.clock.now()
        for attempt in range(1, TRIES + 1):
            known = self._ports.known([one.admitted.transfer_id for one in asked])
            again: list[_Asked] = []
            for one in asked:
                stands = known.get(one.admitted.transfer_id)
                if stands is None:
                    new.append(one)
                elif attempt < TRIES and _may_go_again(stands, changed=stands.fingerprint != one.fingerprint):
                    admitted = self._admission.again(one.admitted, self._ids.id_of(one.number, attempt), received_at)
                    again.append(_Asked(one.number, admitted, one.fingerprint))
                else:
                    changed = stands.fingerprint != one.fingerprint
                    found[one.number] = told.already(one.number, stands, changed=changed)
            if not again:
                break
            asked = again
        return sorted(new, key=lambda one: one.number)

    def _decided(self, asked: list[_Asked]) -> tuple[list[int], list[Fingerprinted]]:
        """2 and 3, for each, up to the first that may not be refused any more."""
        house, snapshot, now = self._ports.house, self._ports.house.maps(), self._ports.house.clock.now()
        numbers: list[int] = []
        decided: list[Fingerprinted] = []
        for one in asked:
            result = preview(one.admitted, snapshot, now, house.conceal, house.pairwise, in_set=house.in_set)
            if isinstance(result, Disclosure):
                self._allowance.permitted()
            elif not self._allowance.refused():
                self._stop(TOO_MANY_REFUSALS)
                break
            numbers.append(one.number)
            decided.append(Fingerprinted(result, one.fingerprint))
            if isinstance(result, Refused) and self._is_for_all(result):
                self._stop(result.reason.value)
                break
        return numbers, decided

    def _is_for_all(self, refused: Refused) -> bool:
        stated = self._admission.stated.basis_from is None
        return refused.reason in _FOR_ALL or (refused.reason is RefusedReason.BASIS_MISSING and stated)

    def _tell(
        self,
        numbers: Sequence[int],
        decided: Sequence[Fingerprinted],
        made: Sequence[Recorded | Declined | None],
        sent: Mapping[TransferId, Sent],
        found: dict[int, Verdict],
    ) -> None:
        for number, (result, fingerprint), one in zip(numbers, decided, made, strict=True):
            if isinstance(one, Declined):
                found[number] = told.refused(number, one)
            elif isinstance(one, Recorded):
                transfer_id = one.disclosure.permitted.admitted.transfer_id
                found[number] = told.sent(number, one, sent.get(transfer_id))
            else:
                found[number] = self._tell_standing(number, result, fingerprint)

    def _tell_standing(self, number: int, result: Disclosure | Refused, fingerprint: bytes) -> Verdict:
        """Of a record that another run brought at this very moment, or that the log cannot take."""
        admitted = result.permitted.admitted if isinstance(result, Disclosure) else result.admitted
        stands = self._ports.known([admitted.transfer_id]).get(admitted.transfer_id)
        if stands is None:
            return told.unrecorded(number, admitted.transfer_id)
        return told.already(number, stands, changed=stands.fingerprint != fingerprint)

    def _counted(self, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
        for verdict in verdicts:
            self.tally.add(verdict)
            yield verdict

    def _flush(self) -> None:
        """The last outcomes; where the log is away, it gets them when it is back."""
        try:
            self._ports.recorder.flush()
        except GatewayError as error:
            self._stop(error.code)

    def _stop(self, code: str, detail: str = "") -> None:
        if self.code is None:
            self.code, self.detail = code, detail


def _may_go_again(stands: KnownRecord, *, changed: bool) -> bool:
    """Whether nothing of a record has left for sure, and it is another try that is asked for.

    One that was refused for what it holds is told again, and not refused again, until it was corrected.
    """
    if stands.reason is None:
        return stands.outcome is OutcomeCode.NOT_SENT
    return changed or stands.reason in _MENDED_ELSEWHERE
