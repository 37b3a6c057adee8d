"""What a process must forget when it turns out to be a forked child.

Promises: a callback registered here runs in the child before any of its other threads exist; it is held weakly, so
nothing lives longer for it. Locks, connections and threads of the parent must never be used in the child (T75).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from weakref import WeakMethod

_callbacks: list[WeakMethod[Callable[[], None]]] = []


def in_child(method: Callable[[], None]) -> None:
    """Call this bound method in every child that is forked from now on, as long as its object lives."""
    _callbacks[:] = [kept for kept in _callbacks if kept() is not None]
    _callbacks.append(WeakMethod(method))


def _forked() -> None:
    for reference in _callbacks:
        method = reference()
        if method is not None:
            method()


os.register_at_fork(after_in_child=_forked)
