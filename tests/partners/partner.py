"""A partner's side of a call, as a pure function: what arrived, what the partner makes of it.

The modules beside this one are strict fakes, each written from what its partner publishes: facts of an interface, no
line of anyone's code. They know nothing of the gateway, so that agreeing with them means something. People, keys and
merchants in them are invented.
"""

from __future__ import annotations

import email.parser
import email.policy
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl

import orjson

from tests.partners.schema import Fault
from tests.recipients import Headers, Received, Reply

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived."""

    method: str
    path: str  # without its query
    query: tuple[tuple[str, str], ...] = ()
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The header of that name, if it came exactly once."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if len(found) == 1 else None

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the partner answers. Several of them answer 200 to what they refuse, so `refused` says it plainly."""

    status: int
    headers: Headers
    body: bytes
    refused: tuple[str, ...] = ()  # what was wrong: places and rules, no values

    @property
    def accepted(self) -> bool:
        """The partner would act on it."""
        return not self.refused


Judge = Callable[[Request], Verdict]


def replies(judge: Judge) -> Callable[[Received], Reply]:
    """A partner as the reply function of a RecordingRecipient."""

    def reply(received: Received) -> Reply:
        verdict = judge(request_of(received))
        return Reply(verdict.status, verdict.headers, verdict.body)

    return reply


def request_of(received: Received) -> Request:
    """The request that stands in what a recipient wrote down."""
    path, _, query = received.path.partition("?")
    return Request(
        received.method, path, tuple(parse_qsl(query, keep_blank_values=True)), received.headers, received.body
    )


def json_verdict(status: int, body: Json, *refused: str) -> Verdict:
    """An answer in JSON."""
    return Verdict(status, (("Content-Type", "application/json"),), orjson.dumps(body), refused)


def places(faults: list[Fault]) -> tuple[str, ...]:
    """Where and what, one line each."""
    return tuple(f"{fault.path}: {fault.kind}" for fault in faults)


def basic(login: str, password: str) -> str:
    """The Authorization header of HTTP Basic."""
    return "Basic " + b64encode(f"{login}:{password}".encode()).decode()


def json_body(request: Request) -> Json:
    """The body as JSON. Raises ValueError where it is none, or says that it is something else."""
    if request.media_type != "application/json":
        raise ValueError("content type")
    value: Json = orjson.loads(request.body)
    return value


def urlencoded_body(request: Request) -> dict[str, str]:
    """The fields of an urlencoded form. Raises ValueError where it is none, or a name stands in it twice."""
    if request.media_type != "application/x-www-form-urlencoded":
        raise ValueError("content type")
    text = request.body.decode("ascii")
    return once(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"))


def form_body(request: Request) -> dict[str, str]:
    """The fields of a form of either kind. Raises ValueError where it is none, or a name stands in it twice."""
    return once(_parts(request)) if request.media_type == "multipart/form-data" else urlencoded_body(request)


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Names and values, each name once."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name twice")
    return fields


def _parts(request: Request) -> list[tuple[str, str]]:
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode("latin-1")
    whole = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    pairs = []
    for part in whole.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        raw = part.get_payload(decode=True)
        is_field = part.get_content_disposition() == "form-data" and part.get_filename() is None
        if not (is_field and isinstance(name, str) and isinstance(raw, bytes)):
            raise ValueError("not a field")
        pairs.append((name, raw.decode("utf-8")))
    if not pairs:
        raise ValueError("no fields")
    return pairs
