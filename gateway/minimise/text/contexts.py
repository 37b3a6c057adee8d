"""Numbers that are known by the words beside them: identity documents, personal accounts, local phones.

Nine digits may be an identity card, an account or an order, and six a phone or a reading: the nearest word says which.
Only words that may stand between them are passed over, so that in «паспорт счётчика 123456» nothing is found. The word
stays, the number goes. What no word names is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.minimise.text.findings import Finding

_RUN = re.compile(r"(?<![\d_])(?<!\d[.,/:])\d+(?:(?:[ -]| ?№ ?)\d+)*(?![^\W_])", re.ASCII)
_WORTH = re.compile(r"\d(?:\D{0,3}\d){4}", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_SERIES = re.compile(r"(?<![^\W_])(?:(?!(?:РК|РФ|КР|ҚР|ВУ|ID|ЛС|НЕ|НА)\b)[A-ZА-ЯӘҒҚҢӨҰҮҺІ]{1,2}|n)[ №-]{0,2}\Z")
_WINDOW = 56
_FEWEST = 5

_SIGNS = r"[\s:№#=.,()«»\"—–-]{0,4}"


def _after(words: str, between: str) -> re.Pattern[str]:
    """What ends with one of these words and, perhaps, some that may stand between it and the number."""
    return re.compile(rf"(?<![^\W_])(?:{words}){_SIGNS}(?:(?:{between}){_SIGNS}){{0,4}}\Z")


_NUMBER = r"номер\w{0,2}|нөмір\w{0,6}|number|no|num|nr|n|код|is|это|has"
_MINE = r"мой|моя|моё|мое|моего|моей|менің|my|his|her|ребёнка|ребенка|мужа|жены|мамы|отца"
_DOCUMENT = _after(
    r"удостоверени\w{1,3}|удост|уд|(?:загран)?паспорт\w{0,5}|водительск\w{1,3}(?: прав\w{0,3})?|права|в/у|ву"
    r"|вид\w{0,2} на жительство|внж|свидетельств\w{1,3} о (?:рождении|браке|смерти)|военн\w{1,3} билет\w{0,2}|снилс"
    r"|id[- ]?карт\w{0,4}|куәлі\w{1,8}|төлқұжат\w{0,8}|ықтиярхат\w{0,6}"
    r"|passport|(?:id|identity) (?:card|document)|(?:driving|driver'?s?) licen[cs]e|residence permit|id",
    rf"{_NUMBER}|{_MINE}|личности|лич|серии|серия|сериясы\w{{0,3}}|рк|кр|series|гражданина|казахстана|рф|қр",
)
_DOCUMENT_BEHIND = re.compile(
    r"[\s,(—–-]{1,4}(?:(?:это|бұл|номер|мой|моего|менің|is|my) ){0,3}"
    r"(?:паспорт|удостоверени|төлқұжат|(?:жеке )?куәлі|passport|identity card|id card)"
)
_ACCOUNT = _after(
    r"л[/\\.]\s?с|лс|лиц\w{0,5}\.?\s?сч(?:[её]т\w{0,3})?|лицев(?:ой|ого|ому|ым)"
    r"|(?:жеке|дербес|тұлғалық) (?:есеп)?шот\w{0,8}"
    r"|(?:есеп)?шот\w{0,3} нөмір\w{0,6}|номер\w{0,2} (?:лицевого )?сч[её]та|абонент\w{0,6}|(?:personal )?account|acct",
    rf"{_NUMBER}|{_MINE}|квартир\w{{1,2}}|пәтер\w{{0,5}}",
)
_CALLED = (
    r"тел|телефон\w{0,7}|сот|моб|городск\w{2,3}|домашн\w{2,3}|(?:по|пере|до|об)?зв[оa]н\w{1,8}|набер\w{1,5}|наб[иі]ра\w{1,4}"
    r"|wh?ats ?app|ватсап\w{0,2}|вацап\w{0,2}|phone|telephone|tel|call|ring|mobile"
    r"|байланыс\w{0,10}|хабарлас\w{0,10}|қоңырау\w{0,6}|ұялы\w{0,6}"
)
_CALL_FILLERS = (
    rf"{_NUMBER}|{_MINE}|мне|нам|ему|ей|им|по|на|городск\w{{2,3}}|домашн\w{{2,3}}|рабоч\w{{2,3}}|сюда|контактн\w{{2,3}}"
    r"|me|us|at|on|him|back|or|маған|бізге|шал\w{0,8}|соғ\w{0,8}|үй|үшін|мына|или|либо|телефон\w{0,7}|тел|вечером|днём|сосед\w{1,3}"
)
_PHONE = _after(_CALLED, _CALL_FILLERS)
_PHONE_SPACED = _after(
    rf"{_CALLED}|т|номер\w{{0,2}}|нөмір\w{{0,6}}|(?:тел|телефон\w{{0,3}}|сот)\.?\s[^\W\d_]{{3,15}}", _CALL_FILLERS
)
_AT_HOME = re.compile(r"\d[\s,;.)]{1,4}дом(?:ашн\w{2,3})?\.?[\s:№-]{0,3}\Z")  # after a mobile number, in the same list
_PHONE_BEHIND = re.compile(
    r"[-\w]{0,5}[\s,(—–-]{1,4}(?:(?:это|бұл|мой|менің|is|my|нөмір\w{0,6}|арқылы|бойынша) ){0,3}"
    r"(?:домашн|городск|телефон|қоңырау|хабарлас|байланыс|home phone|phone)"
)
_LOCAL = frozenset(
    {(6,), (3, 3), (2, 2, 2), (1, 2, 2), (3, 2, 2), (7,), (2, 4), (5,), (10,), (11,), (12,), (4, 3, 3), (4, 2, 2, 2)}
)
_SPACED = frozenset({(2, 2, 2), (1, 2, 2), (3, 2, 2)})
_NEXT = re.compile(r"\s?[,;/]?\s?(?:или|либо|и|немесе|және|or|and)?\s?", re.IGNORECASE)  # after one phone, another
_COUNTED = re.compile(
    r"\s{0,2}(?:тенге|теңге|тг\b|₸|руб|квт|кв\.|м3|м³|м2|м²|м\b|куб|шт|литр|л\b|км|%|kzt|kwh|раз\b|рет\b|чел)|[.,:/]\d"
)
_CARD, _MOBILE, _DIALLED = 16, 11, re.compile(r"[78][ -]?7")
_MOST_OF_DOCUMENT, _FEWEST_OF_DOCUMENT, _MOST_OF_ACCOUNT = 10, 6, 12


class Contexts:
    """Finds numbers of documents, personal accounts and local phones by the word that says what they are."""

    kinds = ("document", "account", "phone")

    def find(self, text: str) -> Iterator[Finding]:
        """Every number of at least five digits with such a word before it, or right behind it."""
        if _WORTH.search(text) is None:
            return
        called: int | None = None  # where the last local phone ended
        for run in _RUN.finditer(text):
            groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
            total = sum(end - start for start, end in groups)
            if (
                text[run.start() - 1 : run.start()] == "+"
                or total < _FEWEST
                or total == _CARD
                or (total == _MOBILE and _DIALLED.match(text, run.start()))
            ):
                continue  # too short, or what other recognisers know by itself
            found = _named(
                text, groups, is_next=called is not None and _NEXT.fullmatch(text, called, run.start()) is not None
            )
            if found is not None:
                called = found.end if found.kind == "phone" else called
                yield found


def is_called(before: str) -> bool:
    """True if text, in small letters, ends with a word that a local phone can follow."""
    return _PHONE.search(before) is not None


def _named(text: str, groups: list[tuple[int, int]], *, is_next: bool) -> Finding | None:
    start = groups[0][0]
    before = text[max(0, start - _WINDOW) : start]
    series = _SERIES.search(before)
    low = before.lower()
    as_document = _end(groups, _FEWEST_OF_DOCUMENT, _MOST_OF_DOCUMENT)
    if as_document is not None:
        first = start if series is None else start - len(before) + series.start()
        named = _DOCUMENT.search(low if series is None else low[: series.start()]) or _DOCUMENT.search(low)
        if named or _DOCUMENT_BEHIND.match(text[as_document : as_document + _WINDOW].lower()):
            return Finding(first, as_document, "document")
    as_account = _end(groups, _FEWEST, _MOST_OF_ACCOUNT)
    if as_account is not None and _ACCOUNT.search(low):
        return Finding(start, as_account, "account")
    return _local_phone(text, groups, low, is_next=is_next)


def _end(groups: list[tuple[int, int]], fewest: int, most: int) -> int | None:
    """Where a number ends that begins with the first group: with that group if it suffices, or as late as it may."""
    total, end = 0, None
    for begin, last in groups:
        total += last - begin
        if total > most:
            break
        if total >= fewest:
            end = last
            if begin == groups[0][0]:
                break
    return end


def _local_phone(text: str, groups: list[tuple[int, int]], before: str, *, is_next: bool) -> Finding | None:
    lengths = tuple(end - start for start, end in groups)
    for count in (4, 3, 2, 1):
        if lengths[:count] not in _LOCAL or len(lengths) < count:
            continue
        start, end = groups[0][0], groups[count - 1][1]
        if _COUNTED.match(text[end : end + 10].lower()):
            return None
        is_spaced = lengths[:count] in _SPACED and text[groups[0][1]] == "-"
        named = _PHONE_SPACED if is_spaced else _PHONE
        is_named = named.search(before) or _AT_HOME.search(before)
        if is_next or is_named or (count > 1 and _PHONE_BEHIND.match(text[end : end + _WINDOW].lower())):
            return Finding(start, end, "phone")
    return None
