"""What a shape may not say has its broken files in tests/data/broken_maps; here stands what a right one becomes."""

from __future__ import annotations

from pathlib import Path as FilePath

from gateway.canonical import parse_path
from gateway.model import Match
from tests.unit.purpose.samples import Seen, by_path, served_by


def test_what_the_shape_does_not_bind_is_not_there_and_not_required(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "shape:", "  kind: ticket.kind")

    assert list(by_path(found)) == ["kind"]


def test_fields_stand_in_the_order_of_the_shape(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "shape:", "  z: ticket.kind", "  a: {operational: boolean}", "  m: ticket.id")

    assert list(by_path(found)) == ["z", "a", "m"]


def test_a_condition_is_read_where_the_shape_has_what_it_reads(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path, "shape:", "  call: ticket.phone", "  id: ticket.id", "means: {ticket.scope: {s: {f: apartment}}}"
        )
    )

    assert found["call"].when == ((Match(parse_path("s"), ("f",)),),)


def test_a_field_under_a_condition_that_the_api_has_no_word_for_stays_home(tmp_path: FilePath) -> None:
    """Law 1: a gap denies."""
    seen = Seen()

    found = served_by(tmp_path, "shape:", "  call: ticket.phone", "  id: ticket.id", seen=seen)

    assert list(by_path(found)) == ["id"]
    assert seen.narrowed == [(parse_path("call"),)]


def test_what_an_api_always_means_decides_a_condition_at_load(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "shape:", "  call: ticket.phone", "means: {ticket.scope: apartment}")

    assert by_path(found)["call"].when == ()


def test_a_withheld_field_is_narrowed_in_every_place_of_theirs(tmp_path: FilePath) -> None:
    seen = Seen()

    served_by(
        tmp_path,
        "withhold: [ticket.kind]",
        "shape:",
        "  id: ticket.id",
        "  kind: ticket.kind",
        "  again: {field: ticket.kind, from: what}",
        seen=seen,
    )

    assert seen.narrowed == [(parse_path("kind"), parse_path("what"))]


def test_a_required_field_may_be_withheld_where_the_api_has_no_place_for_it(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "withhold: [ticket.id]", "shape:", "  kind: ticket.kind")

    assert list(by_path(found)) == ["kind"]


def test_a_key_of_theirs_named_recipient_is_a_key_like_any_other(tmp_path: FilePath) -> None:
    found = by_path(
        served_by(
            tmp_path,
            "shape:",
            "  id: ticket.id",
            "  recipient.name: {field: ticket.person, when: {recipient.type.code: [x]}}",
        )
    )

    assert found["recipient.name"].when == ((Match(parse_path("recipient.type.code"), ("x",)),),)


def test_names_in_a_namespace_may_be_of_another_script(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "shape:", """  '"{http://v8.example/8.3}Номер"."@Код"': ticket.id""")

    assert [step.key for step in found.fields[0].path] == ["{http://v8.example/8.3}Номер", "@Код"]
