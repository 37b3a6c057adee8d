"""`gateway subject`: block a person, so that nothing about them leaves."""

from __future__ import annotations

import click

from gateway.bootstrap import open_store
from gateway.cli.terminal import command, emit, out, settings
from gateway.clock import SystemClock
from gateway.model import SubjectId
from gateway.seal.keyring import Keyring


@click.group("subject")
def group() -> None:
    """Restrictions of subjects."""


def _change(subject: str, *, block: bool) -> bool:
    """True if this changed anything."""
    found = settings()
    keyring = Keyring.load(found.home, found.master_key_file)
    store = open_store(found, keyring, SystemClock())
    pseudonym = keyring.log_pseudonym(SubjectId(subject))
    try:
        if block:
            return store.restrictions.block(pseudonym, SystemClock().now())
        return store.restrictions.unblock(pseudonym)
    finally:
        store.close()


@command(group, "block", example="gateway subject block usr_0001")
@click.argument("subject")
def block(subject: str, *, as_json: bool) -> None:
    """Refuse every transfer about SUBJECT (the platform's opaque id) from this moment on, in every process."""
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
