"""Is a value what its rule says it is (law 6)? Types judge text and its lexical kind, and change nothing.

A check gives the value back as it came, or a `Fault` that names the rule it failed, never the value. A number passes
with its digits; what is given as a number or a boolean where text is due does not pass.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, final
from urllib.parse import unquote

from gateway.canonical import Node, Number
from gateway.identifiers import is_bare_phone, is_bin, is_card, is_email, is_iin, phone_e164
from gateway.minimise.text import carries_document, carries_encoded, carries_identifier
from gateway.model import FieldRule, FieldType, Transform, WithheldReason


@final
class Fault(NamedTuple):
    """Why a value may not leave: the reason for the account, and the rule that it failed."""

    reason: WithheldReason
    rule: str


Leaf = str | bool
Check = Callable[[Node], Leaf | Fault]

_Test = Callable[[str], object]
"""What a value must pass: whatever it gives is read as true or false."""

_Bound = tuple[_Test, Fault]

DIGITS_MOST = 40
URL_MOST = 2048
_DECODED_MOST = 3
_PHONE_LEAST = 10**9

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e01ef]"
)
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_PERIOD = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_AREA = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:[.,][0-9]{1,2})?")
_POSTAL_INDEX = re.compile(r"[0-9]{6}|[A-Z][0-9]{2}[A-Z][0-9][A-Z][0-9]")  # of Kazakhstan, the old and the new
_SHARE = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")
_URL = re.compile(r"https://([a-z0-9.-]+)(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?\??")


def bad(rule: str) -> Fault:
    """The fault of a value that fails this rule."""
    return Fault(WithheldReason.BAD_VALUE, rule)


def compile_check(rule: FieldRule) -> Check:
    """The check that a rule's type and bounds make. Raises ValueError where they do not go together."""
    if (rule.minimum is not None or rule.maximum is not None) and rule.type not in _ORDERED:
        raise ValueError(f"{rule.type} has no minimum or maximum")
    if rule.places is not None and rule.type is not FieldType.DECIMAL:
        raise ValueError(f"{rule.type} has no decimal places")
    if rule.type is FieldType.BOOLEAN:
        return _check_boolean
    bounds = tuple(_bounds(rule))
    if rule.one_of and all(_fault(bounds, value) is None for value in rule.one_of):
        bounds = bounds[:1]  # what is listed passes the rest
    wrong, too_long = bad(rule.type), _too_long(rule)
    most = sys.maxsize if rule.max_length is None else rule.max_length
    takes_number = rule.type in _NUMBERS or rule.type is FieldType.AREA

    def check(value: Node) -> Leaf | Fault:
        if type(value) is not str and not (takes_number and type(value) is Number):
            return wrong
        if len(value) > most:
            return too_long
        for test, fault in bounds:
            if not test(value):
                return fault
        return value

    return check


def _fault(bounds: Iterable[_Bound], value: str) -> Fault | None:
    return next((fault for test, fault in bounds if not test(value)), None)


def _too_long(rule: FieldRule) -> Fault:
    reason = WithheldReason.OVER_LIMIT if rule.type is FieldType.TEXT else WithheldReason.BAD_VALUE
    return Fault(reason, f"max_length {rule.max_length}")


def _check_boolean(value: Node) -> Leaf | Fault:
    if type(value) is bool or (type(value) is str and value in ("true", "false")):
        return value
    return bad(FieldType.BOOLEAN)


def _bounds(rule: FieldRule) -> Iterator[_Bound]:
    """Each bound of a value, cheapest first; what a value may be at all comes before."""
    if rule.one_of:
        yield frozenset(rule.one_of).__contains__, bad("one_of")
    if rule.transform is not Transform.E164:  # which finds the number or fails, once
        yield _is_type(rule)
    if rule.pattern is not None:
        yield re.compile(rule.pattern).fullmatch, bad("pattern")
    if rule.type in _NUMBERS:
        yield from _range(rule)
    else:
        yield from _span(rule)
    if not rule.one_of and rule.type in _SEARCHED:
        yield _SEARCHED[rule.type], _IDENTIFIER
    if not rule.one_of and rule.type in (FieldType.STRING, FieldType.URL, FieldType.TEXT):
        yield _carries_nothing_inside, bad("a document or encoded text")
    if not rule.one_of and rule.type in _NUMBERS:
        is_small = rule.maximum is not None and Decimal(rule.maximum) < _PHONE_LEAST
        yield _small_number_carries_no_identifier if is_small else _number_carries_no_identifier, _IDENTIFIER


def _range(rule: FieldRule) -> Iterator[_Bound]:
    if rule.minimum is not None:
        least = Decimal(rule.minimum)
        yield lambda value: Decimal(value) >= least, bad(f"minimum {rule.minimum}")
    if rule.maximum is not None:
        most = Decimal(rule.maximum)
        yield lambda value: Decimal(value) <= most, bad(f"maximum {rule.maximum}")
    if rule.places is not None:
        places = rule.places
        yield lambda value: len(value.partition(".")[2]) <= places, bad(f"places {places}")


