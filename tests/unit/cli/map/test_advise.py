from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.cli.verdict import try_map
from gateway.clock import SystemClock
from gateway.storage import day_of
from tests.deployment import SERVICE_REQUEST, Deployment
from tests.unit.cli.conftest import Run

PAIR = ("mc-primer-uk", "service_request")


def observe(deployment: Deployment, times: int = 5, **extra: Any) -> None:
    """So many previews of a service request were observed."""
    payload = copy.deepcopy(SERVICE_REQUEST) | extra
    payload["ticket"]["contact"]["phone"] = "nobody"
    gateway = deployment.build()
    for _ in range(times):
        gateway.observe([try_map(gateway.snapshot, *PAIR, payload)])
    gateway.observe([try_map(gateway.snapshot, "carrier-cdek-test", "goods_delivery", {"number": "ORD-1"})])
    gateway.close()


def test_where_nothing_was_observed_it_says_how_to_begin(deployment: Deployment, run: Run) -> None:
    told, data = run("map", "advise"), run("map", "advise", "--json").json

    assert (told.code, "Gateway-Observe: 1" in told.out) == (0, True)
    assert (data["previews"], data["since"], data["recipients"]) == (0, None, [])


def test_where_something_else_was_observed_it_says_that_too(deployment: Deployment, run: Run) -> None:
    observe(deployment)

    narrowed = run("map", "advise", "--caller", "nobody").out

    assert "`gateway map advise` alone tells all that was observed" in narrowed
    assert "alone tells all" not in run("map", "advise").out


def test_every_advice_has_its_figure_and_its_next_step(deployment: Deployment, run: Run) -> None:
    observe(deployment, passport_number="N1")

    data = run("map", "advise", *PAIR, "--json").json
    (found,) = data["recipients"]
    (caller,) = found["callers"]

    assert (data["previews"], found["previews"], caller["permitted"]) == (5, 5, 5)
    vain = {line["path"]: (line["count"], line["of"]) for line in caller["in_vain"]}
    assert vain["passport_number"] == (5, 5)
    assert [(line["path"], line["count"]) for line in caller["always_failing"]] == [("ticket.contact.phone", 5)]
    advice = [*found["never_sent"], *caller["in_vain"], *caller["always_failing"], *caller["withheld"]]
    assert all(line["next"] and line["of"] for line in advice)


def test_the_line_to_delete_is_told(deployment: Deployment, run: Run) -> None:
    observe(deployment)

    never = {
        (one["recipient"], line["path"]): line
        for one in run("map", "advise", "--json").json["recipients"]
        for line in one["never_sent"]
    }
    file, number = never["mc-primer-uk", "ticket.priority"]["line"].split(":")
    own, at = never["carrier-cdek-test", "delivery_point"]["line"].split(":")

    assert file == "managing_company.yaml"
    assert "ticket.priority" in (deployment.maps / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert own == "recipients/carrier-cdek-test.yaml"
    assert "delivery_point" in (deployment.maps / own).read_text(encoding="utf-8").splitlines()[int(at) - 1]
    assert never["carrier-cdek-test", "delivery_point"]["next"] == f"delete line {at} of {own}"


def test_to_a_person_it_says_the_same(deployment: Deployment, run: Run) -> None:
    observe(deployment, passport_number="N1")

    told = run("map", "advise", *PAIR).out

    assert "5 previews observed" in told
    assert "passport_number" in told
    assert "→ stop sending it: no map may let it through" in told
    assert "real transfers are not" in told


def test_one_recipient_one_caller_and_some_days_can_be_asked_for(deployment: Deployment, run: Run) -> None:
    observe(deployment)
    today = day_of(SystemClock().now())
    tomorrow = (date(1970, 1, 1) + timedelta(days=today + 1)).isoformat()

    def asked(*words: str) -> int:
        previews: int = run("map", "advise", *words, "--json").json["previews"]
        return previews

    assert (asked(), asked("mc-primer-uk"), asked("--caller", "map-try"), asked("--caller", "billing")) == (6, 5, 6, 0)
    assert (asked("--since", "7"), asked("--since", tomorrow), asked("--since", "2026-01-01")) == (6, 0, 6)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "soon"), "--since"),
        (("--since", "0"), "--since"),
        (("--since", "9" * 5_000), "--since"),
        (("--since", "2026-13-01"), "--since"),
        (("nobody",), "no such recipient"),
        (("mc-primer-uk", "payment"), "no such map"),
        (("--forget",), "deletes everything"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_an_error(deployment: Deployment, run: Run, words: tuple[str, ...], said: str) -> None:
    ran = run("map", "advise", *words)

    assert ran.code == 1
    assert said in ran.err


def test_what_was_observed_can_be_forgotten(deployment: Deployment, run: Run) -> None:
    observe(deployment)

    forgotten = run("map", "advise", "--forget", "--yes", "--json").json["forgotten"]

    assert forgotten > 10
    assert run("map", "advise", "--json").json["previews"] == 0


def test_a_key_that_may_be_someones_is_shown_as_a_digest(deployment: Deployment, run: Run) -> None:
    """Law 4."""
    observe(deployment, ivanov={"87000000125": "wife"})

    told = run("map", "advise").out + run("map", "advise", "--json").out

    assert "~" in told
    assert all(name not in told for name in ("ivanov", "87000000125", "nobody"))
