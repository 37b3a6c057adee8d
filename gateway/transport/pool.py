"""requests and urllib3, cut down to one thing: a prepared request goes over a kept connection, its answer comes back.

What they would add is not wanted here, and costs more than the rest of the sending: retries, redirects, proxies,
cookies, decoding, timeouts per call, header and response objects. Left in use are the adapter that a prepared request
is sent by, the pool that keeps connections, and the connection that verifies its peer.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Mapping
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPSConnectionPool

from gateway.model import Answer
from gateway.transport.connection import RecipientConnection


class Shelf:
    """Where idle connections lie, the last one used on top: what urllib3 asks of a queue, without a lock of its own.

    It needs no bound: whoever puts has taken before.
    """

    def __init__(self, maxsize: int) -> None:  # noqa: ARG002  urllib3 fills it up to this
        self._kept: deque[RecipientConnection | None] = deque()

    def get(self, block: bool = False, timeout: float | None = None) -> RecipientConnection | None:  # noqa: ARG002, FBT001, FBT002  a queue's signature
        """The top one, or nothing where one may be opened. Raises queue.Empty."""
        try:
            return self._kept.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: RecipientConnection | None, block: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  the same
        """Put it on top."""
        self._kept.append(item)


class RecipientPool(HTTPSConnectionPool):
    """urllib3's pool over connections that keep a deadline, reduced to what one exchange needs."""

    ConnectionCls = RecipientConnection
    QueueCls = Shelf  # type: ignore[assignment]  # all that urllib3 asks of one

    def urlopen(  # type: ignore[override]  # an answer is read whole: no stream, no response object
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], **_: Any
    ) -> Answer:
        """One exchange over a connection that is open, or was opened for it: tried once, followed nowhere."""
        connection = cast("RecipientConnection", self._get_conn())
        try:
            if connection.is_closed:
                connection.connect()
            return connection.exchange(method, url, headers, body)
        except BaseException:
            connection.close()
            raise
        finally:
            self._put_conn(connection)


class Answered(requests.Response):
    """What the adapter must return, without what it would cost: only the answer is there."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class RecipientAdapter(HTTPAdapter):
    """requests' adapter with one pool, made once; TLS is settled in the pool's context."""

    def __init__(self, pool: RecipientPool) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> RecipientPool:
        """The one pool: no proxy, no other host."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002  no proxy, ever
        """Path and query."""
        return request.path_url

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002  requests' signature
        """Nothing to add: requests would mix its own bundle of roots into the recipient's CA file."""
        if verify is not True or cert is not None:
            raise ValueError("a recipient is verified by its channel's context, always")

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Answered:  # noqa: ARG002  the same
        """The answer and no more: no cookies, no decoding, no history."""
        return Answered(resp)

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._pool.close()
        super().close()
