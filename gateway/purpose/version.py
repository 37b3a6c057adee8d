"""Versions: a digest that names what is in force, so that an entry of the log can say under which rules it was made.

Promises: the version of a map changes with any rule that could change what leaves, and with nothing else: not with
comments, spacing, the order of keys, or a rotated key of the recipient. The version of a snapshot changes with
everything that was loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import cast

from gateway.canonical import Json, Node, encode, path_text
from gateway.model import BasisKind, FieldRule, MapVersion, Plan, Recipient, Retention, Serves, Signer, When
from gateway.purpose.conditions import Table
from gateway.purpose.service import Place, Service

_FORMAT = 2  # of what is hashed; a change of it is a change of every version


def map_version(
    *,
    recipient: Recipient,
    purpose: str,
    policy_clause: str,
    bases: Iterable[BasisKind],
    retention: Retention,
    service: Service,
    plan: Plan,
    answers: Iterable[FieldRule],
) -> MapVersion:
    """SHA-256 of the canonical compiled form for (recipient, purpose), taxonomy included."""
    form: Json = {
        "format": _FORMAT,
        "recipient": recipient.id,
        "class": recipient.recipient_class,
        "purpose": purpose,
        "policy_clause": policy_clause,
        "basis": list(_texts(kind.value for kind in bases)),
        "retention": [retention.years, retention.months, retention.days],
        "routes": [f"{route.method} {route.path}" for route in service.routes],
        "media_type": service.media_type,
        "subject_from": path_text(service.subject_from) if service.subject_from else None,
        "fields": _fields(plan.rules),
        "narrowed": list(_texts(path_text(path) for path in plan.narrowed)),
        "shape": None if service.shape is None else {place.text: _field_of(place) for place in service.shape},
        "means": {path_text(path): _told(told) for path, (_, told) in service.means.items()},
        "about": {path_text(array): path_text(leaf) for array, leaf in plan.about.items()},
        "serves": sorted((_serves(one) for one in plan.serves), key=encode),
        "answer": _fields(answers),
        "signer": _signer(recipient.signer),
        "never": list(_texts(" ".join(sequence) for sequence in plan.lexicon.never)),
        "special": {
            one.group: {
                "title": dict(one.title),
                "keys": list(_texts(" ".join(sequence) for sequence in one.keys)),
                "words": list(_texts(one.words)),
                "refuse": one.refuse,
            }
            for one in plan.lexicon.special
        },
    }
    return MapVersion(sha256(encode(form)).hexdigest())


def snapshot_version(documents: Mapping[str, Node], certificates: Mapping[str, str]) -> str:
    """SHA-256 over the values of every file that was loaded, and the digests of the certificates they name."""
    # The neutral tree is JSON but for its numbers, which stand as text: quoted and unquoted digits cannot be confused,
    # because the schemas take one or the other.
    form = {"files": cast("Json", dict(documents)), "certificates": cast("Json", dict(certificates))}
    return sha256(encode(cast("Json", form))).hexdigest()


def _signer(signer: Signer | None) -> Json:
    # Not its secrets, whose names may change with the keys, nor where its tokens are fetched.
    if signer is None:
        return None
    options: list[Json] = [
        signer.header,
        signer.scheme,
        signer.digest.value,
        signer.base64,
        signer.prefix,
        signer.scope,
    ]
    return {"kind": signer.kind.value, "options": options}


def _fields(rules: Iterable[FieldRule]) -> Json:
    return {path_text(rule.path): _field(rule) for rule in rules}


def _field_of(place: Place) -> Json:
    return path_text(place.field) if place.field is not None else None


def _told(told: Table | str) -> Json:
    return told if isinstance(told, str) else [path_text(told.path), dict(told.values)]


def _serves(one: Serves) -> Json:
    return [path_text(one.path), None if one.values is None else _texts(one.values), one.set]


def _field(rule: FieldRule) -> Json:
    # `because` explains a rule and is not one: a better sentence is not another policy.
    return {
        "sources": [path_text(path) for path in rule.sources],
        "category": rule.category,
        "type": rule.type.value,
        "transform": rule.transform.value if rule.transform else None,
        "required": rule.required,
        "when": _when(rule.when),
        "one_of": list(_texts(rule.one_of)),
        "pattern": rule.pattern,
        "max_length": rule.max_length,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "places": rule.places,
        "max_items": rule.max_items,
        "min_items": rule.min_items,
        "hosts": list(_texts(rule.hosts)),
        "template": rule.template,
        "generic": rule.generic,
    }


def _when(when: When) -> Json:
    # A path may stand in a table twice: once in the class's condition, once in the recipient's.
    tables: list[Json] = [
        sorted(([path_text(line.path), _texts(line.values)] for line in table), key=encode) for table in when
    ]
    return sorted(tables, key=encode)


def _texts(texts: Iterable[str]) -> list[Json]:
    return list[Json](sorted(set(texts)))
