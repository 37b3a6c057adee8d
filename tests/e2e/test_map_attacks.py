"""Attacks on what a map lets through (T11 to T18), through a real `gateway serve`: nests, texts, ids, other people.

What is compared is the body that a recipient got: it is built from the map, so what stands around it changes nothing.
"""

from __future__ import annotations

import base64
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from ruamel.yaml import YAML

from gateway.errors import PurposeMapError
from tests.deployment import ROOT, Deployment, new_deployment
from tests.e2e.answers import life
from tests.e2e.attacked import ORDER, SUBJECT, TYPES, Attacked, attacked, one_line, write_maps

CLASS_MAP = "marketplace_partner.yaml"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("maps")) as found:
        yield found


def _emptied(where: str, value: Any) -> Callable[[Path], None]:
    """Of the class map's purpose, one member made something else."""

    def change(maps: Path) -> None:
        yaml, path = YAML(), maps / CLASS_MAP
        text = yaml.load(path.read_text(encoding="utf-8"))
        purpose = text["purposes"]["goods_delivery"]
        if where in purpose:
            purpose[where] = value
        else:
            purpose["fields"]["order.label"] |= {where: value}
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(text, file)

    return change


def _written(text: str) -> Callable[[Path], object]:
    return lambda maps: (maps / CLASS_MAP).write_text(text, encoding="utf-8")


def _removed(pattern: str) -> Callable[[Path], None]:
    def change(maps: Path) -> None:
        for one in sorted(maps.glob(pattern)):
            one.unlink()

    return change


OPEN: dict[str, Callable[[Path], object]] = {
    "an empty file": _written(""),
    "a file that says null": _written("null\n"),
    "no purposes": _written("recipient_class: marketplace_partner\npurposes: {}\n"),
    "no fields": _emptied("fields", {}),
    "fields that are null": _emptied("fields", None),
    "fields that are a wildcard": _emptied("fields", "*"),
    "fields that are a list": _emptied("fields", ["order"]),
    "a field of any type": _emptied("type", "any"),
    "a field that is a whole object": _emptied("type", "object"),
    "a field whose unknown names are included": _emptied("unknown", "include"),
    "a misspelt condition": _emptied("whem", {"order.town": ["Астана"]}),
    "no recipients": _removed("recipients/*.yaml"),
    "no map of the class": _removed(CLASS_MAP),
    "nothing at all": _removed("**/*.yaml"),
}


def _deployed(folder: Path) -> Deployment:
    """A deployment that starts."""
    deployment = new_deployment(folder, GATEWAY_SECRET_ATTACKED="attacked")
    write_maps(deployment.maps, "https://127.0.0.1:9")
    for one in (deployment.maps / "recipients").iterdir():
        one.write_text(one.read_text(encoding="utf-8").replace("ca_file: attacked.pem\n", ""), encoding="utf-8")
    deployment.make()
    return deployment


@pytest.mark.parametrize("name", OPEN)
def test_an_empty_or_broken_map_is_no_open_map_but_none(tmp_path: Path, name: str) -> None:
    """T11: what would serve it is not built, and says which file."""
    deployment = _deployed(tmp_path)
    deployment.build().close()
    OPEN[name](deployment.maps)

    with pytest.raises(PurposeMapError) as raised:
        deployment.build()

    assert ".yaml" in str(raised.value) or "purpose_maps" in str(raised.value)


def test_a_gateway_with_an_empty_map_does_not_start(tmp_path: Path) -> None:
    """T11: as a process."""
    deployment = _deployed(tmp_path)
    OPEN["no fields"](deployment.maps)
    environ = {**os.environ, **deployment.environ, "GATEWAY_HOME": str(deployment.home)}
    command = [sys.executable, "-m", "gateway.cli", "serve", "--port", "1"]

    ran = subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60, cwd=ROOT, text=True)

    assert ran.returncode == 1
    assert f"{CLASS_MAP}:" in ran.stderr


