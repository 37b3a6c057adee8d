from __future__ import annotations

import base64
import os
import pathlib
import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from gateway.errors import ConfigError
from gateway.seal.files import create_keys, read_keys, rotate_signing
from tests.values import FakeClock

ORIGIN = "gateway.test.example/log"


@pytest.fixture
def home(tmp_path: pathlib.Path) -> pathlib.Path:
    create_keys(tmp_path / "home", ORIGIN)
    return tmp_path / "home"


def _mode(path: pathlib.Path) -> int:
    return path.stat().st_mode & 0o777


def _names(folder: pathlib.Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _problems(home: pathlib.Path, master_key_file: pathlib.Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_keys(home, master_key_file)
    return [problem.replace(str(home) + os.sep, "") for problem in caught.value.problems]


def test_new_keys_are_for_their_owner_alone(home: pathlib.Path) -> None:
    modes = _mode(home / "keys"), _mode(home / "keys/master.key"), _mode(home / "keys/keys.json")

    assert modes == (0o700, 0o600, 0o600)
    assert _names(home) == ["keys"]


def test_the_master_key_is_32_random_bytes(tmp_path: pathlib.Path) -> None:
    for name in ("one", "two"):
        create_keys(tmp_path / name, ORIGIN)

    masters = [base64.b64decode((tmp_path / name / "keys/master.key").read_bytes()) for name in ("one", "two")]

    assert [len(master) for master in masters] == [32, 32]
    assert masters[0] != masters[1]


def test_the_files_hold_two_signing_keys_and_the_logs_key(home: pathlib.Path) -> None:
    files = read_keys(home)

    assert files.origin == ORIGIN
    assert [(key.use, key.algorithm, key.state) for key in files.keys] == [
        ("sig", "ES256", "active"),
        ("sig", "Ed25519", "active"),
        ("log", "Ed25519", "active"),
    ]
    assert [files.private_key(key).thumbprint() for key in files.keys] == [key.kid for key in files.keys]


def test_no_private_key_lies_readable_in_the_file(home: pathlib.Path) -> None:
    """Law 5, for keys: neither as base64url nor as raw bytes."""
    files = read_keys(home)
    raw = (home / "keys/keys.json").read_bytes()
    members = [str(files.private_key(key).as_dict(private=True)["d"]) for key in files.keys]

    assert len(set(members)) == 3
    assert [member for member in members if member.encode() in raw] == []
    assert repr(files) == "KeyFiles(origin='gateway.test.example/log', keys=3)"


def test_keys_that_exist_are_never_overwritten(home: pathlib.Path) -> None:
    before = (home / "keys/keys.json").read_bytes(), (home / "keys/master.key").read_bytes()

    with pytest.raises(ConfigError, match="exists already"):
        create_keys(home, ORIGIN)

    assert ((home / "keys/keys.json").read_bytes(), (home / "keys/master.key").read_bytes()) == before


def test_of_two_that_make_keys_at_once_one_wins_and_its_keys_are_whole(tmp_path: pathlib.Path) -> None:
    refused: list[ConfigError] = []
    start = threading.Barrier(4)

    def make() -> None:
        start.wait()
        try:
            create_keys(tmp_path, ORIGIN)
        except ConfigError as error:
            refused.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 3
    assert len(read_keys(tmp_path).keys) == 3
    assert _names(tmp_path) == ["keys"]


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nbreak"])
def test_an_origin_that_cannot_name_a_log_is_refused(tmp_path: pathlib.Path, origin: str) -> None:
    with pytest.raises(ConfigError, match="origin"):
        create_keys(tmp_path / "home", origin)

    assert not (tmp_path / "home").exists()


def test_a_master_key_may_be_kept_elsewhere(tmp_path: pathlib.Path) -> None:
    elsewhere = tmp_path / "master"
    elsewhere.write_bytes(base64.b64encode(bytes(range(32))))
    elsewhere.chmod(0o400)

    create_keys(tmp_path / "home", ORIGIN, elsewhere)

    assert read_keys(tmp_path / "home", elsewhere).master == bytes(range(32))
    assert _names(tmp_path / "home/keys") == ["keys.json"]


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(bytes(31)), base64.b64encode(bytes(33))])
def test_a_master_key_of_another_form_makes_no_keys(tmp_path: pathlib.Path, content: bytes) -> None:
    elsewhere = tmp_path / "master"
    elsewhere.write_bytes(content)
    elsewhere.chmod(0o600)

    with pytest.raises(ConfigError, match="expected base64 of 32 bytes"):
        create_keys(tmp_path / "home", ORIGIN, elsewhere)


def test_every_problem_is_told_at_once(home: pathlib.Path) -> None:
    """Law 10."""
    (home / "keys").chmod(0o755)
    (home / "keys/master.key").chmod(0o640)
    (home / "keys/keys.json").unlink()

    assert _problems(home) == [
        "keys: others may enter it; chmod 700",
        "keys/master.key: others may read it; chmod 600",
        "keys/keys.json: missing",
    ]


