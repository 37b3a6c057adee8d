"""A whole deployment in a temporary folder: keys, maps, database, callers, and `gateway serve` as a process."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil
from ruamel.yaml import YAML

from gateway.admission.tokens import new_token, token_hash
from gateway.bootstrap import Gateway, build, open_store
from gateway.clock import SystemClock
from gateway.config import Settings, load_settings
from gateway.model import CallerId, PurposeId, RecipientId, Suite
from gateway.receiver import Receiver
from gateway.seal.keyring import Keyring, create_keys, generate_recipient_key

ROOT = Path(__file__).parents[1]
ORIGIN = "gateway.test.example/log"
PAIRS = (
    ("mc-primer-uk", "resident_register"),
    ("mc-primer-uk", "management_services"),
    ("mc-primer-uk", "service_request"),
    ("partner-chistyi-test", "service_fulfilment"),
    ("carrier-cdek-test", "goods_delivery"),
    ("psp-halyk-test", "payment"),
)


@dataclass
class Deployment:
    """One gateway's folder, and the private keys of its recipients."""

    home: Path
    maps: Path
    token: str = ""
    private_keys: dict[str, Mapping[str, str]] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return load_settings({"GATEWAY_HOME": str(self.home), **self.environ})

    @property
    def database(self) -> Path:
        return self.home / "gateway.db"

    def point(self, recipient: str, base_url: str, ca_file: str, **changes: Any) -> None:
        """Give a recipient of the copied maps an address and a key of its own."""
        private, public = generate_recipient_key(Suite(changes.get("suite", "p256")))
        self.private_keys[recipient] = private
        shutil.copy(ca_file, self.maps / f"{recipient}.pem")
        path = self.maps / "recipients" / f"{recipient}.yaml"
        yaml = YAML()
        text = yaml.load(path.read_text(encoding="utf-8"))
        for gone in ("protection_reason", "credentials"):
            text.pop(gone, None)
        text.update(
            {
                "base_url": base_url,
                "ca_file": f"{recipient}.pem",
                "protection": "jwe",
                "suite": "p256",
                "keys": [{"jwk": dict(public)}],
                **changes,
            }
        )
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(text, file)

    def make(self) -> None:
        """Keys, settings, database and one caller with every grant."""
        create_keys(self.home, ORIGIN)
        (self.home / "gateway.env").write_text(f"GATEWAY_ORIGIN={ORIGIN}\nGATEWAY_MAPS={self.maps}\n", encoding="utf-8")
        self.token = self.add_caller("backend", PAIRS)

    def add_caller(self, name: str, pairs: tuple[tuple[str, str], ...]) -> str:
        token = new_token(CallerId(name))
        store = open_store(self.settings, self.keyring, SystemClock(), create=True)
        store.callers.add(CallerId(name), token_hash(token))
        for recipient, purpose in pairs:
            store.callers.grant(CallerId(name), RecipientId(recipient), PurposeId(purpose))
        store.close()
        return token

    @property
    def keyring(self) -> Keyring:
        return Keyring.load(self.home, None)

    def receiver(self, recipient: str) -> Receiver:
        keyring = self.keyring
        key = dict(self.private_keys[recipient])
        return Receiver([key], recipient, ORIGIN, keyring.public_jwks(), keyring.log_verifier_key())

    def build(self) -> Gateway:
        return build(self.settings)


def new_deployment(folder: Path, **environ: str) -> Deployment:
    """An empty deployment with a copy of the project's maps."""
    maps = folder / "purpose_maps"
    shutil.copytree(ROOT / "purpose_maps", maps)
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    return Deployment(home, maps, environ=dict(environ))


@dataclass
class Served:
    """A running `gateway serve`."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    diagnostics: Path

    def call(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> tuple[int, dict[str, str], bytes]:
        """One request; status, headers (lower case), body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        raw = orjson.dumps(body) if isinstance(body, Mapping) else body
        sent = {"Gateway-Token": self.token, "Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, raw, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def transfer(self, body: Mapping[str, Any], **more: Any) -> tuple[int, dict[str, Any]]:
        status, _headers, raw = self.call("POST", "/v1/transfers", body, **more)
        return status, orjson.loads(raw)

    def kill(self) -> None:
        """SIGKILL to the whole tree, as a power cut would."""
        for process in [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    deployment: Deployment, *, workers: int = 1, threads: int = 16, under: Sequence[str] = ()
) -> Iterator[Served]:
    """`gateway serve` under its real server, ready to answer; ended at the end of the block.

    `under` is a command that ends by becoming the one that follows it, such as `setpriv …`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    diagnostics = deployment.home.parent / f"diagnostics-{port}.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environ = {**kept, **deployment.environ, "GATEWAY_HOME": str(deployment.home), "PYTHONUNBUFFERED": "1"}
    words = ["serve", "--port", str(port), "--workers", str(workers), "--threads", str(threads)]
    with diagnostics.open("wb") as log:
        process = subprocess.Popen(
            [*under, sys.executable, "-m", "gateway.cli", *words], env=environ, stdout=log, stderr=log, cwd=ROOT
        )
    served = Served(process, port, deployment.token, diagnostics)
    try:
        _wait_until_ready(served)
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                served.kill()


def _wait_until_ready(served: Served) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            break
        with suppress(OSError, http.client.HTTPException):
            if served.call("GET", "/readyz", timeout=2)[0] == http.client.OK:
                return
        time.sleep(0.05)
    raise AssertionError(f"not ready: {served.diagnostics.read_text(encoding='utf-8')[-2000:]}")


def transfer_body(recipient: str, purpose: str, payload: Any, subject: str = "usr_0001") -> dict[str, Any]:
    """The body of `POST /v1/transfers`."""
    return {
        "recipient": recipient,
        "purpose": purpose,
        "subject": subject,
        "basis": {"kind": "consent", "ref": "consent-1", "given_at": "2026-11-01T09:00:00+05:00"},
        "payload": payload,
    }


SERVICE_REQUEST: dict[str, Any] = {
    "ticket": {
        "id": "REQ-2026-000777",
        "category": "plumbing",
        "scope": "apartment",
        "created_at": "2026-11-20T08:40:00+05:00",
        "text": "Течёт стояк в ванной, звоните 8 700 000 01 23.",
        "contact": {"name": "Примеров Тест Образцович", "phone": "87000000123", "email": "test.primerov@example.com"},
        "address": {
            "city": "Павлодар",
            "street": "ул. Примерная",
            "house": "10/1",
            "entrance": "2",
            "floor": "5",
            "apartment": "45",
        },
    },
    "iin": "900101100103",
}
