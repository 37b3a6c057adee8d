from __future__ import annotations

import orjson
import pytest

from tests.deployment import SERVICE_REQUEST, Deployment
from tests.recipients import Authority, RecordingRecipient
from tests.unit.cli.conftest import Run

WORDS = ["transfer", "send", "mc-primer-uk", "service_request", "--subject", "usr_1", "--basis-ref", "consent-1"]


@pytest.fixture
def file(deployment: Deployment) -> str:
    path = deployment.home / "payload.json"
    path.write_bytes(orjson.dumps(SERVICE_REQUEST))
    return str(path)


def test_a_transfer_goes_the_whole_path_and_is_found_again(
    deployment: Deployment, file: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(deployment.home)
    monkeypatch.setenv("GATEWAY_TOKEN", deployment.token)
    with RecordingRecipient(authority) as recipient:
        deployment.point("mc-primer-uk", recipient.base_url, authority.ca_file)
        sent = run(*WORDS, "--file", file, "--json")
    transfer_id = sent.json["transfer_id"]

    shown = run("transfer", "show", transfer_id, "--json").json
    listed = run("transfer", "list", "--json").json["transfers"]

    assert (sent.code, sent.json["outcome"]) == (0, "delivered")
    assert [entry["kind"] for entry in shown["entries"]] == ["intent", "outcome"]
    assert [(row["transfer_id"], row["ended"]) for row in listed] == [(transfer_id, "delivered")]
    assert "withheld never" in run("transfer", "show", transfer_id).out
    assert "delivered" in run("transfer", "list").out
    assert "87000000123" not in orjson.dumps(shown).decode()


def test_a_refusal_says_why_and_ends_with_one(
    deployment: Deployment, file: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", deployment.add_caller("poor", ()))

    ran = run(*WORDS, "--file", file)

    assert ran.code == 1
    assert "not_granted" in ran.out


def test_without_a_token_nothing_is_asked(deployment: Deployment, file: str, run: Run) -> None:
    assert run(*WORDS, "--file", file).code == 1


def test_an_unknown_transfer_is_an_error(deployment: Deployment, run: Run) -> None:
    assert run("transfer", "show", "0192f0c1-0000-7000-8000-000000000000").code == 1
    assert "No transfers to anyone" in run("transfer", "list").out
