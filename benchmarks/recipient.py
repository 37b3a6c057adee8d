"""The recipient that both gateways send to: TLS, HTTP/1.1, keep-alive, and as little work of its own as Python allows.

One thread over epoll. It answers every POST with 200 and a small JSON, counts requests and TLS handshakes, and keeps
the newest body, so that the check before the run can open what arrived. `GET /stats` and `GET /last` tell.

Run as a process of its own: `python -m benchmarks.recipient CERTIFICATE_FILE`; it prints its port and ends with
its parent (end of standard input).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import sys

import orjson

_READ = 65536
_BACKLOG = 512
_BODY_LIMIT = 1_000_000
_ANSWER = b'{"accepted":true,"reference":"EXT-000001"}'


def _response(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


_OK = _response("200 OK", _ANSWER)


class Connection:
    """One accepted connection: a handshake, then requests one after the other."""

    def __init__(self, sock: ssl.SSLSocket, recipient: Recipient) -> None:
        self.sock = sock
        self._recipient = recipient
        self._shaken = False
        self._buffer = b""

    def ready(self) -> bool:
        """Do what can be done without waiting; False when the connection is over."""
        try:
            if not self._shaken:
                self.sock.do_handshake()
                self._shaken = True
                self._recipient.handshakes += 1
            while data := self.sock.recv(_READ):
                self._buffer = self._buffer + data if self._buffer else data
                while self._answer_one():
                    pass
        except ssl.SSLWantReadError:
            return True
        except (OSError, ValueError):
            return False
        return False

    def _answer_one(self) -> bool:
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        head = self._buffer[:head_end]
        body_start = head_end + 4
        body_end = body_start + _content_length(head)
        if len(self._buffer) < body_end:
            return False
        body = self._buffer[body_start:body_end]
        self._buffer = self._buffer[body_end:]
        self.sock.sendall(self._recipient.answer(head, body))
        return True


def _content_length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        if head.startswith(b"GET "):
            return 0
        raise ValueError("a body without a length")
    length = int(head[at + 17 :].split(b"\r\n", 1)[0])
    if length > _BODY_LIMIT:
        raise ValueError("too long a body")
    return length


class Recipient:
    """Counts, keeps the newest body, answers."""

    def __init__(self) -> None:
        self.requests = 0
        self.handshakes = 0
        self._newest = (b"", b"")

    def answer(self, head: bytes, body: bytes) -> bytes:
        """The bytes that answer one request."""
        if head.startswith(b"POST "):
            self.requests += 1
            self._newest = (head, body)
            return _OK
        if head.startswith(b"GET /stats "):
            return _response("200 OK", orjson.dumps({"requests": self.requests, "handshakes": self.handshakes}))
        if head.startswith(b"GET /last "):
            told = {"head": self._newest[0].decode("latin-1"), "body": self._newest[1].decode("latin-1")}
            return _response("200 OK", orjson.dumps(told))
        return _response("404 Not Found", b"{}")


def serve(certificate_file: str) -> None:
    """Answer until standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate_file)
    recipient = Recipient()
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    print(listener.getsockname()[1], flush=True)
    while True:
        for key, _ in selector.select():
            if isinstance(key.data, Connection):
                if not key.data.ready():
                    selector.unregister(key.data.sock)
                    key.data.sock.close()
            elif key.fileobj is listener:
                _accept(listener, context, selector, recipient)
            else:
                return


def _accept(
    listener: socket.socket, context: ssl.SSLContext, selector: selectors.BaseSelector, recipient: Recipient
) -> None:
    with contextlib.suppress(BlockingIOError):
        plain, _ = listener.accept()
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        selector.register(sock, selectors.EVENT_READ, Connection(sock, recipient))


if __name__ == "__main__":
    serve(sys.argv[1])
