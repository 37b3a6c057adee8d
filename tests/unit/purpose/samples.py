"""What the tests of this room share: a small valid folder of maps, and values made by hand."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from gateway.canonical import Node, Path, parse_path, path_text
from gateway.clock import Instant
from gateway.model import (
    Admitted,
    Basis,
    BasisKind,
    Caller,
    CallerId,
    Conceal,
    FieldRule,
    FieldType,
    Lexicon,
    MapVersion,
    Plan,
    Project,
    Projection,
    Protection,
    PurposeId,
    PurposeMap,
    Recipient,
    RecipientId,
    RecipientKey,
    Retention,
    Route,
    Snapshot,
    SpecialCategory,
    SubjectId,
    TransferId,
    Transform,
    When,
)
from gateway.purpose.load import load_snapshot
from gateway.purpose.yaml_files import Document, read_document

TESTS = FilePath(__file__).parents[2]
SMALL_MAPS = TESTS / "data" / "small_maps"
BROKEN_MAPS = TESTS / "data" / "broken_maps"
OUR_MAPS = TESTS.parent / "purpose_maps"
PAYLOADS = TESTS.parents[1] / "shared" / "payloads"
NOW = Instant(1_800_000_000_000_000)

LEXICON = Lexicon(
    never=frozenset({("iin",), ("birth",), ("door", "code")}),
    special=(
        SpecialCategory(
            "health", {"kk": "денсаулық", "ru": "здоровье", "en": "health"}, frozenset({("health",)}), (), False
        ),
    ),
)


def copy_of_small_maps(tmp_path: FilePath) -> FilePath:
    """A folder of valid maps that a test may break."""
    return FilePath(shutil.copytree(SMALL_MAPS, tmp_path / "maps"))


def replace(file: FilePath, old: str, new: str) -> None:
    """Change one place of a file."""
    text = file.read_text("utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), "utf-8")


def document(tmp_path: FilePath, text: str, name: str = "file.yaml") -> Document:
    """A file that can be read."""
    (tmp_path / name).write_text(text, "utf-8")
    found, problems = read_document(tmp_path / name)
    assert problems == []
    assert found is not None
    return found


def fake_projection(plan: Plan) -> Project:
    """Stage 3 as this room sees it."""

    def project(payload: Node, conceal: Conceal, whose: object = None, /) -> Projection:
        return Projection({}, (), (), (), {}, (), ())

    return project


def rule(
    path: str,
    kind: FieldType = FieldType.STRING,
    *,
    category: str = "operational",
    sources: tuple[str, ...] = (),
    transform: Transform | None = None,
    required: bool = False,
    when: When = (),
    max_length: int | None = 40,
    template: str | None = None,
    pattern: str | None = None,
) -> FieldRule:
    """A field as a class map states it."""
    at = parse_path(path)
    return FieldRule(
        path=at,
        sources=tuple(parse_path(source) for source in sources) or (at,),
        category=category,
        type=kind,
        transform=transform,
        required=required,
        when=when,
        max_length=max_length if kind in (FieldType.STRING, FieldType.TEXT) else None,
        template=template,
        pattern=pattern,
        because="§5, needed",
    )


def recipient(
    *,
    protection: Protection = Protection.JWE,
    keys: tuple[RecipientKey, ...] = (RecipientKey("k1", {"kty": "EC"}, None),),
) -> Recipient:
    """A recipient whose key never ends."""
    return Recipient(
        id=RecipientId("mc-one"),
        recipient_class="managing_company",
        title={"kk": "бір", "ru": "один", "en": "one"},
        bin="991240999991",
        country="KZ",
        storage_country="KZ",
        base_url="https://mc-one.example.com",
        protection=protection,
        keys=keys,
    )


def purpose_map(
    of: Recipient | None = None, version: str = "a" * 64, fields: tuple[FieldRule, ...] | None = None
) -> PurposeMap:
    """A map for service requests with one field."""
    rules = (rule("ticket.id"),) if fields is None else fields
    return PurposeMap(
        recipient=of or recipient(),
        purpose=PurposeId("service_request"),
        version=MapVersion(version),
        policy_clause="5",
        bases=frozenset({BasisKind.CONSENT}),
        retention=Retention(years=1),
        route=Route("POST", "/requests"),
        fields=rules,
        project=fake_projection(Plan(rules, (), LEXICON)),
    )


def snapshot(of: PurposeMap | None = None) -> Snapshot:
    """A snapshot with one map; the policy knows one purpose more."""
    found = of or purpose_map()
    return Snapshot(
        version="f" * 64,
        purposes=frozenset({PurposeId("service_request"), PurposeId("resident_register")}),
        recipients={found.recipient.id: found.recipient},
        maps={(found.recipient.id, found.purpose): found},
    )


def admitted(
    *,
    recipient_id: str = "mc-one",
    purpose: str = "service_request",
    granted: bool = True,
    basis: BasisKind | None = BasisKind.CONSENT,
) -> Admitted:
    """A request of a caller with the grant and a stated basis."""
    pair = RecipientId(recipient_id), PurposeId(purpose)
    return Admitted(
        transfer_id=TransferId("0197-test"),
        caller=Caller(CallerId("billing"), frozenset({pair} if granted else ())),
        recipient=recipient_id,
        purpose=purpose,
        subject=SubjectId("usr_1"),
        basis=Basis(basis, "c-1", "2026-01-01T00:00:00Z", None) if basis else None,
        payload={"ticket": {"id": "R-1"}},
        received_at=NOW,
    )


TLS = """id: mc-one
class: managing_company
title: {kk: бір, ru: один, en: one}
bin: "991240999991"
country: KZ
storage_country: KZ
base_url: https://mc-one.example.com/in
protection: tls
protection_reason: it takes plain JSON
TOPpurposes:
  service_request:
    routes: [ROUTES]
"""


@dataclass
class Seen:
    """What stage 3 is given, in order: the plan's rules and narrowed paths, then the answer's rules."""

    rules: list[tuple[FieldRule, ...]] = field(default_factory=list)
    narrowed: list[tuple[Path, ...]] = field(default_factory=list)

    def __call__(self, plan: Plan) -> Project:
        self.rules.append(plan.rules)
        self.narrowed.append(plan.narrowed)
        return fake_projection(plan)


def served_by(
    tmp_path: FilePath, *lines: str, top: str = "", routes: str = '"POST /requests"', seen: Seen | None = None
) -> PurposeMap:
    """The map of a recipient under TLS whose one purpose also says `lines`, under the small class map."""
    folder = copy_of_small_maps(tmp_path)
    text = TLS.replace("TOP", f"{top}\n" if top else "").replace("ROUTES", routes)
    text += "".join(f"    {line}\n" for line in lines)
    (folder / "recipients" / "mc-one.yaml").write_text(text, "utf-8")
    maps = load_snapshot(folder, seen or fake_projection).maps
    return maps[RecipientId("mc-one"), PurposeId("service_request")]


def by_path(found: PurposeMap) -> dict[str, FieldRule]:
    """Its rules by the text of their paths."""
    return {path_text(one.path): one for one in found.fields}
