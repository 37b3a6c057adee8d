from __future__ import annotations

from gateway.canonical import parse_path
from gateway.minimise import compile_projection
from gateway.model import PurposeId, RecipientId
from gateway.purpose import load_snapshot
from gateway.purpose.lines import line_of
from tests.deployment import ROOT

MAPS = ROOT / "purpose_maps"
RECIPIENTS = load_snapshot(MAPS, compile_projection).recipients


def text_at(recipient: str, purpose: str, path: str) -> tuple[str, bool] | None:
    line = line_of(MAPS, RECIPIENTS[RecipientId(recipient)], PurposeId(purpose), parse_path(path))
    if line is None:
        return None
    return (MAPS / line.file).read_text(encoding="utf-8").splitlines()[line.number - 1].strip(), line.is_class


def test_a_field_of_a_shape_stands_in_the_recipients_own_file() -> None:
    found = text_at("carrier-cdek-test", "goods_delivery", "packages[].items[].ware_key")

    assert found == ("packages[].items[].ware_key: order.items[].sku", False)


def test_any_other_field_stands_in_the_class_map() -> None:
    found = text_at("mc-primer-uk", "service_request", "ticket.contact.phone")

    assert found is not None
    assert found[0].startswith("ticket.contact.phone:")
    assert found[1]


def test_a_field_that_no_file_spells_has_no_line() -> None:
    assert text_at("mc-primer-uk", "service_request", "ticket.passport") is None
