"""Random cases: one request each, by every way in, and what it must end in. All follows from a seed and a number."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz.answers import Answered, Wanted, answer_for, wanted_of
from tests.fuzz.dialects import FORM, JSON, ROOTED, Tree, json_text, write
from tests.fuzz.filling import Expected, Filling, tree_of
from tests.fuzz.kinds import PHONE_START, Maker
from tests.fuzz.worlds import Service

BASIS: Final = "kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"
STATED_BASIS: Final[Tree] = {"kind": "consent", "ref": "consent-1", "given_at": "2026-11-01T09:00:00+05:00"}
TOKEN: Final = re.compile(rb"zqcanary[a-z]{10}|731902648[0-9]{8}|%b[0-9]{3}" % PHONE_START.encode(), re.IGNORECASE)
"""What a withheld value is known by: words, digits, invented phones."""

PROXY, STATED, PREVIEW = "proxy", "stated", "preview"
LOCATIONS: Final = ("body", "path", "query", "header")


@dataclass
class Case:
    """One request, and what must become of it."""

    name: str  # seed and number
    service: Service
    way_in: str
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    subject: str
    answer: Answered
    code: str | None = None  # of the refusal that it must end in
    wanted: dict[str, Wanted] = field(default_factory=dict)  # by location
    names: frozenset[str] = frozenset()  # tokens in names that no map knows: a preview shows them

    def may_leave(self) -> set[str]:
        """The tokens that what arrives may hold."""
        return tokens_of(self.wanted.values())

    def may_return(self) -> set[str]:
        """The tokens that the reply may hold."""
        if self.way_in == PREVIEW:
            return {*self.names} | (self.may_leave() if self.code is None else set())
        if self.code is not None or self.answer.lost:
            return set()
        whole = tokens_in_text((self.answer.whole or b"").decode("latin-1"))
        return tokens_of([self.answer.wanted]) | whole

    def came(self) -> set[str]:
        """Every token that came in with the request."""
        return tokens_in_text("\n".join([self.path, self.query, *map(str, self.headers), self.body.decode("latin-1")]))

    def __repr__(self) -> str:
        return f"case {self.name} ({self.service.design}, {self.way_in}, {self.code})"


def tokens_of(wanted: Iterable[Wanted]) -> set[str]:
    """The tokens in the texts that must arrive."""
    found: set[str] = set()
    for leaves in wanted:
        for leaf in leaves.values():
            found |= tokens_in_text(leaf.pattern.replace("\\", "") if isinstance(leaf, re.Pattern) else leaf)
    return found


def tokens_in_text(text: str) -> set[str]:
    """The tokens that stand plainly in a text, in small letters."""
    return {token.decode().lower() for token in TOKEN.findall(text.encode())}


def make_case(services: Sequence[Service], seed: str, number: int, token: str) -> Case:
    """The case of this number in a world."""
    make = Maker(f"{seed}/{number}")
    service = make.random.choice(services)
    subject = f"subj_{make.word()}"
    way_in = make.random.choices([PROXY, STATED, PREVIEW], [70, 20, 10])[0]
    typed = way_in != PROXY
    filling = Filling(
        make,
        comes_as=JSON if typed else service.media_type,
        leaves_as=JSON if way_in == PREVIEW else service.media_type,
        subject=subject,
        whose=service.whose,
    )
    filling.decide(service.places)
    inputs, expected = _fill(filling, service, way_in)
    wanted = {location: wanted_of(part) for location, part in expected.items()}
    case = _asked(make, service, way_in, inputs, subject=subject, token=token)
    case.name, case.answer = f"{seed} {number}", answer_for(make, service)
    case.code = _refusal(filling, service, wanted)
    case.wanted = {"body": _as_shown(service, wanted)} if way_in == PREVIEW else wanted
    case.names = frozenset(make.names)
    if make.chance(0.08):
        _spoil(make, case)
    return case


def _fill(filling: Filling, service: Service, way_in: str) -> tuple[dict[str, dict[str, Tree]], Expected]:
    inputs: dict[str, dict[str, Tree]] = {}
    expected: Expected = {}
    comes_as, leaves_as = filling.comes_as, filling.leaves_as
    for location in LOCATIONS if service.located else ("body",):
        places = [place for place in service.places if place.location == location]
        outside = location != "body"
        if service.method in ("GET", "DELETE") and not outside:
            continue
        if outside:
            filling.comes_as = FORM if way_in == PROXY else JSON
            filling.leaves_as = JSON if way_in == PREVIEW else FORM
        rooted = (service.media_type in ROOTED and not outside) or location in ("path", "header")
        inputs[location], expected[location] = filling.fill(tree_of(places), rooted=rooted)
        filling.comes_as, filling.leaves_as = comes_as, leaves_as
    return inputs, expected


def _refusal(filling: Filling, service: Service, wanted: dict[str, Wanted]) -> str | None:
    if service.serves and not filling.in_scope:
        return "out_of_scope"
    if filling.special:
        return "special_category"
    for code in ("required_missing", "required_invalid"):
        if code in filling.failures:
            return code
    return None if any(wanted.values()) else "empty_map"


def _as_shown(service: Service, wanted: dict[str, Wanted]) -> Wanted:
    if not service.located:
        return wanted["body"]
    return {(location, *key): leaf for location, leaves in wanted.items() for key, leaf in leaves.items()}


# ── the ways in ─────────────────────────────────────────────────────────────


def _asked(
    make: Maker, service: Service, way_in: str, inputs: dict[str, dict[str, Tree]], *, subject: str, token: str
) -> Case:
    headers = [("Gateway-Token", token), ("Cookie", f"session={make.word()}"), ("X-Customer", make.word())]
    headers += [("User-Agent", f"{make.word()}/1"), ("X-Forwarded-For", f"192.0.2.7, {make.word()}")]
    headers += [("Authorization", f"Bearer {make.word()}"), (f"X-{make.word()}", make.digits())]
    answer = Answered(b"", 0, "")
    if way_in != PROXY:
        tree: Tree = dict(inputs) if service.located else inputs["body"]
        stated: Tree = {
            "recipient": service.recipient,
            "purpose": service.purpose,
            "subject": subject,
            "basis": STATED_BASIS,
            "payload": tree,
        }
        path = "/v1/transfers" if way_in == STATED else "/v1/preview"
        headers.append(("Content-Type", JSON))
        query = f"who={make.word()}"
        return Case("", service, way_in, "POST", path, query, headers, json_text(stated).encode(), subject, answer)
    headers += [("Gateway-Subject", subject), ("Gateway-Basis", BASIS)]
    headers += [(name, str(value)) for name, value in inputs.get("header", {}).items() if value is not None]
    segments = {name: urllib.parse.quote(str(value), safe="") for name, value in inputs.get("path", {}).items()}
    path = re.sub(r"\{(\w+)\}", lambda found: segments[found[1]], service.route)
    query = (
        urllib.parse.urlencode({k: v for k, v in inputs["query"].items() if v is not None}) if service.located else ""
    )
    if not service.located and make.chance(0.5):
        query = urllib.parse.urlencode({make.word(): make.word(), "who": make.digits()})
    body = b""
    if "body" in inputs:
        content_type, body = write(dict(inputs["body"]), service.media_type, make.random)
        headers.append(("Content-Type", content_type))
    whole = f"/v1/proxy/{service.recipient}/{service.purpose}{path}"
    return Case("", service, way_in, service.method, whole, query, headers, body, subject, answer)


# ── requests that are none ──────────────────────────────────────────────────


def _spoil(make: Maker, case: Case) -> None:
    spoil, code = make.random.choice(_SPOILT)
    if spoil is _other_type and case.service.method in ("GET", "DELETE") and case.way_in == PROXY:
        return
    if spoil is _broken_body and not case.body:
        return
    if spoil in (_no_subject, _no_basis, _unknown_way, _nobody, _twice) and case.way_in != PROXY:
        return
    if spoil is _twice and not case.service.located:
        return
    spoil(make, case)
    shown = spoil is _other_type and case.way_in == PREVIEW  # then its headers would have to say what it is for
    case.code, case.wanted = "malformed_request" if shown else code, {}


def _without(case: Case, name: str, *instead: str) -> None:
    case.headers = [pair for pair in case.headers if pair[0] != name] + [(name, value) for value in instead]


def _no_token(make: Maker, case: Case) -> None:
    _without(case, "Gateway-Token", *make.random.choice([(), (f"gw_{make.word()}_{make.word()}",)]))


def _no_subject(make: Maker, case: Case) -> None:
    _without(case, "Gateway-Subject", *make.random.choice([(), (f"8{make.phone()}",), (f"{make.word()}@example.com",)]))


def _no_basis(_: Maker, case: Case) -> None:
    _without(case, "Gateway-Basis")


def _other_type(make: Maker, case: Case) -> None:
    _without(case, "Content-Type", f"text/{make.random.choice(['html', make.word()])}")


def _unknown_way(make: Maker, case: Case) -> None:
    case.path += f"/{make.word()}/{make.word()}/{make.word()}"


def _nobody(make: Maker, case: Case) -> None:
    case.path = case.path.replace(f"/{case.service.recipient}/", "/nobody/")


def _twice(make: Maker, case: Case) -> None:
    name = make.word()
    case.query += f"&{name}={make.word()}&{name}={make.word()}"


def _coded(_: Maker, case: Case) -> None:
    case.headers.append(("Content-Encoding", "gzip"))


def _broken_body(make: Maker, case: Case) -> None:
    """No format takes a NUL, half of a character, or a second document."""
    at = make.random.randint(0, len(case.body))
    case.body = case.body[:at] + make.random.choice([b"\x00", b"\x00" + make.word().encode()]) + case.body[at:]


_SPOILT: Final[tuple[tuple[Callable[[Maker, Case], None], str], ...]] = (
    (_no_token, "unauthenticated"),
    (_no_subject, "malformed_request"),
    (_no_basis, "basis_missing"),
    (_other_type, "unsupported_media_type"),
    (_unknown_way, "unknown_route"),
    (_broken_body, "malformed_request"),
    (_nobody, "unknown_recipient"),
    (_twice, "malformed_request"),
    (_coded, "unsupported_media_type"),
)
