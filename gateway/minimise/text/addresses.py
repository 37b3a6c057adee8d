"""E-mail addresses and IBANs in text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.identifiers import IBAN_LENGTHS, is_iban
from gateway.minimise.text.findings import Finding

_LOCAL_MOST = 64
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
_DOMAIN = re.compile(r"\w(?:[\w-]{0,62}\.){1,8}\w{2,63}")
_SPACED_LOCAL = re.compile(r" {0,3}[\w.+-]*[A-Za-z0-9]", re.ASCII)  # a word of Cyrillic is a word of the sentence
_SPACED_DOMAIN = re.compile(r" {0,3}[A-Za-z0-9](?:[\w-]{0,62}\.){1,8}[A-Za-z]{2,63}", re.ASCII)

_IBAN_START = re.compile(  # after a word of Latin letters only where it is surely one, which is asked last
    r"[A-Za-z]{2}\d{2}(?=[ \-]?[A-Za-z0-9])(?i:(?<![A-Z0-9].{4})|(?<=IBAN.{4})|(?<=KZ..))", re.ASCII
)
_IBAN_REST = {
    length: re.compile(rf"(?:[ \-]?[A-Za-z0-9]){{{length - 4}}}(?![A-Za-z0-9])", re.ASCII)
    for length in set(IBAN_LENGTHS.values())
}
_TO_LATIN = str.maketrans("АВСЕНКМОРТХУавсенкмортху", "ABCEHKMOPTXYabcehkmoptxy")


class Emails:
    """Finds e-mail addresses, in any script, by the sign that each of them holds."""

    kinds = ("email",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every `@` with a name before it and a domain after it, up to three spaces from it where both are Latin."""
        at = text.find("@")
        while at >= 0:
            before = text[max(0, at - _LOCAL_MOST) : at][::-1]
            local, domain = _LOCAL.match(before), _DOMAIN.match(text, at + 1)
            if local is None or domain is None:
                local, domain = _SPACED_LOCAL.match(before), _SPACED_DOMAIN.match(text, at + 1)
            if local is not None and domain is not None:
                yield Finding(at - local.end(), domain.end(), "email")
            at = text.find("@", at + 1)


class Ibans:
    """Finds IBANs, in one word or in groups, by the length that their country gives them."""

    kinds = ("iban",)

    def find(self, text: str) -> Iterator[Finding]:
        """Every place where a country code begins an IBAN."""
        for begun in _IBAN_START.finditer(text):
            length = IBAN_LENGTHS.get(begun[0][:2].upper())
            if not length:
                continue
            written = text[begun.end() : begun.end() + 2 * length]
            rest = _IBAN_REST[length].match(written) or _IBAN_REST[length].match(written.translate(_TO_LATIN))
            if rest and is_iban((begun[0] + rest[0]).replace(" ", "").replace("-", "")):
                yield Finding(begun.start(), begun.end() + rest.end(), "iban")
