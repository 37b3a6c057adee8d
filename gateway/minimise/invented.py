"""Is this payload about no one? What may go to a sandbox must be invented: nothing was recorded before it leaves.

Identifiers count as invented in the ranges below, which no one holds: IINs of people born in the 1800s, phones
+7 700 000 01 2x, the addresses that RFC 2606, 5737 and 3849 set aside, the sample IBAN and test cards. Names of people
are of the list below; where they are not, a person is assumed to stand behind them.

Promises: what looks like an identifier, a person's name or a document's number and is not of these ranges is found, by
its path and kind; never by its value. When in doubt, it is someone's. It cannot know a real address in a free text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from gateway.canonical import Node, key_text, key_tokens
from gateway.identifiers import identifier_kind, phone_e164
from gateway.minimise.text import IDENTIFIERS
from gateway.minimise.text.folding import fold

PEOPLE: Final = frozenset(
    [
        *("примеров", "примерова", "пробный", "пробная", "проба", "тест", "тестов", "тестова", "образец", "образцов"),
        *("образцова", "образцович", "образцовна", "сынақ", "сынақбаев", "сынақбаева", "мысал", "мысалұлы"),
        *("мысалқызы", "үлгі", "үлгіұлы", "үлгіқызы", "test", "tester", "primerov", "primerova", "obraztsov"),
        *("obraztsova", "example", "sample", "invented"),
    ]
)
"""What invented people are called."""

_BINS: Final = frozenset({"991240999991", "991140999988", "991040999974", "990940999984", "990940999964"})
_CARDS: Final = frozenset({"4111111111111111", "4242424242424242", "5555555555554444"})
_IBANS: Final = frozenset({"KZ86125KZT5004100100"})
_PHONES: Final = "+7700000012"  # and one digit
_BORN: Final = ("1", "2")  # the century digit of an IIN: the 1800s
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]")
_MAIL_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)*(?:example\.(?:com|org|net)|[a-z0-9-]+\.(?:example|test|invalid))\Z")
_IPV4: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_SET_ASIDE: Final = ("192.0.2.", "198.51.100.", "203.0.113.")
_IPV6: Final = re.compile(r"(?i)(?<![0-9a-f:])[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?![0-9a-f:])")
_IPV6_ASIDE: Final = re.compile(r"(?i)2001:0?db8:")
_HOST: Final = re.compile(r"(?i)https?://([^/?#\s:@]+)")
_SAYS_SO: Final = re.compile(r"(?i)invented|example|(?<![a-z])test(?![a-z])|ойдан|вымышлен")
_LONG: Final = re.compile(r"\d{8,}")
_NO_ONES: Final = re.compile(r"0{4}|100200[0-9]{3}\Z|123456789\Z|(\d)\1{6}")
_WORD: Final = re.compile(r"[^\W\d_]+")
_CAPITAL: Final = r"[^\W\d_a-zа-яё]"
_CAPITALISED: Final = rf"(?<![^\W\d_]){_CAPITAL}[^\W\d_A-ZА-ЯЁ]+"
_INITIAL: Final = rf"(?<![^\W\d_]){_CAPITAL}\."
_NAME_LIKE: Final = re.compile(
    rf"{_CAPITALISED}(?:(?:\s+|-){_CAPITALISED})+|{_CAPITALISED}\s+{_INITIAL}|{_INITIAL}\s*{_INITIAL}\s*{_CAPITALISED}"
)
_SHOUTED: Final = re.compile(rf"{_CAPITAL}{{3,}}(?:\s+{_CAPITAL}{{3,}})+\Z")
_LONGEST_INITIAL: Final = 1
_NAMES: Final = frozenset(
    {"fio", "surname", "patronymic", "holder", "cardholder", "owner", "lastname", "firstname", "фио"}
)
_OF_NAMES: Final = frozenset({"first", "last", "full", "middle", "given", "family", "maiden"})
_DOCUMENTS: Final = frozenset({"passport", "document", "tin", "inn", "iin", "ssn", "snils", "licence", "license"})
_BIRTH: Final = frozenset({"birth", "birthday", "birthdate", "dob", "born"})
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_RUN: Final = re.compile(r"\d{5,}")


class Someones(NamedTuple):
    """What must be taken for a person's: where, and of which kind; never the value."""

    path: str
    kind: str