def _span(rule: FieldRule) -> Iterator[_Bound]:
    """Dates and periods between two others: their text sorts as they do."""
    if rule.minimum is not None:
        yield rule.minimum.__le__, bad(f"minimum {rule.minimum}")
    if rule.maximum is not None:
        yield rule.maximum.__ge__, bad(f"maximum {rule.maximum}")


def _carries_no_identifier(value: str) -> bool:
    decoded = _decoded(value) if "%" in value else value
    return decoded is not None and not carries_identifier(decoded)


def _carries_nothing_inside(value: str) -> bool:
    decoded = _decoded(value) if "%" in value else value
    return decoded is not None and not carries_document(decoded) and not carries_encoded(decoded)


def _decoded(value: str) -> str | None:
    """Without percent-encoding, however often it was encoded; None where that is too often."""
    for _ in range(_DECODED_MOST):
        if (decoded := unquote(value)) == value:
            return value
        value = decoded
    return value if unquote(value) == value else None


def _number_carries_no_identifier(value: str) -> bool:
    """Also no phone number with a point in it: sums of hundreds of millions have as many digits."""
    if len(value) < _PHONE_DIGITS:
        return len(value) < _PHONE_DIGITS - 1 or not is_bare_phone(value)
    digits = value.lstrip("-").replace(".", "", 1)
    is_phone = len(digits) == _PHONE_DIGITS and is_bare_phone(digits)
    return not is_phone and _small_number_carries_no_identifier(value)


def _share_carries_no_identifier(value: str) -> bool:
    return not _digits_carry(value.replace("/", ""))


def _address_carries_no_identifier(value: str) -> bool:
    """Of an e-mail address, the part that a person chose."""
    local = value.partition("@")[0]
    return not _digits_carry("".join(sign for sign in local if sign.isdigit())) and not carries_identifier(local)


def _small_number_carries_no_identifier(value: str) -> bool:
    if len(value) < _PHONE_DIGITS:
        return True
    whole, _, fraction = value.lstrip("-").partition(".")
    joined = whole + fraction
    return not (is_iin(joined) or is_card(joined) or any(_digits_carry(digits) for digits in (whole, fraction)))


def _digits_carry(digits: str) -> bool:
    if len(digits) == _PHONE_DIGITS:
        return is_bare_phone(digits)
    return is_iin(digits) or is_bin(digits) or is_card(digits)


def _is_integer(value: str) -> bool:
    return len(value.lstrip("-")) <= DIGITS_MOST and _INTEGER.fullmatch(value) is not None


def _is_decimal(value: str) -> bool:
    return len(value.lstrip("-").replace(".", "", 1)) <= DIGITS_MOST and _DECIMAL.fullmatch(value) is not None


def _is_date(value: str) -> bool:
    if _DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_datetime(value: str) -> bool:
    """source: RFC 3339 section 5.6, an offset required."""
    found = _DATETIME.fullmatch(value)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1].upper())
    except ValueError:
        return False
    return True


def _is_share(value: str) -> bool:
    found = _SHARE.fullmatch(value)
    return found is not None and 0 < int(found[1]) <= int(found[2])


def _is_url_of(hosts: tuple[str, ...]) -> _Test:
    allowed = frozenset(host.lower() for host in hosts)

    def is_url(value: str) -> bool:
        found = _URL.fullmatch(value) if len(value) <= URL_MOST else None
        return found is not None and found[1] in allowed

    return is_url


def _is_type(rule: FieldRule) -> _Bound:
    if rule.type is FieldType.STRING:
        return lambda value: value.isprintable() or _UNSEEN.search(value) is None, bad("unseen characters")
    if rule.type is FieldType.TEXT:
        return lambda value: _NOT_TEXT.search(value) is None, bad("control characters")
    return _is_url_of(rule.hosts) if rule.type is FieldType.URL else _TYPES[rule.type], bad(rule.type)


_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
_ORDERED = _NUMBERS | {FieldType.DATE, FieldType.PERIOD}
_IDENTIFIER = bad("identifier")
_PHONE_DIGITS = 11  # 8 or 7, and the ten of the number

_SEARCHED: dict[FieldType, _Test] = {
    FieldType.STRING: _carries_no_identifier,
    FieldType.URL: _carries_no_identifier,
    FieldType.SHARE: _share_carries_no_identifier,
    FieldType.EMAIL: _address_carries_no_identifier,
}
_TYPES: dict[FieldType, _Test] = {
    FieldType.INTEGER: _is_integer,
    FieldType.DECIMAL: _is_decimal,
    FieldType.DATE: _is_date,
    FieldType.DATETIME: _is_datetime,
    FieldType.PERIOD: _PERIOD.fullmatch,
    FieldType.SHARE: _is_share,
    FieldType.AREA: _AREA.fullmatch,
    FieldType.POSTAL_INDEX: _POSTAL_INDEX.fullmatch,
    FieldType.PHONE: phone_e164,
    FieldType.EMAIL: is_email,
}
