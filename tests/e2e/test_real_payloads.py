"""Realistic payloads as they are, through the whole gateway: their recipient opens exactly what it needs.

The shared payloads where they are beside the repository, and small ones of our own always. Files in `expected/` show
which values leave, not the paths they must have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from gateway.canonical import Node, write
from gateway.clock import SystemClock
from gateway.formats.strict_json import parse
from gateway.receiver import Opened
from tests.deployment import Deployment, Served, new_deployment, serving, transfer_body
from tests.e2e.answers import expect_delivered
from tests.recipients import Authority, RecordingRecipient

OWN = Path(__file__).parent / "payloads"
SHARED = Path(__file__).parents[3] / "shared" / "payloads"
NUMBERS = ("01", "03", "04", "05", "06")
FILES = sorted(OWN.glob("*.json")) + [path for number in NUMBERS for path in SHARED.glob(f"{number}_*.json")]
RECIPIENTS = ("mc-primer-uk", "partner-chistyi-test")
SUBJECT = "usr_0001"

FREE_TEXT = ("text", "comment")
LABEL = re.compile(r"\[[^\]a-z]+(?:: [^\]]+)?\]")
CAUGHT = {
    "[КОД]",
    "[ИИН]",
    "[ЖСН]",
    "[ТЕЛЕФОН]",
    "[EMAIL]",
    "[КАРТА]",
    "[IBAN]",
    "[ДОКУМЕНТ]",
    "[ГОСНОМЕР]",
    "[ПӘТЕР]",
    "[ФИО]",
    "[АТЫ-ЖӨНІ]",
}
NOT_CAUGHT = {  # in this release; README, Limits, says so too
    "[ЗДОРОВЬЕ: предложение удалено]": "the sentence around a special category: its phrase goes, and the rest stays",
    "[ДЕНСАУЛЫҚ: сөйлем алынды]": "the same, in Kazakh",
}
IDENTIFIERS = re.compile(
    r"\d{12}|(?:\+7|\b8)[ (-]*7\d\d[ )-]*\d{3}[ -]*\d\d[ -]*\d\d|"
    r"[\w.]+@example\.com|(?:\d{4} ){3}\d{4}|KZ\d\d[ \w]{16,}"
)
HEALTH = ("инвалид", "лежач", "аллерги", "астм", "мүгедек")


@dataclass
class Arrived:
    """What a recipient opened, what it was made of and what should have left."""

    name: str
    given: Node
    expected: Node
    opened: Opened
    envelope: bytes


@dataclass
class Run:
    """A running gateway and one recipient that is both."""

    deployment: Deployment
    served: Served
    recipient: RecordingRecipient

    def send(self, path: Path) -> Arrived:
        given = parse(path.read_bytes())
        assert isinstance(given, dict)
        meta = given["meta"]
        assert isinstance(meta, dict)
        who, what = str(meta["recipient"]), str(meta["purpose"])
        body = orjson.dumps(transfer_body(who, what, orjson.Fragment(path.read_bytes()), SUBJECT))
        expect_delivered(self.served.call("POST", "/v1/transfers", body))
        envelope = self.recipient.received[-1].body
        opened = self.deployment.receiver(who).open(envelope, now=SystemClock().now(), newest=None)
        return Arrived(path.name, given, parse((path.parent / "expected" / path.name).read_bytes()), opened, envelope)


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Arrived]]:
    folder = tmp_path_factory.mktemp("payloads")
    authority, deployment = Authority(folder), new_deployment(folder)
    if not SHARED.is_dir():
        print("the shared payloads are not here: only our own run")
    with RecordingRecipient(authority) as recipient:
        for one in RECIPIENTS:
            deployment.point(one, recipient.base_url, authority.ca_file)
        deployment.make()
        with serving(deployment) as served:
            run = Run(deployment, served, recipient)
            yield {path.name: run.send(path) for path in FILES}


def leaves(node: Node, key: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf with the name of its field; `null` is absent."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from leaves(inner, name)
    elif isinstance(node, list):
        for inner in node:
            yield from leaves(inner, key)
    elif node is not None:
        yield key, node if isinstance(node, str) and key in FREE_TEXT else write(node).decode()


def values(node: Node) -> Counter[str]:
    """Values wherever they stand; free text is judged by its rule, the pseudonym by another test."""
    return Counter(value for key, value in leaves(node) if key not in (*FREE_TEXT, "subject_ref"))


def texts(node: Node) -> list[str]:
    return [value for key, value in leaves(node) if key in FREE_TEXT]


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_exactly_the_expected_values_arrive(arrived: dict[str, Arrived], name: str) -> None:
    one = arrived[name]

    assert values(one.opened.data) == values(one.expected)
    assert values(one.given) - values(one.opened.data)  # something stayed home


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_free_text_arrives_without_identifiers_and_otherwise_as_it_was(arrived: dict[str, Arrived], name: str) -> None:
    """IIN, phones, e-mail, cards and IBAN are replaced, words of health too; all else of the text stays."""
    one = arrived[name]

    came, wanted, held = texts(one.opened.data), texts(one.expected), texts(one.given)
    for text, target, source in zip(came, wanted, held, strict=True):
        assert IDENTIFIERS.findall(text) == []
        assert [word for word in HEALTH if word in text.lower()] == []
        more = Counter(label for label in LABEL.findall(text) if label in CAUGHT)
        more.subtract(label for label in LABEL.findall(target) if label in CAUGHT)
        assert {label for label, times in more.items() if times} <= {"[ФИО]"}
        assert min(more.values(), default=0) >= 0  # a name more: the target forgot the wife's
        kept = [part for part in LABEL.split(text) if part not in source]
        assert kept == []


def test_every_label_of_the_targets_is_caught_or_named_as_not_caught(arrived: dict[str, Arrived]) -> None:
    labels = {label for one in arrived.values() for text in texts(one.expected) for label in LABEL.findall(text)}

    assert labels - CAUGHT - NOT_CAUGHT.keys() == set()
    if SHARED.is_dir():
        assert NOT_CAUGHT.keys() - labels == set()


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_the_subject_arrives_as_a_pseudonym_and_meta_stays_home(arrived: dict[str, Arrived], name: str) -> None:
    one = arrived[name]

    assert isinstance(one.opened.data, dict)
    assert "meta" not in one.opened.data
    assert one.opened.subject != SUBJECT
    assert SUBJECT.encode() not in write(one.opened.data)
    assert one.envelope.count(b".") == 4  # a compact JWE


def test_one_subject_is_two_pseudonyms_at_two_recipients(arrived: dict[str, Arrived]) -> None:
    """T15; with our own payloads alone there is one recipient, and one pseudonym."""
    pseudonyms = {(str(meta["recipient"]), one.opened.subject) for one in arrived.values() if (meta := _meta(one))}

    recipients = {recipient for recipient, _subject in pseudonyms}
    assert len(pseudonyms) == len(recipients) == len({subject for _recipient, subject in pseudonyms})


def _meta(one: Arrived) -> dict[str, Node]:
    assert isinstance(one.given, dict)
    meta = one.given["meta"]
    assert isinstance(meta, dict)
    return meta
