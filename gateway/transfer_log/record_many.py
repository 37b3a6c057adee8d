"""Stages 4 and 8 for many records at once: a group's intents and refusals, with the outcomes of the one before it.

Promises: as `record`, for each of them: a `Recorded` and a `Declined` come only from a receipt of the log. A record
that stands in the log already is never written again. Outcomes are handed over and are durable with the next group, or
when `flush` has returned; where the log is away, it gets them as soon as it is back. It must never hold more than two
groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.clock import MICROSECONDS, Clock, Instant
from gateway.errors import LogDiverged, LogError
from gateway.model import (
    Conceal,
    Declined,
    Disclosure,
    Envelope,
    IntentRow,
    NotCommitted,
    OutcomeRow,
    Receipt,
    Recorded,
    RefusalRow,
    Refused,
    RefusedReason,
    Sent,
    Unit,
)
from gateway.randomness import random_bytes
from gateway.transfer_log.digests import fields_key
from gateway.transfer_log.entry import intent_entry, outcome_entry, refusal_entry
from gateway.transfer_log.record import FIRST_ATTEMPT, TRANSFER_KEY_BYTES, HeldClaims, LogRecorder, Secrets


class GroupLog(Protocol):
    """The log, as it takes many units."""

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        """Commit one. Raises LogUnavailable."""
        ...

    def commit_soon(self, unit: Unit) -> None:
        """Join the next group, at most 50 ms later, and return at once."""
        ...

    def commit_all(self, units: Sequence[Unit]) -> Sequence[Receipt | NotCommitted]:
        """Commit all in one group. Raises LogUnavailable: none of them was recorded."""
        ...


class Fingerprinted(NamedTuple):
    """What was decided of a record, and what tells the record from any other."""

    result: Disclosure | Refused
    fingerprint: bytes


class _Begun(NamedTuple):
    """An intent that is ready to be committed, and what must be known of it afterwards."""

    unit: Unit
    fields_key: bytes
    deadline_at: Instant
    deadline: float


class GroupRecorder(LogRecorder):
    """Implements `gateway.transfer.Recorder` for one registry. Outcomes may come from many threads."""

    def __init__(self, log: GroupLog, claims: HeldClaims, secrets: Secrets, clock: Clock, conceal: Conceal) -> None:
        super().__init__(_Gathering(log, self), claims, secrets, clock, conceal)
        self._group_log = log
        self.gathered: list[Unit] = []

    def record(self, decided: Sequence[Fingerprinted]) -> list[Recorded | Declined | None]:
        """Make each durable; None for a record that stands already, or that the database refuses.

        Raises LogError: none of them was recorded.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        begun = [self._unit(one, now, monotonic) for one in decided]
        results = self._commit_with_outcomes([one if isinstance(one, Unit) else one.unit for one in begun])
        made: list[Recorded | Declined | None] = []
        blocked: list[tuple[int, Refused, bytes]] = []
        for place, ((result, fingerprint), one, receipt) in enumerate(zip(decided, begun, results, strict=True)):
            if receipt is NotCommitted.RESTRICTED and isinstance(result, Disclosure):
                blocked.append((place, _restricted(result), fingerprint))
                made.append(None)
            else:
                made.append(_made(result, one, receipt))
        if blocked:
            units = [self._refusal_unit(refused, fingerprint, now) for _, refused, fingerprint in blocked]
            for (place, refused, _), receipt in zip(blocked, self._group_log.commit_all(units), strict=True):
                made[place] = _declined(refused, receipt)
        return made

    def outcome_of_all(self, recorded: Sequence[Recorded], sent: Sent, envelope: Envelope | None) -> None:
        """Hand over the one outcome of an envelope that carried them all."""
        first, *others = [one.disclosure.permitted.admitted.transfer_id for one in recorded]
        permitted = recorded[0].disclosure.permitted
        entry = outcome_entry(
            at=self._clock.now(),
            transfer_id=first,
            also=others,
            recipient=permitted.map.recipient.id,
            purpose=permitted.map.purpose,
            attempt=recorded[0].attempt,
            outcome=sent.outcome,
            cause=sent.cause,
            status=sent.status,
            envelope_digest=None if envelope is None else envelope.digest,
        )
        self.gathered.append(Unit(entry, OutcomeRow(first, recorded[0].attempt, tuple(others))))

    def flush(self) -> None:
        """Make the outcomes that were handed over durable; where the log is away, it gets them when it is back."""
        units, self.gathered = self.gathered, []
        try:
            self._group_log.commit_all(units)
        except LogError:
            for unit in units:
                self._group_log.commit_soon(unit)
            raise

    def _commit_with_outcomes(self, units: list[Unit]) -> Sequence[Receipt | NotCommitted]:
        ended, self.gathered = self.gathered, []
        try:
            return self._group_log.commit_all([*ended, *units])[len(ended) :]
        except LogError:
            self.gathered = ended
            raise

    def _unit(self, one: Fingerprinted, now: Instant, monotonic: float) -> _Begun | Unit:
        if isinstance(one.result, Refused):
            return self._refusal_unit(one.result, one.fingerprint, now)
        disclosure = one.result
        permitted = disclosure.permitted
        admitted = permitted.admitted
        about = self._about(admitted)
        transfer_key = random_bytes(TRANSFER_KEY_BYTES)
        key = fields_key(transfer_key)
        timeout = permitted.map.recipient.timeout_seconds
        deadline_at = Instant(now + round(timeout * MICROSECONDS))
        unit = Unit(
            intent_entry(disclosure, about, at=now, attempt=FIRST_ATTEMPT, fields_key=key),
            IntentRow(
                admitted.transfer_id,
                admitted.caller.id,
                FIRST_ATTEMPT,
                deadline_at,
                self._secrets.wrap_key(transfer_key, admitted.transfer_id),
                one.fingerprint,
            ),
            unless_restricted=about.subject,
        )
        return _Begun(unit, key, deadline_at, monotonic + timeout)

    def _refusal_unit(self, refused: Refused, fingerprint: bytes, now: Instant) -> Unit:
        admitted = refused.admitted
        recipient, purpose = self._storable_names(refused)
        entry = refusal_entry(refused, self._about(admitted), at=now, recipient=recipient, purpose=purpose)
        return Unit(entry, RefusalRow(admitted.transfer_id, admitted.caller.id, fingerprint))


