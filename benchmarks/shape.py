"""What a recipient's own shape costs: the same payload through the class's paths, and through paths of the recipient.

Both maps release the same fields of the standard payload, one by one; they take turns, and the quickest pass of each
counts, since whatever else the machine does only adds. Ends with 1 where the shape costs more than is demanded.

    python -m benchmarks.shape
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping

import orjson

from benchmarks import payload
from benchmarks.processes import ROOT
from gateway.canonical import Node
from gateway.formats.strict_json import parse
from gateway.minimise import compile_projection
from gateway.model import Projection, PurposeId, PurposeMap, RecipientId
from gateway.purpose import load_snapshot

LIMIT_US = 10.0
_PLAIN, _SHAPED = "bench-plain-test", "bench-shaped-test"
_THEIRS, _OURS = "zakaz", "order"
_SHAPE: dict[str, dict[str, object]] = {
    "order_id": {},
    "service_code": {},
    "quantity": {},
    "price": {},
    "currency": {},
    "payment_status": {"from": "zakaz.payment.status"},
    "place": {},
    "window.from": {},
    "window.to": {},
    "customer.name": {"from": ["zakaz.customer.first_name", "zakaz.customer.last_name"]},
    "customer.phone": {},
    "address.city": {},
    "address.street": {},
    "address.house": {},
    "address.entrance": {},
    "address.floor": {},
    "address.apartment": {},
    "comment": {},
}


def compiled() -> dict[str, PurposeMap]:
    """The two maps, loaded from files as a gateway loads them."""
    with tempfile.TemporaryDirectory(prefix="gateway-shape-") as name:
        maps = pathlib.Path(name) / "purpose_maps"
        shutil.copytree(ROOT / "purpose_maps", maps)
        for folder in ("recipients", "examples"):
            shutil.rmtree(maps / folder, ignore_errors=True)
        (maps / "recipients").mkdir()
        shape = {f"{_THEIRS}.{path}": {"field": f"{_OURS}.{path}", **said} for path, said in _SHAPE.items()}
        services: dict[str, Mapping[str, object]] = {_PLAIN: {}, _SHAPED: {"shape": shape}}
        for recipient, service in services.items():
            (maps / "recipients" / f"{recipient}.yaml").write_bytes(_recipient(recipient, service))
        found = load_snapshot(maps, compile_projection).maps
        return {one: found[RecipientId(one), PurposeId(payload.PURPOSE)] for one in (_PLAIN, _SHAPED)}


def _recipient(name: str, service: Mapping[str, object]) -> bytes:
    return orjson.dumps(
        {
            "id": name,
            "class": payload.RECIPIENT_CLASS,
            "role": "service_provider",
            "title": dict.fromkeys(("kk", "ru", "en"), name),
            "bin": "990940999994",
            "country": "KZ",
            "storage_country": "KZ",
            "base_url": "https://shape.bench.example",
            "protection": "tls",
            "protection_reason": "nothing is sent here",
            "purposes": {payload.PURPOSE: {"routes": ["POST /orders"], **service}},
        }
    )


def bodies() -> dict[str, Node]:
    """The standard payload as the class has it, and as the recipient's API names it."""
    whole = orjson.dumps(payload.PAYLOAD).replace(payload.NUMBER.encode(), b"000001")
    return {_PLAIN: parse(whole), _SHAPED: parse(whole.replace(b'"order":{', f'"{_THEIRS}":{{'.encode(), 1))}


def measure(maps: dict[str, PurposeMap], payloads: dict[str, Node], *, passes: int, times: int) -> dict[str, float]:
    """µs for one projection by each map."""
    best = dict.fromkeys(maps, float("inf"))
    for _ in range(passes):
        for name, one in maps.items():
            project, body = one.project, payloads[name]
            began = time.thread_time_ns()
            for _ in range(times):
                project(body, str)
            best[name] = min(best[name], (time.thread_time_ns() - began) / times / 1000)
    return best


def same_released(maps: dict[str, PurposeMap], payloads: dict[str, Node]) -> bool:
    """Whether both maps let out the same values."""
    plain, shaped = (_project(maps[name], payloads[name]).data for name in (_PLAIN, _SHAPED))
    return isinstance(plain, dict) and isinstance(shaped, dict) and plain[_OURS] == shaped[_THEIRS]


def _project(one: PurposeMap, body: Node) -> Projection:
    return one.project(body, str)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=30)
    parser.add_argument("--times", type=int, default=500)
    asked = parser.parse_args()
    maps, payloads = compiled(), bodies()
    if not same_released(maps, payloads):
        print("bench failed: the two maps do not release the same", file=sys.stderr)
        return 1
    best = measure(maps, payloads, passes=asked.passes, times=asked.times)
    costs = best[_SHAPED] - best[_PLAIN]
    holds = costs <= LIMIT_US
    print(f"projection by the class's paths {best[_PLAIN]:.1f} µs, by a shape {best[_SHAPED]:.1f} µs")
    print(f"{'holds' if holds else 'FAILS'}  cost of a recipient's shape: {costs:.1f} µs (at most {LIMIT_US})")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
