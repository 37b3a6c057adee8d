"""The transfer log under many threads and processes at once, on a real file, judged by the verifier."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.model import NotCommitted, Receipt, Unit
from gateway.storage import Store
from gateway.storage.group import GroupCommit
from gateway.storage.log import Append, LogTable
from gateway.transfer_log.checkpoint import checkpoint_signer, open_checkpoint
from gateway.transfer_log.tree import leaf_hash, verify_inclusion
from gateway.transfer_log.verify import verify
from tests.unit.storage.samples import ORIGIN, database_url, intent, outcome
from tests.values import FakeClock

ROOT = Path(__file__).resolve().parents[2]
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
COMMITS_PER_THOUSAND = 400

WRITER = """
import pickle, sys, threading
from pathlib import Path
from tests.integration.test_group_commit import open_log, write
store = open_log(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
receipts = write(store, sys.argv[2], threads=int(sys.argv[3]), each=int(sys.argv[4]))
store.close()
sys.stdout.write(pickle.dumps(receipts).hex())
"""


def open_log(path: Path) -> Store:
    sign = checkpoint_signer(ORIGIN, KEY)
    return Store.open(database_url(path), origin=ORIGIN, sign=sign, clock=FakeClock())


def write(store: Store, name: str, *, threads: int, each: int) -> list[Receipt]:
    """Intents and their outcomes from several threads; the receipts of the intents."""
    receipts: list[Receipt] = []

    def work(thread: int) -> None:
        for number in range(each):
            transfer = f"{name}-{thread}-{number}"
            result = store.log.commit(intent(transfer))
            assert isinstance(result, Receipt)
            receipts.append(result)
            store.log.commit_soon(outcome(transfer))

    working = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
    for one in working:
        one.start()
    for one in working:
        one.join()
    return receipts


@contextmanager
def _writers(path: Path, names: Sequence[str], threads: int, each: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that have opened the log and begin when the block does."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name, str(threads), str(each)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def _check(store: Store, receipts: Sequence[Receipt]) -> int:
    """Verify the whole log and each receipt; how many entries there are."""
    with store.entries.reading() as reading:
        report = verify(
            reading.leaves(), reading.openings(), reading.checkpoints(), origin=ORIGIN, key=KEY.public_key()
        )
        leaves = dict(reading.leaves())
    assert report.problems == ()
    assert list(leaves) == list(range(len(leaves))), "indices are dense"
    for receipt in receipts:
        checkpoint = open_checkpoint(receipt.checkpoint, ORIGIN, KEY.public_key())
        assert checkpoint.size == receipt.size
        assert leaves[receipt.index] == receipt.entry.leaf
        leaf = leaf_hash(receipt.entry.leaf)
        assert verify_inclusion(receipt.index, receipt.size, leaf, receipt.proof, checkpoint.root)
    store.ping()
    return report.entries


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "g.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    made = open_log(path)
    yield made
    made.close()


def test_two_processes_write_one_dense_log_and_every_receipt_is_proven(store: Store, path: Path) -> None:
    """T60: leaf indices come from the locked head row."""
    threads, each = 8, 25
    with _writers(path, ["a", "b"], threads, each) as processes:
        receipts: list[Receipt] = []
        for process in processes:
            receipts += pickle.loads(bytes.fromhex(process.communicate()[0]))

    transfers = 2 * threads * each
    assert len(receipts) == transfers
    assert len({receipt.index for receipt in receipts}) == transfers
    assert _check(store, receipts) == 2 * transfers


def test_a_writer_killed_in_the_middle_leaves_a_log_that_goes_on(store: Store, path: Path) -> None:
    """T60, T63: what the dead process held is free, and what it wrote is whole."""
    with _writers(path, ["a", "b"], threads=8, each=10_000) as processes:
        for killed_at, process in zip((60, 150), processes, strict=True):
            while store.entries.head().size < killed_at:
                time.sleep(0.001)
            process.kill()
            process.wait()

    after = write(store, "c", threads=2, each=5)
    store.log.close()

    assert min(receipt.index for receipt in after) >= 150
    assert _check(store, after) > 150


def test_thirty_two_threads_share_their_commits(path: Path) -> None:
    sign = checkpoint_signer(ORIGIN, KEY)
    store = open_log(path)
    turns: list[int] = []
    original = LogTable(store._database, sign).turn

    @contextmanager
    def counted() -> Iterator[Append]:
        with original() as append:
            yield append
        turns.append(1)

    store.log = GroupCommit(counted)
    receipts = write(store, "a", threads=32, each=20)
    store.log.close()

    transfers = len(receipts)
    per_thousand = 1000 * len(turns) / transfers
    print(f"{per_thousand:.0f} commits for 1000 transfers, their outcomes included")
    assert per_thousand <= COMMITS_PER_THOUSAND
    assert _check(store, receipts) == 2 * transfers
    store.close()


def test_the_first_of_two_outcomes_wins_in_whichever_process(store: Store, path: Path) -> None:
    """DESIGN 6.3: the sweep of one process against the outcome of another."""
    units: list[Unit] = [intent(f"t{number}") for number in range(20)]
    for unit in units:
        store.log.commit(unit)
    other = open_log(path)
    results: dict[str, list[Receipt | NotCommitted]] = {"delivered": [], "unknown": []}

    def end(log: Store, how: str) -> None:
        for unit in units:
            results[how].append(log.log.commit(outcome(unit.row.transfer_id, outcome=how)))

    working = [threading.Thread(target=end, args=pair) for pair in ((store, "delivered"), (other, "unknown"))]
    for one in working:
        one.start()
    for one in working:
        one.join()
    other.close()

    pairs = zip(results["delivered"], results["unknown"], strict=True)
    assert all((first is NotCommitted.CONFLICT) != (second is NotCommitted.CONFLICT) for first, second in pairs)
    assert _check(store, []) == 40