class _Gathering:
    """The log as one attempt sees it: its outcome waits for the next group of its registry."""

    def __init__(self, log: GroupLog, recorder: GroupRecorder) -> None:
        self._log = log
        self._recorder = recorder

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        """At once, as the log does."""
        return self._log.commit(unit)

    def commit_soon(self, unit: Unit) -> None:
        """With the next group."""
        self._recorder.gathered.append(unit)


def _made(
    result: Disclosure | Refused, begun: _Begun | Unit, receipt: Receipt | NotCommitted
) -> Recorded | Declined | None:
    if isinstance(result, Refused):
        return _declined(result, receipt)
    if isinstance(receipt, Receipt) and isinstance(begun, _Begun):
        return Recorded(result, FIRST_ATTEMPT, receipt, begun.fields_key, begun.deadline_at, begun.deadline)
    _check_standing(receipt)
    return None


def _declined(refused: Refused, receipt: Receipt | NotCommitted) -> Declined | None:
    if isinstance(receipt, Receipt):
        return Declined(refused, receipt)
    _check_standing(receipt)
    return None


def _check_standing(receipt: Receipt | NotCommitted) -> None:
    """Nothing, where the record stands already or cannot stand. Raises LogDiverged for any other reason."""
    if receipt not in {NotCommitted.CONFLICT, NotCommitted.UNFIT}:
        raise LogDiverged("the log left out a record that nothing speaks against")


def _restricted(disclosure: Disclosure) -> Refused:
    permitted = disclosure.permitted
    return Refused(
        admitted=permitted.admitted,
        reason=RefusedReason.RESTRICTED,
        map=permitted.map,
        policy_version=permitted.policy_version,
        withheld=disclosure.withheld,
        alarms=disclosure.alarms,
    )
