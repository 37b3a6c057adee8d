from __future__ import annotations

import shutil

from tests.deployment import Deployment
from tests.unit.cli.conftest import Run


def test_a_good_deployment_is_ready(deployment: Deployment, run: Run) -> None:
    ran = run("config", "check")

    assert ran.code == 0
    assert "ready" in ran.out


def test_broken_keys_and_broken_maps_are_told_at_once(deployment: Deployment, run: Run) -> None:
    """Law 10."""
    shutil.rmtree(deployment.home / "keys")
    (deployment.maps / "managing_company.yaml").write_text("recipient_class: managing_company\n", encoding="utf-8")

    ran = run("config", "check")

    assert ran.code == 1
    assert "keys" in ran.err
    assert "managing_company.yaml" in ran.err


def test_a_secret_that_a_recipient_names_must_be_there(deployment: Deployment, run: Run) -> None:
    path = deployment.maps / "recipients" / "mc-primer-uk.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + "credentials: {header: Authorization, scheme: Bearer, secret: primer_token}\n", encoding="utf-8"
    )

    ran = run("config", "check")

    assert ran.code == 1
    assert "GATEWAY_SECRET_PRIMER_TOKEN" in ran.err
