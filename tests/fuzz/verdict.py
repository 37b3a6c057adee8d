"""The oracle over one case: what is withheld is nowhere, what is released arrived unaltered, and nothing else arrived.

It reads what arrived with the standard library (and jwcrypto where it is sealed), and compares it with what the case
knows by construction. A fault says where and what; its tokens are the tests' own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import urllib.parse
from collections.abc import Iterator, Mapping

from jwcrypto import jwe, jwk

from tests.e2e.oracle import DIGITS, PREFIX
from tests.fuzz.answers import Wanted
from tests.fuzz.cases import PREVIEW, PROXY, STATED, TOKEN, Case
from tests.fuzz.dialects import JSON, Leaves, Tree, Unreadable, flatten, json_text, json_tree, leaves_of
from tests.fuzz.trials import Happened
from tests.fuzz.worlds import SECRETS

ALWAYS = frozenset({"host", "user-agent", "accept", "accept-encoding", "idempotency-key"})
_SIGNED_FIELDS = {"freedompay": {"pg_salt", "pg_sig"}, "robokassa": {"SignatureValue"}}
_SIGNED_HEADERS = {
    "bearer": {"authorization"},
    "basic": {"authorization"},
    "api_key": {"x-api-key"},
    "cloudpayments": {"authorization", "x-request-id"},
    "hmac": {"x-signature"},
}
_FAILED = 400
_IN_BASE64 = re.compile(rb'\{"base64":"([A-Za-z0-9+/=]*)"\}')


def faults(case: Case, happened: Happened, private_key: Mapping[str, str]) -> list[str]:
    """All that is wrong with how a case ended."""
    found = list(_in_reply(case, happened))
    if case.code is not None or case.way_in == PREVIEW:
        found += [f"a request arrived: {case.code or PREVIEW}"] * bool(happened.arrived)
    elif len(happened.arrived) != 1:
        found.append(f"{len(happened.arrived)} requests arrived, of a case that must be sent")
    for raw in happened.arrived:
        found += _in_arrived(case, raw, private_key)
    return found


def hidden(sink: bytes) -> list[str]:
    """Every form but the plain one in which a token stands in a sink."""
    small = sink.lower()
    return [form for form, needle in _NEEDLES if needle in (small if form in _SMALL else sink)]


def leaks(sink: bytes, may: set[str] | frozenset[str] = frozenset()) -> list[str]:
    """The tokens in a sink that may not be there, and the forms in which one is hidden."""
    plain = {token.decode().lower() for token in TOKEN.findall(sink)} - may
    return [f"{token} plainly" for token in sorted(plain)] + hidden(sink)


def sunk(sinks: Mapping[str, bytes]) -> list[str]:
    """What stands in a sink that must hold no token at all."""
    found = {name: leaks(sink) for name, sink in sinks.items()}
    return [f"{name}: {len(said)} leaks, such as {said[:3]}" for name, said in found.items() if said]


# ── what came back ──────────────────────────────────────────────────────────


def _in_reply(case: Case, happened: Happened) -> Iterator[str]:
    head = "\n".join(f"{name}: {value}" for name, value in happened.headers).encode("latin-1", "replace")
    body = happened.body
    if case.code is None and case.way_in == STATED:  # an answer that is no UTF-8 stands there as base64
        body = _IN_BASE64.sub(lambda coded: base64.b64decode(coded[1]), body)
    yield from (f"in the reply's head: {leak}" for leak in leaks(head))
    yield from (f"in the reply: {leak}" for leak in leaks(body, case.may_return()))
    said = {name.lower(): value for name, value in happened.headers}
    document = _document(happened.body)
    if case.way_in == PREVIEW and happened.status < _FAILED:
        yield from _as_previewed(case, document)
    elif case.code is not None:
        if (said.get("gateway-problem"), document.get("code")) != (case.code, case.code):
            yield f"refused as {document.get('code')}, expected {case.code}"
    elif case.answer.lost:
        if "gateway-problem" not in said or _member(document, "answer").keys() > {"status"}:
            yield "an answer that is none came back"
    else:
        yield from _as_answered(case, happened, said, document)


def _as_previewed(case: Case, document: Mapping[str, Tree]) -> Iterator[str]:
    if document.get("reason") != case.code:
        yield f"previewed as {document.get('reason')}, expected {case.code}"
    elif case.code is None:
        yield from _differences("the preview", case.wanted["body"], flatten(document.get("disclosure")))


def _as_answered(
    case: Case, happened: Happened, said: Mapping[str, str], document: Mapping[str, Tree]
) -> Iterator[str]:
    answer = case.answer
    if case.way_in == PROXY:
        if happened.status != answer.status:
            yield f"status {happened.status}, the recipient said {answer.status}"
        if answer.whole is not None:
            if happened.body != answer.whole:
                yield "the answer came back otherwise than it was"
            return
        got = _read(said.get("content-type", ""), happened.body)
    else:
        member = _member(document, "answer")
        if str(member.get("status")) != str(answer.status):
            yield f"status {member.get('status')}, the recipient said {answer.status}"
        content_type = str(_member(member, "headers").get("content-type", ""))
        body = member.get("body")
        if answer.whole is not None:
            return  # in JSON it stands otherwise than it was; its tokens were looked at
        coded = _IN_BASE64.fullmatch(json_text(body).encode())
        raw = base64.b64decode(coded[1]) if coded else str(body or "").encode()
        if "charset=windows-1251" in content_type and not coded:
            raw = raw.decode().encode("windows-1251")
        got = flatten(body) if content_type.startswith(JSON) else _read(content_type, raw)
    if isinstance(got, str):
        yield f"the answer: {got}"
    else:
        yield from _differences("the answer", answer.wanted, got)


def _document(body: bytes) -> Mapping[str, Tree]:
    try:
        tree = json_tree(body.decode())
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}


def _member(document: Mapping[str, Tree], name: str) -> Mapping[str, Tree]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


# ── what arrived ────────────────────────────────────────────────────────────


def _in_arrived(case: Case, raw: bytes, private_key: Mapping[str, str]) -> Iterator[str]:
    service = case.service
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    may = case.may_leave()
    yield from (f"in the request's head: {leak}" for leak in leaks(head, may))
    path, _, query = target.partition("?")
    if (method, path) != (service.method, _path(case)):
        yield f"sent to {method} {path}, expected {service.method} {_path(case)}"
    signed = _SIGNED_FIELDS.get((service.signer or {}).get("kind", ""), set())
    yield from _differences("the query", case.wanted.get("query", {}), _read_query(query))
    yield from _in_headers(case, headers, body, len(lines))
    if service.sealed:
        content_type, body = JSON, _opened(body, private_key)
        claims = json_tree(body.decode())
        got: Leaves | str = flatten(claims.get("data") if isinstance(claims, dict) else None)
    else:
        content_type = headers.get("content-type", "")
        got = _read(content_type, body)
    yield from (f"in the body: {leak}" for leak in leaks(_legible(body, content_type), may))
    if isinstance(got, str):
        yield f"the body: {got}"
        return
    if not signed <= {str(key[0]) for key in got}:
        yield "the signature is not in the form"
    left = {key: leaf for key, leaf in got.items() if key[0] not in signed}
    yield from _differences("the body", case.wanted.get("body", {}), left)


def _in_headers(case: Case, headers: Mapping[str, str], body: bytes, count: int) -> Iterator[str]:
    service = case.service
    kind = (service.signer or {}).get("kind", "")
    declared = {str(key[0]): leaf for key, leaf in case.wanted.get("header", {}).items()}
    expected = ALWAYS | _SIGNED_HEADERS.get(kind, set()) | declared.keys()
    expected |= {"content-type"} if body else set()
    expected |= {"content-length"} if body or service.method not in ("GET", "DELETE") else set()
    if headers.keys() != expected or len(headers) != count:
        yield f"headers {sorted(headers.keys() ^ expected)} came, or did not"
    for name, leaf in declared.items():
        if isinstance(leaf, str) and headers.get(name) != leaf[2:]:
            yield f"the header {name} is {headers.get(name)}, expected {leaf[2:]}"
    if kind == "hmac":
        signature = hmac.new(SECRETS["one"].encode(), body, hashlib.sha256).hexdigest()
        if headers.get("x-signature") != signature:
            yield "the signature is not of the body that arrived"


def _path(case: Case) -> str:
    texts = {str(key[0]): leaf for key, leaf in case.wanted.get("path", {}).items()}
    fill = re.sub(
        r"\{(\w+)\}", lambda found: urllib.parse.quote(str(texts.get(found[1], "")[2:]), ""), case.service.route
    )
    return case.service.base + fill


def _read_query(query: str) -> Leaves:
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    return {
        (name, *["again"] * (number and [n for n, _ in pairs].count(name) > 1)): f"s:{text}"
        for number, (name, text) in enumerate(pairs)
    }


def _opened(body: bytes, private_key: Mapping[str, str]) -> bytes:
    """The claims of an envelope; its signature is other tests' affair."""
    sealed = jwe.JWE()
    sealed.deserialize(body.decode("ascii"), jwk.JWK(**private_key))
    claims = sealed.payload.decode("ascii").split(".")[1]
    return base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))


