"""Random worlds: purpose maps and recipients of every design, written as files that the gateway loads.

What a recipient may have is known here by construction, as trees of places: the same trees that cases are filled from.
"""

from __future__ import annotations

import shutil
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from tests.fuzz.dialects import CSV, FORM, JSON, MULTIPART, NDJSON, XML, json_text
from tests.fuzz.kinds import KINDS, ONE_OR_TWO, REF, SWITCH, ZONE, Kind, Maker

CLASSES: Final = {
    "managing_company": "service_request",
    "marketplace_partner": "goods_delivery",
    "payment_provider": "payment",
}
MOST_ITEMS: Final = 4
BECAUSE: Final = "§5; §3, invented for a test"
REFUSING: Final = "religion"  # a group of special categories that these worlds refuse a transfer for
SECRETS: Final = {name: f"secret-{name}" for name in ("one", "two")}
TEMPLATE: Final = "Счёт {}"

Way = tuple[tuple[str, bool], ...]
"""Keys, and whether each holds an array."""


@dataclass
class Place:
    """Where one field stands in a recipient's requests."""

    location: str
    way: Way
    kind: Kind
    field: str | None  # of the class map; None for a constant
    required: bool = False
    switched: bool = False  # it leaves only where the switch of its item is on
    withheld: bool = False  # the recipient's file keeps it home
    template: bool = False

    @property
    def in_array(self) -> bool:
        return any(each for _, each in self.way)


@dataclass
class Service:
    """One recipient for one purpose."""

    recipient: str
    purpose: str
    design: str
    media_type: str
    method: str
    route: str
    located: bool
    signer: dict[str, Any] | None
    base: str  # the path of its base URL
    places: list[Place]
    answer_type: str | None  # with an answer map
    answer: list[Place] = field(default_factory=list)
    serves: bool = False
    whose: Way | None = None  # the leaf that says whose data an item of records is

    @property
    def sealed(self) -> bool:
        return self.design == "sealed"


@dataclass
class _Field:
    path: str
    kind: Kind
    required: bool = False
    switched: bool = False
    template: bool = False

    @property
    def in_array(self) -> bool:
        return "[]" in self.path


DESIGNS: Final = ("json", "own", "sealed", "form", "multipart", "ndjson", "csv", "xml", "get", "located")
_MEDIA: Final = {"form": FORM, "multipart": MULTIPART, "ndjson": NDJSON, "csv": CSV, "xml": XML}
_NAMES: Final = ("alpha", "bravo", "delta", "echo", "kilo", "lima", "mike", "oscar", "papa", "romeo", "tango", "zulu")
_CYRILLIC: Final = ("Начисление", "Строка", "Позиция", "Сведение")
_NAMESPACE: Final = "{urn:example:exchange}"


def make_world(maps: Path, seed: str, base_url: str, ca_file: str, public_key: dict[str, str]) -> list[Service]:
    """Write a world's files over a copy of the project's maps; all its services."""
    make = Maker(seed)
    for old in ("recipients", "examples"):
        shutil.rmtree(maps / old, ignore_errors=True)
    (maps / "recipients").mkdir()
    shutil.copy(ca_file, maps / "ca.pem")
    _refusing_taxonomy(maps / "taxonomy.yaml")
    services: list[Service] = []
    for recipient_class, purpose in CLASSES.items():
        fields = _class_fields(make)
        _dump(maps / f"{recipient_class}.yaml", _class_map(recipient_class, purpose, fields))
        for number, design in enumerate(DESIGNS):
            service, stated = _service(make, f"r{len(services)}-{design}", purpose, design, fields)
            service.base = f"/b{number}"
            services.append(service)
            file = _recipient(service, recipient_class, stated, base_url + service.base, public_key)
            _dump(maps / "recipients" / f"{service.recipient}.yaml", file)
    return services


def _dump(path: Path, tree: dict[str, Any]) -> None:
    path.write_text(json_text(tree), encoding="utf-8")  # JSON is YAML 1.2


