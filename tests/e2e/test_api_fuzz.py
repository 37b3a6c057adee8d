"""schemathesis asks the running gateway what its description allows, and what it does not, and finds nothing.

`make api-fuzz N=1000 SEED=7` does so at length. What is left out, and why, stands in `schemathesis.toml`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from ruamel.yaml import YAML

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import CallerId, RecipientId
from gateway.web.api.page import groups
from tests.deployment import PAIRS, ROOT, Deployment, Served, new_deployment, serving
from tests.recipients import Authority, RecordingRecipient

EXAMPLES = int(os.environ.get("GATEWAY_TEST_EXAMPLES", "12"))
SEED = os.environ.get("GATEWAY_TEST_SEED", "1")
CONFIG = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
PROXIED = "carrier-cdek-test"
KEPT = "mc-primer-uk"
WITHOUT_QUOTA = {"GATEWAY_REFUSALS_PER_MINUTE": "1000000"}  # else it is 429 before long

NOT_DONE = {
    "GET /v1/transfers/{transfer_id}": (404, "not_found"),  # there was no such transfer
    "POST /v1/pull/{recipient}/{path}": (401, None),  # it is for recipients that prove who they are
}
"""What the commands end in where they need more than a caller."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("api")
    deployment = new_deployment(folder, **WITHOUT_QUOTA)
    authority = Authority(folder)
    with RecordingRecipient(authority) as recipient:
        for name in dict(PAIRS):
            plain = {"protection": "tls", "protection_reason": "tests"} if name == PROXIED else {}
            deployment.point(name, f"https://127.0.0.1:{recipient.port}", authority.ca_file, **plain)
        deployment.make()
        _let_keep(deployment)
        with serving(deployment) as running:
            yield running


def _let_keep(deployment: Deployment) -> None:
    """A set for the caller to keep, so that its routes are asked for more than a 403."""
    path = deployment.maps / "recipients" / f"{KEPT}.yaml"
    text = YAML().load(path.read_text(encoding="utf-8"))
    text["purposes"]["resident_register"]["serves"] = {"resident.premise.premise_id": {"set": "premises"}}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(text, file)
    store = open_store(deployment.settings, deployment.keyring, SystemClock(), create=False)
    store.callers.let_keep(CallerId("backend"), RecipientId(KEPT))
    store.close()


def ask(served: Served, *options: str) -> str:
    """What schemathesis has to say, which is nothing where it ends with 0."""
    words = [str(SCHEMATHESIS), "--config-file", str(CONFIG), "run", f"http://127.0.0.1:{served.port}/openapi.json"]
    more = ["--header", f"Gateway-Token: {served.token}", "--seed", SEED, "--continue-on-failure", "--no-color"]
    environ = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.e2e.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    folder = served.diagnostics.parent
    done = subprocess.run(
        [*words, *more, *options], check=False, capture_output=True, text=True, cwd=folder, env=environ
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.timeout(max(120, EXAMPLES * 10))
def test_schemathesis_finds_nothing(served: Served) -> None:
    """T9, T88: each route, each method, each content type, each header; well formed and not."""
    found = ask(served, "--max-examples", str(EXAMPLES))

    assert not found, found


def test_schemathesis_is_able_to_find_something(served: Served) -> None:
    """An unknown token is let in nowhere: then its check of what is accepted has to say so."""
    found = ask(served, "--header", "Gateway-Token: gw_nobody_x", "--max-examples", "1", "--phases", "examples")

    assert found


def test_every_command_of_the_page_is_taken(served: Served) -> None:
    """As a newcomer would paste them, over this repository's own maps; nothing that they say is malformed."""
    tree = orjson.loads(served.call("GET", "/openapi.json")[2])

    ended = {}
    for route in (route for group in groups(tree) for route in group.routes):
        words = shlex.split(route.curl.replace("\\\n", ""))
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        path = next(word.removeprefix("$GATEWAY") for word in words if word.startswith("$GATEWAY/"))
        headers = dict(words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H")
        body = next((words[place + 1].encode() for place, word in enumerate(words) if word == "--data-binary"), None)
        sent = (
            {**headers, "Gateway-Token": served.token}
            if "Gateway-Token" in headers
            else {"Gateway-Token": "", **headers}
        )
        status, told, _raw = served.call(method, path, body, sent)
        ended[f"{method} {route.path}"] = (status, told.get("gateway-problem"))

    assert {route: end for route, end in ended.items() if end != (200, None)} == NOT_DONE
