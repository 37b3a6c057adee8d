"""Stages 4 and 8, in path order: make the intent durable before anything leaves, and afterwards how it ended.

Promises: `Recorded` and `Declined` are made here and nowhere else, each only from a receipt of the log, so there is
no way to a send but through a durable entry (law 3). An outcome is handed over, and waited for only under an
`Idempotency-Key`, when what the caller is told is kept with it. It must never keep anything of a transfer once it
returned, nor ask the log twice for one intent.
"""

from __future__ import annotations

from typing import Protocol

from gateway.clock import MICROSECONDS, Clock, Instant
from gateway.errors import LogDiverged, LogUnavailable
from gateway.model import (
    Admitted,
    Answer,
    Claim,
    Conceal,
    Declined,
    Disclosure,
    Envelope,
    Held,
    IntentRow,
    LogPseudonym,
    NotCommitted,
    OutcomeCode,
    OutcomeRow,
    Overdue,
    Receipt,
    Recorded,
    RefusalRow,
    Refused,
    RefusedReason,
    Repeated,
    SealedAnswer,
    Sent,
    Standing,
    SubjectId,
    TransferId,
    Unit,
)
from gateway.randomness import random_bytes
from gateway.transfer_log.digests import fields_key
from gateway.transfer_log.entry import About, intent_entry, outcome_entry, refusal_entry, unknown_outcome
from gateway.transfer_log.kept_answer import answer_key, open_answer, seal_answer

TRANSFER_KEY_BYTES = 32
FIRST_ATTEMPT = 1


class TransferLog(Protocol):
    """The log itself, as storage keeps it."""

    def commit(self, unit: Unit) -> Receipt | NotCommitted:
        """Commit in the next group and return once that is durable. Raises LogUnavailable."""
        ...

    def commit_soon(self, unit: Unit) -> None:
        """Join the next group, at most 50 ms later, and return at once."""
        ...


class HeldClaims(Protocol):
    """The claims that stand, as storage keeps them."""

    def find(self, claim: Claim) -> Held | None:
        """What holds the key of this claim. Raises LogUnavailable."""
        ...


class Secrets(Protocol):
    """What only the keyring can do to a name or a key."""

    def log_pseudonym(self, subject: SubjectId) -> LogPseudonym:
        """The subject's name inside the log."""
        ...

    def seal_subject(self, subject: SubjectId, transfer_id: TransferId) -> str:
        """The subject's id, sealed under the gateway's key for this transfer."""
        ...

    def wrap_key(self, key: bytes, transfer_id: TransferId) -> bytes:
        """A transfer's key, wrapped for the store."""
        ...

    def unwrap_key(self, wrapped: bytes, transfer_id: TransferId) -> bytes:
        """A transfer's key again. Raises LogDiverged."""
        ...


