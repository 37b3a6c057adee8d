from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path
from gateway.errors import PurposeMapError
from gateway.minimise import compile_projection
from gateway.purpose import load_snapshot
from gateway.purpose.explained.sources import Fate, read_sources
from tests.unit.purpose.explained.conftest import CDEK, sources
from tests.unit.purpose.samples import copy_of_small_maps, replace


@pytest.mark.parametrize(
    ("pair", "field", "fate"),
    [
        (CDEK, "order.recipient.phone", Fate.LEAVES),
        (CDEK, "order.items[].title", Fate.ROLE),
        (CDEK, "order.comment", Fate.UNBOUND),
        (("mc-primer-uk", "service_request"), "ticket.text", Fate.LEAVES),
    ],
    ids=["bound", "of another role", "not bound", "without a shape"],
)
def test_a_field_of_the_class_has_its_fate(pair: tuple[str, str], field: str, fate: Fate) -> None:
    found = sources(*pair)

    (rule,) = [one for one in found.rules.fields if one.path == parse_path(field)]

    assert found.fate(rule) is fate


@pytest.mark.parametrize(
    ("key", "word", "group"),
    [("passportNumber", "passport", "identity_numbers"), ("ДАТА-РОЖДЕНИЯ", "рождения", "birth_and_civil_status")],
)
def test_a_name_that_never_leaves_is_found_with_its_line(key: str, word: str, group: str) -> None:
    found = sources(*CDEK)

    listed = found.never(key)

    assert listed is not None
    assert (listed.word, listed.group) == (word, group)
    line = int(found.line(found.policy, *listed.at).rpartition(":")[2])
    assert word in FilePath(found.policy.file).read_text("utf-8").splitlines()[line - 1]


def test_a_name_of_a_special_category_is_found_whole(tmp_path: FilePath) -> None:
    found = sources(*CDEK)

    assert found.special("ownerHealthStatus") is not None
    assert found.special("wealth") is None
    assert found.never("recipient") is None


def test_maps_that_changed_meanwhile_are_not_explained(tmp_path: FilePath) -> None:
    folder = copy_of_small_maps(tmp_path)
    snapshot = load_snapshot(folder, compile_projection)
    pair, found = next(iter(snapshot.maps.items()))
    file = folder / "recipients" / f"{pair[0]}.yaml"

    assert read_sources(folder, found).map is found
    replace(file, "class:", "klass:")
    with pytest.raises(PurposeMapError, match="klass"):
        read_sources(folder, found)
    file.write_text(file.read_text("utf-8").replace("klass:", "class:").replace(f"  {pair[1]}:", "  other:"), "utf-8")
    with pytest.raises(PurposeMapError, match="changed while it was read"):
        read_sources(folder, found)
