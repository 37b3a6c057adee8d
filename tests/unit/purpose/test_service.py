"""What one purpose of a recipient's file may not say has its broken files in tests/data/broken_maps."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import parse_path
from gateway.purpose.schemas import MEDIA_TYPES
from tests.unit.purpose.samples import served_by


def test_a_body_is_json_unless_the_file_says_otherwise(tmp_path: FilePath) -> None:
    assert served_by(tmp_path).media_type == "application/json"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_body_may_be_written_as_the_recipient_reads_it(tmp_path: FilePath, media_type: str) -> None:
    assert served_by(tmp_path, f"media_type: {media_type}").media_type == media_type


def test_a_payload_may_name_its_own_subject(tmp_path: FilePath) -> None:
    assert served_by(tmp_path).subject_from is None
    assert served_by(tmp_path / "b", "subject_from: order.user_id").subject_from == parse_path("order.user_id")


def test_without_a_shape_bodies_are_in_the_class_s_paths(tmp_path: FilePath) -> None:
    found = served_by(tmp_path)

    assert parse_path("ticket.id") in {rule.path for rule in found.fields}
    assert (found.located, found.serves, found.answer) == (False, (), None)