def test_a_home_without_keys_says_what_makes_them(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_keys(tmp_path)

    assert [problem.split(": ")[1] for problem in caught.value.problems] == ["missing", "missing"]
    assert "gateway init" in caught.value.hint


def test_another_master_key_is_named_as_what_it_is(home: pathlib.Path, tmp_path: pathlib.Path) -> None:
    create_keys(tmp_path / "other", ORIGIN)

    assert _problems(home, tmp_path / "other/keys/master.key") == [
        "keys/keys.json: it was made with another master key"
    ]


def test_others_who_may_read_the_key_file_stop_the_start(home: pathlib.Path) -> None:
    (home / "keys/keys.json").chmod(0o604)

    assert _problems(home) == ["keys/keys.json: others may read it; chmod 600"]


def _revive(document: dict[str, Any]) -> None:
    document["keys"][0]["state"] = "retired"


def _swap_key(document: dict[str, Any]) -> None:
    document["keys"][0]["public"], document["keys"][1]["public"] = (
        document["keys"][1]["public"],
        document["keys"][0]["public"],
    )


def _add_key(document: dict[str, Any]) -> None:
    document["keys"].append({**document["keys"][0], "state": "retired", "wrapped": None})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda document: document.update(origin="other.example/log"), id="origin"),
        pytest.param(_revive, id="state"),
        pytest.param(_swap_key, id="public key"),
        pytest.param(_add_key, id="a key more"),
        pytest.param(lambda document: document["keys"].pop(), id="a key less"),
        pytest.param(lambda document: document.update(mac="AAAA"), id="mac"),
        pytest.param(lambda document: document.pop("mac"), id="no mac"),
        pytest.param(lambda document: document.pop("master_check"), id="no master check"),
    ],
)
def test_a_changed_key_file_is_corrupt(home: pathlib.Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = home / "keys/keys.json"
    document = orjson.loads(path.read_bytes())
    change(document)
    path.write_bytes(orjson.dumps(document))

    assert [problem.split(",")[0] for problem in _problems(home)] == ["keys/keys.json: corrupt"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'"text"', b"\xff", b"{" * 5000])
def test_what_is_no_key_file_is_corrupt(home: pathlib.Path, content: bytes) -> None:
    (home / "keys/keys.json").write_bytes(content)

    assert _problems(home) == ["keys/keys.json: corrupt, it is not a key file"]


def test_a_key_that_was_wrapped_for_another_use_does_not_unwrap(home: pathlib.Path) -> None:
    """The use is authenticated with the key: the log's key cannot be made to sign envelopes."""
    files = read_keys(home)
    log_key = files.keys[2]
    object.__setattr__(log_key, "use", "sig")

    with pytest.raises(ValueError, match="does not unwrap"):
        files.private_key(log_key)


def test_rotation_makes_new_signing_keys_and_keeps_the_public_halves_of_the_old(home: pathlib.Path) -> None:
    before = read_keys(home).keys

    rotate_signing(home, clock=FakeClock(1_800_000_000_000_000))
    after = read_keys(home).keys

    assert [(key.use, key.algorithm, key.state) for key in after] == [
        ("sig", "ES256", "active"),
        ("sig", "Ed25519", "active"),
        ("sig", "ES256", "retired"),
        ("sig", "Ed25519", "retired"),
        ("log", "Ed25519", "active"),
    ]
    assert [key.kid for key in after[2:]] == [key.kid for key in before]
    assert [key.public for key in after[2:]] == [key.public for key in before]
    assert {key.created_at for key in after[:2]} == {1_800_000_000_000_000}
    assert _mode(home / "keys/keys.json") == 0o600


def test_a_retired_key_has_no_private_half_any_more(home: pathlib.Path) -> None:
    rotate_signing(home)

    assert [key.wrapped for key in read_keys(home).keys if key.state == "retired"] == [None, None]


def test_rotations_at_once_lose_no_key(home: pathlib.Path) -> None:
    threads = [threading.Thread(target=rotate_signing, args=(home,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    keys = read_keys(home).keys

    assert sorted((key.use, key.state) for key in keys) == [
        ("log", "active"),
        ("sig", "active"),
        ("sig", "active"),
        *[("sig", "retired")] * 8,
    ]


def test_what_a_rotation_that_crashed_left_behind_is_neither_read_nor_in_the_way(home: pathlib.Path) -> None:
    (home / "keys/.keys.json").write_bytes(b"half a file")

    before = len(read_keys(home).keys)
    rotate_signing(home)

    assert (before, len(read_keys(home).keys)) == (3, 5)
    assert _names(home / "keys") == ["keys.json", "master.key"]


def test_rotation_without_keys_says_what_makes_them(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match="missing"):
        rotate_signing(tmp_path)