def _read(content_type: str, body: bytes) -> Leaves | str:
    try:
        return leaves_of(content_type, body)
    except Unreadable as error:
        return f"is not readable: {error}"


def _legible(body: bytes, content_type: str) -> bytes:
    """A form without its escapes."""
    return urllib.parse.unquote_to_bytes(body) if "urlencoded" in content_type else body


def _differences(where: str, wanted: Wanted, got: Leaves) -> Iterator[str]:
    for key in sorted(wanted.keys() | got.keys(), key=str):
        leaf, came = wanted.get(key), got.get(key)
        if isinstance(leaf, re.Pattern):
            if came is None or leaf.fullmatch(came[2:]) is None:
                yield f"{where}: {key}: {came} is not as {leaf.pattern}"
        elif leaf != came:
            yield f"{where}: {key}: {came} instead of {leaf}"


# ── forms to hide in ────────────────────────────────────────────────────────

_SMALL = frozenset({"in hex", "percent-encoded", "escaped"})


def _needles() -> Iterator[tuple[str, bytes]]:
    for token in (PREFIX.encode(), DIGITS.encode()):
        yield "reversed", token[::-1]
        yield "in hex", token.hex().encode()
        yield "percent-encoded", b"".join(b"%%%02x" % byte for byte in token)
        yield "escaped", b"".join(b"\\u%04x" % byte for byte in token)
        yield "in UTF-16", token.decode().encode("utf-16-le")
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + token)
            inner = whole[(0, 2, 3)[shift] : (shift + len(token)) * 8 // 6]
            yield "in base64", inner
            yield "in base64url", inner.translate(bytes.maketrans(b"+/", b"-_"))


_NEEDLES = tuple(dict.fromkeys(_needles()))
