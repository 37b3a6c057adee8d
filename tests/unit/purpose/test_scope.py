"""Whose data a recipient may have: asked in the paths that its payloads have, or the maps do not load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

from gateway.canonical import parse_path
from gateway.model import RecipientId, Serves
from gateway.purpose.conditions import Terms
from gateway.purpose.scope import about_in_terms, kept_sets
from gateway.purpose.service import Place
from gateway.purpose.shape import Shaped
from gateway.purpose.yaml_files import Document, Report
from tests.unit.admission.pulls import KASPI, pull_of
from tests.unit.purpose.samples import rule, served_by
from tests.values import PAIR, purpose_map, snapshot

PEOPLE, USER = parse_path("people[]"), parse_path("people[].user_id")


def test_a_list_of_values_is_asked_where_the_class_map_reads(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "serves: {ticket.kind: [leak, 5]}")

    assert found.serves == (Serves(parse_path("ticket.kind"), frozenset({"leak", "5"}), None),)


def test_a_condition_s_path_may_be_asked_too(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "serves: {ticket.scope: [apartment]}")

    assert found.serves[0].path == parse_path("ticket.scope")


def test_a_kept_set_is_asked_by_name(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "serves: {ticket.id: {set: houses}}")

    assert found.serves == (Serves(parse_path("ticket.id"), None, "houses"),)


def test_what_a_recipient_serves_everywhere_is_asked_beside_what_it_serves_here(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "serves: {ticket.kind: [leak]}", top="serves: {ticket.id: {set: houses}}")

    assert [one.path for one in found.serves] == [parse_path("ticket.id"), parse_path("ticket.kind")]


def test_under_a_shape_every_place_of_the_value_is_asked(tmp_path: FilePath) -> None:
    found = served_by(
        tmp_path,
        "serves: {ticket.kind: [leak]}",
        "shape:",
        "  kind: ticket.kind",
        "  again: {field: ticket.kind, from: what}",
    )

    assert [one.path for one in found.serves] == [parse_path("kind"), parse_path("what")]


def test_under_a_shape_a_meaning_is_asked_by_their_values(tmp_path: FilePath) -> None:
    found = served_by(
        tmp_path,
        "serves: {ticket.scope: [apartment]}",
        'means: {ticket.scope: {s: {"1": apartment, "2": apartment, "3": yard}}}',
        "shape:",
        "  id: ticket.id",
    )

    assert found.serves == (Serves(parse_path("s"), frozenset({"1", "2"}), None),)


def test_what_an_api_always_means_need_not_be_asked(tmp_path: FilePath) -> None:
    found = served_by(
        tmp_path, "serves: {ticket.scope: [yard]}", "means: {ticket.scope: yard}", "shape:", "  id: ticket.id"
    )

    assert found.serves == ()


def shaped(*places: tuple[str, str], told: tuple[str, ...] = ()) -> Shaped:
    bound = tuple(
        (
            Place(text=path, path=parse_path(path), field=parse_path(field), sources=(), when=(), changes={}),
            rule(field),
        )
        for path, field in places
    )
    return Shaped((), (), Terms({USER: tuple(map(parse_path, told))}, {}), bound)


def test_whose_data_an_item_is_is_read_where_their_items_say_it() -> None:
    """T16."""
    report = Report(Document("mc-one.yaml", {}, {}))

    found = about_in_terms(
        {PEOPLE: USER}, {}, shaped(("all[].name", "people[].name"), told=("all[].uid",)), ("x",), report
    )

    assert found == {parse_path("all[]"): parse_path("all[].uid")}
    assert report.problems == []


def test_a_recipient_s_file_may_say_whose_data_its_items_are() -> None:
    report = Report(Document("mc-one.yaml", {}, {}))

    found = about_in_terms(
        {PEOPLE: USER}, [parse_path("all[]")], shaped(("all[].name", "people[].name")), ("x",), report
    )

    assert (found, report.problems) == ({}, [])


def test_a_field_of_many_people_cannot_stand_alone() -> None:
    """T16."""
    report = Report(Document("mc-one.yaml", {}, {}))

    about_in_terms({PEOPLE: USER}, {}, shaped(("name", "people[].name"), told=("all[].uid",)), ("x",), report)

    assert len(report.problems) == 1


def test_the_sets_that_files_name_are_known(tmp_path: FilePath) -> None:
    found = served_by(tmp_path, "serves: {ticket.kind: [leak]}", top="serves: {ticket.id: {set: houses}}")

    assert kept_sets(snapshot(found)) == {(RecipientId("mc-one"), "houses")}
    assert kept_sets(snapshot()) == frozenset()


def test_the_sets_of_what_recipients_ask_for_are_kept_too() -> None:
    """Else the platform could not write them, and no one would be served."""
    served = replace(pull_of(KASPI), map=purpose_map(serves=(Serves(parse_path("sum"), None, "sums"),)))
    found = replace(snapshot(), pulls=(served,))

    assert kept_sets(found) == {(PAIR[0], "sums")}
