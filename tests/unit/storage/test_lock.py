"""gateway.storage.lock: turns, between threads and between processes."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from gateway.storage.lock import FairLock

HOLD = """
import sys
from pathlib import Path
from gateway.storage.lock import FairLock
held = FairLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def _other_process(database: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def _acquire_in_a_thread(lock: FairLock) -> tuple[threading.Thread, threading.Event]:
    acquired = threading.Event()

    def work() -> None:
        held = lock.acquire()
        acquired.set()
        lock.release(held)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, acquired


def test_a_second_thread_waits_until_the_first_lets_go(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "g.db")
    held = lock.acquire()

    thread, acquired = _acquire_in_a_thread(lock)
    came_early = acquired.wait(0.05)
    lock.release(held)
    thread.join()

    assert not came_early
    assert acquired.is_set()


def test_another_process_is_waited_for_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    other = _other_process(tmp_path / "g.db")

    thread, acquired = _acquire_in_a_thread(FairLock(tmp_path / "g.db"))
    came_early = acquired.wait(0.05)
    other.kill()
    other.communicate()
    thread.join()

    assert not came_early
    assert acquired.is_set()


def test_who_just_held_it_stands_behind_those_who_wait(tmp_path: Path) -> None:
    """Without the turn, the thread that lets go would take the lock again before the other one wakes."""
    lock = FairLock(tmp_path / "g.db")
    order: list[str] = []
    held = lock.acquire()

    def other() -> None:
        taken = lock.acquire()
        order.append("other")
        lock.release(taken)

    waiting = threading.Thread(target=other, daemon=True)
    waiting.start()
    give_up = time.monotonic() + 5
    while not _someone_has_the_turn(tmp_path / "g.db.turn"):
        assert time.monotonic() < give_up
    lock.release(held)
    held = lock.acquire()
    order.append("again")
    lock.release(held)
    waiting.join()

    assert order == ["other", "again"]


def _someone_has_the_turn(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def test_letting_go_frees_it_even_if_a_child_still_has_the_descriptor(tmp_path: Path) -> None:
    """T75: a fork between acquire and release duplicates the descriptor."""
    lock = FairLock(tmp_path / "g.db")
    held = lock.acquire()
    duplicate = os.dup(held)

    lock.release(held)
    thread, acquired = _acquire_in_a_thread(lock)
    freed = acquired.wait(2)
    os.close(duplicate)
    thread.join()

    assert freed


def test_a_deleted_lock_file_is_made_again(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "g.db")
    lock.release(lock.acquire())
    (tmp_path / "g.db.lock").unlink()

    lock.release(lock.acquire())

    assert (tmp_path / "g.db.lock").stat().st_mode & 0o777 == 0o600
