"""Attempts, as the log tells them: which were begun, which have ended, which were refused.

Promises: each attempt has one intent and at most one outcome, an outcome comes after an intent of its transfer, and a
refused transfer has neither; what breaks that is a problem where it stands. Keeps transfer ids, nothing else of a body.
"""

from __future__ import annotations

import orjson

from gateway.model import EntryKind
from gateway.transfer_log.entry import Leaf
from gateway.transfer_log.report import Check, Problems

_ENDED = -1
_REFUSED = -2
_MARKS = {
    EntryKind.INTENT: frozenset({"transfer", "attempt", "released"}),
    EntryKind.OUTCOME: frozenset({"transfer", "attempt", "outcome"}),
    EntryKind.REFUSAL: frozenset({"transfer", "reason"}),
}


class Attempts:
    """Which attempts were begun and which have ended, by what the shared openings say."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._state: dict[str, int] = {}  # attempt to the index of its intent, or how it stands since
        self._unread = 0  # entries that may be intents and could not be read: reported once, where they stand

    def skip(self, entries: int) -> None:
        """Take note of entries that are missing: their absence is reported where they should stand."""
        self._unread += entries

    def see(self, index: int, leaf: Leaf | None, shared: bytes | None) -> None:
        """Take note of one entry."""
        if leaf is None or shared is None:
            self._unread += leaf is None or leaf.kind is EntryKind.INTENT
            return
        body = _read_body(leaf.kind, shared)
        if body is None:
            self._problems.note(index, Check.BODY, f"the shared body of a leaf of kind {leaf.kind}", "another body")
            self._unread += 1
            return
        transfer, attempt, also = body
        named = transfer if attempt == 1 else f"{transfer}#{attempt}"
        if leaf.kind is EntryKind.OUTCOME:
            for one in (transfer, *also):  # an envelope of many records has one outcome, which is that of each
                self._end(index, one, one if attempt == 1 else f"{one}#{attempt}")
            return
        if named in self._state:
            self._problems.note(index, Check.INTENT, "one intent or one refusal", "another entry of this attempt")
            return
        self._state[named] = index if leaf.kind is EntryKind.INTENT else _REFUSED

    def _end(self, index: int, transfer: str, named: str) -> None:
        state = self._state.get(named)
        if state == _ENDED:
            self._problems.note(index, Check.OUTCOME, "one outcome for each attempt", "another one")
        elif state == _REFUSED or (state is None and self._state.get(transfer, _REFUSED) == _REFUSED):
            if self._unread:
                self._unread -= 1
            else:
                self._problems.note(index, Check.OUTCOME, "an intent before it", "none")
        self._state[named] = _ENDED

    def without_outcome(self) -> tuple[int, ...]:
        """The indices of intents that have no outcome yet."""
        return tuple(index for index in self._state.values() if index >= 0)


def _read_body(kind: EntryKind, shared: bytes) -> tuple[str, int, tuple[str, ...]] | None:
    """Transfer, attempt (1 where none is said) and the envelope's others, if this is the body of such an entry."""
    try:
        body = orjson.loads(shared)
    except ValueError:
        return None
    if type(body) is not dict or not _MARKS[kind] <= body.keys():
        return None
    transfer, attempt, also = body["transfer"], body.get("attempt", 1), body.get("also", [])
    if type(transfer) is not str or type(attempt) is not int or type(also) is not list:
        return None
    return (transfer, attempt, tuple(also)) if all(type(one) is str for one in also) else None
