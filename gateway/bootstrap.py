"""The wiring: the one place that joins settings, keys, maps, database and transport into a House.

Promises: everything is checked before anything starts, all problems at once (law 10). It must never make keys
(`gateway init` does) and never change a database that is not empty (`gateway db upgrade` does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from gateway.admission.kept_set import MOST_VALUES, Change
from gateway.admission.knock import Trust, door_problems
from gateway.admission.pulled import Pulled
from gateway.admission.request import Admission, Previewed
from gateway.batch import Around, Asked, Begun, begin
from gateway.clock import Clock, SystemClock
from gateway.config import Settings
from gateway.delivery import MemoryPending, Sweep
from gateway.errors import ConfigError, MalformedRequest, ProblemList, UpstreamFailed
from gateway.formats.registry import Read
from gateway.minimise import compile_projection
from gateway.minimise.observed import Shapes
from gateway.minimise.vocabulary import Vocabulary
from gateway.model import Answer, Call, CallerId, Disclosure, Pull, Recipient, RecipientId, Refused, Snapshot, SubjectId
from gateway.purpose import kept_sets, load_snapshot
from gateway.seal.keyring import Keyring
from gateway.seal.shared import SharedSealer
from gateway.seal.signing import signer_problems
from gateway.storage import KeptSet, Observer, Store
from gateway.transfer import House
from gateway.transfer_log.checkpoint import checkpoint_signer
from gateway.transfer_log.proof import write_proof
from gateway.transfer_log.record import LogRecorder
from gateway.transfer_log.record_many import GroupRecorder
from gateway.transport import Transport
from gateway.transport.upstream import Question, Upstream


@dataclass(frozen=True, slots=True)
class Gateway:
    """One process of the gateway, ready to work."""

    settings: Settings
    admission: Admission
    house: House
    keyring: Keyring
    store: Store
    snapshot: Snapshot
    transport: Transport
    pulled: Pulled
    upstream: Upstream | None
    sweep: Sweep
    shapes: Shapes
    observer: Observer
    around: Around  # what registries have of it

    def admit_preview(self, call: Call) -> Previewed:
        """What a known caller wants to see before it sends. Raises AdmissionError."""
        return self.admission.admit_preview(call)

    def begin(self, asked: Asked, read: Read, spend: Callable[[], bool]) -> Begun:
        """A registry over a stream. Raises MalformedRequest for what is wrong with it as a whole."""
        return begin(asked, read, self.around, spend)

    def restricted(self, subject: SubjectId) -> bool:
        """Whether a subject is blocked now. Raises LogUnavailable."""
        return self.store.restrictions.holds(self.keyring.log_pseudonym(subject))

    def kept_set(self, recipient: RecipientId, name: str) -> KeptSet | None:
        """What may be told of a set that the platform keeps; None if it was never written. Raises LogUnavailable."""
        return self.store.sets.find(recipient, name)

    def keep(self, recipient: RecipientId, name: str, change: Change, by: CallerId) -> KeptSet:
        """Change a set that the platform keeps. Raises MalformedRequest if it would be too large, LogUnavailable."""
        return keep(self.store, self.keyring, recipient, name, change, by=by)

    def empty_sets(self) -> list[str]:
        """The sets that recipients' files name and that hold no one. Raises LogUnavailable."""
        return empty_sets(self.store, self.snapshot)

    def observe(self, results: Sequence[Disclosure | Refused]) -> int:
        """Count the shapes of some previews; how often writing them has failed since this was asked last."""
        return self.observer.note([self.shapes.of(result) for result in results])

    def close(self) -> None:
        """Write the outcomes and observations that still wait, then let go of every connection."""
        self.sweep.stop()
        self.observer.close()
        self.transport.close()
        if self.upstream is not None:
            self.upstream.close()
        self.store.close()


def build(settings: Settings, clock: Clock | None = None, *, create: bool = False) -> Gateway:
    """Check everything and wire it. Raises ConfigError or PurposeMapError with every problem found.

    Only with `create` is an empty database made: a log that is gone must not look like one that is empty.
    """
    clock = clock or SystemClock()
    transport = Transport(settings.secrets, settings.answer_cap_bytes, clock)
    keyring, snapshot = _all_problems_at_once(
        lambda: Keyring.load(settings.home, settings.master_key_file),
        lambda: _prepared_snapshot(settings, transport, clock),
    )
    store = open_store(settings, keyring, clock, create=create)
    recorder = LogRecorder(store.log, store.claims, keyring, clock, keyring.conceal)
    admission = Admission(store.callers.lookup, lambda: snapshot, clock, settings.max_body_bytes, keyring.claim_digest)
    sealer = SharedSealer(keyring, settings.origin, clock, write_proof, settings.secrets)
    house = House(
        clock=clock,
        admit=admission.admit,
        maps=lambda: snapshot,
        conceal=keyring.conceal,
        pairwise=keyring.pairwise,
        in_set=lambda recipient, name, value: store.sets.holds(
            recipient, name, keyring.set_digest(recipient, name, value)
        ),
        recorder=recorder,
        pending=MemoryPending(),
        seal=sealer.seal,
        send=transport.send,
    )
    upstream = _upstream(settings, clock)
    pulled = Pulled(snapshot, settings.secrets, _trust(settings), _asking(upstream), clock)
    sweep = Sweep(store.transfers.overdue, recorder.unknown, store.ping, store.claims.destroy, clock)
    shapes = Shapes(snapshot, Vocabulary(snapshot, keyring.conceal))
    observer = Observer(store.observations, clock, settings.observe_days)
    around = Around(
        house=house,
        recorder=lambda: GroupRecorder(store.log, store.claims, keyring, clock, keyring.conceal),
        known=store.records.known,
        digest=keyring.claim_digest,
        seal_all=sealer.seal_all,
    )
    return Gateway(
        settings,
        admission,
        house,
        keyring,
        store,
        snapshot,
        transport,
        pulled,
        upstream,
        sweep,
        shapes,
        observer,
        around,
    )


