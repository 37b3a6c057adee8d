"""Numbers that name a person, in any spacing that people use: IIN, BIN, card, phone.

A stretch of digits with single spaces, hyphens, dots or brackets between its groups is read once; windows that begin
and end with a group are judged by their digits. What begins inside an unbroken group of digits is not looked for: of
random 20-digit ids, one in ten would then hold a "card".

Groups that stand further apart, or between signs of other uses (lines, slashes, commas, colons), are read a second
time, without the dates, times and sums of the text, and judged more strictly.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.identifiers import is_bare_phone, is_bin, is_card, is_iin, phone_e164
from gateway.minimise.text.findings import Finding

_RUN = re.compile(r"\d(?:[ \t.()\-\u2010-\u2015\u2212]{0,3}\d){9,}", re.ASCII)
_APART = re.compile(r"\d(?:[\s.()\-\u2010-\u2015\u2212/\\,:_*|\u00b7\u2022]{0,6}\d){9,}", re.ASCII)
_PLAIN_USE = re.compile(
    r"(?=\d{1,4}[-./:,]\d)(?<![\d.,/:-])(?:"  # first what most places in a text do not pass
    r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"  # a time
    r"|(?:19|20)\d\d([-./])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"  # a date
    r"|(?:0?[1-9]|[12]\d|3[01])([-./])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d\d?)?"  # a sum
    r")(?!\d|[,/:-]\d|\.\d)",
    re.ASCII,
)
_BESIDE = re.compile(r"[0-9][ (.-]?[OoОоЗзБбlIІі|]|[OoОоЗзБбlIІі|][ ).-]?[0-9]")
_DISGUISED = re.compile(
    r"(?<![^\W\d_])[\dOoОоЗзБбlIІі|](?:[ \t().\-\u2010-\u2015\u2212]{0,3}[\dOoОоЗзБбlIІі|]){9,}(?![^\W\d_])", re.ASCII
)
_AS_DIGITS = str.maketrans("OoОоЗзБбlIІі|", "0000336611111")
_ABROAD = re.compile(r"(?:810|00)7?(7\d{9})", re.ASCII)
_NEXT_DOOR = re.compile(r"(?:00)?(99[2368]\d{8,9})", re.ASCII)  # of Tajikistan, Turkmenistan, Kyrgyzstan, Uzbekistan
_GROUP = re.compile(r"\d+", re.ASCII)
_FEWEST, _MOST = 10, 19
_IIN_DIGITS = 12
_PHONE_MOST = 15
_CARD_FEWEST = 13
_CARD_USUAL = 16
_BETWEEN_SINGLES = 2  # so many single digits have none between them

_WITH_TRUNK = 11  # 8 or 7, and ten digits
_DIALLED = {
    _WITH_TRUNK: frozenset(
        {(1, 3, 3, 2, 2), (1, 3, 3, 4), (1, 3, 7), (1, 4, 2, 2, 2), (1, 4, 6), (4, 3, 2, 2), (4, 7), (1, 10)}
    ),
    10: frozenset({(3, 3, 2, 2), (3, 3, 4), (3, 7), (4, 2, 2, 2), (4, 6)}),
}
_FIRST_OF_DIALLED = frozenset({1, 2, 3, 4})  # 8, +7, 00 or 810, a city
_IIN_GROUPS = frozenset(
    {(6, 1, 5), (6, 1, 4, 1), (6, 2, 4), (6, 5, 1), (2, 2, 2, 6), (2, 2, 2, 1, 5), (4, 8), (4, 2, 6)}
)
_CARD_GROUPS = frozenset({(4, 6, 5), (4, 6, 4), (8, 8), (4, 12), (4, 4, 8)})

_Judge = Callable[[str, list[int], str], str | None]


class Numbers:
    """Finds IIN, BIN, cards and phones."""

    kinds = ("iin", "bin", "card", "phone")

    def find(self, text: str) -> list[Finding]:
        """Every window of digit groups that is one of the kinds, but none that stands in another."""
        found = _in_runs(text, _RUN, _kind)
        begins = {finding.end: finding.start for finding in found}
        if any(begins.get(run.end(), len(text)) > run.start() for run in _APART.finditer(text)):
            found += _in_runs(without_plain_use(text), _APART, _kind_apart)
        if _BESIDE.search(text) is not None and (plain := _DISGUISED.sub(_undisguised, text)) != text:
            found += _in_runs(plain, _RUN, _kind)
        return found


def _undisguised(found: re.Match[str]) -> str:
    """A number with its letters that look like digits as digits, where a third of it or more is digits."""
    run = found[0]
    return run.translate(_AS_DIGITS) if 3 * sum(map(str.isdigit, run)) >= sum(map(str.isalnum, run)) else run


def without_plain_use(text: str) -> str:
    """The text with its dates, times and sums crossed out, each character by one."""
    return _PLAIN_USE.sub(lambda found: "x" * len(found[0]), text)


def is_surely_of_a_person(digits: str) -> bool:
    """True for an IIN, a card, or a mobile number of Kazakhstan dialled in full, whatever stood between the digits."""
    return is_iin(digits) or is_card(digits) or _is_dialled_mobile(digits)


def _in_runs(text: str, runs: re.Pattern[str], judge: _Judge) -> list[Finding]:
    found: list[Finding] = []
    for run in runs.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        lengths = [end - start for start, end in groups]
        edges = _edges(lengths)
        left = sum(lengths)
        reach = 0
        for first, is_edge in enumerate(edges):
            if left < _FEWEST or reach == run.end():
                break
            window = slice(first, first + _MOST)
            longest = _longest(text, groups[window], edges[window], judge, reach) if is_edge else None
            if longest is not None:
                found.append(longest)
                reach = longest.end
            left -= lengths[first]
    return found


def _edges(lengths: list[int]) -> list[bool]:
    """Where a number may begin or end: not between single digits, which are one number spelled digit by digit."""
    if lengths.count(1) <= _BETWEEN_SINGLES:
        return [True] * len(lengths)
    singles = [False, *[length == 1 for length in lengths], False]
    return [not all(singles[at : at + 3]) for at in range(len(lengths))]


def _longest(text: str, groups: list[tuple[int, int]], edges: list[bool], judge: _Judge, reach: int) -> Finding | None:
    """The longest window that begins with the first group, ends beyond `reach` and is a number of a known kind."""
    start = groups[0][0]
    digits = ""
    lengths: list[int] = []
    windows: list[tuple[str, list[int], int]] = []
    for (begin, end), is_edge in zip(groups, edges, strict=True):
        digits += text[begin:end]
        lengths.append(end - begin)
        if len(digits) > _MOST:
            break
        if is_edge and len(digits) >= _FEWEST and end > reach:
            windows.append((digits, lengths[:], end))
    for digits, lengths, end in reversed(windows):
        signed = _with_sign(text, start, end)
        kind = judge(digits, lengths, text[signed:end])
        if kind is not None:
            return Finding(signed, end, kind)
    return None


def _with_sign(text: str, start: int, end: int) -> int:
    """Where a number begins that may have a plus, or a bracket that closes inside it, before its first digit."""
    if start > 0 and text[start - 1] == "(" and ")" in text[start:end]:
        start -= 1
    if start > 0 and text[start - 1] == "+":
        start -= 1
    return start


def _kind(digits: str, lengths: list[int], written: str) -> str | None:
    if len(digits) == _IIN_DIGITS and _is_grouped(lengths, _IIN_GROUPS):
        if is_iin(digits):
            return "iin"
        if is_bin(digits):
            return "bin"
    if len(digits) >= _CARD_FEWEST and _is_grouped(lengths, _CARD_GROUPS) and is_card(digits):
        return "card"
    if len(digits) <= _PHONE_MOST and _is_phone(digits, lengths, written):
        return "phone"
    return None


def _kind_apart(digits: str, lengths: list[int], written: str) -> str | None:
    if written[0] == "+" or _is_dialled_mobile(digits):
        known = lengths[0] in _FIRST_OF_DIALLED or _is_grouped(lengths, frozenset())
        is_phone = known and (_is_dialled_mobile(digits) or phone_e164("+" + digits) is not None)
        return "phone" if is_phone else None
    if ", " in written and "." in written:  # readings with decimals, one after another
        return None
    kind = _kind(digits, lengths, written)
    is_odd_card = kind == "card" and len(digits) != _CARD_USUAL and len(set(lengths)) == 1 and lengths[0] > 1
    return None if kind == "phone" or is_odd_card else kind  # three readings of five digits are no card


def _is_dialled_mobile(digits: str) -> bool:
    """True for 8 or 7 and a mobile number of Kazakhstan, also as it is dialled from abroad (8 10 7, 00 7, 8 10)."""
    abroad = _ABROAD.fullmatch(digits)
    if abroad is not None:
        return is_bare_phone(abroad[1])
    return len(digits) == _WITH_TRUNK and digits[:2] in ("77", "87") and is_bare_phone(digits)


def _is_next_door(digits: str) -> bool:
    """True for a number of a neighbour with its country's code, without plus or with 00 in its place."""
    found = _NEXT_DOOR.fullmatch(digits)
    return found is not None and phone_e164("+" + found[1]) is not None


def _is_grouped(lengths: list[int], known: frozenset[tuple[int, ...]]) -> bool:
    """True if people write numbers in such groups: one group, equal groups (the last may be shorter), a known way."""
    step = lengths[0]
    return (lengths[-1] <= step and all(length == step for length in lengths[:-1])) or tuple(lengths) in known


def _is_phone(digits: str, lengths: list[int], written: str) -> bool:
    if written[0] == "+":
        return phone_e164(written) is not None
    groups = _DIALLED.get(len(digits))
    if groups is None:
        return _is_dialled_mobile(digits) or (len(lengths) > 1 and _is_next_door(digits))
    if is_bare_phone(digits) and (len(lengths) == 1 or len(digits) == _WITH_TRUNK):
        return True
    return digits[0] in "78" and tuple(lengths) in groups and phone_e164(digits) is not None
