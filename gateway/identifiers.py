"""Is this text a number or address that names a person? IIN, BIN, card, IBAN, phone, e-mail.

Pure functions over text, used by admission (what a subject id must not be), by minimise (what a value must not carry)
and by the recognisers of free text. Each runs in time linear in its input. They say what a text looks like, never
whom it belongs to, and they keep nothing. Not found here: a card number or IIN inside a longer run of digits.

source: decree P030000565 (IIN and BIN), ISO/IEC 7812-1 (cards), ISO 13616 (IBAN), E.164 and libphonenumber (phones).
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|220[0-5]\d{12,15}"  # Mir
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14,17}"  # Diners, JCB
    r"|(?:5[06-8]|6\d)\d{11,17}",  # Maestro, UnionPay, Discover
    re.ASCII,
)

_IBAN_SHAPE = re.compile(r"([A-Z]{2})\d{2}[A-Z0-9]{11,30}", re.ASCII)
IBAN_LENGTHS = {
    code: int(length)
    for code, length in re.findall(
        r"(\D\D)(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27"
        "GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22"
        "MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28"
        "TL23TN24TR26UA29VA22VG24XK20YE30",
    )
}
"""Length of an IBAN by country (the ISO 13616 registry)."""

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(
    rf"{_LOCAL}(?:\.{_LOCAL})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]"
)
_EMAIL_MOST = 254

_PHONE_SHAPE = re.compile(r"\+?[\d(][\d ().\-\u00a0\u2010-\u2015]{5,30}")
_BETWEEN_DIGITS = dict.fromkeys(map(ord, "+() .-\u2010\u2011\u2012\u2013\u2014\u2015"))  # of that shape
_KZ_MOBILE = re.compile(r"(?:\+7|[78]?)(7(?:0[0-25-8]|47|6[0-4]|7[15-8]|85)\d{7})", re.ASCII)
_BARE_PHONE = re.compile(r"[78][79]\d{9}", re.ASCII)
_E164_MOST = 15

_SEPARATORS = re.compile(r"[\s_.:/()\-\u2010-\u2015]+")
_STARTS_AS_DATE = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{2}[./-]\d{2}[./-]\d{4})(?!\d)")
_KIND_MOST = 64


def is_iin(text: str) -> bool:
    """True if these 12 digits are an IIN: a date of birth, a century digit 0 to 6, and the check digit.

    People born in the 1800s are valid (century digit 1 or 2); digit 0 stands for foreigners and names no century.
    """
    if not _is_digits(text, 12) or text[6] > "6":
        return False
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month]):  # noqa: PLR2004 - months of a year
        return False
    if month == 2 and day == 29 and not _is_leap(_CENTURY.get(text[6], 2000) + year):  # noqa: PLR2004 - 29 February
        return False
    return _check_digit_holds(text)


def is_bin(text: str) -> bool:
    """True if these 12 digits are a BIN: YYMM, a type digit 4 to 6, a digit 0 to 3, and the check digit."""
    return (
        _is_digits(text, 12)
        and "01" <= text[2:4] <= "12"
        and "4" <= text[4] <= "6"
        and text[5] <= "3"
        and _check_digit_holds(text)
    )


def is_card(text: str) -> bool:
    """True if these 13 to 19 digits are a payment card number: a range that is issued, and Luhn's check digit.

    A 13-digit number with the check digit of a barcode (EAN-13) is taken for the barcode.
    """
    if not (text.isascii() and _ISSUED.fullmatch(text)) or _luhn(text) % 10:
        return False
    return len(text) != 13 or _ean13(text) % 10 != 0  # noqa: PLR2004 - the 13 of EAN-13


def is_iban(text: str) -> bool:
    """True if this is an IBAN of any country that issues them, without separators, capitals or not."""
    upper = text.upper()
    shape = _IBAN_SHAPE.fullmatch(upper)
    if shape is None or len(upper) != IBAN_LENGTHS.get(shape[1]):
        return False
    return int("".join(str(int(char, 36)) for char in upper[4:] + upper[:4])) % 97 == 1


def is_email(text: str) -> bool:
    """True if this is an e-mail address as mail systems of today take it (ASCII, a domain with a dot)."""
    return len(text) <= _EMAIL_MOST and _EMAIL.fullmatch(text) is not None


def phone_e164(text: str) -> str | None:
    """The E.164 form of a phone number written any human way, as dialled in Kazakhstan; None where it is none."""
    if _PHONE_SHAPE.fullmatch(text) is None:
        return None
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    digits = folded.translate(_BETWEEN_DIGITS)
    international = folded[0] == "+"
    mobile = _KZ_MOBILE.fullmatch("+" + digits if international else digits)
    if mobile is not None:
        return "+7" + mobile[1]  # what libphonenumber says too, thirty times faster; property-tested against it
    if len(digits) > _E164_MOST or (not international and len(digits) not in (10, 11)):
        return None
    return _ask_libphonenumber(folded)


def is_bare_phone(digits: str) -> bool:
    """True if digits alone, with neither plus nor spaces, are a phone number rather than an order's or account's.

    Taken for phones: mobile numbers of Kazakhstan with or without 7 or 8 before them, and 7 or 8 with a number of
    Kazakhstan or a mobile one of Russia. Of random digits that is 2 in 100 where they are ten, 1.4 where eleven.
    """
    if _KZ_MOBILE.fullmatch(digits) is not None:
        return True
    return _BARE_PHONE.fullmatch(digits) is not None and phone_e164(digits) is not None


def identifier_kind(text: str) -> str | None:
    """Which identifier the whole text is, separators removed: iin, bin, card, iban, phone or email; None if none."""
    if len(text) > _KIND_MOST:
        return "email" if is_email(text) else None
    folded = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    if "@" in folded:
        return "email" if is_email(folded) else None
    if _STARTS_AS_DATE.match(folded) is not None:
        return None
    compact = _SEPARATORS.sub("", folded)
    for kind, is_kind in (("iin", is_iin), ("bin", is_bin), ("card", is_card), ("iban", is_iban)):
        if is_kind(compact):
            return kind
    if compact.isdigit() and (compact == folded or compact[0] not in "78"):
        return "phone" if is_bare_phone(compact) else None
    return "phone" if phone_e164(compact) is not None else None


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _check_digit_holds(text: str) -> bool:
    digits = [int(char) for char in text]
    remainder = sum(digit * weight for digit, weight in zip(digits, _FIRST_WEIGHTS, strict=False)) % 11
    if remainder == 10:  # noqa: PLR2004 - the remainder that has no digit
        remainder = sum(digit * weight for digit, weight in zip(digits, _SECOND_WEIGHTS, strict=False)) % 11
    return remainder == digits[11]


def _luhn(text: str) -> int:
    """source: ISO/IEC 7812-1 annex B."""
    return sum(map(int, text[-1::-2])) + sum(_DOUBLED[int(char)] for char in text[-2::-2])


def _ean13(text: str) -> int:
    return sum(map(int, text[::2])) + 3 * sum(map(int, text[1::2]))


def _ask_libphonenumber(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "KZ")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
