"""A running gateway with a recipient for each content type, and the ways to attack it.

The class map of `tests/data/attack_maps` has a field of every type. Each recipient takes one content type, or asks
something more of those who call; all of them are one server, which writes down what arrives and says what it is told.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from ruamel.yaml import YAML

from gateway.canonical import Node
from gateway.formats import read
from gateway.model import RefusedReason
from tests.deployment import ROOT, Deployment, Served, new_deployment, serving
from tests.e2e.answers import Answer, expect_problem, life, log_size, parsed, personal_in, raw_answer
from tests.e2e.bench import refuse_convictions
from tests.recipients import Authority, Received, RecordingRecipient, Reply

PURPOSE: Final = "goods_delivery"
SUBJECT: Final = "usr_0001"
BASIS: Final = "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"
ABOUT: Final = {"Gateway-Subject": SUBJECT, "Gateway-Basis": BASIS}
TOKEN: Final = "attack-credential-0123456789"
BOUNDARY: Final = "a-boundary"
TYPES: Final = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": f"multipart/form-data; boundary={BOUNDARY}",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "xml": "application/xml",
}
_FIELDS: Final = {"number": "order.number", "label": "order.label", "town": "order.town", "sum": "value.decimal"}
_FLAT: Final = dict(_FIELDS)
_RECORDS: Final = {f"records[].{name}": {"field": path, "max_items": 100} for name, path in _FIELDS.items()}
_LOCATED: Final = {
    "path.number": "order.number",
    "query.kind": "value.choice",
    'header."x-shop"': "value.string",
    "body.label": "order.label",
    "body.sum": "value.decimal",
}
_ANSWER: Final = {
    "id": {"category": "operational", "type": "string", "pattern": "[A-Z0-9-]{1,20}", "because": "§5, test"},
    "sum": {"category": "billing", "type": "decimal", "minimum": 0, "maximum": 1000, "places": 2, "because": "§5"},
    "error": {"category": "operational", "type": "text", "max_length": 100, "because": "§5, test"},
}
_POST: Final = "POST /v2/orders"
RECIPIENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "json": {"routes": [_POST]},
    "mapped": {"routes": [_POST], "answer": _ANSWER},
    "scoped": {"routes": [_POST], "serves": {"order.town": ["Павлодар"]}},
    "kept": {"routes": [_POST], "serves": {"order.town": {"set": "towns"}}},
    "named": {"routes": [_POST], "subject_from": "order.user"},
    "form": {"routes": [_POST], "media_type": "application/x-www-form-urlencoded", "shape": _FLAT},
    "multipart": {"routes": [_POST], "media_type": "multipart/form-data", "shape": _FLAT},
    "ndjson": {"routes": [_POST], "media_type": "application/x-ndjson", "shape": _RECORDS},
    "csv": {"routes": [_POST], "media_type": "text/csv", "shape": _RECORDS},
    "xml": {
        "routes": [_POST],
        "media_type": "application/xml",
        "shape": {f'Order."@{name}"': path for name, path in _FIELDS.items()},
    },
    "address": {"routes": ["GET /v1/orders/{number}", "PUT /v1/orders/{number}"], "shape": _LOCATED},
}
"""What each recipient's file says of the purpose."""

TOO_LONG: Final = b" " * ((1 << 20) + 1)
ORDER: Final = {"order": {"number": "A-1"}}
"""What the recipient without a shape takes."""


