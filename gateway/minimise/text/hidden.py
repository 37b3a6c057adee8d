"""Does a value that is no free text carry a number or address of a person all the same (law 6)?"""

from __future__ import annotations

import re

from gateway.identifiers import identifier_kind
from gateway.minimise.text.folding import fold
from gateway.minimise.text.numbers import is_surely_of_a_person, without_plain_use
from gateway.minimise.text.scrub import IDENTIFIERS
from gateway.minimise.text.spoken import SpokenNumbers
from gateway.minimise.text.spoken_emails import SpokenEmails

_WORDS = re.compile(r"""[A-Za-z\u0400-\u04ff .,:;!?'"«»()/_-]*""")  # neither digits, nor @, nor what folds to them
_SPOKEN_BLANKS = 6  # as many at least stand between the words of a phone
_SAID_EMAILS, _SAID_NUMBERS = SpokenEmails(), SpokenNumbers()
_NOT_DIGIT = re.compile(r"[^0-9]+")
_MANY_DIGITS = re.compile(r"(?:[^0-9]*[0-9]){10}")  # of a phone; an IIN has 12, a card 13
_RUN = re.compile(r"\d(?:[/_\-.: ]{0,3}\d){9,}", re.ASCII)
_PADDING = ("", "0", "00")
_SHORTEST = 6
"""The fewest characters that can be one: those of an e-mail address."""
_SHORTEST_IBAN = 15


def carries_identifier(value: str) -> bool:
    """True if an IIN, BIN, card, IBAN, phone or e-mail is the value, or stands in it, however separated or said."""
    if len(value) < _SHORTEST:
        return False
    if (" " in value or "(" in value or "[" in value) and _is_said(value):
        return True
    if _WORDS.fullmatch(value) is not None:
        return False
    folded = value if value.isascii() else fold(value).text
    many_digits = _MANY_DIGITS.match(folded) is not None
    if not many_digits and "@" not in folded and (len(folded) < _SHORTEST_IBAN or folded.isalpha()):
        return False
    if any(True for recogniser in IDENTIFIERS for _ in recogniser.find(folded)):
        return True
    return many_digits and (identifier_kind(folded) is not None or _in_digits_alone(folded))


def _is_said(value: str) -> bool:
    """True if an e-mail address or a number stands in the value in words."""
    low = value.lower()  # a pattern would take longer than all of these
    may_be_email = "соба" in low or "@" in low or "at" in low or "айқұлақ" in low or "эт" in low
    if may_be_email and any(True for _ in _SAID_EMAILS.find(fold(value).text)):
        return True
    return value.count(" ") >= _SPOKEN_BLANKS and any(True for _ in _SAID_NUMBERS.find(fold(value).text))


def _in_digits_alone(folded: str) -> bool:
    """True if a run of digits and separators is an identifier by its digits, however grouped or padded with zeros."""
    runs = [_NOT_DIGIT.sub("", run) for run in _RUN.findall(without_plain_use(folded))]
    return any(is_surely_of_a_person(run[len(zeros) :]) for run in runs for zeros in _PADDING if run.startswith(zeros))
