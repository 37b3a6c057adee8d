"""gateway.storage.store: what opens, what does not, and what each says."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.errors import ConfigError, LogDiverged, LogUnavailable
from gateway.model import CallerId, LogPseudonym
from gateway.storage import engine
from gateway.storage.store import Store
from tests.unit.storage.samples import (
    ORIGIN,
    check_log,
    database_url,
    intent,
    locked_by_another_program,
    open_store,
    opened,
    sign,
)
from tests.values import NOW, FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "g.db"


def _open(path: Path, *, origin: str = ORIGIN, create: bool = True) -> Store:
    return Store.open(database_url(path), origin=origin, sign=sign, clock=FakeClock(), create=create)


def _change(path: Path, statement: str) -> None:
    other = sqlite3.connect(path)
    other.execute(statement)
    other.commit()
    other.close()


def test_an_empty_database_is_made_and_opened_again(path: Path) -> None:
    first = _open(path)
    first.log.commit(intent("t1"))
    first.close()
    second = _open(path, create=False)

    assert check_log(second) == 1
    assert second.entries.head().origin == ORIGIN
    second.close()


def test_opening_holds_no_connection(path: Path) -> None:
    """T75: a server may fork after it."""
    store = _open(path)

    descriptors = {str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()}

    assert [name for name in descriptors if name.startswith(str(path))] == []
    store.close()


@pytest.mark.parametrize("create", [False, True], ids=["not to be made", "no folder"])
def test_a_database_that_is_not_there_stops_the_start(tmp_path: Path, *, create: bool) -> None:
    path = tmp_path / "no-folder" / "g.db" if create else tmp_path / "g.db"

    with pytest.raises((ConfigError, LogUnavailable)):
        _open(path, create=create)

    assert not path.exists()


def test_an_empty_file_is_not_filled_unasked(path: Path) -> None:
    path.touch()

    with pytest.raises(ConfigError, match="empty") as caught:
        _open(path, create=False)

    assert "gateway db upgrade" in caught.value.hint
    assert path.stat().st_size <= 4096, "nothing but the mark of its journal mode"


def test_a_file_that_is_no_database_stops_the_start(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 100)

    with pytest.raises(LogUnavailable, match="not a database"):
        _open(path)


def test_an_older_schema_names_the_command_and_upgrade_brings_it_up(path: Path) -> None:
    path.touch()

    before, after = Store.upgrade(database_url(path))
    again = Store.upgrade(database_url(path))

    assert (before, after) == (None, "0001")
    assert again == ("0001", "0001")
    with opened(path) as store:
        assert check_log(store) == 0


def test_a_newer_schema_stops_the_start(path: Path) -> None:
    _open(path).close()
    _change(path, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(ConfigError, match="newer release"):
        _open(path)


def test_the_origin_may_change_until_the_first_entry(path: Path) -> None:
    _open(path, origin="first.example/log").close()
    renamed = _open(path, origin="second.example/log")
    renamed.log.commit(intent("t1"))
    renamed.close()

    with pytest.raises(ConfigError, match=r"is that of second\.example/log"):
        _open(path, origin="third.example/log")

    reopened = _open(path, origin="second.example/log")
    assert reopened.entries.head().size == 1
    reopened.close()


DISAGREEMENTS = {
    "an entry is gone": "DELETE FROM entry WHERE entry_index = 1",
    "an entry was added": "INSERT INTO entry VALUES (2, x'00')",
    "a checkpoint is gone": "DELETE FROM checkpoint WHERE size = 2",
    "the head was set back": "UPDATE log_head SET size = 1",
    "the frontier was cut": "UPDATE log_head SET frontier = x'00'",
    "the head is gone": "DELETE FROM log_head",
}


@pytest.mark.parametrize("change", DISAGREEMENTS.values(), ids=DISAGREEMENTS)
def test_a_log_that_does_not_agree_with_itself_is_not_ready(path: Path, change: str) -> None:
    with opened(path) as store:
        store.log.commit(intent("t1"))
        store.log.commit(intent("t2"))
        store.ping()
        _change(path, change)

        with pytest.raises(LogDiverged):
            store.ping()


def test_a_log_that_cannot_be_written_is_not_ready(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with opened(path) as store:
        with locked_by_another_program(path), pytest.raises(LogUnavailable, match="locked"):
            store.ping()

        store.ping()
        assert check_log(store) == 0


def test_each_part_answers_log_unavailable_when_the_file_is_gone(path: Path) -> None:
    with opened(path) as store:
        path.unlink()
        asked = {
            "head": store.entries.head,
            "find": lambda: store.transfers.find(intent("t1").row.transfer_id),
            "callers": store.callers.list,
            "lookup": lambda: store.callers.lookup(b"h"),
            "add": lambda: store.callers.add(CallerId("backend"), b"h"),
            "block": lambda: store.restrictions.block(LogPseudonym("p"), NOW),
            "commit": lambda: store.log.commit(intent("t1")),
            "ping": store.ping,
        }

        for name, ask in asked.items():
            with pytest.raises(LogUnavailable):
                ask()
            assert not path.exists(), name


def test_a_url_without_a_store_is_refused() -> None:
    with pytest.raises(ConfigError, match="not durable"):
        Store.open("sqlite://", origin=ORIGIN, sign=sign, clock=FakeClock())


def test_samples_start_from_the_same_log_as_open_makes(path: Path, tmp_path: Path) -> None:
    _open(path).close()
    copied = tmp_path / "copied.db"
    open_store(copied).close()

    schemas = []
    for file in (path, copied):
        other = sqlite3.connect(file)
        schemas.append(other.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall())
        other.close()

    assert schemas[0] == schemas[1]


def test_a_unit_that_the_schema_refuses_leaves_the_log_free_for_the_next(path: Path) -> None:
    """An intent twice: the second alone fails, and its broken transaction does not stay open."""
    store = _open(path)
    store.log.commit(intent("t1"))

    with pytest.raises(LogUnavailable):
        store.log.commit(intent("t1"))
    store.log.commit(intent("t2"))

    assert check_log(store) == 2
    store.close()
