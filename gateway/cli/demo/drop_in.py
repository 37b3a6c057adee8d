"""The demo's second half: calls that the platform makes today, through the proxy with a new base URL and nothing else.

One is made by the stock library of a carrier, `cdek`, unchanged; one is a plain form to a payment provider that checks
its signature. Promises: what arrived is read from what the recipients tell, what stayed and why from the gateway's own
preview and log; of the platform's credentials each is looked for in all that arrived.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.cli.demo.own_api import FORM_ROUTE, ORDERS_ROUTE, WRONG_SIGNATURE
from gateway.cli.demo.story import BASIS, CHECKOUT, ORDER, Act
from gateway.cli.demo.world import World

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
FAR = 4_102_444_800  # a second in 2100: what the library takes for its token does not expire
OWN = {  # what the platform had for its partners before there was a gateway, and what its library still sends
    "account": "the-platforms-cdek-account",
    "password": "the-platforms-cdek-password",
    "session": "the-platforms-session-cookie",
}
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the platform makes a call: by which route of the recipient, with what body."""

    act: Act
    route: str
    content_type: str
    body: bytes

    @property
    def path(self) -> str:
        """The route's path at the gateway."""
        return f"/v1/proxy/{self.act.recipient}/{self.act.purpose}{self.route}"


BY_LIBRARY = Way(ORDER, ORDERS_ROUTE, JSON, orjson.dumps(ORDER.payload))
BY_FORM = Way(CHECKOUT, FORM_ROUTE, FORM, urlencode(CHECKOUT.payload).encode())


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the platform got its answer."""

    by: str
    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes = field(repr=False, default=b"")


def show(world: World) -> dict[str, Any]:
    """Make the calls; what was held, what arrived, what stayed and why, and what was refused."""
    shown = [_shown(world, BY_LIBRARY, _order(world)), _shown(world, BY_FORM, _checkout(world))]
    refused = [_read_back(world)]
    if "arrived" in shown[-1]:
        refused.append(_changed_on_the_way(world, shown[-1]["arrived"]["data"]))
    return {"calls": shown, "refused": refused}


def base_url(world: World, act: Act) -> str:
    """What the platform's code states in place of the recipient's own address."""
    return f"http://127.0.0.1:{world.port}/v1/proxy/{act.recipient}/{act.purpose}"


def about(act: Act) -> dict[str, str]:
    """The two headers that say whom a call is about and on what basis."""
    stated = "; ".join(f"{name}={value}" for name, value in BASIS.items())
    return {"Gateway-Subject": act.subject, "Gateway-Basis": stated}


def _shown(world: World, way: Way, called: Call) -> dict[str, Any]:
    act = way.act
    if "gateway-problem" in called.headers:
        return {"title": act.title, "by": called.by, "status": called.status, "code": called.headers["gateway-problem"]}
    came = world.arrival()
    everything = f"{came['route']} {came['headers']} {came['raw']}"
    recorded = world.call("GET", f"/v1/transfers/{called.headers['gateway-transfer']}")[1]["entries"][0]
    arrived = {name: came[name] for name in ("recipient", "route", "data", "credential", "signature") if name in came}
    return {
        "title": act.title,
        "by": called.by,
        "base_url": base_url(world, act),
        "held": act.payload,
        "stayed": _stayed(world, way),
        "status": called.status,
        "withheld": int(called.headers["gateway-withheld"]),
        "log": {"index": recorded["index"], "withheld": len(recorded["withheld"])},
        "arrived": {**arrived, "headers": sorted(came["headers"])},
        "leaked": [name for name, text in {**OWN, "token": world.token}.items() if text in everything],
    }


def _stayed(world: World, way: Way) -> list[dict[str, str]]:
    """What of this body stays home, with the names that the log conceals."""
    headers = {
        **about(way.act),
        "Gateway-Token": world.token,
        "Gateway-Recipient": way.act.recipient,
        "Gateway-Purpose": way.act.purpose,
        "Gateway-Route": f"POST {way.route}",
        "Content-Type": way.content_type,
    }
    told: dict[str, Any] = orjson.loads(_ask(world, "/v1/preview", way.body, headers).body)
    stayed: list[dict[str, str]] = told["withheld"]
    return stayed


# ── the stock library ───────────────────────────────────────────────────────


def _order(world: World) -> Call:
    """Register an order, by the library of CDEK; without it, by a plain request of the same body."""
    try:
        from cdek.apps.order import OrderRequest  # noqa: PLC0415 -- only the demo needs it, and can do without
    except ImportError:
        headers = {**about(ORDER), "Authorization": f"Bearer {world.token}", "Content-Type": JSON}
        asked = _ask(world, BY_LIBRARY.path, BY_LIBRARY.body, headers)
        return Call("a plain request: the library `cdek` is not installed", asked.status, asked.headers)
    return _by_library(world, lambda orders: orders.create(OrderRequest.model_validate(ORDER.payload)))


def _by_library(world: World, use: Callable[[Any], object]) -> Call:
    from cdek import CdekClient, CdekRequestException  # noqa: PLC0415 -- as above

    cdek = CdekClient(OWN["account"], OWN["password"], timeout=_SECONDS)
    cdek.base_url = f"{base_url(world, ORDER)}/v2/"
    # Its access token is ours: the partner's own is fetched by the gateway.
    cdek.set_memory({"account_type": "COMBAT", "expires_in": FAR, "access_token": world.token}, lambda _: None)
    orders = cdek.order
    session = orders._session  # noqa: SLF001 -- the library has no other place for headers
    session.headers.update(about(ORDER))
    session.trust_env = False  # a proxy of this machine's environment is not for loopback
    by = f"the stock library cdek {version('cdek')}"
    try:
        use(orders)
    except CdekRequestException as error:
        told = error.response if isinstance(error.response, dict) else {}
        problem = {"gateway-problem": str(told["code"])} if "code" in told else {}
        return Call(by, error.status_code or 0, problem, orjson.dumps(error.response))
    finally:
        session.close()
    return Call(by, http.client.ACCEPTED, {name.lower(): text for name, text in orders._response_headers.items()})  # noqa: SLF001


def _read_back(world: World) -> dict[str, Any]:
    """Ask for an order, people and all, by a route that the recipient's file does not declare."""
    number = "0b9d4f0e-0000-4000-8000-000000000000"
    try:
        import cdek  # noqa: F401, PLC0415 -- as above
    except ImportError:
        called = _ask(world, f"{BY_LIBRARY.path}/{number}", None, {**about(ORDER), "Gateway-Token": world.token}, "GET")
    else:
        called = _by_library(world, lambda orders: orders.get_by_uuid(number))
    return {
        "expected": "unknown_route",
        "because": "an order read back names its people: no route says so",
        "status": called.status,
        "code": orjson.loads(called.body or b"{}").get("code"),
        "by": "the gateway",
    }


