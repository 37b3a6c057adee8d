"""What a map does with free text: the stricter of the class's word and the recipient's holds (law 7)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

import pytest

from gateway.canonical import Node
from gateway.errors import PurposeMapError
from gateway.minimise import compile_projection
from gateway.model import FieldType, TextMode, Transform, WithheldReason
from gateway.purpose.load import load_snapshot
from gateway.purpose.text_modes import drops, in_mode, lacks_template, stricter
from tests.rules import rule, show
from tests.unit.purpose.samples import copy_of_small_maps
from tests.unit.purpose.samples import replace as write_over

SCRUB, TEMPLATE, DROP = TextMode.SCRUB, TextMode.TEMPLATE, TextMode.DROP
TEXT = rule("ticket.text", FieldType.TEXT, max_length=100, template="Заявка {ticket.id}")

FIELDS = "    fields:\n"
FIELD = "      ticket.text: {category: operational, type: text, max_length: 90, because: '§5, what is wrong'%s}\n"
HELD: Node = {"ticket": {"id": "R-1", "text": "Течёт стояк, звоните 8 700 000 01 23"}}


def maps(tmp_path: FilePath, more: str = "", *, ours: str = "", theirs: str = "") -> FilePath:
    """The small maps with a free text, which may state more, and with what each file says of free text."""
    folder = copy_of_small_maps(tmp_path)
    mode = f"    text: {ours}\n" if ours else ""
    write_over(folder / "managing_company.yaml", FIELDS, mode + FIELDS + FIELD % more)
    if theirs:
        write_over(folder / "recipients" / "mc-one.yaml", "    routes:", f"    text: {theirs}\n    routes:")
    return folder


def leaves(folder: FilePath) -> Node:
    (found,) = load_snapshot(folder, compile_projection).maps.values()
    projection = found.project(HELD, show)
    assert isinstance(projection.data, dict)
    return projection.data["ticket"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (SCRUB, SCRUB, SCRUB),
        (SCRUB, DROP, DROP),
        (DROP, SCRUB, DROP),
        (TEMPLATE, DROP, DROP),
        (TEMPLATE, SCRUB, TEMPLATE),
    ],
)
def test_the_stricter_of_two_modes_holds(first: TextMode, second: TextMode, expected: TextMode) -> None:
    assert stricter(first, second) is expected


def test_free_text_and_nothing_else_is_dropped() -> None:
    assert drops(TEXT, DROP)
    assert not drops(TEXT, SCRUB)
    assert not drops(TEXT, TEMPLATE)
    assert not drops(rule("ticket.id"), DROP)


def test_a_template_stands_in_the_place_of_a_text_and_not_beside_a_scrubbed_one() -> None:
    templated, scrubbed = in_mode(TEXT, TEMPLATE), in_mode(TEXT, SCRUB)

    assert (templated.type, templated.transform) == (FieldType.STRING, Transform.TEMPLATE)
    assert (templated.template, templated.max_length) == ("Заявка {ticket.id}", None)
    assert scrubbed == replace(TEXT, template=None)
    assert in_mode(rule("ticket.id"), TEMPLATE) == rule("ticket.id")


def test_a_text_without_a_template_lacks_one_only_where_templates_are_asked_for() -> None:
    bare = replace(TEXT, template=None)

    assert lacks_template(bare, TEMPLATE)
    assert not lacks_template(bare, SCRUB)
    assert not lacks_template(TEXT, TEMPLATE)
    assert not lacks_template(rule("ticket.id"), TEMPLATE)


TEMPLATED = ', template: "Заявка {ticket.id}"'


@pytest.mark.parametrize(
    ("more", "ours", "theirs", "expected"),
    [
        pytest.param("", "", "", "Течёт стояк, звоните [ТЕЛЕФОН]", id="scrub is the default"),
        pytest.param(TEMPLATED, "", "scrub", "Течёт стояк, звоните [ТЕЛЕФОН]", id="a template that waits"),
        pytest.param(TEMPLATED, "template", "", "Заявка R-1", id="a template for all"),
        pytest.param(TEMPLATED, "", "template", "Заявка R-1", id="a template for one"),
        pytest.param(TEMPLATED, "template", "scrub", "Заявка R-1", id="no recipient widens"),
        pytest.param("", "drop", "", None, id="dropped for all"),
        pytest.param(TEMPLATED, "template", "drop", None, id="dropped for one"),
    ],
)
def test_free_text_leaves_as_the_stricter_word_says(
    tmp_path: FilePath, more: str, ours: str, theirs: str, expected: str | None
) -> None:
    """T13: under `template` and `drop` nothing that people wrote leaves."""
    made = leaves(maps(tmp_path, more, ours=ours, theirs=theirs))

    assert made == {"id": "R-1"} | ({} if expected is None else {"text": expected})


def test_a_text_that_is_dropped_is_accounted_for_as_narrowed(tmp_path: FilePath) -> None:
    (found,) = load_snapshot(maps(tmp_path, theirs="drop"), compile_projection).maps.values()

    projection = found.project(HELD, show)

    assert [(one.path, one.reason) for one in projection.withheld] == [("ticket.text", WithheldReason.NARROWED)]


@pytest.mark.parametrize(
    ("more", "mode", "said"),
    [
        ("", "template", "ticket.text: expected `template:` beside it in the class map"),
        (", required: true", "drop", "ticket.text: the class map requires it"),
    ],
)
def test_a_mode_that_the_map_cannot_keep_stops_the_load(tmp_path: FilePath, more: str, mode: str, said: str) -> None:
    folder = maps(tmp_path, more, theirs=mode)

    with pytest.raises(PurposeMapError) as caught:
        load_snapshot(folder, compile_projection)

    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0]
    assert "mc-one.yaml:" in caught.value.problems[0]
