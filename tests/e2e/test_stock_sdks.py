"""A partner's own Python library, unchanged, with the base URL and our token set: it cannot tell the difference.

Optional: it runs where the library is installed (`pip install cdek`), and says so where it is not.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import orjson

from tests.e2e.drop_in import ABOUT, BY_NUMBER, bodies
from tests.partners.deployed import JUDGES, partners
from tests.partners.partner import request_of

FAR = 4_102_444_800  # a second in 2100: what it takes for a token does not expire


def test_the_library_of_cdek_registers_an_order_through_the_gateway(tmp_path: Path) -> None:
    """Its token is held by the gateway, so it is told that it has one; for headers it has its session."""
    if importlib.util.find_spec("cdek") is None:
        print("the library `cdek` is not installed: nothing was tried")
        assert "carrier-cdek-test" in JUDGES
        return
    library: Any = importlib.import_module("cdek")
    models: Any = importlib.import_module("cdek.apps.order.requests")
    body = bodies(BY_NUMBER["07"])[0]
    with partners(tmp_path) as running:
        cdek = library.CdekClient("held by the gateway", "held by the gateway")
        cdek.base_url = f"http://127.0.0.1:{running.served.port}/v1/proxy/carrier-cdek-test/goods_delivery/v2/"
        held = {"account_type": "COMBAT", "expires_in": FAR, "access_token": "held by the gateway"}
        cdek.set_memory(held, lambda _: None)
        orders = cdek.order
        orders._session.headers.update({"Gateway-Token": running.served.token, **ABOUT})

        answer = orders.create(models.OrderRequest.model_validate(orjson.loads(body)))

        received = running.recipients["carrier-cdek-test"].received[-1]
    assert answer.get_requests()[0].state == "ACCEPTED"
    assert JUDGES["carrier-cdek-test"][1](request_of(received)).accepted
    assert orjson.loads(received.body)["recipient"] == {"name": "Тест П.", "phones": [{"number": "+77000000121"}]}
