"""What an editor is told of a map file is what loading asks of it: held against every file that loads, or does not."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import jsonschema_rs
import pytest
from marshmallow import Schema, fields, validate

from gateway.canonical import Node, Number
from gateway.purpose.json_schema import DIALECT, KINDS, json_schema, schema_name
from gateway.purpose.key_descriptions import DESCRIPTIONS, FILES
from gateway.purpose.schemas import conform
from gateway.purpose.yaml_files import read_document
from tests.unit.purpose.samples import BROKEN_MAPS, OUR_MAPS, SMALL_MAPS, TESTS

PARTNER_MAPS = TESTS / "data" / "partner_maps"
BROKEN = sorted(BROKEN_MAPS.glob("*.yaml"))
EDITOR = {kind: jsonschema_rs.Draft202012Validator(json_schema(kind)) for kind in KINDS}


def kind_of(name: str) -> str:
    """The kind of a file, by its place below a folder of maps."""
    if name == "taxonomy.yaml":
        return "taxonomy"
    return {"recipients": "recipient", "examples": "example"}.get(name.split("/", 1)[0], "class")


OURS = [(folder, path) for folder in (OUR_MAPS, PARTNER_MAPS, SMALL_MAPS) for path in sorted(folder.rglob("*.yaml"))]


def plain(node: Node) -> Any:
    """The value as an editor's reader has it: a number is a number."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, Number):
        return float(node) if "." in node else int(node)
    return node


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_itself_valid(kind: str) -> None:
    told = json_schema(kind)

    jsonschema_rs.meta.validate(told)
    assert (told["$schema"], told["title"]) == (DIALECT, FILES[kind])


@pytest.mark.parametrize(("folder", "path"), OURS, ids=[f"{f.name}/{p.relative_to(f)}" for f, p in OURS])
def test_an_editor_approves_of_every_map_that_loads(folder: FilePath, path: FilePath) -> None:
    document, _ = read_document(path)
    assert document is not None

    marked = [
        error.message
        for error in EDITOR[kind_of(path.relative_to(folder).as_posix())].iter_errors(plain(document.value))
    ]

    assert marked == []


def verdicts(file: FilePath) -> tuple[bool, bool] | None:
    """Of a broken file: whether its form is refused at load, and whether an editor marks it; None if it is no YAML."""
    name = file.read_text("utf-8").splitlines()[0].removeprefix("# replaces: ")
    document, _ = read_document(file)
    if document is None:
        return None
    kind = kind_of(name)
    return conform(document, KINDS[kind]())[0] is None, not EDITOR[kind].is_valid(plain(document.value))


OF_FORM = frozenset(
    """
    answer_empty answer_from_elsewhere answer_that_is_required answer_under_a_condition answer_without_reason
    basis_unknown because_missing category_without_recipient constant_of_a_category country_abroad empty_value
    fields_empty in_flight_of_zero limit_of_zero list_at_the_top meaning_from_two_paths media_type_unknown
    merge_key never_is_empty no_fields no_purposes number_in_quotes number_where_text_is_due
    refuse_is_no_truth_value retention_after_something_else secret_in_the_file serves_a_set_without_name
    serves_no_one shape_empty shape_that_changes_the_category shape_with_an_unknown_key signer_unknown
    signer_with_the_secret_itself storage_abroad title_without_kazakh truth_in_quotes unknown_category unknown_key
    unknown_transform unknown_type when_empty when_list_empty when_not_a_list
    """.split()  # noqa: SIM905 -- names, to be read
)
"""Broken files that an editor marks, by what they are; what values mean together is for `gateway map check` to say."""


def test_an_editor_marks_every_fault_of_form() -> None:
    judged = {file.stem: found for file in BROKEN if (found := verdicts(file)) is not None}

    missed = [name for name, (refused, marked) in judged.items() if refused and not marked]
    marked = {name for name, (_, marked) in judged.items() if marked}

    assert missed == []
    assert marked >= OF_FORM


def test_every_key_says_what_it_is_for() -> None:
    silent = []
    for kind in KINDS:
        told = json_schema(kind)
        for name, one in {schema_name(KINDS[kind]): told, **told["$defs"]}.items():
            silent += [f"{name}.{key}" for key, value in one["properties"].items() if "description" not in value]

    assert silent == []


def test_nothing_is_said_of_schemas_that_are_not_there() -> None:
    told = {name for kind in KINDS for name in (schema_name(KINDS[kind]), *json_schema(kind)["$defs"])}

    assert DESCRIPTIONS.keys() - told <= {"Bounds"}  # which others share


class _Odd(Schema):
    a = fields.Raw()


class _Bounded(Schema):
    a = fields.List(fields.Nested(_Odd), validate=validate.ContainsOnly([1]))


@pytest.mark.parametrize("schema", [_Odd, _Bounded], ids=["a field", "a bound"])
def test_what_cannot_be_told_is_no_schema_at_all(monkeypatch: pytest.MonkeyPatch, schema: type[Schema]) -> None:
    monkeypatch.setitem(KINDS, "recipient", schema)

    with pytest.raises(TypeError, match="JSON Schema has a word for"):
        json_schema("recipient")