@dataclass
class Attacked:
    """The gateway, and the one server behind all recipients."""

    deployment: Deployment
    served: Served
    recipient: RecordingRecipient
    says: list[Reply] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)  # delivered, the outcome perhaps not yet written

    def ask(
        self,
        who: str,
        body: bytes | None,
        *,
        method: str = "POST",
        path: str = "/v2/orders",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """One request to a recipient's own API; an empty header is left out."""
        kind = "" if body is None else TYPES.get(who, "application/json")
        return self.noted(self.served.call(method, url(who, path), body, {"Content-Type": kind, **ABOUT, **headers}))

    def ask_raw(self, who: str, body: bytes, *lines: bytes, path: str = "/v2/orders") -> Answer:
        """The same with these lines of its head beside the token's, byte for byte."""
        first = f"POST {url(who, path)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        start = f"{first}Content-Length: {len(body)}".encode()
        raw = b"\r\n".join((start, *lines, b"", body))
        return self.noted(parsed(raw_answer(self.served.port, raw, seconds=30)))

    def noted(self, answer: Answer) -> Answer:
        """The answer; where an attempt was made, its outcome is waited for before entries are counted."""
        self.under_way += [answer[1]["gateway-transfer"]] if "gateway-transfer" in answer[1] else []
        return answer

    def order(self, who: str = "json", /, **parts: Any) -> Answer:
        """A request in the class's own paths: a good order, and `parts` beside it or over it."""
        return self.ask(who, orjson.dumps(ORDER | parts))

    def preview(self, who: str, body: bytes, **headers: str) -> Answer:
        """What would leave of a body."""
        stated = {"Content-Type": TYPES.get(who, "application/json"), "Gateway-Recipient": f"at-{who}"}
        return self.served.call("POST", "/v1/preview", body, {**stated, "Gateway-Purpose": PURPOSE, **ABOUT, **headers})

    @property
    def arrived(self) -> list[Received]:
        return self.recipient.received

    @property
    def last(self) -> Node:
        """What arrived last, read by its content type."""
        received = self.arrived[-1]
        return read(received.header("Content-Type") or "", received.body).tree

    @property
    def state(self) -> tuple[int, int]:
        """Entries of the log, and arrivals, once every outcome is written."""
        while self.under_way:  # it joins a group of entries at most 50 ms after its attempt
            life(self.served, self.under_way.pop(), 2)
        return log_size(self.served), len(self.arrived)

    def expect_wrong(self, answer: Answer, status: int, code: str, before: tuple[int, int]) -> dict[str, Any]:
        """A problem of ours; nothing was sent. A refusal stands in the log by its reason, anything else does not."""
        document = expect_problem(answer, status, code)
        assert TOKEN.encode() not in answer[2]
        entries, arrived = before
        if code in set(RefusedReason):
            (entry,) = life(self.served, document["transfer_id"], 1)
            assert (entry["kind"], entry["reason"]) == ("refusal", code)
            assert personal_in(orjson.dumps(entry)) == []
            entries += 1
        else:
            assert "transfer_id" not in document
        assert self.state == (entries, arrived)
        return document


def url(who: str, path: str = "/v2/orders") -> str:
    """Where a recipient's own API stands."""
    return f"/v1/proxy/at-{who}/{PURPOSE}{path}"


def raw_head(token: str, **more: str) -> list[bytes]:
    """The lines of a head that is right; `more` stands over it, and an empty one is left out."""
    right = {"Gateway-Token": token, "Content-Type": "application/json", **ABOUT}
    right |= {name.replace("_", "-"): value for name, value in more.items()}
    return [f"{name}: {value}".encode("latin-1") for name, value in right.items() if value]


def one_line(kind: str, **fields: str) -> bytes:
    """A good body of a content type with these fields, as a partner's own library would write it."""
    both = {"number": "A-1", **fields}
    if kind == "json":
        return orjson.dumps({"order": both})
    if kind == "ndjson":
        return orjson.dumps(both) + b"\n"
    if kind == "csv":
        return "\r\n".join((";".join(both), ";".join(both.values()), "")).encode()
    if kind == "xml":
        attributes = (f'{name}="{value}"' for name, value in both.items())
        return f"<Order {' '.join(attributes)}/>".encode()
    if kind == "form":
        return urlencode(both).encode()
    return multipart(*(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in both.items()))


def multipart(*parts: str) -> bytes:
    """A multipart body of these parts."""
    return "".join((*(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts), f"--{BOUNDARY}--\r\n")).encode()


@contextmanager
def attacked(folder: Path, **environ: str) -> Iterator[Attacked]:
    """All of it at work, with one caller that may ask for each recipient but `at-ungranted`."""
    says: list[Reply] = []
    deployment = new_deployment(folder, GATEWAY_SECRET_ATTACKED=TOKEN, GATEWAY_REFUSALS_PER_MINUTE="100000", **environ)
    authority = Authority(folder)
    with RecordingRecipient(authority, lambda _: says.pop() if says else Reply()) as recipient:
        write_maps(deployment.maps, recipient.base_url)
        shutil.copy(authority.ca_file, deployment.maps / "attacked.pem")
        deployment.make()
        deployment.token = deployment.add_caller("attacker", tuple((f"at-{who}", PURPOSE) for who in RECIPIENTS))
        with serving(deployment) as served:
            yield Attacked(deployment, served, recipient, says)


def write_maps(maps: Path, base_url: str) -> None:
    """The class map with every type in place of the project's, and a file for each recipient of `RECIPIENTS`."""
    shutil.copy(ROOT / "tests" / "data" / "attack_maps" / "marketplace_partner.yaml", maps)
    for folder in ("examples", "recipients"):
        shutil.rmtree(maps / folder)
    (maps / "recipients").mkdir()
    refuse_convictions(maps)
    for who, service in (*RECIPIENTS.items(), ("ungranted", RECIPIENTS["json"])):
        with (maps / "recipients" / f"at-{who}.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(_file(f"at-{who}", base_url, service), file)


def _file(name: str, base_url: str, service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "class": "marketplace_partner",
        "title": {"kk": "Сынақ", "ru": "Тест", "en": "Test"},
        "bin": "991140999988",
        "country": "KZ",
        "storage_country": "KZ",
        "base_url": base_url,
        "protection": "tls",
        "protection_reason": "what arrives is compared byte by byte",
        "credentials": {"header": "X-Api-Key", "secret": "attacked"},
        "ca_file": "attacked.pem",
        "timeout_seconds": 5,
        "purposes": {PURPOSE: orjson.loads(orjson.dumps(service))},
    }
