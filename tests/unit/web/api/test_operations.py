from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.web.served import Served

OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}
TOKEN = {"Authorization": "Bearer metrics-token"}


def test_a_process_that_answers_is_alive_whatever_the_database_does() -> None:
    served = Served()
    served.store.unavailable = True

    answer = served.ask().get("/healthz", environ_base=OUTSIDE)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "alive"})


def test_readiness_says_what_it_looked_at_on_loopback_and_to_the_token() -> None:
    client = Served().ask()
    checks = {"database": "ok", "keys": "ok", "maps": "ok"}

    near = client.get("/readyz")
    far = client.get("/readyz", environ_base=OUTSIDE, headers=TOKEN)

    assert near.get_json() == far.get_json() == {"status": "ready", "checks": checks}


def test_readiness_says_only_that_it_is_ready_to_anyone_else() -> None:
    answer = Served().ask().get("/readyz", environ_base=OUTSIDE)

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


def without_database(served: Served) -> None:
    served.store.unavailable = True


def without_keys(served: Served) -> None:
    served.keyring.keys = []


@pytest.mark.parametrize(("spoil", "name"), [(without_database, "database"), (without_keys, "keys")])
def test_a_gateway_that_lacks_something_is_not_ready(spoil: Callable[[Served], None], name: str) -> None:
    served = Served()
    spoil(served)
    client = served.ask()

    near, far = client.get("/readyz"), client.get("/readyz", environ_base=OUTSIDE)

    assert (near.status_code, near.headers["Gateway-Problem"]) == (503, "not_ready")
    assert [check for check, state in near.get_json()["checks"].items() if state == "failed"] == [name]
    assert far.status_code == 503
    assert "checks" not in far.get_json()
    assert b"/var/secret" not in near.data


def test_metrics_are_for_loopback_or_the_token() -> None:
    client = Served().ask()

    near = client.get("/metrics")
    far = client.get("/metrics", environ_base=OUTSIDE)
    held = client.get("/metrics", environ_base=OUTSIDE, headers=TOKEN)

    assert (near.status_code, far.status_code, held.status_code) == (200, 401, 200)
    assert near.mimetype == "text/plain"
    assert far.headers["WWW-Authenticate"] == 'Bearer realm="gateway"'
