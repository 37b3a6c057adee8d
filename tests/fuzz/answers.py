"""What recipients answer, tokens in every part of it, and what of that may come back to the platform (law 12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzz.dialects import CSV, FORM, JSON, MULTIPART, NDJSON, ROOTED, XML, write
from tests.fuzz.filling import Filling, tree_of
from tests.fuzz.kinds import Arrives, Maker
from tests.fuzz.worlds import Service

FORMATS: Final = (JSON, FORM, MULTIPART, NDJSON, CSV, XML)
STATUSES: Final = (200, 200, 200, 201, 202, 301, 302, 400, 404, 422, 500, 503)
LOST: Final = frozenset({"silence", "half a head", "half a body", "coded", "two lengths", "no protocol"})
"""Ways to answer that leave no whole answer."""

Wanted = dict[tuple[str | int, ...], str | Any]


@dataclass
class Answered:
    """The bytes of an answer, and what may come back of it."""

    raw: bytes
    status: int
    content_type: str
    lost: str = ""
    whole: bytes | None = None  # without an answer map: the body as it came
    wanted: Wanted = field(default_factory=dict)


def answer_for(make: Maker, service: Service) -> Answered:
    """One answer of this service's recipient."""
    status = make.random.choice(STATUSES)
    content_type, body, wanted = _body(make, service)
    if make.chance(0.05):
        content_type, body, wanted = _broken(make, content_type, body)
    fields = [("Content-Type", content_type), ("Set-Cookie", f"s={make.word()}"), ("X-Trace", make.word())]
    fields += [("Location", f"https://example.com/{make.word()}"), (f"X-{make.word()}", make.digits())]
    fields += [("Content-Length", str(len(body)))]
    make.random.shuffle(fields)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    raw = f"HTTP/1.1 {status} {make.word()}\r\n{head}\r\n".encode() + body
    found = Answered(raw, status, content_type, wanted=wanted, whole=None if service.answer else body)
    if make.chance(0.06):
        found.lost = make.random.choice(sorted(LOST if body else LOST - {"half a body"}))  # half of nothing is whole
        found.raw = _lose(make, found)
    return found


def _body(make: Maker, service: Service) -> tuple[str, bytes, Wanted]:
    media_type = service.answer_type or make.random.choice(FORMATS)
    filling = Filling(make, comes_as=media_type, leaves_as=media_type, keeps_null=True)
    group = tree_of(service.answer)
    if not service.answer:
        tree: Any = {name: make.word() for name in ("one", "two")}
        if media_type in (NDJSON, CSV):
            tree = {"records": [tree]}
        elif media_type == XML:
            tree = {"Answer": {"One": [{"#text": make.word()}]}}
        return (*write(tree, media_type, make.random), {})
    node, expected = filling.fill(group, rooted=media_type in ROOTED)
    return (*write(dict(node), media_type, make.random), wanted_of(expected))


def _broken(make: Maker, content_type: str, body: bytes) -> tuple[str, bytes, Wanted]:
    """A body that is not what it says: with a map nothing of it comes back."""
    way = make.random.choice(["type", "cut", "rest"])
    if way == "type":
        return make.random.choice(["text/html", "application/octet-stream", "image/png"]), body, {}
    if way == "cut" and content_type.partition(";")[0] in (JSON, XML, MULTIPART):
        return content_type, body[:-4], {}
    return JSON, b'{"a":"' + make.word().encode() + b'",}', {}


def _lose(make: Maker, found: Answered) -> bytes:
    head, _, body = found.raw.partition(b"\r\n\r\n")
    match found.lost:
        case "silence":
            return b""
        case "half a head":
            return head[: len(head) // 2]
        case "half a body":
            return head + b"\r\n\r\n" + body[: len(body) // 2]
        case "coded":
            return head + b"\r\nContent-Encoding: gzip\r\n\r\n" + body
        case "two lengths":
            return head + f"\r\nContent-Length: {len(body) + 1}\r\n\r\n".encode() + body
        case _:
            return f"{make.word()} {make.word()}\r\n".encode() + found.raw


def wanted_of(expected: Any, at: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], str | Arrives]:
    """The leaves of what is expected; null is none."""
    if isinstance(expected, dict):
        return {key: leaf for name, one in expected.items() for key, leaf in wanted_of(one, (*at, name)).items()}
    if isinstance(expected, list):
        return {key: leaf for n, one in enumerate(expected) for key, leaf in wanted_of(one, (*at, n)).items()}
    return {} if expected is None else {at: expected}
