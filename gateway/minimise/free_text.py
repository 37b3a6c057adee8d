"""A rule of free text: scrubbed as the map says, within a budget for each payload.

Promises: a flat that is named in the text stays home wherever the map withholds the flat from this recipient in this
payload. The map gives the flat away where a live rule of the category `apartment` releases it unchanged and its
condition holds; a condition that cannot be asked from where the text stands counts as not holding. A text that is
itself an address (its category says so: an address in one line) keeps its flat, which is a part of it. Texts of one
payload that are together longer than the budget are withheld, never half scrubbed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.canonical import Node
from gateway.minimise.account import Account
from gateway.minimise.fields import Field, Scrub
from gateway.minimise.sources import Frames, Holds, compile_get, compile_when
from gateway.minimise.text import Scrubbed, compile_scrub, registry
from gateway.minimise.values import Fault
from gateway.model import FieldRule, FieldType, Lexicon, WithheldReason

TEXT_BUDGET = 65_536
"""So many bytes of free text are read in one payload; a scrub takes at most a millisecond for a thousand letters."""

FLAT = "apartment"
"""The category of the policy that a flat belongs to."""

_ADDRESSES = frozenset({FLAT, "address"})

_OVER = Fault(WithheldReason.OVER_LIMIT, f"{TEXT_BUDGET} bytes of text in one payload")

Compile = Callable[[FieldRule, Scrub], Field]
"""Compiles a rule, as every other, with the scrub that it shall use."""


class Scrubs(NamedTuple):
    """The ways to scrub: without the flats that a text names, and with them."""

    closed: Scrub
    with_flats: Scrub


def compile_scrubs(lexicon: Lexicon) -> Scrubs:
    """Both ways to scrub, by the taxonomy's words."""
    return Scrubs(
        compile_scrub(registry(lexicon), lexicon), compile_scrub(registry(lexicon, keeps_flats=True), lexicon)
    )


def is_free_text(rule: FieldRule) -> bool:
    """True if what people write leaves by this rule, and not a template in its place."""
    return rule.type is FieldType.TEXT and rule.transform is None


def compile_text(rule: FieldRule, live: Sequence[FieldRule], scrubs: Scrubs, compile_with: Compile) -> Field:
    """The rule compiled, scrubbed as the live rules of its map ask for. Raises ValueError as `compile_field` does."""
    closed, over = compile_with(rule, scrubs.closed), compile_with(rule, _withhold)
    with_flats = compile_with(rule, scrubs.with_flats)
    gives_flat = _gives_flat(rule, live)
    get = compile_get(rule.sources[0], rule.path)

    def build(frames: Frames, account: Account) -> Node:
        value = get(frames)
        if type(value) is str:
            account.text_bytes += len(value.encode(errors="replace"))
            if account.text_bytes > TEXT_BUDGET:
                return over.build(frames, account)
        return (with_flats if gives_flat(frames) else closed).build(frames, account)

    return Field(build, closed.peek)


def _withhold(_text: str) -> Scrubbed | Fault:
    return _OVER


def _gives_flat(rule: FieldRule, live: Sequence[FieldRule]) -> Holds:
    """Whether the flat leaves beside this text, or in it because it is an address."""
    if rule.category in _ADDRESSES:
        return lambda _frames: True
    conditions: list[Holds] = []
    for one in live:
        if one.category != FLAT or one.transform is not None:
            continue
        try:
            holds = compile_when(one.when, rule.path)
        except ValueError:  # of an item that the text is not in
            continue
        if holds is None:
            return lambda _frames: True
        conditions.append(holds)
    asked = tuple(conditions)
    return lambda frames: any(holds(frames) for holds in asked)
