"""`gateway subject`: block a person, so that nothing about them leaves.

Promises: once a block is confirmed, nothing about the person leaves any more. What was recorded before the block may
still be on its way to a slow recipient, so the confirmation waits until that has ended, at the latest at its deadline.
"""

from __future__ import annotations

import time

import click

from gateway.admission.request import opaque_subject
from gateway.cli.opened import opened
from gateway.cli.terminal import command, emit, out
from gateway.clock import SystemClock
from gateway.model import LogPseudonym
from gateway.storage import Store


@click.group("subject")
def group() -> None:
    """Restrictions of subjects."""


LOOK_AGAIN_SECONDS = 0.05


def _change(subject: str, *, block: bool) -> bool:
    """True if this changed anything."""
    person = opaque_subject(subject)  # what no transfer can be about cannot be blocked either
    with opened() as log:
        pseudonym = log.keyring.log_pseudonym(person)
        if not block:
            return log.store.restrictions.unblock(pseudonym)
        changed = log.store.restrictions.block(pseudonym, SystemClock().now())
        _wait_for_what_is_under_way(log.store, pseudonym)
        return changed


def _wait_for_what_is_under_way(store: Store, pseudonym: LogPseudonym) -> None:
    """Return when no attempt that began before the block can send any more (T76)."""
    clock = SystemClock()
    while (until := store.transfers.under_way(pseudonym)) is not None and clock.now() < until:
        time.sleep(LOOK_AGAIN_SECONDS)


@command(group, "block", example="gateway subject block usr_0001")
@click.argument("subject")
def block(subject: str, *, as_json: bool) -> None:
    """Refuse every transfer about SUBJECT (the platform's opaque id) from this moment on, in every process.

    What was begun before is waited for, at most until its deadline.
    """
    changed = _change(subject, block=True)
    text = "blocked: nothing about this subject leaves from now on" if changed else "was blocked before"
    emit({"blocked": True, "changed": changed}, lambda: out.print(text), as_json=as_json)


@command(group, "unblock", example="gateway subject unblock usr_0001")
@click.argument("subject")
def unblock(subject: str, *, as_json: bool) -> None:
    """Lift the block of SUBJECT."""
    changed = _change(subject, block=False)
    text = "unblocked" if changed else "was not blocked"
    emit({"blocked": False, "changed": changed}, lambda: out.print(text), as_json=as_json)
