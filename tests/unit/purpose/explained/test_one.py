"""The ruling on a path is what the compiled map does with it: held against the verdicts on every example."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import parse_path
from gateway.cli.verdict import told, try_map
from gateway.model import WithheldReason
from gateway.purpose import load_examples
from gateway.purpose.explained import Sources, Verdict, explain_path
from tests.unit.purpose.explained.conftest import CDEK, EN, KK, PARTNERS, RU, loaded, sources
from tests.unit.purpose.samples import OUR_MAPS

EXAMPLES = [(folder, example) for folder in (OUR_MAPS, PARTNERS) for example in load_examples(folder, loaded(folder))]
KNOWN = [pair for pair in EXAMPLES if (pair[1].recipient, pair[1].purpose) in loaded(pair[0]).maps]
OF_THE_VALUE = {"bad_value", "over_limit", "other_subject", "condition"}
"""Reasons that only a payload can give."""


@pytest.mark.parametrize(
    ("folder", "example"), KNOWN, ids=[f"{'own' if f is OUR_MAPS else 'partners'}/{e.name}" for f, e in KNOWN]
)
def test_a_ruling_is_the_verdict_of_map_try(folder: Any, example: Any) -> None:
    verdict = told(try_map(loaded(folder), example.recipient, example.purpose, example.payload))
    found = sources(example.recipient, example.purpose, folder)

    for released in verdict["released"]:
        ruling = explain_path(found, parse_path(released["path"]), EN)
        assert ruling.verdict in (Verdict.LEAVES, Verdict.LEAVES_IF), released
    for withheld in verdict["withheld"]:
        ruling = explain_path(found, parse_path(withheld["path"]), EN)
        if withheld["reason"] in OF_THE_VALUE:
            assert ruling.verdict is not Verdict.STAYS or ruling.reason == withheld["reason"], withheld
        else:
            assert (ruling.verdict, ruling.reason) == (Verdict.STAYS, withheld["reason"]), withheld


def keys(found: Sources, path: str) -> list[str]:
    return [line.key for line in explain_path(found, parse_path(path), RU).lines]


@pytest.mark.parametrize(
    ("path", "verdict", "reason", "said"),
    [
        ("recipient.name", Verdict.LEAVES, None, "leaves"),
        ("to_location.address", Verdict.LEAVES_IF, None, "leaves_if"),
        ("order.recipient.phone", Verdict.LEAVES, None, "elsewhere"),
        ("order.recipient.address.line", Verdict.LEAVES_IF, None, "elsewhere"),
        ("order.items[].title", Verdict.STAYS, WithheldReason.NARROWED, "role"),
        ("order.comment", Verdict.STAYS, WithheldReason.NOT_IN_MAP, "unbound"),
        ("order.delivery.mode", Verdict.STAYS, WithheldReason.NOT_IN_MAP, "means"),
        ("recipient.email", Verdict.STAYS, WithheldReason.NOT_IN_MAP, "not_in_map"),
        ("recipient.passport_number", Verdict.STAYS, WithheldReason.NEVER, "never"),
        ("recipient.health", Verdict.STAYS, WithheldReason.SPECIAL_CATEGORY, "special"),
        ("packages[].items[]", Verdict.PART, None, "part"),
        ("packages", Verdict.PART, None, "part"),
        ("recipient.name.full", Verdict.STAYS, WithheldReason.BAD_VALUE, "below"),
        ("entity.uuid", Verdict.STAYS, WithheldReason.NOT_IN_MAP, "comes_back"),
        ("Recipient.Phones.Number", Verdict.LEAVES, None, "spelled"),
    ],
)
def test_each_path_has_its_ruling_and_the_rule_that_decides(
    path: str, verdict: Verdict, reason: WithheldReason | None, said: str
) -> None:
    ruling = explain_path(sources(*CDEK), parse_path(path), EN)

    assert (ruling.path, ruling.verdict, ruling.reason) == (path, verdict, reason)
    assert said in [line.key for line in ruling.lines]


def test_what_decides_is_told_with_file_and_line() -> None:
    ruling = explain_path(sources(*CDEK), parse_path("to_location.latitude"), KK)

    assert ruling.lines[0].text == "Берілмейді: ешқашан берілмейтін деректің атауы."
    assert (
        ruling.lines[1].text
        == "«latitude» атауы ешбір карта өткізе алмайтын атаулар тізімінде тұр (дәл орналасқан жер)."
    )
    assert "taxonomy.yaml:" in str(ruling.lines[1].at)


def test_what_only_decides_is_told_with_what_depends_on_it() -> None:
    found = sources("mc-primer-uk", "service_request")

    ruling = explain_path(found, parse_path("ticket.contact.callback_requested"), EN)

    assert (ruling.verdict, ruling.reason) == (Verdict.STAYS, WithheldReason.NOT_IN_MAP)
    assert "On it depend: ticket.contact.phone" in " ".join(line.text for line in ruling.lines)


def test_a_value_that_is_read_elsewhere_is_told_where_it_goes() -> None:
    found = sources("partner-chistyi-test", "service_fulfilment")

    assert keys(found, "order.customer.first_name")[0] == "feeds"


def test_a_path_outside_the_body_may_be_asked_for_as_the_body_has_it() -> None:
    found = sources("carrier-yandex-test", "goods_delivery")

    assert keys(found, "route_points[].contact.name")[0] == "spelled"
    assert keys(found, "query.request_id")[0] == "leaves"


def test_a_group_that_refuses_the_transfer_says_so() -> None:
    found = sources(*CDEK)
    groups = {one.group: one.refuse for one in found.taxonomy.lexicon.special}

    assert ("special_refuses" in keys(found, "health")) is groups["health"]
