"""Whose data a recipient may have: the subjects it serves, and the people that the items of an array are about.

Promises: what the files say in the class's paths is put in the recipient's own, or it is a problem: a scope that cannot
be asked would be no scope (law 1). It must never be dropped because an API has no word for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from gateway.canonical import Path, path_text
from gateway.model import FieldRule, Lexicon, RecipientId, Serves, Snapshot
from gateway.purpose.arrays import array_of, stands_in
from gateway.purpose.conditions import Table, Terms
from gateway.purpose.lint import lint_path
from gateway.purpose.service import Scope
from gateway.purpose.shape import Shaped
from gateway.purpose.yaml_files import KeyPath, Report


def kept_sets(snapshot: Snapshot) -> frozenset[tuple[RecipientId, str]]:
    """The sets that recipients' files name, and the platform keeps: recipient and name."""
    return frozenset(
        (found.recipient.id, line.set)
        for found in (*snapshot.maps.values(), *(pull.map for pull in snapshot.pulls))
        for line in found.serves
        if line.set is not None
    )


def serves_in_own_paths(
    scopes: Iterable[Scope], rules: Iterable[FieldRule], lexicon: Lexicon, report: Report
) -> tuple[Serves, ...]:
    """What is asked of each payload where bodies are in the class's paths."""
    read = {path for rule in rules for path in (*rule.sources, *_asked(rule))}
    found = []
    for scope in scopes:
        if said := lint_path(scope.serves.path, lexicon):
            report(scope.at, said)
        elif scope.serves.path not in read:
            report(scope.at, "expected a path that the class map reads for this purpose")
        else:
            found.append(scope.serves)
    return tuple(found)


def serves_in_terms(scopes: Iterable[Scope], terms: Terms, report: Report) -> tuple[Serves, ...]:
    """What is asked of each payload where bodies are in the paths of the recipient's API."""
    found: list[Serves] = []
    for scope in scopes:
        told = terms.means.get(scope.serves.path)
        places = terms.places.get(scope.serves.path, ())
        if told is not None:
            found += _told(scope, told, report)
        elif places:
            found += [Serves(place, scope.serves.values, scope.serves.set) for place in places]
        else:
            report(scope.at, "expected a place in the shape, or a meaning: nothing there tells whom it is about")
    return tuple(found)


def _told(scope: Scope, told: Table | str, report: Report) -> Iterator[Serves]:
    if scope.serves.values is None:
        report(scope.at, "expected a place in the shape: a kept set holds the platform's values, not the API's")
    elif isinstance(told, str):
        if told not in scope.serves.values:
            report(scope.at, f"is always {told} there: expected it among the values")
    else:
        ours = scope.serves.values
        yield Serves(told.path, frozenset(theirs for theirs, meant in told.values.items() if meant in ours), None)


def _asked(rule: FieldRule) -> Iterator[Path]:
    return (line.path for table in rule.when for line in table)


def about_in_terms(
    about: Mapping[Path, Path], own: Collection[Path], shaped: Shaped, at: KeyPath, report: Report
) -> dict[Path, Path]:
    """Whose data the items of arrays are, as the class map says it, where the shape has those arrays.

    A field of such an array may stand only in an array of theirs whose subjects are known, if only from its `own` file.
    """
    found: dict[Path, Path] = {}
    for array, leaf in about.items():
        told = {array_of(place): place for place in shaped.terms.places.get(leaf, ()) if array_of(place)}
        found |= told
        for place, rule in shaped.bound:
            inside = any(stands_in(source, array) for source in rule.sources)
            if inside and not any(stands_in(place.path, one) for one in (*told, *own)):
                said = f"whose data is it? expected {path_text(leaf)} in the shape, or `items` with a path of their own"
                report((*at, "shape", place.text), said)
    return found
