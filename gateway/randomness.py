"""Random bytes for keys, salts, nonces and ids, from the generator that makes each ephemeral key and TLS session too.

OpenSSL's generator is seeded by the system, one for each thread, and seeded anew in a forked child (T75). A transfer
draws seven times: asking the system each time is a call that lets other threads in and then waits for its turn again.
It must never be replaced by one that can be seeded or foretold.

source: NIST SP 800-90A (CTR_DRBG), RAND(7) of OpenSSL
"""

from __future__ import annotations

import ssl


def random_bytes(count: int) -> bytes:
    """So many unpredictable bytes."""
    return ssl.RAND_bytes(count)
