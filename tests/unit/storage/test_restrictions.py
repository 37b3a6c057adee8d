"""gateway.storage.restrictions: who is blocked, and from when on."""

from __future__ import annotations

from pathlib import Path

from gateway.clock import Instant
from gateway.model import LogPseudonym, NotCommitted, Receipt
from gateway.storage.restrictions import Restriction
from gateway.storage.store import Store
from tests.unit.storage.samples import intent, opened
from tests.values import NOW

SUBJECT = LogPseudonym("p1")


def test_blocking_twice_changes_once(store: Store) -> None:
    assert store.restrictions.block(SUBJECT, NOW) is True
    assert store.restrictions.block(SUBJECT, Instant(NOW + 1)) is False
    assert store.restrictions.list() == [Restriction(SUBJECT, NOW)]


def test_unblocking_twice_changes_once(store: Store) -> None:
    store.restrictions.block(SUBJECT, NOW)

    assert store.restrictions.unblock(SUBJECT) is True
    assert store.restrictions.unblock(SUBJECT) is False
    assert store.restrictions.list() == []


def test_the_longest_blocked_come_first(store: Store) -> None:
    store.restrictions.block(LogPseudonym("a"), Instant(NOW + 2))
    store.restrictions.block(LogPseudonym("b"), Instant(NOW + 1))

    assert [found.pseudonym for found in store.restrictions.list()] == ["b", "a"]


def test_a_block_holds_for_every_later_group_of_every_opening_of_the_database(store: Store, path: Path) -> None:
    """T76: no intent follows the moment in which the block was confirmed."""
    with opened(path) as other:
        before = other.log.commit(intent("t1", subject=SUBJECT))
        store.restrictions.block(SUBJECT, NOW)
        during = other.log.commit(intent("t2", subject=SUBJECT))
        store.restrictions.unblock(SUBJECT)
        after = other.log.commit(intent("t3", subject=SUBJECT))

    assert isinstance(before, Receipt)
    assert during is NotCommitted.RESTRICTED
    assert isinstance(after, Receipt)


def test_a_glance_says_who_is_blocked_now(store: Store) -> None:
    store.restrictions.block(SUBJECT, NOW)

    assert store.restrictions.holds(SUBJECT) is True
    assert store.restrictions.holds(LogPseudonym("p2")) is False