def _overgrown(node: Any, randomness: random.Random) -> Any:
    """The same with names that no map knows at every level, each with a canary under it."""
    if isinstance(node, list):
        return [_overgrown(one, randomness) for one in node]
    if not isinstance(node, dict):
        return node
    grown = {
        f"x{randomness.randrange(10**6)}": randomness.choice(["canary", {"canary": "canary"}, [["canary"]], 731902648])
    }
    return {**grown, **{name: _overgrown(one, randomness) for name, one in node.items()}}


def test_what_grows_at_any_level_of_a_nest_stays_home(running: Attacked) -> None:
    """T11, T12: no level inherits an open hand from the one around it."""
    randomness = random.Random(12)
    for _ in range(30):
        sizes = [randomness.randrange(1, 4) for _ in range(randomness.randrange(1, 4))]
        parts = [{"sub": [{"code": "ABCDEFG"[size:]} for _ in range(size)]} for size in sizes]
        whole = {"order": {"number": "A-1", "parts": parts}}

        status, headers, _raw = running.ask("json", orjson.dumps(_overgrown(whole, randomness)))

        assert (status, running.arrived[-1].body) == (200, orjson.dumps(whole))
        assert int(headers["gateway-withheld"]) > 0


TEXT = (
    "Иванов, ИИН 900101100103, карта 4111 1111 1111 1111, тел. +7 700 000 01 23 или test.primerov@example.com, диабет"
)


@pytest.mark.parametrize("kind", TYPES)
def test_what_names_a_person_in_free_text_does_not_leave(running: Attacked, kind: str) -> None:
    """T13: in the text of JSON it is replaced, and counted; a string of every other type does not leave at all."""
    body = orjson.dumps({"order": {"number": "A-1", "note": TEXT}}) if kind == "json" else one_line(kind, label=TEXT)

    status, headers, _raw = running.ask(kind, body)

    left = running.arrived[-1].body.decode()
    assert (status, "A-1" in left) == (200, True)
    assert [one for one in ("Иванов", "900101100103", "4111", "700", "example.com", "диабет") if one in left] == []
    if kind == "json":
        assert '"note":"[ФИО], ИИН [ИИН], карта' in left
        assert life(running.served, headers["gateway-transfer"], 2)[0]["findings"]


