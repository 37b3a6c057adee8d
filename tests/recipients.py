"""Recipients for tests: real HTTPS servers on loopback, with certificates of a throw-away authority.

`RecordingRecipient` writes down what it receives and answers as told. `ScriptedRecipient` hands each connection to a
script that may do with it what a hostile recipient would.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import trustme

LOOPBACK = "127.0.0.1"
Headers = tuple[tuple[str, str], ...]


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, directory: pathlib.Path) -> None:
        self._ca = trustme.CA()
        self.ca_file = str(directory / f"{id(self)}-ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)

    def server_context(self, host: str = LOOPBACK, *, not_after: dt.datetime | None = None) -> ssl.SSLContext:
        """What a server presents as `host`."""
        not_before = None if not_after is None else not_after - dt.timedelta(days=30)
        certificate = self._ca.issue_cert(host, not_after=not_after, not_before=not_before)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    def self_signed_context(self) -> ssl.SSLContext:
        """What a server presents that vouches for itself: the authority's own certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = pathlib.Path(self.ca_file).with_suffix(".self.pem")
        certificate.write_bytes(self._ca.private_key_pem.bytes() + self._ca.cert_pem.bytes())
        context.load_cert_chain(certificate)
        return context


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a recording recipient answers; the length is added."""

    status: int = 200
    headers: Headers = (("Content-Type", "application/json"),)
    body: bytes = b'{"ok":true}'

    def encode(self) -> bytes:
        """Its bytes on the wire."""
        length = () if self.status in (204, 304) else (("Content-Length", str(len(self.body))),)
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in (*self.headers, *length))]
        return "\r\n".join((*lines, "", "")).encode("latin-1") + self.body


class Visit:
    """One connection to a scripted recipient."""

    def __init__(self, sock: socket.socket, halted: threading.Event) -> None:
        self.sock = sock
        self.halted = halted  # set when the recipient is stopped: scripts that wait, wait for this
        self._rest = b""

    def read_request(self) -> Received | None:
        """The next request, or nothing where the connection ended."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return None
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        length = int(next((value for name, value in headers if name.lower() == "content-length"), "0"))
        while len(self._rest) < length:
            if not self._more():
                return None
        body, self._rest = self._rest[:length], self._rest[length:]
        return Received(method, path, headers, body)

    def send(self, data: bytes) -> None:
        """Send it all."""
        self.sock.sendall(data)

    def drip(self, data: bytes, every_seconds: float) -> None:
        """Send it byte by byte."""
        for byte in data:
            self.send(bytes([byte]))
            if self.halted.wait(every_seconds):
                return

    def end(self) -> None:
        """End the answer as TLS wants it: with a close_notify."""
        if isinstance(self.sock, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                self.sock.unwrap()

    def _more(self) -> bool:
        data = self.sock.recv(65_536)
        self._rest += data
        return bool(data)


Script = Callable[[Visit], None]


class ScriptedRecipient:
    """Listens on loopback and runs the script for each connection, in a thread of its own."""

    def __init__(
        self,
        script: Script,
        context: ssl.SSLContext | None,
        *,
        host: str = LOOPBACK,
        receive_buffer: int | None = None,
    ) -> None:
        self._script = script
        self._context = context
        self._host = host
        self._halted = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.connections = 0
        self.handshakes = 0
        self._listener = socket.socket()
        if receive_buffer is not None:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind((LOOPBACK, 0))
        self._listener.listen(64)
        self.port: int = self._listener.getsockname()[1]
        self.base_url = f"https://{host}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._halted.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._start(self._serve, sock)

    def _serve(self, raw: socket.socket) -> None:
        sock = raw
        if self._context is not None:
            sock = self._context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(sock)
        with contextlib.suppress(OSError), sock:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
                self.handshakes += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._script(Visit(sock, self._halted))
        with self._lock:
            self._open.discard(sock)


class RecordingRecipient(ScriptedRecipient):
    """Receives as a good recipient does, keeps the connection, writes everything down and answers as told."""

    def __init__(
        self,
        authority: Authority,
        reply: Callable[[Received], Reply] = lambda _: Reply(),
        *,
        host: str = LOOPBACK,
    ) -> None:
        super().__init__(self._receive, authority.server_context(host), host=host)
        self._reply = reply
        self.received: list[Received] = []

    def _receive(self, visit: Visit) -> None:
        while (received := visit.read_request()) is not None:
            self.received.append(received)
            visit.send(self._reply(received).encode())


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port whose backlog is full: a connection to it is neither accepted nor refused."""
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
    return port
