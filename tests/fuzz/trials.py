"""The gateway in one process, real but for its last socket: what a case sends in, what reaches the recipient.

The application, admission, maps, log, database, seal and transport are the gateway's own. Only the connection is ours:
it writes down the bytes of each request and gives the answer's bytes to the gateway's own reader.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import requests

from gateway.bootstrap import Gateway
from gateway.model import Answer, Suite
from gateway.seal.keyring import generate_recipient_key
from gateway.transport.answer import HEAD_BYTES, read_answer
from gateway.transport.flight import Flight
from gateway.transport.intake import Intake
from gateway.transport.request import head_bytes
from gateway.web import create_app
from tests.deployment import Deployment, new_deployment
from tests.fuzz.cases import Case
from tests.fuzz.worlds import SECRETS, Service, make_world
from tests.recipients import Authority

BASE_URL = "https://recipient.example.com"


@dataclass
class Happened:
    """All that came out of one case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    arrived: list[bytes]  # requests at the recipient, as bytes on the wire


class Door:
    """In the place of the way to one recipient: records what leaves, answers as told."""

    def __init__(self, cap: int) -> None:
        self.allowance = HEAD_BYTES + cap
        self.arrived: list[bytes] = []
        self.answer = b""
        self._cap = cap

    def ask(self, flight: Flight, request: requests.PreparedRequest) -> Answer:
        """As `gateway.transport.way.Way` does, without a network."""
        path = str(request.path_url)
        flight.begun = True
        self.arrived.append(head_bytes(str(request.method), path, request.headers) + cast("bytes", request.body or b""))
        rest = io.BytesIO(self.answer)
        return read_answer(Intake(rest.read), flight, self._cap)[0]

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class World:
    """One gateway with random maps, at work."""

    deployment: Deployment
    services: list[Service]
    gateway: Gateway
    ask: Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
    door: Door
    diagnostics: io.BytesIO
    private_key: dict[str, str]
    sinks: dict[str, bytes]

    def happen(self, case: Case) -> Happened:
        """Send a case through the gateway."""
        self.door.answer, self.door.arrived = case.answer.raw, []
        status, headers, body = self.call(case.method, case.path, case.query, case.headers, case.body)
        return Happened(status, headers, body, self.door.arrived)

    def life(self, happened: Happened) -> bytes:
        """What the gateway tells of the transfer that this case was, if it was one."""
        told = {name.lower(): value for name, value in happened.headers}.get("gateway-transfer")
        found = re.search(rb'"transfer_id":"([0-9a-f-]{36})"', happened.body)
        transfer_id = told or (found[1].decode() if found else "")
        if not transfer_id:
            return b""
        headers = [("Gateway-Token", self.deployment.token)]
        return self.call("GET", f"/v1/transfers/{transfer_id}", headers=headers)[2]

    def call(
        self, method: str, path: str, query: str = "", headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """One request, as a server hands it to the application."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": urllib.parse.unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "gateway",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
        }
        for name, value in headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        begun: list[Any] = []
        answer = b"".join(self.ask(environ, lambda *said: begun.append(said)))
        return int(begun[0][0].split()[0]), begun[0][1], answer

    def close(self) -> None:
        """End the gateway; what it left behind stands in `sinks`."""
        self.sinks["metrics"] = self.call("GET", "/metrics")[2]
        self.sinks["database"] = database(self.deployment)
        self.gateway.close()
        self.sinks["database, closed"] = database(self.deployment)
        self.sinks["diagnostics"] = self.diagnostics.getvalue()


@contextmanager
def world(seed: str) -> Iterator[World]:
    """A world of this seed; its `sinks` are there after `close`."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    made: World | None = None
    try:
        made = _world(folder, seed)
        yield made
    finally:
        if made is not None:
            with suppress(Exception):
                made.gateway.close()
        shutil.rmtree(folder, ignore_errors=True)


def deployed(folder: Path, seed: str, base_url: str, ca_file: str) -> tuple[Deployment, list[Service], dict[str, str]]:
    """A deployment with the maps of this seed, its services, and the private key of those that want envelopes."""
    secrets = {f"GATEWAY_SECRET_{name.upper()}": text for name, text in SECRETS.items()}
    deployment = new_deployment(folder, GATEWAY_REFUSALS_PER_MINUTE="1000000", **secrets)
    private, public = generate_recipient_key(Suite.P256)
    services = make_world(deployment.maps, seed, base_url, ca_file, dict(public))
    deployment.make()
    pairs = tuple((service.recipient, service.purpose) for service in services)
    deployment.token = deployment.add_caller("platform", pairs)
    return deployment, services, dict(private)


def database(deployment: Deployment) -> bytes:
    """Every byte of the database, its write-ahead log included."""
    return b"".join(path.read_bytes() for path in sorted(deployment.home.glob("gateway.db*")))


def _world(folder: Path, seed: str) -> World:
    deployment, services, private = deployed(folder, seed, BASE_URL, Authority(folder).ca_file)
    gateway = deployment.build()
    door = Door(gateway.settings.answer_cap_bytes)
    for recipient in gateway.snapshot.recipients.values():
        gateway.transport._channel(recipient)._way = cast("Any", door)  # the last door before the wire
    diagnostics = io.BytesIO()
    app = create_app(gateway, diagnostics_to=diagnostics)
    return World(deployment, services, gateway, app.wsgi_app, door, diagnostics, private, {})
