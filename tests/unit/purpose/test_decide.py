from __future__ import annotations

import pytest

from gateway.clock import Instant
from gateway.model import (
    Admitted,
    BasisKind,
    Permitted,
    Protection,
    RecipientKey,
    Refused,
    RefusedReason,
    Snapshot,
)
from gateway.purpose import ask_again, decide
from tests.unit.purpose.samples import NOW, admitted, purpose_map, recipient, rule, snapshot

EMPTY = Snapshot("e" * 64, frozenset(), {}, {})
EXPIRED = snapshot(purpose_map(recipient(keys=(RecipientKey("k", {}, NOW),))))
KEYLESS = snapshot(purpose_map(recipient(keys=())))
NO_FIELDS = snapshot(purpose_map(fields=()))

REFUSED: dict[str, tuple[Admitted, Snapshot, RefusedReason]] = {
    "no recipient of that name": (admitted(recipient_id="mc-two"), snapshot(), RefusedReason.UNKNOWN_RECIPIENT),
    "no recipient at all": (admitted(), EMPTY, RefusedReason.UNKNOWN_RECIPIENT),
    "no purpose of that name": (admitted(purpose="debt_collection"), snapshot(), RefusedReason.UNKNOWN_PURPOSE),
    "a purpose of the policy that this recipient lacks": (
        admitted(purpose="resident_register"),
        snapshot(),
        RefusedReason.UNKNOWN_PURPOSE,
    ),
    "no grant": (admitted(granted=False), snapshot(), RefusedReason.NOT_GRANTED),
    "no basis": (admitted(basis=None), snapshot(), RefusedReason.BASIS_MISSING),
    "a basis that the map does not accept": (
        admitted(basis=BasisKind.OBLIGATION),
        snapshot(),
        RefusedReason.BASIS_MISSING,
    ),
    "a key that has ended": (admitted(), EXPIRED, RefusedReason.KEY_UNUSABLE),
    "no key": (admitted(), KEYLESS, RefusedReason.KEY_UNUSABLE),
    "a map without fields": (admitted(), NO_FIELDS, RefusedReason.EMPTY_MAP),
    "nothing right: the first reason in order": (
        admitted(granted=False, basis=None),
        EXPIRED,
        RefusedReason.NOT_GRANTED,
    ),
}


@pytest.mark.parametrize(("asked", "known", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_gap_is_a_refusal_with_its_reason(asked: Admitted, known: Snapshot, expected: RefusedReason) -> None:
    """T11, T47."""
    found = decide(asked, known, NOW)

    assert isinstance(found, Refused)
    assert found.reason is expected
    assert found.policy_version == known.version
    assert found.admitted is asked


def test_a_grant_for_a_known_recipient_purpose_and_basis_is_permitted() -> None:
    asked, known = admitted(), snapshot()

    found = decide(asked, known, NOW)

    assert isinstance(found, Permitted)
    assert (found.admitted, found.map, found.policy_version) == (asked, purpose_map_of(known), known.version)


def test_a_refusal_tells_the_map_where_there_is_one() -> None:
    known = snapshot()

    found = decide(admitted(basis=None), known, NOW)

    assert isinstance(found, Refused)
    assert found.map is purpose_map_of(known)


def test_a_key_may_be_used_until_the_instant_of_its_end() -> None:
    known = snapshot(purpose_map(recipient(keys=(RecipientKey("k", {}, NOW),))))

    found = decide(admitted(), known, Instant(NOW - 1))

    assert isinstance(found, Permitted)


def test_one_key_that_can_be_used_is_enough() -> None:
    keys = RecipientKey("old", {}, NOW), RecipientKey("new", {}, None)

    found = decide(admitted(), snapshot(purpose_map(recipient(keys=keys))), NOW)

    assert isinstance(found, Permitted)


def test_tls_needs_no_key() -> None:
    found = decide(admitted(), snapshot(purpose_map(recipient(protection=Protection.TLS, keys=()))), NOW)

    assert isinstance(found, Permitted)


@pytest.mark.parametrize("cell", range(16))
def test_only_the_one_right_cell_of_the_matrix_is_permitted(cell: int) -> None:
    """T47: caller x recipient x purpose x basis, every cell."""
    asked = admitted(
        granted=bool(cell & 1),
        recipient_id="mc-one" if cell & 2 else "mc-two",
        purpose="service_request" if cell & 4 else "payment",
        basis=BasisKind.CONSENT if cell & 8 else None,
    )

    assert isinstance(decide(asked, snapshot(), NOW), Permitted) == (cell == 15)


def test_what_is_still_permitted_is_not_refused_when_asked_again() -> None:
    known = snapshot()

    assert ask_again(permitted(known), known, NOW) is None


LATER: dict[str, tuple[Snapshot, RefusedReason]] = {
    "the recipient is gone": (EMPTY, RefusedReason.UNKNOWN_RECIPIENT),
    "the purpose is gone": (Snapshot("f" * 64, frozenset(), snapshot().recipients, {}), RefusedReason.UNKNOWN_PURPOSE),
    "the key has ended": (EXPIRED, RefusedReason.KEY_UNUSABLE),
    "the map allows nothing any more": (NO_FIELDS, RefusedReason.EMPTY_MAP),
    "the map was narrowed": (snapshot(purpose_map(version="b" * 64)), RefusedReason.EMPTY_MAP),
    "the map was widened": (
        snapshot(purpose_map(version="c" * 64, fields=(rule("ticket.id"), rule("ticket.phone")))),
        RefusedReason.EMPTY_MAP,
    ),
}


@pytest.mark.parametrize(("later", "expected"), LATER.values(), ids=LATER.keys())
def test_the_stricter_of_then_and_now_wins(later: Snapshot, expected: RefusedReason) -> None:
    """T50, T76."""
    found = ask_again(permitted(snapshot()), later, NOW)

    assert found is not None
    assert found.reason is expected
    assert found.policy_version == later.version


def permitted(known: Snapshot) -> Permitted:
    found = decide(admitted(), known, NOW)
    assert isinstance(found, Permitted)
    return found


def purpose_map_of(known: Snapshot) -> object:
    return next(iter(known.maps.values()))