# ── the form ────────────────────────────────────────────────────────────────


def _checkout(world: World) -> Call:
    """Post the form as the platform's code does, with a signature that is nothing now and a cookie of its own."""
    headers = {**about(CHECKOUT), "Gateway-Token": world.token, "Content-Type": FORM}
    headers |= {"Cookie": f"session={OWN['session']}", "Authorization": f"Bearer {OWN['password']}"}
    asked = _ask(world, BY_FORM.path, BY_FORM.body, headers)
    return Call("a plain form", asked.status, asked.headers, asked.body)


def _changed_on_the_way(world: World, arrived: Mapping[str, str]) -> dict[str, Any]:
    """Show the provider the form that it took, with another sum: it takes what the gateway signed, and no other."""
    context = ssl.create_default_context(cafile=str(world.folder / "purpose_maps" / "demo-ca.pem"))
    port = world.ports[CHECKOUT.recipient]
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=_SECONDS, context=context)
    try:
        connection.request("POST", FORM_ROUTE, urlencode({**arrived, "pg_amount": "1.00"}), {"Content-Type": FORM})
        answer = connection.getresponse()
        body = answer.read().decode()
    finally:
        connection.close()
    signature = world.arrival().get("signature")
    return {
        "expected": WRONG_SIGNATURE,
        "because": f"the same form with another sum: its signature is {signature}",
        "status": answer.status,
        "code": WRONG_SIGNATURE if f"<pg_error_code>{WRONG_SIGNATURE}<" in body else None,
        "by": CHECKOUT.recipient,
    }


def _ask(world: World, path: str, body: bytes | None, headers: Mapping[str, str], method: str = "POST") -> Call:
    """One request of the platform's own code to the gateway."""
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=_SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return Call(
            "a plain request", answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
        )
    finally:
        connection.close()
