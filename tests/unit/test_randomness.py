"""No two draws are alike: in one thread, in many, and on both sides of a fork."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.randomness import random_bytes


@pytest.mark.parametrize("count", [1, 12, 16, 32, 4096])
def test_a_draw_is_as_long_as_asked(count: int) -> None:
    assert len(random_bytes(count)) == count


def test_no_two_draws_are_alike_in_any_thread() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda _: random_bytes(16), range(4_000)))

    assert len(set(drawn)) == 4_000


def test_every_bit_is_drawn_about_half_the_time() -> None:
    drawn = [int.from_bytes(random_bytes(16)) for _ in range(4_000)]

    shares = [sum(one >> bit & 1 for one in drawn) / 4_000 for bit in range(128)]

    assert all(0.4 < share < 0.6 for share in shares)  # 0.1 is more than twelve standard deviations


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # that a test process has threads is its own affair
def test_a_forked_child_draws_something_else() -> None:
    """T75: two workers with one nonce would undo the cipher."""
    random_bytes(16)  # the generator is seeded before the fork
    ends = [os.pipe() for _ in range(3)]
    for _, end in ends:
        if (child := os.fork()) == 0:
            os.write(end, random_bytes(16))
            os._exit(0)
        os.waitpid(child, 0)

    drawn = [os.read(end, 16) for end, _ in ends] + [random_bytes(16)]

    assert len(set(drawn)) == 4
    for both in ends:
        for end in both:
            os.close(end)
