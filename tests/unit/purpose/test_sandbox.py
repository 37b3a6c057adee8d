from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.model import Sandbox, Signer, SignerKind
from gateway.purpose.recipients import _is_address
from gateway.purpose.sandbox import read_sandbox
from gateway.purpose.yaml_files import Document, Report

OURS = "https://api.carrier.example"
OAUTH2 = Signer(
    kind=SignerKind.OAUTH2,
    secrets={"client_id": "i", "client_secret": "s"},
    token_url="https://login.carrier.example/token",
)


def read(given: Mapping[str, Sequence[str]] | None, signer: Signer | None = None) -> tuple[Sandbox | None, list[str]]:
    report = Report(Document("r.yaml", None, {}))
    found = read_sandbox(given, OURS, signer, _is_address, report)
    return found, [problem.removeprefix("r.yaml:1: ") for problem in report.problems]


def test_no_sandbox_is_none() -> None:
    assert read(None) == (None, [])


def test_a_sandbox_has_addresses_and_where_its_tokens_are() -> None:
    tokens = ["https://api.sandbox.example/token"]
    found, problems = read({"base_urls": ["https://sandbox.example:8443/v2"], "token_url": tokens}, OAUTH2)

    assert found == Sandbox(("https://sandbox.example:8443/v2",), tokens[0])
    assert problems == []


@pytest.mark.parametrize(
    ("given", "signer", "said"),
    [
        ({"base_urls": ["http://sandbox.example"]}, None, "expected https://"),
        ({"base_urls": ["https://user@sandbox.example"]}, None, "expected https://"),
        ({"base_urls": ["https://sandbox.example/"]}, None, "expected https://"),
        ({"base_urls": [OURS]}, None, "expected another host"),
        ({"base_urls": [f"{OURS}:8443/sandbox"]}, None, "expected another host"),
        (
            {"base_urls": ["https://login.carrier.example"], "token_url": ["https://t.example/t"]},
            OAUTH2,
            "another host",
        ),
        ({"base_urls": ["https://s.example"], "token_url": [f"{OURS}/token"]}, OAUTH2, "another host"),
        ({"base_urls": ["https://s.example"]}, OAUTH2, "expected where the sandbox gives its tokens"),
        (
            {"base_urls": ["https://s.example"], "token_url": ["https://t.example/t"]},
            None,
            "expected only beside signer",
        ),
        ({"base_urls": ["https://s.example"], "token_url": ["https://a.b/t", "https://c.d/t"]}, OAUTH2, "one address"),
        ({"token_url": ["https://t.example/t"]}, OAUTH2, "at least one address"),
        ({"base_urls": ["https://s.example"], "base_url": ["https://t.example"]}, None, "unknown key"),
    ],
    ids=str,
)
def test_what_could_lead_elsewhere_does_not_load(given: Any, signer: Signer | None, said: str) -> None:
    """T26, for addresses that invented payloads go to."""
    _, problems = read(given, signer)

    assert any(said in problem for problem in problems), problems
