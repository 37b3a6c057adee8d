"""gateway.storage.fork: what a forked child forgets (T75)."""

from __future__ import annotations

import gc
import os

from gateway.storage import fork


class _Remembers:
    def __init__(self) -> None:
        self.forgot = 0
        fork.in_child(self.forget)

    def forget(self) -> None:
        self.forgot += 1


def _in_child(found: _Remembers) -> int:
    child = os.fork()
    if child == 0:
        os._exit(found.forgot)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_child_forgets_and_the_parent_does_not() -> None:
    one = _Remembers()

    forgot_in_child = _in_child(one)

    assert (forgot_in_child, one.forgot) == (1, 0)


def test_an_object_that_is_gone_is_not_called() -> None:
    _Remembers()
    gc.collect()
    kept = _Remembers()

    forgot_in_child = _in_child(kept)

    assert forgot_in_child == 1
    assert all(reference() is not None for reference in fork._callbacks)