class LogRecorder:
    """Implements `gateway.transfer.Recorder` over a log, a keyring and a clock."""

    def __init__(self, log: TransferLog, claims: HeldClaims, secrets: Secrets, clock: Clock, conceal: Conceal) -> None:
        self._log = log
        self._claims = claims
        self._secrets = secrets
        self._clock = clock
        self._conceal = conceal

    def repeated(self, admitted: Admitted) -> Repeated | None:
        """The transfer that holds the key of this request, if one does. Raises LogError."""
        held = None if admitted.claim is None else self._claims.find(admitted.claim)
        if admitted.claim is None or held is None:
            return None
        if held.fingerprint != admitted.claim.fingerprint:
            return Repeated(admitted, held.transfer_id, held.index, Standing.ANOTHER)
        if held.sealed is None:
            standing = Standing.UNKNOWN if held.ended else Standing.UNDER_WAY
            return Repeated(admitted, held.transfer_id, held.index, standing)
        if held.wrapped_key is None:
            return Repeated(admitted, held.transfer_id, held.index, Standing.ERASED)
        key = answer_key(self._secrets.unwrap_key(held.wrapped_key, held.transfer_id))
        answer = open_answer(held.sealed, key, held.transfer_id, admitted.claim)
        return Repeated(admitted, held.transfer_id, held.index, Standing.KEPT, answer)

    def intent(self, disclosure: Disclosure) -> Recorded | Refused | Repeated:
        """Make the intent of attempt 1 durable, or say that the subject is restricted or the key held. Raises LogError.

        The transfer's key is made here, used for the digests, wrapped, and forgotten.
        """
        permitted = disclosure.permitted
        admitted = permitted.admitted
        transfer_key = random_bytes(TRANSFER_KEY_BYTES)
        key = fields_key(transfer_key)
        about = self._about(admitted)
        now, timeout = self._clock.now(), permitted.map.recipient.timeout_seconds
        deadline, deadline_at = self._clock.monotonic() + timeout, Instant(now + round(timeout * MICROSECONDS))

        unit = Unit(
            intent_entry(disclosure, about, at=now, attempt=FIRST_ATTEMPT, fields_key=key),
            IntentRow(
                admitted.transfer_id,
                admitted.caller.id,
                FIRST_ATTEMPT,
                deadline_at,
                self._secrets.wrap_key(transfer_key, admitted.transfer_id),
            ),
            unless_restricted=about.subject,
            claims=admitted.claim,
        )
        receipt = self._log.commit(unit)

        if isinstance(receipt, Receipt):
            keeps = None if admitted.claim is None else answer_key(transfer_key)
            return Recorded(disclosure, FIRST_ATTEMPT, receipt, key, deadline_at, deadline, keeps)
        if receipt is NotCommitted.CLAIMED:
            repeated = self.repeated(admitted)
            if repeated is None:  # it ended at this very moment
                raise LogUnavailable("the Idempotency-Key was held until now")
            return repeated
        if receipt is NotCommitted.RESTRICTED:
            return Refused(
                admitted=admitted,
                reason=RefusedReason.RESTRICTED,
                map=permitted.map,
                policy_version=permitted.policy_version,
                withheld=disclosure.withheld,
                alarms=disclosure.alarms,
            )
        raise LogDiverged("the log already holds an intent of this transfer and attempt")

    def refusal(self, refused: Refused) -> Declined:
        """Make the refusal durable. Raises LogError."""
        admitted = refused.admitted
        recipient, purpose = self._storable_names(refused)
        entry = refusal_entry(
            refused, self._about(admitted), at=self._clock.now(), recipient=recipient, purpose=purpose
        )
        receipt = self._log.commit(Unit(entry, RefusalRow(admitted.transfer_id, admitted.caller.id)))
        if isinstance(receipt, Receipt):
            return Declined(refused, receipt)
        raise LogDiverged("the log already holds an entry of this transfer")

    def outcome(self, recorded: Recorded, sent: Sent, envelope: Envelope | None, answer: Answer | None) -> None:
        """Hand over the outcome; it is durable with the next group, at most 50 ms later.

        Under an Idempotency-Key it is durable when this returns, and with it what the caller is told, or, where
        nothing has left, the key is free again. Raises LogError; the outcome is then still handed over.
        """
        permitted = recorded.disclosure.permitted
        transfer_id = permitted.admitted.transfer_id
        entry = outcome_entry(
            at=self._clock.now(),
            transfer_id=transfer_id,
            recipient=permitted.map.recipient.id,
            purpose=permitted.map.purpose,
            attempt=recorded.attempt,
            outcome=sent.outcome,
            cause=sent.cause,
            status=sent.status,
            envelope_digest=None if envelope is None else envelope.digest,
            direction=permitted.admitted.direction,
        )
        row, claim, key = OutcomeRow(transfer_id, recorded.attempt), permitted.admitted.claim, recorded.answer_key
        if claim is None or key is None:
            self._log.commit_soon(Unit(entry, row))
        elif sent.outcome is OutcomeCode.NOT_SENT:
            self._commit(Unit(entry, row, frees=claim))
        elif answer is not None:
            kept = SealedAnswer(seal_answer(answer, key, transfer_id, claim), claim.expires_at)
            self._commit(Unit(entry, row, keeps=kept))
        else:
            self._commit(Unit(entry, row))

    def _commit(self, unit: Unit) -> None:
        try:
            result = self._log.commit(unit)
        except LogUnavailable:
            self._log.commit_soon(unit)  # it is known, and must not be lost because the log is away
            raise
        if not isinstance(result, Receipt):  # too late: what was told now could not be told again
            raise LogUnavailable("the outcome was written as unknown before")

    def unknown(self, overdue: Overdue) -> None:
        """Make `unknown` durable for an intent whose process is gone; nothing if it has an outcome. Raises LogError."""
        entry = unknown_outcome(
            at=self._clock.now(),
            transfer_id=overdue.transfer_id,
            recipient=overdue.recipient,
            purpose=overdue.purpose,
            attempt=overdue.attempt,
            direction=overdue.direction,
        )
        self._log.commit(Unit(entry, OutcomeRow(overdue.transfer_id, overdue.attempt)))

    def _about(self, admitted: Admitted) -> About:
        return About(
            self._secrets.log_pseudonym(admitted.subject),
            self._secrets.seal_subject(admitted.subject, admitted.transfer_id),
        )

    def _storable_names(self, refused: Refused) -> tuple[str, str]:
        """Recipient and purpose as asked for, each concealed unless a map is known to name it (law 4).

        A digest is no loss to those who look for a name that exists: the same name gives the same digest.
        """
        recipient, purpose = refused.admitted.recipient, refused.admitted.purpose
        if refused.map is not None:
            return recipient, purpose
        recipient_known = refused.reason is RefusedReason.UNKNOWN_PURPOSE
        return recipient if recipient_known else self._conceal(recipient), self._conceal(purpose)
