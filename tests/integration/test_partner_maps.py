"""The partners' maps of the tests: they load over the project's, and each of their examples gets its verdict."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.cli.verdict import told, try_map
from gateway.config import load_settings
from gateway.errors import ConfigError
from gateway.minimise import compile_projection
from gateway.model import Protection
from gateway.purpose import load_examples, load_snapshot
from tests.deployment import ROOT, new_deployment
from tests.partners.deployed import JUDGES, PARTNER_MAPS, SECRETS, lay_over


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partner-maps") / "maps"
    shutil.copytree(ROOT / "purpose_maps", folder)
    lay_over(folder)
    return folder


def test_every_example_of_a_partner_gets_the_verdict_it_expects(maps: Path) -> None:
    snapshot = load_snapshot(maps, compile_projection)
    own = {file.stem for file in (PARTNER_MAPS / "recipients").iterdir()}
    examples = [one for one in load_examples(maps, snapshot) if one.recipient in own]

    assert {example.recipient for example in examples} == own
    for example in examples:
        found = told(try_map(snapshot, example.recipient, example.purpose, example.payload))
        withheld = example.expected.get("withheld", [])
        assert isinstance(withheld, list)
        told_withheld = [{"path": one["path"], "reason": one["reason"]} for one in found["withheld"]]
        missing = [one for one in withheld if one not in told_withheld]
        told_ = {key: found[key] for key in example.expected if key != "withheld"}
        assert told_ == {key: one for key, one in example.expected.items() if key != "withheld"}, example.name
        assert missing == [], example.name


def test_every_partner_of_the_maps_has_a_strict_fake_and_says_why_it_takes_no_envelope(maps: Path) -> None:
    snapshot = load_snapshot(maps, compile_projection)

    for who, (purpose, _) in JUDGES.items():
        recipient = next(one for pair, one in snapshot.recipients.items() if pair == who)
        assert (who, purpose) in snapshot.maps
        assert recipient.protection is Protection.TLS
        assert recipient.protection_reason


def test_a_gateway_does_not_start_without_the_secrets_of_its_partners_and_says_which(tmp_path: Path) -> None:
    """Law 10: all at once, by name, and no secret's text."""
    deployment = new_deployment(tmp_path)
    lay_over(deployment.maps)
    deployment.make()

    with pytest.raises(ConfigError) as caught:
        deployment.build()

    said = "\n".join(caught.value.problems)
    named_here = [name for name in SECRETS if not name.endswith(("CDEK_TOKEN", "YANDEX_TOKEN"))]
    assert [name for name in named_here if name not in said] == []


def test_the_project_s_own_maps_need_no_secret() -> None:
    """A newcomer has none."""
    recipients = load_snapshot(ROOT / "purpose_maps", compile_projection).recipients.values()

    assert [one.id for one in recipients if one.signer is not None or one.credentials is not None] == []
    assert load_settings({"GATEWAY_ORIGIN": "gateway.test.example/log"}).secrets == {}
