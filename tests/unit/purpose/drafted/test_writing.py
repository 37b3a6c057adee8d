from __future__ import annotations

import re
from pathlib import Path as FilePath
from typing import Any

import pytest

from gateway.minimise import compile_projection
from gateway.model import PurposeId, RecipientId
from gateway.purpose import load_snapshot
from gateway.purpose.drafted import BLANK, draft_text
from gateway.purpose.drafted.checking import FILLED
from gateway.purpose.drafted.draft import Draft, Left
from gateway.purpose.drafted.writing import written
from gateway.purpose.yaml_files import read_document
from tests.unit.purpose.drafted.conftest import body, drafted
from tests.unit.purpose.samples import OUR_MAPS, document

CASES = {
    "cdek": (("07", "07_cdek.json"), "marketplace_partner", "goods_delivery"),
    "yandex": (("08", "08_yandex.json"), "marketplace_partner", "goods_delivery"),
    "halyk": (("10", "10_halyk.json"), "payment_provider", "payment"),
}


def filled(text: str) -> str:
    """The draft as a person has filled it in."""

    def fill(found: re.Match[str]) -> str:
        key = found[1].strip().strip("'")
        name = {"kk": "title", "ru": "title", "en": "title"}.get(key, key)
        return f"{found[1]}: {FILLED.get(name, FILLED['open'])}"

    return re.sub(rf"^( *[^#\n]+?):  {BLANK}.*$", fill, text, flags=re.MULTILINE)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("whose", ["realistic", "own"])
def test_a_draft_whose_blanks_are_filled_in_loads_and_until_then_each_is_a_problem(
    tmp_path: FilePath, case: str, whose: str
) -> None:
    payload, recipient_class, purpose = CASES[case]
    draft = drafted(tmp_path, body(*payload, whose), recipient_class, purpose)
    text = draft_text(draft)
    folder = tmp_path / "maps"
    (folder / "recipients").mkdir(parents=True)
    for name in ("taxonomy", recipient_class):
        (folder / f"{name}.yaml").write_bytes((OUR_MAPS / f"{name}.yaml").read_bytes())
    file = folder / "recipients" / "drafted.yaml"

    file.write_text(text, "utf-8")
    with pytest.raises(Exception, match=r"drafted\.yaml") as told:
        load_snapshot(folder, compile_projection)
    problems = str(told.value).split("drafted.yaml:")[1:]
    assert len([one for one in problems if "it is empty" in one]) == text.count(BLANK)
    file.write_text(filled(text), "utf-8")
    found = load_snapshot(folder, compile_projection).maps[RecipientId("drafted"), PurposeId(purpose)]

    waiting = {path for paths in draft.waiting.values() for path in paths}
    assert len(found.fields) >= len(draft.bound) + len(draft.constants) - len(waiting)


def test_every_line_that_states_something_knows_what_it_states(tmp_path: FilePath) -> None:
    draft = drafted(tmp_path, body("07", "07_cdek.json"))

    lines = written(draft)

    assert {line.path for line in lines if line.part == "shape"} == draft.bound.keys() | draft.constants.keys()
    assert "".join(f"{line.text}\n" for line in lines) == draft_text(draft)


def empty(**more: Any) -> Draft:
    values: dict[str, Any] = {"role": None, "roles": (), "base_url": None, "media_type": "text/csv", "routes": []}
    return Draft(id="x", recipient_class="c", purpose="p", **{**values, **more})


def test_what_there_is_nothing_to_say_of_is_a_blank() -> None:
    text = draft_text(empty(items=["records[]"], open=["path.id"], left=[Left("a", "text")]))

    assert f"    routes:  {BLANK}" in text
    assert f"      records[]:  {BLANK}" in text
    assert f"      path.id:  {BLANK}" in text
    assert "media_type: text/csv" in text
    assert "#   a   text" in text
    assert f"    shape:  {BLANK}" in draft_text(empty())


def test_keys_and_texts_are_spelled_so_that_yaml_reads_them_as_they_are(tmp_path: FilePath) -> None:
    odd = {
        '"@name"': {"operational": "string", "one_of": ["no", "1e3", "true", "a-b"]},
        "x.'y": {"operational": "boolean"},
    }

    text = draft_text(empty(constants=odd))

    read = document(tmp_path, re.sub(rf":  {BLANK}.*", ": x", text)).value
    assert isinstance(read, dict)
    assert read["purposes"]["p"]["shape"] == odd  # type: ignore[index,call-overload] # a tree
    assert read_document(tmp_path / "file.yaml")[1] == []
