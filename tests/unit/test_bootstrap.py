from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.bootstrap import build
from gateway.clock import SystemClock
from gateway.errors import ConfigError, PurposeMapError
from gateway.model import SubjectId
from tests.deployment import new_deployment
from tests.e2e.pulling import pull_deployment
from tests.recipients import Authority


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


def test_pulls_without_what_they_need_stop_the_start_all_problems_at_once(tmp_path: Path) -> None:
    """Law 10: no service to ask, no secret to know a recipient by."""
    authority = Authority(tmp_path)
    deployment = pull_deployment(tmp_path, "https://127.0.0.1:1", authority.ca_file)
    build(deployment.settings).close()
    deployment.environ.clear()

    with pytest.raises(ConfigError) as caught:
        build(deployment.settings)

    kaspi, primer = (f"recipient {one}-test: calls: no secret named" for one in ("psp-kaspi", "mc-primer-pull"))
    assert sorted(caught.value.problems) == [
        "GATEWAY_UPSTREAM_URL: not set; recipients' files declare pulls, which ask the platform",
        f"{primer} 'primer_pull_token'; set GATEWAY_SECRET_PRIMER_PULL_TOKEN",
        f"{kaspi} 'kaspi_pull_login'; set GATEWAY_SECRET_KASPI_PULL_LOGIN",
        f"{kaspi} 'kaspi_pull_password'; set GATEWAY_SECRET_KASPI_PULL_PASSWORD",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_UPSTREAM_URL", "http://platform.example"),
        ("GATEWAY_UPSTREAM_CA_FILE", "/nowhere.pem"),
        ("GATEWAY_UPSTREAM_TOKEN", "two\nlines"),
    ],
)
def test_a_way_to_the_platform_that_cannot_be_opened_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    authority = Authority(tmp_path)
    deployment = pull_deployment(tmp_path, "https://127.0.0.1:1", authority.ca_file)
    deployment.environ[name] = value

    with pytest.raises(ConfigError, match=name):
        build(deployment.settings)
