"""A running gateway that recipients ask: the platform's own service behind it, strict, over TLS.

The maps of `tests/data/pull_maps` stand over those of `purpose_maps`: a gateway does not start without the secrets and
the service that they need, and a newcomer has neither.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import orjson

from gateway.storage.transfers import TransferRecord
from tests.deployment import ROOT, Deployment, Served, new_deployment, serving
from tests.partners.partner import basic
from tests.recipients import Authority, Received, RecordingRecipient, Reply

PULL_MAPS: Final = ROOT / "tests" / "data" / "pull_maps"
LOGIN: Final = "invented-kaspi"
PASSWORD: Final = "invented-kaspi-password"
TOKEN: Final = "invented-1c-token-of-the-primer-uk"
UPSTREAM_TOKEN: Final = "invented-token-of-the-gateway"
SECRETS: Final[Mapping[str, str]] = {
    "GATEWAY_SECRET_KASPI_PULL_LOGIN": LOGIN,
    "GATEWAY_SECRET_KASPI_PULL_PASSWORD": PASSWORD,
    "GATEWAY_SECRET_PRIMER_PULL_TOKEN": TOKEN,
    "GATEWAY_UPSTREAM_TOKEN": UPSTREAM_TOKEN,
}
KNOWN: Final = {"Authorization": basic(LOGIN, PASSWORD)}
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}
ALLOWED_HEADERS: Final = frozenset(
    {"host", "user-agent", "accept", "accept-encoding", "authorization", "gateway-recipient"}
)


@dataclass
class Platform:
    """The platform's own service: it answers what it is told to, and only to whom and what it knows."""

    answers: Callable[[str, dict[str, str]], Reply]
    odd: list[str] = field(default_factory=list)  # what came that the gateway must not send

    def reply(self, received: Received) -> Reply:
        path, _, query = received.path.partition("?")
        asked = parse_qsl(query, keep_blank_values=True)
        names = {name.lower() for name, _ in received.headers}
        if received.header("Authorization") != f"Bearer {UPSTREAM_TOKEN}":
            self.odd.append("credentials")
        self.odd += sorted(names - ALLOWED_HEADERS)
        if received.body or len(dict(asked)) != len(asked):
            self.odd.append("body or query")
        return self.answers(path, dict(asked))


def in_json(body: object, status: int = 200) -> Reply:
    return Reply(status, (("Content-Type", "application/json"),), orjson.dumps(body))


def in_csv(text: str, status: int = 200) -> Reply:
    return Reply(status, (("Content-Type", "text/csv; charset=utf-8"),), text.encode())


@dataclass
class Pulling:
    """A running gateway, its deployment, and the platform behind it."""

    served: Served
    deployment: Deployment
    platform: Platform
    asked: list[Received]

    def ask(
        self, target: str, headers: Mapping[str, str] = KNOWN, method: str = "GET", body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request of a recipient, with nothing of a caller's in it."""
        bare = {"Gateway-Token": "", "Content-Type": "", **headers}
        return self.served.call(method, target, body, bare)

    def transfers(self) -> int:
        """How many transfers the log holds, refused ones too."""
        return self._count("SELECT count(*) FROM transfer")

    def _count(self, statement: str) -> int:
        with closing(sqlite3.connect(self.deployment.database)) as database:
            found: int = database.execute(statement).fetchone()[0]
            return found

    def log(self, newest: int = 1) -> list[TransferRecord]:
        """The newest transfers of the log, once all have ended."""
        wait_until(lambda: self._count("SELECT count(*) FROM transfer WHERE deadline_at IS NOT NULL") == 0)
        gateway = self.deployment.build()
        try:
            return gateway.store.transfers.recent(newest)
        finally:
            gateway.close()


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Return once it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def pull_deployment(folder: Path, upstream_url: str, ca_file: str, **environ: str) -> Deployment:
    """A deployment with the maps that declare pulls."""
    settings = {**SECRETS, "GATEWAY_UPSTREAM_URL": upstream_url, "GATEWAY_UPSTREAM_CA_FILE": ca_file, **environ}
    deployment = new_deployment(folder, **settings)
    for file in (PULL_MAPS / "recipients").iterdir():
        shutil.rmtree(deployment.maps / "examples" / file.stem, ignore_errors=True)
    shutil.copytree(PULL_MAPS, deployment.maps, dirs_exist_ok=True)
    deployment.make()
    return deployment


@contextmanager
def pulling(
    folder: Path, answers: Callable[[str, dict[str, str]], Reply], change: tuple[str, str] = ("", ""), **environ: str
) -> Iterator[Pulling]:
    """The platform's service as an HTTPS server, and a gateway in front of it; `change` is one of the bank's file."""
    authority = Authority(folder)
    platform = Platform(answers)
    with RecordingRecipient(authority, platform.reply) as upstream:
        deployment = pull_deployment(folder, upstream.base_url, authority.ca_file, **environ)
        bank = deployment.maps / "recipients" / "psp-kaspi-test.yaml"
        bank.write_text(bank.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
        with serving(deployment) as served:
            yield Pulling(served, deployment, platform, upstream.received)