def _refusing_taxonomy(path: Path) -> None:
    tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    tree["special_categories"][REFUSING]["refuse"] = True
    _dump(path, tree)


# ── what a class may have ───────────────────────────────────────────────────


def _class_fields(make: Maker) -> list[_Field]:
    fields = [_Field("ref", REF, required=True), _Field("mode", SWITCH), _Field("zone", ZONE)]
    fields.append(_Field("records[].mode", SWITCH))
    fields.append(_Field("label", Kind("template", {}, REF.good, REF.bad, unread=True), template=True))
    for number in range(make.random.randint(8, 14)):
        name = f"{make.random.choice(_NAMES)}{number}"
        where = make.random.choice(["{}", "{}", "deep.{}", "records[].{}", "records[].{}", "records[].inner.{}"])
        one = _Field(where.format(name), make.random.choice(KINDS))
        if make.chance(0.2):
            one.required = True
        elif make.chance(0.2):
            one.switched = True
        fields.append(one)
    return fields


def _class_map(recipient_class: str, purpose: str, fields: list[_Field]) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for one in fields:
        rule = {"category": one.kind.category, "because": BECAUSE, **one.kind.rule}
        if one.template:
            rule |= {"type": "string", "as": "template", "template": TEMPLATE.format("{ref}")}
        if one.required:
            rule["required"] = True
        if one.switched:
            rule["when"] = {"records[].mode" if one.in_array else "mode": ["on"]}
        if one.in_array:
            rule["max_items"] = MOST_ITEMS
        rules[one.path] = rule
    title = {"kk": "т", "ru": "т", "en": "t"}
    stated = {
        "title": title,
        "policy_clause": "5",
        "dpv": "https://w3id.org/dpv#ServiceProvision",
        "basis": ["consent", "obligation"],
        "retention": {"for": "P1Y", "after": "disclosure"},
        "fields": rules,
    }
    return {"recipient_class": recipient_class, "purposes": {purpose: stated}}


# ── what one recipient of it has, and where ─────────────────────────────────


def _service(
    make: Maker, recipient: str, purpose: str, design: str, fields: list[_Field]
) -> tuple[Service, dict[str, Any]]:
    media_type = _MEDIA.get(design, JSON)
    own = design in ("own", "sealed")
    places = [_own(one) for one in fields] if own else list(_placed(make, design, fields))
    located = any(place.location != "body" for place in places)
    segments = [place.way[0][0] for place in places if place.location == "path"]
    route = "/v1" + "".join(f"/x/{{{name}}}" for name in segments) if segments else "/v1/orders"
    method = make.random.choice(["GET", "DELETE"]) if design == "get" else make.random.choice(["POST", "PUT", "PATCH"])
    service = Service(
        recipient, purpose, design, media_type, method, route, located, _signer(make, design), "", places, None
    )
    stated: dict[str, Any] = {"routes": [f"{method} {route}", "POST /other/way"], "media_type": media_type}
    if segments or design == "get":
        stated["routes"].pop()
    if not own:
        stated["shape"] = {place_text(place, located=located): _stated(place) for place in places}
    stated |= _narrowing(make, service, fields)
    if make.chance(0.6):
        service.answer_type = make.random.choice([JSON, FORM, MULTIPART, NDJSON, CSV, XML])
        service.answer = list(_answer(make, service.answer_type))
        stated["answer"] = {
            place_text(place, located=False): {"category": place.kind.category, "because": BECAUSE, **place.kind.rule}
            for place in service.answer
        }
    return service, stated


