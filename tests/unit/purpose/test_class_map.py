"""What is refused has its broken file in tests/data/broken_maps; here stands what a right file becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.canonical import parse_path
from gateway.model import BasisKind, FieldType, Lexicon, Match, PurposeId, Retention, Transform
from gateway.purpose.arrays import DEFAULT_MAX_ITEMS
from gateway.purpose.class_map import NAME_LENGTH, PurposeRules, read_class_map
from gateway.purpose.schemas import ClassMapSchema, conform
from gateway.purpose.taxonomy import Taxonomy
from tests.unit.purpose.samples import document

TAXONOMY = Taxonomy({"shop": frozenset({PurposeId("sale")})}, Lexicon(frozenset(), ()))
HEAD = """
recipient_class: shop
purposes:
  sale:
    title: {kk: сату, ru: продажа, en: sale}
    policy_clause: "5"
    dpv: https://w3id.org/dpv#DeliveryOfGoods
    basis: [consent, obligation]
    retention: {for: PERIOD, after: disclosure}
    fields:
"""


def read(tmp_path: Path, *fields: str, period: str = "P1Y", items: str = "") -> PurposeRules:
    head = HEAD.replace("    fields:", f"    items: {items}\n    fields:") if items else HEAD
    text = head.replace("PERIOD", period) + "".join(f"      {field}\n" for field in fields or (plain("id"),))
    file = document(tmp_path, text, "shop.yaml")
    values, problems = conform(file, ClassMapSchema())
    assert problems == []
    assert values is not None
    found, problems = read_class_map(file, values, TAXONOMY)
    assert problems == []
    return found[0]


def plain(path: str, more: str = "") -> str:
    return f'{path}: {{category: operational, type: string, max_length: 9, {more}because: "§5"}}'


def test_a_purpose_carries_what_the_file_says(tmp_path: Path) -> None:
    found = read(tmp_path)

    assert found.recipient_class == "shop"
    assert found.purpose == "sale"
    assert found.policy_clause == "5"
    assert found.bases == {BasisKind.CONSENT, BasisKind.OBLIGATION}
    assert found.retention == Retention(years=1)


@pytest.mark.parametrize(
    ("period", "expected"),
    [("P1Y", Retention(1)), ("P6M", Retention(0, 6)), ("P30D", Retention(0, 0, 30)), ("P1Y2M10D", Retention(1, 2, 10))],
)
def test_a_period_is_years_months_and_days(tmp_path: Path, period: str, expected: Retention) -> None:
    assert read(tmp_path, period=period).retention == expected


def test_a_field_carries_its_bounds_its_condition_and_its_reason(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "sum: {category: billing, type: decimal, minimum: 0.01, maximum: 9.99, places: 2, required: true, "
        'when: [{kind: [card, true]}, {"other": [1]}], because: "§5, the price"}',
    ).fields[0]

    assert (found.type, found.minimum, found.maximum, found.places) == (FieldType.DECIMAL, "0.01", "9.99", 2)
    assert found.required is True
    assert found.when == ((Match(parse_path("kind"), ("card", "true")),), (Match(parse_path("other"), ("1",)),))
    assert found.because == "§5, the price"


def test_a_field_comes_from_its_own_path_unless_the_map_says_otherwise(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        plain("id"),
        "name: {category: name, type: string, max_length: 60, as: given_and_initial, from: [first, last], "
        'because: "§5"}',
    ).fields

    assert found[0].sources == (parse_path("id"),)
    assert found[1].sources == (parse_path("first"), parse_path("last"))
    assert found[1].transform is Transform.GIVEN_AND_INITIAL


def test_every_field_of_an_array_knows_the_one_limit_of_the_array(tmp_path: Path) -> None:
    """T6."""
    found = read(
        tmp_path,
        plain("id"),
        plain("items[].id"),
        plain("items[].size", "max_items: 7, "),
        plain("notes[].id"),
    ).fields

    assert [field.max_items for field in found] == [None, 7, 7, DEFAULT_MAX_ITEMS]


def test_fields_keep_the_order_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, *(plain(name) for name in ("zulu", "alpha", "mike"))).fields

    assert [field.path for field in found] == [parse_path(name) for name in ("zulu", "alpha", "mike")]


def test_a_name_that_leaves_shortened_has_a_limit_where_the_map_gives_none(tmp_path: Path) -> None:
    field = 'name: {category: name, type: string, as: given_and_initial, because: "§5"}'

    found = read(tmp_path, field).fields[0]

    assert found.max_length == NAME_LENGTH


def test_a_template_is_bounded_by_what_it_names(tmp_path: Path) -> None:
    field = 'note: {category: operational, type: string, as: template, template: "No. {id}", because: "§5"}'

    found = read(tmp_path, plain("id", "required: true, "), field).fields[1]

    assert (found.template, found.max_length) == ("No. {id}", None)


def test_a_generic_text_needs_no_bounds_of_what_it_replaces(tmp_path: Path) -> None:
    field = 'note: {category: operational, type: string, as: generic, text: "Goods, 5 kg", because: "§5"}'

    found = read(tmp_path, field).fields[0]

    assert (found.transform, found.generic, found.max_length) == (Transform.GENERIC, "Goods, 5 kg", None)


def test_a_pseudonym_needs_no_bounds_of_what_it_replaces(tmp_path: Path) -> None:
    """T15."""
    found = read(tmp_path, 'who: {category: operational, type: string, as: pseudonym, because: "§5"}').fields[0]

    assert found.transform is Transform.PSEUDONYM


@pytest.mark.parametrize("kind", [FieldType.AREA, FieldType.POSTAL_INDEX])
def test_types_that_bound_themselves_need_no_bounds(tmp_path: Path, kind: FieldType) -> None:
    found = read(tmp_path, f'it: {{category: address, type: {kind}, because: "§5"}}').fields[0]

    assert found.type is kind


def test_a_purpose_says_whose_data_the_items_of_its_arrays_are(tmp_path: Path) -> None:
    """T16."""
    found = read(tmp_path, plain('"rows[].size"'), items='{"rows[]": "rows[].of.whom"}')

    assert found.about == {parse_path("rows[]"): parse_path("rows[].of.whom")}
    assert read(tmp_path).about == {}
