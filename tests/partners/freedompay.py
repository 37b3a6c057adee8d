"""Freedom Pay (once PayBox): signed forms in, signed XML out.

Published facts: docs.freedompay.kz (query mechanics, signature formation, payment initialisation, status): a form or
multipart, `pg_sig` the MD5 of script, values and key; names that begin with `pg_` are the provider's and known, others
are the merchant's own and are signed like the rest; errors are answered 200, and unsigned only where the merchant is
not known (9998). A status names the card and the payer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from tests.partners.partner import Request, Verdict, form_body, places
from tests.partners.schema import Fault, FaultKind, table, text

MERCHANT: Final = "500000"
SECRET_KEY: Final = "invented-freedompay-key"
ROUTE: Final = "/init_payment.php"
STATUS_ROUTE: Final = "/get_status3.php"
PAYMENT_ID: Final = "1427057029"

LINK = text(r"https://[^\s]+")
SUM = text(r"(?!0+(\.0+)?$)\d+(\.\d{1,2})?")
SIGNED = {
    "pg_merchant_id": text(r"\d+"),
    "pg_salt": text(r"[0-9A-Za-z]+", 64),
    "pg_sig": text(r"[0-9a-f]{32}"),
}
PAYMENT = table(
    {**SIGNED, "pg_amount": SUM, "pg_description": text(most=1024)},
    {
        "pg_order_id": text(most=50),
        "pg_currency": text("KZT|USD|EUR|RUB"),
        "pg_language": text("ru|en|kz"),
        "pg_check_url": LINK,
        "pg_result_url": LINK,
        "pg_success_url": LINK,
        "pg_failure_url": LINK,
        "pg_site_url": LINK,
        "pg_request_method": text("GET|POST|XML"),
        "pg_user_phone": text(r"\d{11,15}"),
        "pg_user_contact_email": text(r"[^@\s]+@[^@\s]+"),
        "pg_user_email": text(r"[^@\s]+@[^@\s]+"),
        "pg_user_ip": text(r"\d{1,3}(\.\d{1,3}){3}"),
        "pg_user_id": text(most=50),
        "pg_param1": text(),
        "pg_param2": text(),
        "pg_param3": text(),
        "pg_lifetime": text(r"\d+"),
        "pg_testing_mode": text("0|1"),
        "pg_auto_clearing": text("0|1"),
        "pg_idempotency_key": text(),
        "pg_payment_route": text("frame"),
    },
    open_to=r"(?!pg_).+|pg_receipt_positions\[\d+\]\[\w+\]",
)
STATUS = table({**SIGNED}, {"pg_order_id": text(most=50), "pg_payment_id": text(r"\d+")})


def judge(request: Request) -> Verdict:
    """What Freedom Pay answers."""
    known = {ROUTE: PAYMENT, STATUS_ROUTE: STATUS}
    if request.method != "POST" or request.path not in known or request.query:
        return Verdict(404, (("Content-Type", "text/html"),), b"Not Found", ("route",))
    script = request.path.rpartition("/")[2]
    try:
        fields = form_body(request)
    except ValueError:
        return _unsigned("9998", "request", "form")
    if fields.get("pg_merchant_id") != MERCHANT:
        return _unsigned("9998", "merchant", "pg_merchant_id")
    if fields.get("pg_sig") != signature(script, fields):
        return _unsigned("9998", "signature", "pg_sig")
    faults = known[request.path](fields, "")
    if not faults and script == "get_status3.php" and not fields.keys() & {"pg_order_id", "pg_payment_id"}:
        faults = [Fault("pg_order_id", FaultKind.MISSING)]
    if faults:
        said = {"pg_status": "error", "pg_error_code": "9403", "pg_error_description": f"Invalid {faults[0].path}"}
        return _signed(script, fields.get("pg_salt", "0"), said, places(faults))
    return _signed(script, fields["pg_salt"], _paid(fields) if request.path == STATUS_ROUTE else _begun(fields))


def signature(script: str, fields: Mapping[str, str]) -> str:
    """MD5 of the script's name, the values in the order of their names level by level, and the key."""
    tree: dict[str, object] = {}
    for name, value in fields.items():
        if name == "pg_sig":
            continue
        *above, last = re.findall(r"[^\[\]]+", name)
        level = tree
        for part in above:
            deeper = level.setdefault(part, {})
            assert isinstance(deeper, dict)
            level = deeper
        level[last] = value
    return hashlib.md5(";".join([script, *_values(tree), SECRET_KEY]).encode()).hexdigest()


def _values(tree: Mapping[str, object]) -> list[str]:
    numbered = all(name.isdecimal() for name in tree)
    found: list[str] = []
    for name in sorted(tree, key=int) if numbered else sorted(tree):
        one = tree[name]
        found += _values(one) if isinstance(one, dict) else [str(one)]
    return found


def _begun(fields: Mapping[str, str]) -> dict[str, str]:
    return {
        "pg_status": "ok",
        "pg_payment_id": PAYMENT_ID,
        "pg_redirect_url": f"https://customer.freedompay.example/pay.html?customer={fields['pg_sig']}",
        "pg_redirect_url_type": "need data",
    }


def _paid(fields: Mapping[str, str]) -> dict[str, str]:
    return {
        "pg_status": "ok",
        "pg_payment_id": fields.get("pg_payment_id", PAYMENT_ID),
        "pg_order_id": fields.get("pg_order_id", "INV-0f6c2a"),
        "pg_payment_status": "success",
        "pg_amount": "5430.00",
        "pg_currency": "KZT",
        "pg_create_date": "2026-11-03 12:00:00",
        "pg_card_pan": "4111-11XX-XXXX-1111",
        "pg_card_owner": "TEST PRIMEROV",
        "pg_card_exp": "12/30",
        "pg_card_brand": "VI",
        "pg_user_phone": "77000000123",
        "pg_user_contact_email": "test.primerov@example.com",
    }


def _signed(script: str, salt: str, said: dict[str, str], refused: tuple[str, ...] = ()) -> Verdict:
    fields = said | {"pg_salt": salt[::-1]}
    return _xml(fields | {"pg_sig": signature(script, fields)}, refused)


def _unsigned(code: str, what: str, place: str) -> Verdict:
    said = {"pg_status": "error", "pg_error_code": code, "pg_error_description": f"Incorrect {what}"}
    return _xml(said, (place,))


def _xml(fields: Mapping[str, str], refused: tuple[str, ...]) -> Verdict:
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    text_ = f'<?xml version="1.0" encoding="utf-8"?>\n<response>{inside}</response>\n'
    return Verdict(200, (("Content-Type", "text/xml; charset=utf-8"),), text_.encode(), refused)