def _narrowing(make: Maker, service: Service, fields: list[_Field]) -> dict[str, Any]:
    """What only this recipient's file says: fields kept home, whom it serves, whose the items are."""
    stated: dict[str, Any] = {}
    optional = [
        p for p in service.places if p.field and not p.required and not p.template and p.kind not in (SWITCH, ZONE)
    ]
    if optional and make.chance(0.4):
        kept = make.random.choice(optional)
        for place in service.places:
            place.withheld = place.withheld or place.field == kept.field
        stated["withhold"] = [kept.field]
    if any(place.field == "zone" for place in service.places) and make.chance(0.3):
        service.serves = True
        stated["serves"] = {"zone": ["north"]}
    arrays = {array_of(place.way) for place in service.places if place.location == "body" and place.in_array}
    if arrays and service.design in ("json", "own", "sealed", "ndjson") and make.chance(0.4):
        array = min(arrays)
        service.whose = (*array, ("whose_ref", False))
        texts = [spelled((("body", False), *way) if service.located else way) for way in (array, service.whose)]
        stated["items"] = {texts[0]: texts[1]}
    return stated


def _own(one: _Field) -> Place:
    way = tuple((key.removesuffix("[]"), key.endswith("[]")) for key in one.path.split("."))
    return Place("body", way, one.kind, one.path, one.required, one.switched, template=one.template)


def _placed(make: Maker, design: str, fields: list[_Field]) -> Iterator[Place]:
    """The places of a shape: which of the class's fields stand there, and where."""
    root = make.random.choice(["Exchange", "Выгрузка", f"{_NAMESPACE}Document"])
    for number, one in enumerate(fields):
        if one.in_array and design in ("form", "multipart", "get"):
            continue
        if not one.in_array and design in ("ndjson", "csv") and not one.required and one.path not in ("mode", "label"):
            continue
        if not one.required and one.kind is not SWITCH and one.path != "zone" and make.chance(0.3):
            continue
        body_alone = one.in_array or design not in ("ndjson", "csv", "get")
        if not body_alone or (design == "located" and not one.in_array and make.chance(0.5)):
            location, way = _outside(make, one, number)
        else:
            location, way = "body", _way(make, design, one, number, root)
        if not way:
            continue
        yield Place(location, way, one.kind, one.path, one.required, one.switched, template=one.template)
    if design in ("json", "form", "multipart", "located"):
        yield Place("body", (("type", False),), ONE_OR_TWO, None)


def _outside(make: Maker, one: _Field, number: int) -> tuple[str, Way]:
    """A place in path, query or header, for what may stand there."""
    if not one.kind.outside and not one.template:
        return "header", ((f"x-field-{number}", False),) if _ascii(one.kind) else ()
    if one.required and make.chance(0.5):
        return "path", ((f"part{number}", False),)
    if one.template or make.chance(0.3):
        return ("query", ((f"f{number}", False),)) if one.template else ("header", ((f"x-field-{number}", False),))
    return "query", ((f"f{number}", False),)


def _ascii(kind: Kind) -> bool:
    """Whether all its values can stand in a header."""
    return kind.name in ("phone", "email", "share", "area", "index", "url", "date")


def _way(make: Maker, design: str, one: _Field, number: int, root: str) -> Way:
    """A way in the recipient's own terms."""
    name = f"{make.random.choice(_NAMES)}{number}"
    if design in ("form", "multipart"):
        return ((make.random.choice([name, f"pg_{name}", f"a[{number}][b]", f"поле{number}", f"x.{name}"]), False),)
    if design in ("ndjson", "csv"):
        inside = (("in", False),) if design == "ndjson" and make.chance(0.3) else ()
        return (("records", True), *inside, (make.random.choice([name, f"{name} (b)", f"поле {number}"]), False))
    if design == "xml":
        return _xml_way(make, one, name, root)
    if one.in_array:
        inner: Way = (("parts", True),) if _nested(root) else ()
        return (("records", True), *inner, *make.random.choice([((name, False),), (("in", False), (name, False))]))
    return make.random.choice([((name, False),), (("top", False), (name, False)), ((f"x-{name}", False),)])


