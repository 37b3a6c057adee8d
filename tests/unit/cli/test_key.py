from __future__ import annotations

import stat
from pathlib import Path

import orjson

from tests.deployment import Deployment
from tests.unit.cli.conftest import Run


def test_public_keys_are_listed_and_private_ones_never(deployment: Deployment, run: Run) -> None:
    listed = run("key", "list", "--json").json

    assert {key["alg"] for key in listed["jwks"]["keys"]} == {"ES256", "Ed25519"}
    assert all("d" not in key for key in listed["jwks"]["keys"])
    assert listed["log_key"].startswith("gateway.test.example/log+")
    assert "transfer log:" in run("key", "list").out


def test_rotation_keeps_the_old_keys_published(deployment: Deployment, run: Run) -> None:
    before = {key["kid"] for key in run("key", "list", "--json").json["jwks"]["keys"]}

    run("key", "rotate")

    after = {key["kid"] for key in run("key", "list", "--json").json["jwks"]["keys"]}
    assert before < after


def test_a_pair_for_a_recipient_is_written_once(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "key.json"
    made = run("key", "generate", "--suite", "okp", "--out", str(path), "--json").json
    private = orjson.loads(path.read_bytes())

    again = run("key", "generate", "--out", str(path))

    assert "d" in private
    assert "d" not in made["public"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.code == 1
    assert orjson.loads(path.read_bytes()) == private
