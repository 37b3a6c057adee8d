from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.bootstrap import build
from gateway.clock import SystemClock
from gateway.errors import ConfigError, PurposeMapError
from gateway.model import SubjectId
from tests.deployment import new_deployment


def test_a_made_deployment_is_wired_and_let_go(tmp_path: Path) -> None:
    deployment = new_deployment(tmp_path)
    deployment.make()

    gateway = build(deployment.settings)
    gateway.store.ping()
    gateway.close()

    assert gateway.snapshot.recipients.keys() >= {"mc-primer-uk"}


def test_the_preview_of_a_blocked_subject_is_known_from_the_database(tmp_path: Path) -> None:
    deployment = new_deployment(tmp_path)
    deployment.make()
    gateway = build(deployment.settings)
    someone, other = SubjectId("usr_0001"), SubjectId("usr_0002")

    gateway.store.restrictions.block(gateway.keyring.log_pseudonym(someone), SystemClock().now())

    assert (gateway.restricted(someone), gateway.restricted(other)) == (True, False)
    gateway.close()


def test_a_start_never_makes_keys(tmp_path: Path) -> None:
    deployment = new_deployment(tmp_path)
    deployment.make()
    shutil.rmtree(deployment.home / "keys")

    with pytest.raises(ConfigError):
        build(deployment.settings)

    assert not (deployment.home / "keys").exists()


def test_broken_maps_stop_the_start(tmp_path: Path) -> None:
    """T11: an empty map allows nothing and stops the start."""
    deployment = new_deployment(tmp_path)
    deployment.make()
    (deployment.maps / "payment_provider.yaml").write_text("", encoding="utf-8")

    with pytest.raises(PurposeMapError, match=r"payment_provider\.yaml"):
        build(deployment.settings)
