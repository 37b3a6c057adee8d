"""One question to a sandbox: a body with some of the sample's fields, sent, and what its answer means.

Promises: an answer counts as taken or refused only where it is about the body; where the sandbox does not let us in,
asks us to wait, or gives no whole answer, it is asked again within the budget, and then that is said. Between two
requests there is a pause. It must never show an answer: a sandbox may repeat anything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gateway.canonical import Node, key_text
from gateway.cli.map.shrinking import Spent, with_fields
from gateway.errors import AdmissionError, ConfigError, GatewayError
from gateway.formats import blank, read
from gateway.formats.head import BODYLESS
from gateway.model import Answer, PurposeMap, Route, TransferId
from gateway.seal.plain import spelled
from gateway.transport.sandbox import SandboxWay, Tried

_NOT_LET_IN: Final = frozenset({401, 403, 407})
_WAIT: Final = frozenset({408, 425, 429, 503})
_FAULTS: Final = range(500, 600)
_TRIES: Final = 3
_WAIT_MOST: Final = 10.0
_STATUSES: Final = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")

NewId = Callable[[], TransferId]


class Stopped(Exception):
    """The sandbox can be asked no more; `why` is safe to show."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Taken:
    """What counts as taken: these statuses and, where it is stated, this leaf of the answer."""

    statuses: frozenset[int]
    path: str | None = None
    value: str = ""

    def holds(self, answer: Answer) -> bool:
        """Whether the sandbox took the body."""
        return answer.status in self.statuses and (self.path is None or self._says(answer))

    def _says(self, answer: Answer) -> bool:
        try:
            tree = read(answer.headers.get("content-type", ""), answer.body).tree
        except AdmissionError:  # an answer that cannot be read says nothing
            return False
        return (self.path, self.value) in set(_leaves(tree, ""))


def read_taken(statuses: str, stated: str | None) -> Taken:
    """What `--accept 200-299,409` and `--accept-answer PATH=VALUE` say. Raises ConfigError."""
    found: set[int] = set()
    for part in statuses.split(","):
        matched = _STATUSES.fullmatch(part.strip())
        if matched is None:
            raise ConfigError(["--accept: expected statuses such as 200-299,409"])
        found |= set(range(int(matched[1]), int(matched[2] or matched[1]) + 1))
    if stated is None:
        return Taken(frozenset(found))
    path, equals, value = stated.rpartition("=")
    if not equals or not path:
        raise ConfigError(["--accept-answer: expected PATH=VALUE of a leaf of the answer, such as Success=true"])
    return Taken(frozenset(found), path, value)


class Sounding:
    """Asks a sandbox about parts of one sample."""

    def __init__(
        self,
        way: SandboxWay,
        declared: PurposeMap,
        route: Route,
        payload: Node,
        *,
        taken: Taken,
        budget: int,
        pause_seconds: float,
        new_id: NewId,
        tell: Callable[[int, str], None],
    ) -> None:
        self._way = way
        self._declared = declared
        self._route = route
        self._payload = payload
        self._taken = taken
        self._budget = budget
        self._pause = pause_seconds
        self._new_id = new_id
        self._tell = tell
        self.requests = 0
        self.last_status: int | None = None

    def __call__(self, fields: frozenset[str]) -> bool:
        """Whether the API takes a body with these fields. Raises Spent, Stopped."""
        for attempt in range(1, _TRIES + 1):
            tried = self._tried(fields)
            if tried is None:  # it cannot be written at all without what is left out
                self._tell(len(fields), "cannot be written")
                return False
            answer = self._asked(tried)
            if not isinstance(answer, Answer):
                self._tell(len(fields), f"no answer: {answer}")
            elif answer.status in _NOT_LET_IN:
                raise Stopped(f"the sandbox answers {answer.status}: are GATEWAY_SECRET_SANDBOX_… its own?")
            elif self._is_settled(answer, attempt):
                taken = self._taken.holds(answer)
                self._tell(len(fields), f"{answer.status} {'taken' if taken else 'refused'}")
                return taken
            elif answer.status in _WAIT:
                time.sleep(_asked_to_wait(answer))
        raise Stopped("the sandbox gives no answer" if self.last_status is None else f"it answers {self.last_status}")

    def _is_settled(self, answer: Answer, attempt: int) -> bool:
        """Whether the answer is about the body: a fault of the sandbox's own is, if it comes each time."""
        if answer.status in self._taken.statuses:
            return True
        return answer.status not in _WAIT and (answer.status not in _FAULTS or attempt > 1)

    def _asked(self, tried: Tried) -> Answer | str:
        if self.requests >= self._budget:
            raise Spent
        if self.requests:
            time.sleep(self._pause)
        self.requests += 1
        answer = self._way.ask(tried)
        self.last_status = answer.status if isinstance(answer, Answer) else None
        return answer if isinstance(answer, Answer) else answer.value

    def _tried(self, fields: frozenset[str]) -> Tried | None:
        tree = with_fields(self._payload, fields)
        parts = tree if self._declared.located and isinstance(tree, dict) else {"body": tree}
        form_of = blank(self._declared.media_type)
        method, body = self._route.method, parts.get("body")
        try:
            ready = spelled(
                self._route,
                parts,
                form_of,
                b"" if method in BODYLESS else form_of.write(body if body is not None else {}),
                signer=self._declared.recipient.signer,
                transfer_id=self._new_id(),
                secrets=self._way.secrets,
            )
        except GatewayError:
            return None
        headers = dict(ready.headers)
        return Tried(
            method=method, target=ready.target, content_type=ready.content_type, body=ready.body, headers=headers
        )


def _leaves(node: Node, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, f"{path}.{key_text(key)}" if path else key_text(key))
    elif isinstance(node, list):
        for child in node:
            yield from _leaves(child, f"{path}[]")
    elif node is not None:
        yield path, str(node).lower() if isinstance(node, bool) else str(node)


def _asked_to_wait(answer: Answer) -> float:
    stated = answer.headers.get("retry-after", "")
    return min(float(stated), _WAIT_MOST) if stated.isascii() and stated.isdigit() else 1.0
