"""Registries for tests: a deployment with one recipient that receives for real, and records of invented residents."""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML

from gateway.admission.request import basis_in
from gateway.admission.tokens import authenticate, new_token, token_hash
from gateway.batch import Asked, Begun
from gateway.bootstrap import Gateway
from gateway.formats.registry import Read, dialect_of
from gateway.model import CallerId, PurposeId, RecipientId
from tests.deployment import SERVICE_REQUEST, Deployment, new_deployment
from tests.recipients import Authority, Received, RecordingRecipient, Reply

RECIPIENT, PURPOSE = "mc-primer-uk", "service_request"
BASIS = "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"
NDJSON = "application/x-ndjson"
WORDS = ("transfer", "send", RECIPIENT, PURPOSE, "--subject-field", "resident", "--basis-ref", "consent-1")

Told = list[dict[str, Any]]


def record(number: int, **changes: Any) -> dict[str, Any]:
    """A record that may be disclosed, about a resident of its own."""
    ticket = {**SERVICE_REQUEST["ticket"], "id": f"REQ-{number:06}"}
    return {"resident": f"usr_{number:06}", "ticket": ticket, "iin": SERVICE_REQUEST["iin"], **changes}


def refusable(number: int) -> dict[str, Any]:
    """A record that lacks what the map requires."""
    return {"resident": f"usr_{number:06}", "iin": SERVICE_REQUEST["iin"]}


def lines(*records: Any) -> bytes:
    """An NDJSON registry; bytes stand as they are."""
    return b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in records)


@dataclass
class Setting:
    """A gateway in this process, and what reached its recipient."""

    deployment: Deployment
    recipient: RecordingRecipient
    gateway: Gateway
    spent: list[str] = field(default_factory=list)
    quota: int = 1_000

    def begin(self, read: Read, batch: str = "b-1", **said: Any) -> Begun:
        """A registry over a stream."""
        lookup, token = self.gateway.store.callers.lookup, said.pop("token", self.deployment.token)
        stated: dict[str, Any] = {
            "who": lambda: authenticate(lookup, token),
            "recipient": RECIPIENT,
            "purpose": PURPOSE,
            "batch": batch,
            "basis": basis_in(BASIS),
            "subject_field": "resident",
            "dialect": dialect_of(said.pop("content_type", NDJSON)),
            **said,
        }
        return self.gateway.begin(Asked(**stated), read, self._spend)

    def run(self, body: bytes, batch: str = "b-1", **said: Any) -> Told:
        """Every verdict, and the last line."""
        begun = self.begin(io.BytesIO(body).read, batch, **said)
        return [*map(dict, begun.run.verdicts(begun.rows)), dict(begun.run.summary())]

    def token_of(self, name: str, pairs: Sequence[tuple[str, str]]) -> str:
        """The token of another caller."""
        token, callers = new_token(CallerId(name)), self.gateway.store.callers
        callers.add(CallerId(name), token_hash(token))
        for recipient, purpose in pairs:
            callers.grant(CallerId(name), RecipientId(recipient), PurposeId(purpose))
        return token

    @property
    def received(self) -> list[Received]:
        """What came to the recipient."""
        return self.recipient.received

    def opened(self) -> list[str]:
        """The request ids of all records that the recipient can open and prove."""
        receiver = self.deployment.receiver(RECIPIENT)
        now = self.gateway.house.clock.now()
        found: list[str] = []
        for received in self.received:
            for one in receiver.open_all(received.body, now=now, newest=None):
                assert isinstance(one.data, dict)
                ticket = one.data["ticket"]
                assert isinstance(ticket, dict)
                found.append(str(ticket["id"]))
        return found

    def _spend(self) -> bool:
        self.spent.append("refusal")
        return len(self.spent) <= self.quota


def set_service(deployment: Deployment, **said: Any) -> None:
    """Say more of the purpose in the recipient's file."""
    path, yaml = deployment.maps / "recipients" / f"{RECIPIENT}.yaml", YAML()
    text = yaml.load(path.read_text(encoding="utf-8"))
    text["purposes"][PURPOSE].update(said)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(text, file)


@contextmanager
def deployed(
    folder: Path,
    *,
    reply: Callable[[Received], Reply] = lambda _: Reply(),
    together: int = 1,
    maps: Callable[[Deployment], None] = lambda _: None,
    recipient_of: Callable[[ssl.SSLContext], Any] | None = None,
    **changes: Any,
) -> Iterator[tuple[Deployment, RecordingRecipient]]:
    """A deployment whose one recipient takes registries, so many records in one envelope."""
    authority, deployment = Authority(folder), new_deployment(folder)
    for other in (deployment.maps / "recipients").iterdir():
        if other.stem != RECIPIENT:
            other.unlink()  # each would cost the loading of the system's certificates
    made = recipient_of(authority.server_context()) if recipient_of else RecordingRecipient(authority, reply)
    with made as recipient:
        deployment.point(RECIPIENT, recipient.base_url, authority.ca_file, **changes)
        if together > 1:
            set_service(deployment, records_per_envelope=together)
        maps(deployment)
        deployment.make()
        yield deployment, recipient


@contextmanager
def setting(folder: Path, **more: Any) -> Iterator[Setting]:
    """As `deployed`, with a gateway of this process."""
    with deployed(folder, **more) as (deployment, recipient):
        gateway = deployment.build()
        try:
            yield Setting(deployment, recipient, gateway)
        finally:
            gateway.close()


def verified(gateway: Gateway) -> tuple[int, list[str]]:
    """How many entries the whole log has, and what its verifier says against it."""
    from gateway.transfer_log.verify import verify  # noqa: PLC0415 -- few tests need it

    with gateway.store.entries.reading() as reading:
        report = verify(
            reading.leaves(),
            reading.openings(),
            reading.checkpoints(),
            origin=gateway.settings.origin,
            key=gateway.keyring.log_key.public_key(),
        )
    return report.entries, [str(problem) for problem in report.problems]