SECRET = "900101100103"
CARRIERS: dict[str, str] = {
    "plain": SECRET,
    "in dashes": "9001-0110-0103",
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "in base64 for addresses": base64.urlsafe_b64encode(b"iin=" + SECRET.encode()).decode().rstrip("="),
    "in hex": SECRET.encode().hex(),
    "in other digits": "".join(chr(0x0660 + int(digit)) for digit in SECRET),
    "in full width": "".join(chr(0xFF10 + int(digit)) for digit in SECRET),
    "between signs not seen": "\u200b".join(SECRET),
    "percent-encoded": "".join(f"%{ord(digit):02x}" for digit in SECRET),
    "in a document of JSON": '{"iin":"' + SECRET + '"}',
    "in a document of XML": f"<iin>{SECRET}</iin>",
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_number_encoded_into_allowed_fields_does_not_leave(running: Attacked, name: str) -> None:
    """T14: in a string, in a decimal, in a URL, in a choice; in each content type that carries the string."""
    secret = CARRIERS[name]
    value = dict.fromkeys(
        ("string", "choice", "integer", "decimal", "date", "period", "share", "phone", "email"), secret
    )
    value["url"] = f"https://pay.example.com/{secret}"

    answers = [running.order(order={"number": "A-1", "label": secret}, value=value)]
    escaped = secret.replace("<", "&lt;").replace('"', "&quot;")
    quoted = secret.replace('"', "'")
    answers += [running.ask(kind, one_line(kind, label=escaped if kind == "xml" else quoted)) for kind in TYPES]

    assert {answer[0] for answer in answers} == {200}
    for received in running.arrived[-len(answers) :]:
        assert secret not in received.body.decode()
    assert running.arrived[-len(answers)].body == orjson.dumps(ORDER)


def test_a_person_has_another_name_at_each_recipient(running: Attacked) -> None:
    """T15: 40 people at two recipients; no two names are the same, and no id of ours is on the wire."""
    order = orjson.dumps({"order": {"number": "A-1", "who": "usr_raw"}})
    names: dict[tuple[str, str], str] = {}
    for number in range(40):
        for who in ("json", "mapped"):
            status, _headers, _raw = running.ask(who, order, headers={"Gateway-Subject": f"usr_{number}"})
            arrived: Any = running.last
            names[who, f"usr_{number}"] = arrived["order"]["who"]
            assert (status, "usr_" in repr(running.arrived[-1])) == (200, False)
    running.ask("json", order, headers={"Gateway-Subject": "usr_7"})
    again: Any = running.last

    assert len(set(names.values())) == len(names)
    assert again["order"]["who"] == names["json", "usr_7"]


def test_of_an_array_of_people_only_the_subject_s_own_item_leaves(running: Attacked) -> None:
    """T16: others, those who say nothing, and look-alikes of the subject stay home."""
    others = ["usr_0002", SUBJECT.upper(), f"{SUBJECT} ", f"{SUBJECT}\u200b", "", None, 1, [SUBJECT], {"id": SUBJECT}]
    residents = [{"user_id": other, "flat": str(45 + n), "name": "canary"} for n, other in enumerate(others)]
    residents += [{"flat": "99"}, {"user_id": SUBJECT, "flat": "5"}, {"User_id": SUBJECT, "flat": "98"}]

    status, headers, _raw = running.order(residents=residents)

    assert (status, running.last) == (200, {**ORDER, "residents": [{"flat": "5"}]})
    assert int(headers["gateway-withheld"]) >= 2


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_what_is_null_and_what_is_absent_are_one(running: Attacked, kind: str) -> None:
    """T17: `null` would tell that there is no record; and nothing is filled in that did not come."""
    assert running.ask(kind, one_line(kind))[0] == 200
    absent = running.arrived[-1].body

    nulls = one_line(kind, label="?", town="?").replace(b'"?"', b"null")
    if kind == "json":
        nulls = nulls[:-1] + b',"value":{"phone":null,"decimal":null,"boolean":null},"residents":null}'
    status, _headers, _raw = running.ask(kind, nulls)

    assert (status, running.arrived[-1].body) == (200, absent)


@pytest.mark.parametrize("empty", [{}, [], {"order": {}}, {"value": {}}, {"residents": [{}]}], ids=repr)
def test_an_empty_payload_is_refused_and_not_sent_as_nothing(running: Attacked, empty: Any) -> None:
    """T17, T18: what is required is named."""
    before = running.state

    answer = running.ask("json", orjson.dumps(empty))

    document = running.expect_wrong(answer, 422, "required_missing", before)
    assert [one["path"] for one in document["failures"]] == ["order.number"]


def test_what_is_allowed_arrives_to_the_byte(running: Attacked) -> None:
    """T18: each leaf that the map names, with the text that it came with."""
    randomness = random.Random(18)
    for _ in range(60):
        value = {
            "string": "".join(randomness.choices("abcXYZ_-", k=randomness.randrange(1, 9))),
            "decimal": f"{randomness.randrange(1, 10**6)}.{randomness.randrange(100):02}",
            "boolean": randomness.random() < 0.5,
            "share": f"1/{randomness.randrange(1, 9)}",
        }
        whole = {"order": {"number": f"A-{randomness.randrange(10**5)}", "label": "Ёлка «А»"}, "value": value}

        status, _headers, _raw = running.ask("json", orjson.dumps(whole))

        assert (status, running.arrived[-1].body) == (200, orjson.dumps(whole))
