"""Before the switch: a day on which the platform still calls the carrier itself, and shows each call to the gateway.

Promises: every order of the day is a preview with `Gateway-Observe: 1` over real HTTP, nothing is sent to anyone, and
what is told is what `gateway map advise` printed.
"""

from __future__ import annotations

import http.client
import time
from http import HTTPStatus
from typing import Any, Final

import orjson

from gateway.cli.demo.drop_in import about
from gateway.cli.demo.invented import Resident, residents
from gateway.cli.demo.own_api import ORDERS_ROUTE
from gateway.cli.demo.story import ORDER, Act
from gateway.cli.demo.telling import block, console, heading
from gateway.cli.demo.world import World
from gateway.errors import ConfigError

DOING: Final = "mirroring a day of orders"
ORDERS: Final = 120
NO_PHONE_EACH: Final = 15
_DOOR, _POINT = 139, 138
_WAIT_SECONDS: Final = 15.0
_SHOWN: Final = 6
_TITLES: Final = {
    "refused": "would be refused",
    "always_failing": "allowed, and its value never passes",
    "in_vain": "sent in vain",
    "never_sent": "allowed, and never sent",
}


def order_of(who: Resident) -> dict[str, Any]:
    """An order as the platform has always sent it: with what the carrier's form has room for."""
    to_door = who.number % 3 != 0
    phone = "нет телефона" if who.number % NO_PHONE_EACH == 0 else who.phone
    return {
        "type": 1,
        "number": f"ORD-{8000 + who.number}",
        "tariff_code": _DOOR if to_door else _POINT,
        "from_location": {"address": "ул. Складская, 1"},
        **({} if to_door else {"delivery_point": "PVL-07"}),
        "recipient": {
            "name": who.name,
            "email": who.email,
            "tin": who.iin,
            "passport_number": f"0000{who.number:05}",
            "phones": [{"number": phone}],
        },
        "to_location": {
            "country_code": "KZ",
            "city": "Павлодар",
            "postal_code": "140000",
            "address": f"{who.street}, {who.house}, кв. {who.apartment}",
            "latitude": 52.2873,
            "longitude": 76.9674,
        },
        "packages": [
            {
                "number": "A-1",
                "weight": 800,
                "length": 12.5,  # in whole centimetres, says the carrier
                "width": 10,
                "height": 8,
                "items": [
                    {
                        "ware_key": "SKU-44",
                        "name": "Тонометр автоматический",
                        "cost": 12500,
                        "payment": {"value": 0},
                        "weight": 800,
                        "amount": 1,
                    }
                ],
            }
        ],
    }


def show(world: World) -> dict[str, Any]:
    """Mirror the day, then ask what it means."""
    permitted = _mirror(world)
    told = _advice(world)
    (found,) = told["recipients"]
    (caller,) = found["callers"]
    return {
        "orders": ORDERS,
        "permitted": permitted,
        "arrived": world.unasked(),  # at any recipient, while previews were all that was asked
        "command": f"gateway map advise {ORDER.recipient} {ORDER.purpose}",
        "previews": told["previews"],
        "advice": {
            "refused": caller["refused"],
            "always_failing": caller["always_failing"],
            "in_vain": caller["in_vain"],
            "never_sent": found["never_sent"],
        },
    }


def wrong(shown: dict[str, Any]) -> list[str]:
    """What did not come as it must."""
    refused = sum(one["count"] for one in shown["advice"]["refused"] if not one["path"])
    problems = [
        f"a mirrored day without a line: {_TITLES[name]}" for name, lines in shown["advice"].items() if not lines
    ]
    problems += [] if shown["previews"] == ORDERS else [f"{shown['previews']} of {ORDERS} previews were counted"]
    problems += [] if shown["permitted"] + refused == ORDERS else ["the day's verdicts and its advice differ"]
    return problems + (["a preview reached a recipient"] if shown["arrived"] else [])


def tell(shown: dict[str, Any], number: int) -> None:
    """What the day says."""
    heading(number, "before the switch: a mirrored day", ORDER.recipient)
    said = (
        f"the platform still calls the carrier itself; each of the day's {shown['orders']} orders went to "
        "POST /v1/preview too, with Gateway-Observe: 1. Nothing was sent, and no value is kept: paths, types, counts."
    )
    block(said, indent=0)
    console.print(f"[bold]{shown['command']}[/]")
    for name, title in _TITLES.items():
        console.print(f"  {title}")
        lines = shown["advice"][name]
        for one in lines[:_SHOWN]:
            figure = f"{one['count']} of {one['of']}"
            console.print(
                f"    {one['path'] or 'the whole':<31} {one['why']:<30} {figure}", markup=False, style="yellow"
            )
        if len(lines) > _SHOWN:
            console.print(f"    … and {len(lines) - _SHOWN} more")
    console.print()


def _mirror(world: World) -> int:
    """Send the day's orders as previews; how many would be permitted."""
    permitted = 0
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    try:
        for who in residents(ORDERS):
            connection.request("POST", "/v1/preview", orjson.dumps(order_of(who)), _headers(world, who))
            answer = connection.getresponse()
            said = orjson.loads(answer.read())
            if answer.status != HTTPStatus.OK:
                raise ConfigError([f"a preview of the demo failed with {answer.status} {said.get('code')}"])
            permitted += said["decision"] == "permitted"
    finally:
        connection.close()
    return permitted


def _headers(world: World, who: Resident) -> dict[str, str]:
    return {
        **about(Act("", ORDER.recipient, ORDER.purpose, who.subject, {})),
        "Gateway-Token": world.token,
        "Gateway-Recipient": ORDER.recipient,
        "Gateway-Purpose": ORDER.purpose,
        "Gateway-Route": f"POST {ORDERS_ROUTE}",
        "Gateway-Observe": "1",
        "Content-Type": "application/json",
    }


def _advice(world: World) -> dict[str, Any]:
    """What `map advise` says, once it counts them all: counts are written within a second."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        told = world.command("map", "advise", ORDER.recipient, ORDER.purpose)
        if told["previews"] >= ORDERS or time.monotonic() > deadline:
            return told
        time.sleep(0.2)
