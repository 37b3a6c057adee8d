"""Metrics for Prometheus, across the processes of one server.

Promises: labels come from closed lists: ids that the maps and the grants name, reasons, outcomes and codes. Anything
else is counted as `other` (T87). It must never be given a subject, a payload or a path as it came.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.model import Admitted, Attempted, Declined, Disclosure, OutcomeCode, Repeated, Snapshot

OTHER = "other"
MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """What this process counts."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._recipients = frozenset(str(recipient) for recipient in snapshot.recipients)
        self._purposes = frozenset(str(purpose) for purpose in snapshot.purposes)
        self._registry = own = CollectorRegistry()
        self._series: dict[tuple[str, str, str, str], tuple[Counter, Histogram]] = {}
        self._transfers = Counter(
            "gateway_transfers_total",
            "Transfers, by how their attempt ended",
            ("caller", "recipient", "purpose", "outcome"),
            registry=own,
        )
        self._refusals = Counter(
            "gateway_refusals_total", "Refused transfers", ("caller", "recipient", "purpose", "reason"), registry=own
        )
        self._alarms = Counter(
            "gateway_alarms_total", "Special categories met in payloads", ("caller", "group"), registry=own
        )
        self._admission_errors = Counter(
            "gateway_admission_errors_total", "Requests that never became a transfer", ("code",), registry=own
        )
        self._observed = Counter(
            "gateway_previews_observed_total", "Previews whose shape was counted", ("caller",), registry=own
        )
        self._observe_failures = Counter(
            "gateway_observe_failures_total", "Times that observed counts could not be written, and wait", registry=own
        )
        self._records = Counter(
            "gateway_registry_records_total", "Records of registries", ("caller", "decision"), registry=own
        )
        self._repeats = Counter(
            "gateway_repeats_total",
            "Requests under an Idempotency-Key that is held, by how its transfer stands",
            ("caller", "standing"),
            registry=own,
        )
        self._seconds = Histogram(
            "gateway_transfer_seconds",
            "Time from a request to its reply, recipient included",
            ("recipient", "purpose"),
            registry=own,
            buckets=_BUCKETS,
        )

    def attempted(self, attempted: Attempted, seconds: float) -> None:
        """Count a transfer whose attempt ended."""
        disclosure: Disclosure = attempted.recorded.disclosure
        admitted = disclosure.permitted.admitted
        key = (admitted.caller.id, admitted.recipient, admitted.purpose, attempted.sent.outcome)
        series = self._series.get(key)
        if series is None:  # looked up once for each pair that is permitted: the library hashes its labels anew
            series = self._series[key] = self._new_series(admitted, attempted.sent.outcome)
        series[0].inc()
        series[1].observe(seconds)
        self._alarm(admitted.caller.id, disclosure.alarms)

    def declined(self, declined: Declined) -> None:
        """Count a refusal."""
        refused = declined.refused
        caller, recipient, purpose = self._labels(refused.admitted)
        self._refusals.labels(caller, recipient, purpose, refused.reason.value).inc()
        self._alarm(caller, refused.alarms)

    def record(self, caller: str, recipient: str, purpose: str, verdict: Mapping[str, Any]) -> None:
        """Count a record of a registry, and beside it the transfer or the refusal that it became."""
        decision = str(verdict["decision"])
        self._records.labels(caller, decision).inc()
        names = (caller, *self._known(recipient, purpose))
        if decision == "permitted":
            self._transfers.labels(*names, verdict["outcome"]).inc()
        elif decision == "refused":
            self._refusals.labels(*names, verdict["reason"]).inc()
        self._alarm(caller, verdict.get("alarms", ()))

    def repeated(self, repeated: Repeated) -> None:
        """Count a request that was made before under the same Idempotency-Key."""
        self._repeats.labels(repeated.admitted.caller.id, repeated.standing.value).inc()

    def admission_error(self, code: str) -> None:
        """Count a request that never became a transfer."""
        self._admission_errors.labels(code).inc()

    def observed(self, caller: str, previews: int, troubles: int) -> None:
        """Count previews that were observed, and writes of their counts that failed."""
        self._observed.labels(caller).inc(previews)
        if troubles:
            self._observe_failures.inc(troubles)

    def exposition(self) -> bytes:
        """What Prometheus scrapes: of all processes where they share a folder, of this one otherwise."""
        registry = self._registry
        if MULTIPROCESS_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it bare
        return generate_latest(registry)

    def _new_series(self, admitted: Admitted, outcome: OutcomeCode) -> tuple[Counter, Histogram]:
        caller, recipient, purpose = self._labels(admitted)
        counter = self._transfers.labels(caller, recipient, purpose, outcome.value)
        return counter, self._seconds.labels(recipient, purpose)

    def _alarm(self, caller: str, groups: Collection[str]) -> None:
        for group in groups:
            self._alarms.labels(caller, group).inc()

    def _labels(self, admitted: Admitted) -> tuple[str, str, str]:
        """A caller is known where it was admitted; a recipient and a purpose are whatever was asked."""
        return admitted.caller.id, *self._known(admitted.recipient, admitted.purpose)

    def _known(self, recipient: str, purpose: str) -> tuple[str, str]:
        known = recipient if recipient in self._recipients else OTHER
        return known, purpose if purpose in self._purposes else OTHER
