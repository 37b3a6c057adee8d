from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway.model import Call, Recorded
from gateway.transfer import accept
from tests.deployment import ORIGIN, SERVICE_REQUEST, Deployment, transfer_body
from tests.recipients import Authority
from tests.unit.cli.conftest import Ran, Run


@pytest.fixture
def sealed(deployment: Deployment) -> Path:
    """An envelope as it would have arrived."""
    deployment.point("mc-primer-uk", "https://127.0.0.1:9", Authority(deployment.home).ca_file)
    gateway = deployment.build()
    body = orjson.dumps(transfer_body("mc-primer-uk", "service_request", SERVICE_REQUEST))
    recorded = accept(Call(deployment.token, "application/json", body), gateway.house)
    assert isinstance(recorded, Recorded)
    path = deployment.home / "body.jose"
    path.write_bytes(gateway.house.seal(recorded).body)
    gateway.close()
    (deployment.home / "key.json").write_bytes(orjson.dumps(dict(deployment.private_keys["mc-primer-uk"])))
    (deployment.home / "jwks.json").write_bytes(orjson.dumps(deployment.keyring.public_jwks()))
    return path


def _open(run: Run, deployment: Deployment, file: Path, **changes: str) -> Ran:
    home = deployment.home
    words = {
        "--key": str(home / "key.json"),
        "--recipient": "mc-primer-uk",
        "--issuer": ORIGIN,
        "--jwks": str(home / "jwks.json"),
        "--log-key": deployment.keyring.log_verifier_key(),
        **{f"--{name.replace('_', '-')}": value for name, value in changes.items()},
    }
    return run("envelope", "open", str(file), *[word for pair in words.items() for word in pair], "--json")


def test_a_partner_opens_what_it_got(deployment: Deployment, sealed: Path, run: Run) -> None:
    ran = _open(run, deployment, sealed, state=str(deployment.home / "state.json"))

    assert ran.code == 0
    assert ran.json["data"]["ticket"]["contact"]["name"] == "Тест П."
    assert ran.json["log"]["index"] == 0
    assert (deployment.home / "state.json").is_file()


def test_an_envelope_for_someone_else_is_refused(deployment: Deployment, sealed: Path, run: Run) -> None:
    """T41."""
    ran = _open(run, deployment, sealed, recipient="partner-chistyi-test")

    assert ran.code == 1
    assert orjson.loads(ran.err)["error"]["code"] == "envelope_rejected"


@pytest.mark.parametrize("broken", ["key", "jwks", "log_key"])
def test_files_that_are_not_what_they_should_be_are_told(
    deployment: Deployment, sealed: Path, run: Run, broken: str
) -> None:
    bad = deployment.home / "bad.json"
    bad.write_text("[]", encoding="utf-8")

    assert _open(run, deployment, sealed, **{broken: str(bad)}).code == 1
