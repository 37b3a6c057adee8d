"""gateway.storage.callers: what an operator changes, and what is told where it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.model import Basis, BasisKind, Caller, CallerId, PurposeId, RecipientId
from gateway.storage.callers import CallerRecord, Callers
from gateway.storage.store import Store
from tests.unit.storage.samples import open_store
from tests.values import NOW, PAIR, FakeClock

BACKEND = CallerId("backend")
HASH, OTHER_HASH = b"h" * 32, b"o" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "g.db", clock=FakeClock())
    yield made
    made.close()


@pytest.fixture
def callers(store: Store) -> Callers:
    return store.callers


def test_a_caller_is_found_by_its_token_with_its_grants(callers: Callers) -> None:
    callers.add(BACKEND, HASH)
    callers.grant(BACKEND, *PAIR)
    callers.grant(BACKEND, *PAIR)

    assert callers.lookup(HASH) == Caller(BACKEND, frozenset({PAIR}))
    assert callers.lookup(OTHER_HASH) is None


def test_what_changes_here_counts_here_at_once(callers: Callers) -> None:
    callers.add(BACKEND, HASH)
    callers.grant(BACKEND, *PAIR)
    with_grant = callers.lookup(HASH)
    callers.ungrant(BACKEND, *PAIR)
    without_grant = callers.lookup(HASH)
    callers.rotate(BACKEND, OTHER_HASH)
    rotated = callers.lookup(HASH), callers.lookup(OTHER_HASH)
    callers.revoke(BACKEND)

    assert with_grant == Caller(BACKEND, frozenset({PAIR}))
    assert without_grant == Caller(BACKEND, frozenset())
    assert rotated == (None, Caller(BACKEND, frozenset()))
    assert callers.lookup(OTHER_HASH) is None


def test_the_list_shows_everyone_there_is_or_was(callers: Callers) -> None:
    callers.add(CallerId("zeta"), HASH)
    callers.add(BACKEND, OTHER_HASH)
    callers.grant(BACKEND, *PAIR)
    callers.revoke(BACKEND)

    assert callers.list() == [
        CallerRecord(BACKEND, NOW, NOW, frozenset({PAIR})),
        CallerRecord(CallerId("zeta"), NOW, None, frozenset()),
    ]


CONSENT = Basis(BasisKind.CONSENT, "consent/1", "2026-01-01T00:00:00+05:00", "3")
OBLIGATION = Basis(BasisKind.OBLIGATION, "contract-7", "2026-01-01T00:00:00Z", None)


def test_a_default_basis_counts_at_once_as_it_was_set(callers: Callers) -> None:
    callers.add(BACKEND, HASH)
    without = callers.lookup(HASH)
    callers.set_basis(BACKEND, CONSENT)
    first = callers.lookup(HASH)
    callers.set_basis(BACKEND, OBLIGATION)
    second, listed = callers.lookup(HASH), callers.list()
    callers.set_basis(BACKEND, None)

    assert [found and found.basis for found in (without, first, second)] == [None, CONSENT, OBLIGATION]
    assert listed == [CallerRecord(BACKEND, NOW, None, frozenset(), OBLIGATION)]
    assert callers.lookup(HASH) == Caller(BACKEND, frozenset())


def test_whose_sets_a_caller_may_keep_counts_at_once(callers: Callers) -> None:
    """T47: it is a right of its own, and gives no other."""
    callers.add(BACKEND, HASH)
    callers.let_keep(BACKEND, PAIR[0])
    callers.let_keep(BACKEND, PAIR[0])
    keeping, listed = callers.lookup(HASH), callers.list()
    callers.stop_keeping(BACKEND, PAIR[0])

    assert keeping == Caller(BACKEND, frozenset(), None, frozenset({PAIR[0]}))
    assert listed[0].keeps == {PAIR[0]}
    assert callers.lookup(HASH) == Caller(BACKEND, frozenset())


Change = Callable[[Callers], None]
MISTAKES: dict[str, tuple[Change, str]] = {
    "a name twice": (lambda callers: callers.add(BACKEND, OTHER_HASH), "one of this name already"),
    "a token twice": (lambda callers: callers.rotate(CallerId("second"), HASH), "another caller holds this token"),
    "revoke no one": (lambda callers: callers.revoke(CallerId("nobody")), "none of this name"),
    "rotate no one": (lambda callers: callers.rotate(CallerId("nobody"), OTHER_HASH), "none of this name"),
    "grant to no one": (lambda callers: callers.grant(CallerId("nobody"), *PAIR), "none of this name"),
    "revoke twice": (lambda callers: callers.revoke(CallerId("gone")), "was revoked"),
    "rotate a revoked one": (lambda callers: callers.rotate(CallerId("gone"), OTHER_HASH), "was revoked"),
    "let no one keep": (lambda callers: callers.let_keep(CallerId("nobody"), PAIR[0]), "none of this name"),
    "let a revoked one keep": (lambda callers: callers.let_keep(CallerId("gone"), PAIR[0]), "was revoked"),
    "stop who does not keep": (lambda callers: callers.stop_keeping(BACKEND, PAIR[0]), "does not keep the sets"),
    "a basis for no one": (lambda callers: callers.set_basis(CallerId("nobody"), OBLIGATION), "none of this name"),
    "a basis for a revoked one": (lambda callers: callers.set_basis(CallerId("gone"), OBLIGATION), "was revoked"),
    "take what was not given": (
        lambda callers: callers.ungrant(BACKEND, RecipientId("r"), PurposeId("p")),
        "has no grant r:p",
    ),
}


@pytest.mark.parametrize(("change", "complaint"), MISTAKES.values(), ids=MISTAKES)
def test_a_change_that_cannot_be_is_told_and_changes_nothing(callers: Callers, change: Change, complaint: str) -> None:
    callers.add(BACKEND, HASH)
    callers.add(CallerId("second"), b"2" * 32)
    callers.add(CallerId("gone"), b"g" * 32)
    callers.revoke(CallerId("gone"))
    before = callers.list()

    with pytest.raises(ConfigError, match=complaint):
        change(callers)

    assert callers.list() == before
