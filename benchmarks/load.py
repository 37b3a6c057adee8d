"""The load generator: a fixed number of requests over keep-alive connections, each with one request in flight.

One thread over epoll, raw sockets, so that it takes as little as it can of the machine that it shares with what it
measures. Any answer that is not 2xx, any closed connection and any silence of 30 s end the run with an error.

Run as a process of its own: `python -m benchmarks.load PORT REQUEST_FILE --connections 32 --requests 1000`. It warms
up, prints `ready`, waits for a line on standard input, runs, prints one line of JSON.
"""

from __future__ import annotations

import argparse
import pathlib
import selectors
import socket
import ssl
import sys
import time
from dataclasses import asdict, dataclass

import orjson

from benchmarks.payload import NUMBER

_READ = 65536
_SILENCE_SECONDS = 30.0
_PLACEHOLDER = NUMBER.encode("ascii")


class LoadFailed(Exception):
    """An answer was not 2xx, or did not come."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run gave."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class Requests:
    """Gives out numbered requests until there are no more."""

    def __init__(self, template: bytes, first: int) -> None:
        self._template = template
        self._next = first
        self._left = 0

    def allow(self, count: int) -> None:
        """Let `count` more requests go out."""
        self._left = count

    def take(self) -> bytes | None:
        """The next request, or None when there is none."""
        if not self._left:
            return None
        self._left -= 1
        self._next += 1
        return self._template.replace(_PLACEHOLDER, b"%06d" % (self._next - 1))


class Connection:
    """One keep-alive connection with at most one request in flight."""

    def __init__(self, port: int, ca_file: str | None) -> None:
        sock = socket.create_connection(("127.0.0.1", port), timeout=_SILENCE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca_file:
            context = ssl.create_default_context(cafile=ca_file)
            sock = context.wrap_socket(sock, server_hostname="127.0.0.1")
        self.sock = sock
        self._started = 0.0
        self._buffer = b""

    def send(self, request: bytes) -> None:
        """Start one request."""
        self._started = time.perf_counter()
        self.sock.sendall(request)

    def receive(self) -> float | None:
        """Read what there is; seconds since `send` once the answer is whole. Raises LoadFailed."""
        data = self.sock.recv(_READ)
        if not data:
            raise LoadFailed("the connection was closed")
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = self._buffer[:head_end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            raise LoadFailed("an answer without a length")
        if len(self._buffer) < head_end + 4 + int(head[at + 17 :].split(b"\r\n", 1)[0]):
            return None
        if not head.startswith(b"http/1.1 2"):
            raise LoadFailed(self._buffer[:600].decode("utf-8", "replace"))
        self._buffer = b""
        return time.perf_counter() - self._started


def run(connections: list[Connection], requests: Requests, count: int) -> list[float]:
    """Send `count` requests and give every latency in seconds."""
    requests.allow(count)
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.sock, selectors.EVENT_READ, connection)
            if (request := requests.take()) is not None:
                connection.send(request)
        while len(latencies) < count:
            ready = selector.select(_SILENCE_SECONDS)
            if not ready:
                raise LoadFailed(f"no answer for {_SILENCE_SECONDS:.0f} s")
            for key, _ in ready:
                latency = _read(key.data)
                if latency is None:
                    continue
                latencies.append(latency)
                if (request := requests.take()) is not None:
                    key.data.send(request)
    return latencies


def _read(connection: Connection) -> float | None:
    latency = connection.receive()
    # Under TLS what was decrypted with the first bytes does not wake the selector again.
    while latency is None and isinstance(connection.sock, ssl.SSLSocket) and connection.sock.pending():
        latency = connection.receive()
    return latency


def figures(latencies: list[float], seconds: float) -> Figures:
    """The figures of one run."""
    ordered = sorted(latencies)
    return Figures(
        requests=len(ordered),
        seconds=seconds,
        p50_ms=1000 * ordered[len(ordered) // 2],
        p99_ms=1000 * ordered[int(len(ordered) * 0.99)],
        max_ms=1000 * ordered[-1],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("request_file", type=pathlib.Path)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--warmup", type=int, default=64)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--ca", default=None)
    asked = parser.parse_args()
    requests = Requests(asked.request_file.read_bytes(), asked.first)
    try:
        connections = [Connection(asked.port, asked.ca) for _ in range(asked.connections)]
        run(connections, requests, asked.warmup)
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        latencies = run(connections, requests, asked.requests)
        seconds = time.perf_counter() - began
    except (LoadFailed, OSError) as error:
        print(f"load failed: {error}", file=sys.stderr)
        sys.exit(1)
    print(orjson.dumps(asdict(figures(latencies, seconds))).decode())


if __name__ == "__main__":
    main()