def someones(payload: Node, names: Collection[str] = ()) -> list[Someones]:
    """All that is not invented in a payload; `names` are the paths that the map knows to hold people's names."""
    return list(dict.fromkeys(_walk(payload, "", (), frozenset(names))))


def _walk(node: Node, path: str, words: tuple[str, ...], names: frozenset[str]) -> Iterator[Someones]:
    if isinstance(node, dict):
        for key, child in node.items():
            here = f"{path}.{key_text(key)}" if path else key_text(key)
            kind = _kind_of_text(key)
            if kind is not None:
                yield Someones(f"{path or 'the whole'}: a key", kind)
            else:
                yield from _walk(child, here, (*words, *key_tokens(key)), names)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, f"{path}[]", words, names)
    elif isinstance(node, str):
        kind = _kind_of_text(node) or _kind_by_place(str(node), words, is_name=path in names)
        if kind is not None:
            yield Someones(path, kind)


def _kind_of_text(text: str) -> str | None:
    """The kind of the first identifier in a text that is not of the invented ranges."""
    return next(_kinds(fold(text).text), None)


def _kinds(folded: str) -> Iterator[str]:
    whole = identifier_kind(folded)
    if whole is not None and not _is_invented(folded, whole):
        yield whole
    for recogniser in IDENTIFIERS:
        for found in recogniser.find(folded):
            if not _is_invented(folded[found.start : found.end], found.kind):
                yield found.kind
    if any(not one.startswith(_SET_ASIDE) for one in _IPV4.findall(folded)):
        yield "ip"
    if any(_IPV6_ASIDE.match(one) is None for one in _IPV6.findall(folded) if not one.replace(":", "").isdigit()):
        yield "ip"
    if any(_MAIL_HOST.match(host.lower()) is None for host in _HOST.findall(folded)):
        yield "url"
    unsaid = whole is None and _SAYS_SO.search(folded) is None
    if unsaid and any(_NO_ONES.match(run) is None and not _is_known(run) for run in _LONG.findall(folded)):
        yield "number"


def _is_invented(text: str, kind: str) -> bool:
    compact = _SEPARATORS.sub("", text)
    if kind == "iin":
        return len(compact) > 6 and compact[6] in _BORN  # noqa: PLR2004 -- where the century stands
    if kind == "phone":
        number = phone_e164(text) or phone_e164(compact) or ""
        return number.startswith(_PHONES) and len(number) == len(_PHONES) + 1
    if kind == "email":
        return _MAIL_HOST.match(text.rpartition("@")[2].lower().rstrip(".")) is not None
    return compact.upper() in {"bin": _BINS, "card": _CARDS, "iban": _IBANS}.get(kind, frozenset())


def _is_known(run: str) -> bool:
    kind = identifier_kind(run)
    return kind is not None and _is_invented(run, kind)


def _kind_by_place(text: str, words: tuple[str, ...], *, is_name: bool) -> str | None:
    """What a text must be taken for because of where it stands, or how it is written."""
    here = set(words)
    if here & _BIRTH and _YEAR.search(text):
        return "date of birth"
    if here & _DOCUMENTS and any(not run.startswith("0000") and not _is_known(run) for run in _RUN.findall(text)):
        return "document"
    is_name = is_name or bool(here & _NAMES) or ("name" in here and bool(here & _OF_NAMES))
    if is_name and not _is_no_one(text):
        return "name"
    for named in (*_NAME_LIKE.findall(text), *_SHOUTED.findall(text)):
        if not _is_no_one(named):
            return "name"
    return None


def _is_no_one(name: str) -> bool:
    """Whether a name, or one of its words, is of those whom no one is called; initials alone say nothing."""
    words = [word for word in _WORD.findall(name) if len(word) > _LONGEST_INITIAL]
    return not words or any(word.casefold() in PEOPLE for word in words)