def open_store(settings: Settings, keyring: Keyring, clock: Clock, *, create: bool = False) -> Store:
    """The database, with the log's signature wired in."""
    sign = checkpoint_signer(settings.origin, keyring.log_key)
    return Store.open(settings.database_url, origin=settings.origin, sign=sign, clock=clock, create=create)


def keep(
    store: Store, keyring: Keyring, recipient: RecipientId, name: str, change: Change, *, by: CallerId | None
) -> KeptSet:
    """Change a kept set; storage sees digests alone. Raises MalformedRequest, LogUnavailable."""

    def digests(values: Iterable[str]) -> frozenset[bytes]:
        return frozenset(keyring.set_digest(recipient, name, value) for value in values)

    if change.values is not None:
        return store.sets.replace(recipient, name, digests(change.values), by)
    add, remove = digests(change.add), digests(change.remove)
    kept = store.sets.change(recipient, name, add=add, remove=remove, most=MOST_VALUES, by=by)
    if kept is None:
        raise MalformedRequest(f"the set would hold more than {MOST_VALUES} values")
    return kept


def empty_sets(store: Store, snapshot: Snapshot) -> list[str]:
    """The sets that recipients' files name and that hold no one, as `recipient:name`. Raises LogUnavailable."""
    named = kept_sets(snapshot)
    filled = {(one.recipient, one.name) for one in store.sets.list() if one.count} if named else set()
    return sorted(":".join(one) for one in named - filled)


def load_maps(settings: Settings) -> Snapshot:
    """The maps of this deployment. Raises PurposeMapError."""
    return load_snapshot(settings.maps, compile_projection)


def _prepared_snapshot(settings: Settings, transport: Transport, clock: Clock) -> Snapshot:
    """The maps, and a way to every recipient that they name: address, CA, secrets, signature."""
    snapshot = load_maps(settings)
    problems: list[str] = []
    reachable: list[Recipient] = []
    for recipient in snapshot.recipients.values():
        found = [] if recipient.signer is None else signer_problems(recipient.signer, settings.secrets)
        problems += [f"recipient {recipient.id}: {problem}" for problem in found]
        if not found:
            reachable.append(recipient)
    try:
        transport.prepare(reachable)
    except ConfigError as error:
        problems += error.problems
    problems += _pull_problems(snapshot, settings, clock)
    if problems:
        raise ConfigError(problems, hint="correct the recipient's file or the settings, then start again")
    return snapshot


def _pull_problems(snapshot: Snapshot, settings: Settings, clock: Clock) -> list[str]:
    """What recipients that ask us would find missing."""
    trust = _trust(settings)
    problems = [
        f"recipient {one.id}: {problem}"
        for one in snapshot.recipients.values()
        for problem in (door_problems(one.calls, settings.secrets, trust) if one.calls is not None else ())
    ]
    if snapshot.pulls and settings.upstream_url is None:
        problems.append("GATEWAY_UPSTREAM_URL: not set; recipients' files declare pulls, which ask the platform")
    try:
        upstream = _upstream(settings, clock)
    except ConfigError as error:
        return [*problems, *error.problems]
    if upstream is not None:
        upstream.close()
    return problems


def _upstream(settings: Settings, clock: Clock) -> Upstream | None:
    """The way to the platform's own service. Raises ConfigError."""
    if settings.upstream_url is None:
        return None
    return Upstream(
        settings.upstream_url,
        settings.upstream_ca_file,
        settings.upstream_token,
        timeout_seconds=settings.upstream_timeout_seconds,
        answer_cap_bytes=settings.answer_cap_bytes,
        clock=clock,
    )


def _asking(upstream: Upstream | None) -> Callable[[Pull, Mapping[str, str]], Answer]:
    def ask(pull: Pull, values: Mapping[str, str]) -> Answer:
        if upstream is None:
            raise UpstreamFailed("there is none")
        return upstream.ask(Question(pull.recipient, pull.ask, pull.answer_type, values))

    return ask


def _trust(settings: Settings) -> Trust:
    def lower(name: str | None) -> str | None:
        return None if name is None else name.lower()

    return Trust(
        proxies=settings.trusted_proxies,
        peer=lower(settings.peer_header),
        fingerprint=lower(settings.certificate_fingerprint_header),
        subject=lower(settings.certificate_subject_header),
    )


def _all_problems_at_once(keys: Callable[[], Keyring], maps: Callable[[], Snapshot]) -> tuple[Keyring, Snapshot]:
    found: list[ProblemList] = []
    keyring: Keyring | None = None
    snapshot: Snapshot | None = None
    try:
        keyring = keys()
    except ProblemList as error:
        found.append(error)
    try:
        snapshot = maps()
    except ProblemList as error:
        found.append(error)
    if keyring is None or snapshot is None:
        if len(found) == 1:
            raise found[0]
        raise ConfigError(list(chain.from_iterable(error.problems for error in found)))
    return keyring, snapshot
