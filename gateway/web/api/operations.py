"""Operations: alive, ready, metrics.

Promises: `/healthz` says only that the process answers; `/readyz` asks the database and looks at keys and maps; metrics
and the detail of readiness are for loopback or the holder of the metrics token. It must never say why a check failed
beyond its name.
"""

from __future__ import annotations

import orjson
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.errors import GatewayError, Unauthenticated
from gateway.web.access import may_see_operations
from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import Access, Described
from gateway.web.application import Reply, visit
from gateway.web.metrics import Metrics
from gateway.web.ports import Served
from gateway.web.problems import problem
from gateway.web.schemas import StateSchema


def blueprint(served: Served, metrics: Metrics) -> Blueprint:
    """The routes of operations."""
    routes = Blueprint("operations", __name__, description="For those who run the gateway")

    def get_healthz() -> Reply:
        """Whether the process answers."""
        return Reply(b'{"status":"alive"}', content_type="application/json")

    def get_readyz() -> Reply:
        """Whether transfers can be made: database, keys, maps."""
        checks = readiness(served)
        ready = all(state == "ok" for state in checks.values())
        detail: dict[str, object] = {}
        if may_see_operations(visit(), served.settings):
            detail = {"checks": checks} | _sets_to_fill(served)
        if not ready:
            return problem("not_ready", members=detail)
        return Reply(orjson.dumps({"status": "ready"} | detail), content_type="application/json")

    def get_metrics() -> Reply:
        """Metrics, as Prometheus reads them."""
        if not may_see_operations(visit(), served.settings):
            raise Unauthenticated("metrics are for loopback, or for the holder of the metrics token")
        return Reply(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)

    alive = Described(Access.PUBLIC, problems=(), done="It answers", answered={"status": "alive"})
    ready = Described(Access.DETAIL, problems=("not_ready",), done="They can", answered=examples.READY)
    shown = Described(Access.OPERATIONS, problems=(), done="In Prometheus's text format")
    text = {"type": "string"}
    declare(routes, "GET", "/healthz", get_healthz, answer=StateSchema, told=alive)
    declare(routes, "GET", "/readyz", get_readyz, answer=StateSchema, told=ready)
    declare(routes, "GET", "/metrics", get_metrics, answer=text, content_type="text/plain", told=shown)
    return routes


def readiness(served: Served) -> dict[str, str]:
    """Each check by name: `ok` or `failed`."""
    try:
        served.store.ping()
        database = True
    except GatewayError:
        database = False
    checks = {
        "database": database,
        "keys": bool(served.keyring.public_jwks()["keys"]),
        "maps": bool(served.snapshot.maps or served.snapshot.pulls),
    }
    return {name: "ok" if passed else "failed" for name, passed in checks.items()}


def _sets_to_fill(served: Served) -> dict[str, object]:
    """The kept sets that hold no one, if any: they refuse, but the way to fill them is this gateway."""
    try:
        empty = served.empty_sets()
    except GatewayError:
        return {}
    return {"empty_sets": empty} if empty else {}
