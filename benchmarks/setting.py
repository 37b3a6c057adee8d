"""What both gateways of a run share: the recipient with its certificate and key, and the check of what arrives."""

from __future__ import annotations

import contextlib
import http.client
import pathlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
import trustme
from jwcrypto import jwe, jwk, jws

from benchmarks import payload
from benchmarks.processes import python, read_line, started

_TIMEOUT_SECONDS = 15
_SUCCESS = range(200, 300)


class CheckFailed(Exception):
    """What arrived at the recipient is not what must arrive."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the recipient has seen so far."""

    requests: int
    handshakes: int


@dataclass(frozen=True, slots=True)
class Setting:
    """The recipient, and what a gateway must know to send to it."""

    folder: pathlib.Path
    port: int
    ca_file: pathlib.Path
    recipient_key: jwk.JWK
    control: http.client.HTTPSConnection

    @property
    def base_url(self) -> str:
        """Where the recipient answers."""
        return f"https://127.0.0.1:{self.port}"

    def public_key(self) -> dict[str, str]:
        """The recipient's public JWK."""
        key: dict[str, str] = self.recipient_key.export_public(as_dict=True)
        return key

    def counts(self) -> Counts:
        """What the recipient has seen; its control connection stays open, so asking adds no handshake."""
        told = self._ask("/stats")
        return Counts(int(told["requests"]), int(told["handshakes"]))

    def newest(self) -> tuple[str, str]:
        """Head and body of the newest request."""
        told = self._ask("/last")
        return told["head"], told["body"]

    def _ask(self, path: str) -> dict[str, str]:
        self.control.request("GET", path)
        told: dict[str, str] = orjson.loads(self.control.getresponse().read())
        return told


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway that runs, and how to count what it does."""

    name: str
    pid: int
    port: int
    asked: payload.Asked
    threads: int  # of all its processes together
    commits: Callable[[], int]
    signing_keys: Callable[[], jwk.JWKSet]


@contextlib.contextmanager
def setting(folder: pathlib.Path) -> Iterator[Setting]:
    """Start the recipient under a throw-away CA, with a key of its own."""
    authority = trustme.CA()
    ca_file, certificate_file, log = folder / "ca.pem", folder / "recipient.pem", folder / "recipient.log"
    authority.cert_pem.write_to_path(str(ca_file))
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate_file))
    with started(python("-m", "benchmarks.recipient", str(certificate_file)), log, piped=True) as process:
        port = int(read_line(process, log))
        context = ssl.create_default_context(cafile=str(ca_file))
        control = http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS, context=context)
        with contextlib.closing(control):
            yield Setting(folder, port, ca_file, jwk.JWK.generate(kty="EC", crv="P-256"), control)


def post(port: int, asked: payload.Asked) -> tuple[int, bytes]:
    """Send one request; status and body of the reply."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", asked.path, asked.body, dict(asked.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()


def check(gateway: Gateway, where: Setting) -> int:
    """Send one transfer and see that exactly the expected fields arrive, sealed and signed; the envelope's size."""
    status, reply = post(gateway.port, gateway.asked.numbered("000000"))
    if status not in _SUCCESS:
        raise CheckFailed(f"{gateway.name} answered {status}: {reply[:1500].decode('utf-8', 'replace')}")
    return check_newest(gateway, where)


def check_newest(gateway: Gateway, where: Setting) -> int:
    """Open what arrived last with an independent implementation and compare; the envelope's size in bytes."""
    head, body = where.newest()
    if "application/jose" not in head.lower():
        raise CheckFailed(f"{gateway.name} did not send application/jose:\n{head}")
    sealed = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    sealed.deserialize(body, key=where.recipient_key)
    signed = jws.JWS()
    signed.allowed_algs = ["ES256"]
    signed.deserialize(sealed.payload.decode("ascii"))
    key = gateway.signing_keys().get_key(signed.jose_header["kid"])
    signed.verify(key)
    data = orjson.loads(signed.payload)["data"]
    number = str(data["order"]["order_id"]).removeprefix("ORD-")
    expected = payload.expected_disclosure(number)
    if data != expected:
        raise CheckFailed(f"{gateway.name} disclosed\n  {data}\ninstead of\n  {expected}")
    return len(body)
