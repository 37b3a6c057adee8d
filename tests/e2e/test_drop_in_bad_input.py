"""Drop-in, the wrong way round: each request that must not get through has a code, and reaches no one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson
import pytest

from tests.e2e.drop_in import ABOUT, BY_NUMBER, FORM, bodies
from tests.partners.deployed import Partners, partners


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partners]:
    with partners(tmp_path_factory.mktemp("drop-in")) as found:
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A request that must not get through, and the code that says why."""

    status: int
    code: str
    number: str = "07"
    method: str = "POST"
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # an empty one is not sent
    change: tuple[bytes, bytes] = (b"", b"")  # in the body of our own


STATUS = "/v1/proxy/psp-status-test/payment/v1/payments"
ASKED = "?order_id=INV-0f6c2a"
WRONG = {
    "a path that is not declared": Wrong(
        status=404, code="unknown_route", url="/v1/proxy/carrier-cdek-test/goods_delivery/v2/orders/7"
    ),
    "a way around the declared path": Wrong(
        status=404, code="unknown_route", url="/v1/proxy/carrier-cdek-test/goods_delivery/v2/x/%2e%2e/orders"
    ),
    "the path under two slashes": Wrong(
        status=404, code="not_found", url="/v1/proxy/carrier-cdek-test/goods_delivery//v2/orders"
    ),
    "a slash within a segment": Wrong(
        status=404, code="unknown_route", method="GET", url=f"{STATUS}/pay_1%2Frefunds{ASKED}"
    ),
    "a way up for a segment": Wrong(
        status=422, code="required_invalid", method="GET", url=f"{STATUS}/%2e%2e{ASKED}"
    ),
    "a line break within a segment": Wrong(
        status=404, code="not_found", method="GET", url=f"{STATUS}/pay_1%0d%0aX-A:1{ASKED}"
    ),
    "a person's number for a segment": Wrong(
        status=422, code="required_invalid", method="GET", url=f"{STATUS}/850515200208{ASKED}"
    ),
    "a body where there is none": Wrong(
        status=400, code="malformed_request", method="GET", url=f"{STATUS}/pay_1{ASKED}", change=(b"{", b"{")
    ),
    "a name twice in the query": Wrong(
        status=400, code="malformed_request", method="GET", url=f"{STATUS}/pay_1{ASKED}&order_id=INV-1"
    ),
    "no path at all": Wrong(status=404, code="not_found", url="/v1/proxy/carrier-cdek-test/goods_delivery/"),
    "a method that is not declared": Wrong(status=404, code="unknown_route", method="PUT"),
    "a form where JSON is due": Wrong(status=415, code="unsupported_media_type", headers={"Content-Type": FORM}),
    "JSON where a form is due": Wrong(
        status=415, code="unsupported_media_type", number="09", headers={"Content-Type": "application/json"}
    ),
    "a content type that nobody parses": Wrong(
        status=415, code="unsupported_media_type", headers={"Content-Type": "text/html"}
    ),
    "JSON that is none": Wrong(status=400, code="malformed_request", change=(b'"type":1,', b'"type":1,,')),
    "a name twice in JSON": Wrong(status=400, code="malformed_request", change=(b'"type":1,', b'"type":1,"type":1,')),
    "a name twice in a form": Wrong(
        status=400, code="malformed_request", number="09", change=(b"pg_currency=KZT", b"pg_currency=KZT&pg_amount=1")
    ),
    "an entity in XML": Wrong(
        status=400,
        code="malformed_request",
        number="13",
        change=("<ВыгрузкаНачислений".encode(), "<!DOCTYPE x [<!ENTITY a 'b'>]><ВыгрузкаНачислений".encode()),
    ),
    "a line of NDJSON that is none": Wrong(
        status=400, code="malformed_request", number="12", change=(b'"captured"', b'captured"')
    ),
    "a required field missing": Wrong(status=422, code="required_missing", change=(b'"tariff_code":137,', b"")),
    "a required field in a wrong place": Wrong(
        status=422, code="required_missing", change=(b'"number":"A-1",', b'"parcel":{"number":"A-1"},')
    ),
    "a required field of another type": Wrong(
        status=422, code="required_invalid", change=(b'"tariff_code":137,', b'"tariff_code":"door",')
    ),
    "a required field missing in a form": Wrong(
        status=422, code="required_missing", number="09", change=(b"pg_order_id=INV-77aa01&", b"")
    ),
    "an IIN for an order": Wrong(
        status=422, code="required_invalid", number="09", change=(b"order_id=INV-77aa01", b"order_id=850515200208")
    ),
    "a required attribute missing in XML": Wrong(
        status=422, code="required_missing", number="13", change=(' Номер="300400500"'.encode(), b"")
    ),
    "a second account in XML that does not say whose it is": Wrong(
        status=422,
        code="required_invalid",
        number="13",
        change=("</ЛицевойСчет>".encode(), '</ЛицевойСчет><ЛицевойСчет Номер="300400501"/>'.encode()),
    ),
    "no place in an order": Wrong(status=422, code="required_missing", change=(b'"packages"', b'"parcels"')),
    "one bad line of many": Wrong(
        status=422, code="required_invalid", number="12", change=(b'"failed"', b'"unknown"')
    ),
    "a declared header missing": Wrong(
        status=422, code="required_missing", number="08", headers={"Accept-Language": ""}
    ),
    "no subject": Wrong(status=400, code="malformed_request", headers={"Gateway-Subject": ""}),
    "a subject that is an IIN": Wrong(
        status=400, code="malformed_request", headers={"Gateway-Subject": "900101100103"}
    ),
    "no basis": Wrong(status=403, code="basis_missing", headers={"Gateway-Basis": ""}),
    "a basis of no kind": Wrong(
        status=400,
        code="malformed_request",
        headers={"Gateway-Basis": "kind=wish; ref=consent-1; given_at=2026-11-01T09:00:00+05:00"},
    ),
    "no token": Wrong(status=401, code="unauthenticated", headers={"Gateway-Token": ""}),
    "a purpose without a grant": Wrong(
        status=403, code="not_granted", url="/v1/proxy/partner-chistyi-test/service_fulfilment/orders"
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_a_wrong_request_gets_its_code_and_reaches_no_one(running: Partners, wrong: Wrong) -> None:
    """T9, T10, T20, T21: each by a problem of ours, which is marked as ours and repeats no value."""
    case = BY_NUMBER[wrong.number]
    before = {who: len(one.received) for who, one in running.recipients.items()}
    body = bodies(case)[0]
    assert wrong.change[0] in body
    asked = b"" if wrong.method == "GET" and not wrong.change[0] else body.replace(*wrong.change, 1)
    headers = {"Content-Type": case.content_type, "X-Api-Version": "2", **ABOUT, **case.headers, **wrong.headers}

    status, said, raw = running.served.call(wrong.method, wrong.url or case.url, asked, headers)

    assert (status, said.get("gateway-problem"), orjson.loads(raw)["code"]) == (status, wrong.code, wrong.code)
    assert status == wrong.status
    assert [text for text in ("850515200208", "900101100103", "olga", "Сынақ") if text in raw.decode()] == []
    assert {who: len(one.received) for who, one in running.recipients.items()} == before
