"""Versions: a digest that names what is in force, so that an entry of the log can say under which rules it was made.

Promises: the version of a map changes with any rule that could change what leaves, and with nothing else: not with
comments, spacing, the order of keys, or a rotated key of the recipient. The version of a snapshot changes with
everything that was loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import cast

from gateway.canonical import Json, Node, Path, encode, path_text
from gateway.model import BasisKind, FieldRule, Lexicon, MapVersion, Retention, Route, When

_FORMAT = 1  # of what is hashed; a change of it is a change of every version


def map_version(
    *,
    recipient: str,
    recipient_class: str,
    purpose: str,
    policy_clause: str,
    bases: Iterable[BasisKind],
    retention: Retention,
    routes: Sequence[Route],
    fields: Iterable[FieldRule],
    narrowed: Iterable[Path],
    lexicon: Lexicon,
) -> MapVersion:
    """SHA-256 of the canonical compiled form for (recipient, purpose), taxonomy included."""
    form: Json = {
        "format": _FORMAT,
        "recipient": recipient,
        "class": recipient_class,
        "purpose": purpose,
        "policy_clause": policy_clause,
        "basis": list(_texts(kind.value for kind in bases)),
        "retention": [retention.years, retention.months, retention.days],
        "routes": [f"{route.method} {route.path}" for route in routes],
        "fields": {path_text(rule.path): _field(rule) for rule in fields},
        "narrowed": list(_texts(path_text(path) for path in narrowed)),
        "never": list(_texts(" ".join(sequence) for sequence in lexicon.never)),
        "special": {
            one.group: {
                "title": dict(one.title),
                "keys": list(_texts(" ".join(sequence) for sequence in one.keys)),
                "words": list(_texts(one.words)),
                "refuse": one.refuse,
            }
            for one in lexicon.special
        },
    }
    return MapVersion(sha256(encode(form)).hexdigest())


def snapshot_version(documents: Mapping[str, Node], certificates: Mapping[str, str]) -> str:
    """SHA-256 over the values of every file that was loaded, and the digests of the certificates they name."""
    # The neutral tree is JSON but for its numbers, which stand as text: quoted and unquoted digits cannot be confused,
    # because the schemas take one or the other.
    form = {"files": cast("Json", dict(documents)), "certificates": cast("Json", dict(certificates))}
    return sha256(encode(cast("Json", form))).hexdigest()


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
        "hosts": list(_texts(rule.hosts)),
        "template": rule.template,
    }


def _when(when: When) -> Json:
    tables = [
        {path_text(line.path): list(_texts(line.values)) for line in sorted(table, key=lambda line: line.path)}
        for table in when
    ]
    return cast("Json", sorted(tables, key=lambda table: encode(cast("Json", table))))


def _texts(texts: Iterable[str]) -> list[Json]:
    return list[Json](sorted(set(texts)))