def _xml_way(make: Maker, one: _Field, name: str, root: str) -> Way:
    space = _NAMESPACE if make.chance(0.5) else ""
    if one.in_array:
        element = f"{make.random.choice((_NAMESPACE + name, *_CYRILLIC))}{name.lstrip(string.ascii_lowercase)}"
        apart = one.kind is not SWITCH and make.chance(0.5)
        leaf: Way = ((element, True), ("#text", False)) if apart else ((f"@{name}", False),)
        return ((root, False), ("Строки", True), *leaf)
    if one.template and _nested(root):
        return ()  # a template cannot name a field under a namespace: its braces end the name
    if one.kind in (SWITCH, REF) or make.chance(0.5):
        return ((root, False), (f"@{name}", False))
    return ((root, False), (f"{space}{name}", True), ("#text", False))


def _nested(root: str) -> bool:
    return root.startswith("{")  # one roll for a whole shape: its arrays lie in one another, or do not


def _answer(make: Maker, media_type: str) -> Iterator[Place]:
    """What of an answer may come back."""
    design = {JSON: "json", FORM: "form", MULTIPART: "multipart", NDJSON: "ndjson", CSV: "csv", XML: "xml"}[media_type]
    kinds = [kind for kind in KINDS if kind.name != "who"]
    for number in range(make.random.randint(1, 5)):
        in_array = design in ("ndjson", "csv") or (design in ("json", "xml") and make.chance(0.5))
        one = _Field("records[].x" if in_array else "x", make.random.choice(kinds))
        yield Place("body", _way(make, design, one, number, "Answer"), one.kind, None)


# ── as their files say it ───────────────────────────────────────────────────


def array_of(way: Way) -> Way:
    """The way up to its first array."""
    return way[: next(at for at, (_, each) in enumerate(way, 1) if each)]


def spelled(way: Way) -> str:
    """A way as a path of the maps: odd keys JSON-quoted."""
    return ".".join(
        (key if key.isidentifier() and not key.startswith("_") else json_text(key)) + "[]" * each for key, each in way
    )


def place_text(place: Place, *, located: bool) -> str:
    """A place as a shape's key."""
    return spelled(((place.location, False), *place.way) if located else place.way)


def _stated(place: Place) -> Any:
    return dict(place.kind.rule) if place.field is None else place.field


def _signer(make: Maker, design: str) -> dict[str, Any] | None:
    if design == "sealed":
        return None
    options: list[dict[str, Any] | None] = [
        None,
        {"kind": "bearer", "secrets": {"token": "one"}},
        {"kind": "basic", "secrets": {"login": "one", "password": "two"}},
        {"kind": "api_key", "secrets": {"key": "one"}, "header": "X-Api-Key"},
        {"kind": "cloudpayments", "secrets": {"public_id": "one", "api_secret": "two"}},
    ]
    if design != "get":
        options.append({"kind": "hmac", "secrets": {"key": "one"}, "header": "X-Signature"})
    if design == "form":
        options.append({"kind": "freedompay", "secrets": {"secret_key": "one"}})
        options.append({"kind": "robokassa", "secrets": {"password1": "one"}})
    return make.random.choice(options)


def _recipient(
    service: Service, recipient_class: str, stated: dict[str, Any], base_url: str, public_key: dict[str, str]
) -> dict[str, Any]:
    file: dict[str, Any] = {
        "id": service.recipient,
        "class": recipient_class,
        "title": {"kk": "т", "ru": "т", "en": "t"},
        "bin": "991140999988",
        "country": "KZ",
        "storage_country": "KZ",
        "base_url": base_url,
        "ca_file": "ca.pem",
        "protection": "jwe" if service.sealed else "tls",
        "purposes": {service.purpose: stated},
    }
    if service.sealed:
        file["keys"] = [{"jwk": public_key}]
        stated["routes"] = ["POST /v1/orders"]
        service.method = "POST"
    else:
        file["protection_reason"] = "its API takes its own format"
    if service.signer is not None:
        file["signer"] = service.signer
    return file
