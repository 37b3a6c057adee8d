"""A managing company's 1C: an XML of charges, posted to its HTTP service under Basic.

Facts: payload 13 and what 1C:Enterprise's services do (Basic, UTF-8 or windows-1251, Cyrillic names, money with a
point, dates as YYYY-MM-DD). It takes the residents' attributes that such exports usually carry, needs none of them, and
gives the holders of the accounts back in its receipt. Charges come as elements, never as attributes; order is free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from tests.partners.partner import Request, Verdict, basic, places
from tests.partners.schema import Check, Fault, FaultKind, table, text

LOGIN: Final = "invented-exchange"
PASSWORD: Final = "invented-onec-password"
ROUTE: Final = "/hs/exchange/charges"

BIN = text(r"\d{12}")
PERIOD = text(r"\d{4}-(0[1-9]|1[0-2])")
DAY = text(r"\d{4}-\d{2}-\d{2}")
MONEY = text(r"-?\d+\.\d{2}")
CODE = text(r"[0-9A-Za-z_-]+", 20)


@dataclass(frozen=True, slots=True)
class Element:
    """What an element may hold: attributes, and elements with how many there must be at least."""

    attributes: Check
    inside: Mapping[str, tuple[int, Element]] = field(default_factory=dict)


CHARGE = Element(table({"Код": CODE, "Сумма": MONEY}, {"Услуга": text()}))
PAYMENT = Element(table({"Дата": DAY, "Сумма": MONEY}, {"Карта": text(r"[\d*]{13,19}")}))
ACCOUNT = Element(
    table(
        {"Номер": text(r"[0-9A-Za-z/-]{4,20}")},
        {
            "Квартира": text(most=10),
            "ФИО": text(),
            "ИИН": text(r"\d{12}"),
            "Телефон": text(r"\+?\d{11}"),
            "Льгота": text(),
        },
    ),
    {"Начисление": (1, CHARGE), "Оплата": (0, PAYMENT)},
)
ROOT: Final = "ВыгрузкаНачислений"
CHARGES = Element(table({"Период": PERIOD, "Отправитель": BIN, "Получатель": BIN}), {"ЛицевойСчет": (1, ACCOUNT)})


def judge(request: Request) -> Verdict:
    """What the service answers."""
    if request.header("Authorization") != basic(LOGIN, PASSWORD):
        return Verdict(401, (("WWW-Authenticate", 'Basic realm="1C"'),), b"", ("Authorization: value",))
    if (request.method, request.path) != ("POST", ROUTE) or request.query:
        return Verdict(404, (), b"", ("route",))
    if request.media_type not in {"application/xml", "text/xml"}:
        return _refused(415, [Fault("Content-Type", FaultKind.VALUE)])
    if b"<!" in request.body:
        return _refused(400, [Fault("DOCTYPE", FaultKind.UNKNOWN)])
    try:
        root = ET.fromstring(_decoded(request.body))
    except (ET.ParseError, ValueError):
        return _refused(400, [Fault("XML", FaultKind.TYPE)])
    faults = _faults(root, CHARGES, ROOT) if root.tag == ROOT else [Fault(ROOT, FaultKind.MISSING)]
    return _refused(400, faults) if faults else _receipt(root)


def _decoded(body: bytes) -> str:
    """Its text, in the character set that it declares; the parser takes a text without a declaration."""
    declared = re.match(rb"<\?xml[^>]*?(?:encoding=[\"']([\w-]+)[\"'])?\s*\?>", body)
    charset = (declared[1] or b"utf-8").decode() if declared else "utf-8"
    if charset.lower() not in {"utf-8", "windows-1251"}:
        raise ValueError("character set")
    return body[declared.end() if declared else 0 :].decode(charset)


def _faults(element: ET.Element, wanted: Element, path: str) -> list[Fault]:
    faults = wanted.attributes(dict(element.attrib), f"{path}@")
    found = [child.tag for child in element]
    faults += [
        Fault(f"{path}/{name}", FaultKind.MISSING)
        for name, (least, _) in wanted.inside.items()
        if found.count(name) < least
    ]
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        faults.append(Fault(f"{path}/#text", FaultKind.UNKNOWN))
    for place, child in enumerate(element):
        at = f"{path}/{child.tag}[{place}]"
        inside = wanted.inside.get(child.tag)
        faults += [Fault(at, FaultKind.UNKNOWN)] if inside is None else _faults(child, inside[1], at)
    return faults


def _receipt(root: ET.Element) -> Verdict:
    accounts = "".join(
        f'<ЛицевойСчет Номер={quoteattr(one.get("Номер", ""))} Владелец="Примеров Тест Образцович" Принято="true"/>'
        for one in root
    )
    return _xml(200, f"<Квитанция Период={quoteattr(root.get('Период', ''))}>{accounts}</Квитанция>")


def _refused(status: int, faults: list[Fault]) -> Verdict:
    lines = "".join(f"<Ошибка Место={quoteattr(fault.path)} Причина={quoteattr(fault.kind)}/>" for fault in faults)
    return _xml(status, f"<Ошибки>{lines}</Ошибки>", places(faults))


def _xml(status: int, inside: str, refused: tuple[str, ...] = ()) -> Verdict:
    body = f'<?xml version="1.0" encoding="UTF-8"?>{inside}'.encode()
    return Verdict(status, (("Content-Type", "application/xml; charset=utf-8"),), body, refused)
