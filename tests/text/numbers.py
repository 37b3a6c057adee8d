"""Invented numbers as people write them: identifiers with right check digits in ranges that nobody has, in any spacing.

IINs are of people born in the 1800s, phones begin with 700 000, cards with the schemes' test numbers, the bank of an
IBAN is that of the sample in ISO 13616.
"""

# ruff: noqa: SIM905 - a line of words is read as one

from __future__ import annotations

import random

_ONES = "ноль один два три четыре пять шесть семь восемь девять".split()
_TEENS = "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split()  # fmt: skip  # noqa: E501
_TENS = "_ _ двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
_HUNDREDS = "_ сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
_KAZAKH_ONES = "нөл бір екі үш төрт бес алты жеті сегіз тоғыз".split()
_KAZAKH_TENS = "_ он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан".split()
_LOOKS_LATIN = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")


def _digits(chance: random.Random, count: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def _checked(eleven: str) -> str | None:
    weights = list(range(1, 12))
    for shift in (0, 2):
        total = sum(int(digit) * weights[(at + shift) % 11] for at, digit in enumerate(eleven)) % 11
        if total < 10:
            return eleven + str(total)
    return None


def iin_digits(chance: random.Random) -> str:
    """Twelve digits of somebody born in the 1800s, with the right check digit."""
    while True:
        day = f"{chance.randrange(30, 100):02}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
        made = _checked(f"{day}{chance.choice('12')}{_digits(chance, 4)}")
        if made is not None:
            return made


def bin_digits(chance: random.Random) -> str:
    """Twelve digits of a firm that is founded in 2099, with the right check digit."""
    while True:
        made = _checked(f"99{chance.randrange(1, 13):02}{chance.choice('456')}0{_digits(chance, 5)}")
        if made is not None:
            return made


def luhn(digits: str) -> str:
    """The digits with the check digit of ISO/IEC 7812-1."""
    total = 0
    for at, char in enumerate(reversed(digits)):
        number = int(char) * (2 if at % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return digits + str(-total % 10)


def card_digits(chance: random.Random) -> str:
    """A card of the ranges that the schemes' own examples use."""
    return luhn(
        chance.choice(("411111111", "400000", "555555555", "510510", "222300")).ljust(9, "0") + _digits(chance, 6)
    )


def iban_letters(chance: random.Random) -> str:
    """An IBAN of Kazakhstan at the sample's bank."""
    account = f"125KZT500410{_digits(chance, 4)}"
    number = int("".join(str(int(char, 36)) for char in f"{account}KZ00"))
    return f"KZ{98 - number % 97:02}{account}"


def _grouped(digits: str, sizes: tuple[int, ...], between: str) -> str:
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    return between.join(groups)


def _between(chance: random.Random) -> str:
    return "\n" if chance.random() < 0.04 else chance.choice("  -.")


def iin(chance: random.Random) -> str:
    """An IIN as it is typed."""
    sizes = chance.choice(((12,), (12,), (12,), (6, 6), (3, 3, 3, 3), (4, 4, 4), (6, 1, 5)))
    return _grouped(iin_digits(chance), sizes, _between(chance))


def bin_(chance: random.Random) -> str:
    """A BIN as it is typed."""
    return _grouped(bin_digits(chance), chance.choice(((12,), (12,), (6, 6), (3, 3, 3, 3))), chance.choice(" -"))


def card(chance: random.Random) -> str:
    """A card as it is typed."""
    return _grouped(card_digits(chance), chance.choice(((4, 4, 4, 4), (4, 4, 4, 4), (16,))), _between(chance))


def iban(chance: random.Random) -> str:
    """An IBAN as it is typed."""
    made = _grouped(iban_letters(chance), chance.choice(((20,), (4, 4, 4, 4, 4))), " ")
    return made.lower() if chance.random() < 0.1 else made


def phone(chance: random.Random, tongue: str) -> str:
    """A mobile number as it is typed, now and then in words."""
    last = f"0{_digits(chance, 4)}"[:4] if chance.random() < 0.5 else _digits(chance, 4)
    a, b, c = "700", "0" + _digits(chance, 2), last
    if chance.random() < 0.08 and tongue in {"ru", "kk"}:
        return _said(f"{a}{b}{c}", chance, tongue)
    d, e = c[:2], c[2:]
    typed = (
        f"+7{a}{b}{c}", f"8{a}{b}{c}", f"{a}{b}{c}", f"7{a}{b}{c}",
        f"+7 {a} {b} {d} {e}", f"8 {a} {b} {d} {e}", f"8{a} {b} {d} {e}", f"{a} {b} {d} {e}",
        f"8-{a}-{b}-{d}-{e}", f"8({a}){b}-{d}-{e}", f"+7 ({a}) {b}-{d}-{e}", f"8.{a}.{b}.{d}.{e}",
        f"87{a[1:]} {b}{c}", f"+7-{a}-{b}-{c}", f"8 {a} {b}{c}", f"8 7 0 0 {' '.join(b + c)}", f"8 {a} {b}\n{d} {e}",
    )  # fmt: skip
    return chance.choice(typed)


def _said(ten: str, chance: random.Random, tongue: str) -> str:
    eight = "восемь" if tongue == "ru" else "сегіз"
    if chance.random() < 0.3:
        ones = _ONES if tongue == "ru" else _KAZAKH_ONES
        return " ".join((eight, *(ones[int(digit)] for digit in ten)))
    groups = (ten[:3], ten[3:6], ten[6:8], ten[8:])
    words = _in_russian if tongue == "ru" else _in_kazakh
    return " ".join((eight, *(words(group) for group in groups)))


def _in_russian(group: str) -> str:
    zeros = len(group) - len(group.lstrip("0"))
    said = ["ноль"] * zeros
    rest = int(group)
    if rest >= 100:
        said.append(_HUNDREDS[rest // 100])
        rest %= 100
    if rest >= 20:
        said.append(_TENS[rest // 10])
        rest %= 10
    elif rest >= 10:
        said.append(_TEENS[rest - 10])
        rest = 0
    if rest:
        said.append(_ONES[rest])
    return " ".join(said)


def _in_kazakh(group: str) -> str:
    zeros = len(group) - len(group.lstrip("0"))
    said = ["нөл"] * zeros
    rest = int(group)
    if rest >= 100:
        said += [_KAZAKH_ONES[rest // 100], "жүз"] if rest >= 200 else ["жүз"]
        rest %= 100
    if rest >= 10:
        said.append(_KAZAKH_TENS[rest // 10])
        rest %= 10
    if rest:
        said.append(_KAZAKH_ONES[rest])
    return " ".join(said)


def local_phone(chance: random.Random) -> str:
    """Six digits of a telephone in town; the text must say that it is one."""
    made = f"0{_digits(chance, 5)}"
    return chance.choice(
        (made, _grouped(made, (2, 2, 2), "-"), _grouped(made, (3, 3), "-"), _grouped(made, (2, 2, 2), " "))
    )


def plate(chance: random.Random) -> str:
    """A vehicle's number plate; the letters may be Cyrillic ones that look the same."""
    letters = "".join(chance.choice("ABCEHKMOPTX") for _ in range(3))
    if chance.random() < 0.4:
        letters = letters.translate(_LOOKS_LATIN)
    made = (f"00{chance.randrange(1, 10)}", letters, f"{chance.randrange(1, 21):02}")
    return chance.choice(("", "", " ")).join(made)


def document(chance: random.Random) -> str:
    """A passport's or an identity card's number, without the word before it."""
    return chance.choice((f"N0000{_digits(chance, 4)}", f"0000{_digits(chance, 5)}", f"N 0000{_digits(chance, 4)}"))


def door_code(chance: random.Random) -> str:
    """What opens a door."""
    four, flat = _digits(chance, 4), chance.randrange(1, 200)
    return chance.choice(
        (f"{flat}К{four}", f"{flat}K{four}", four, f"{four}#", f"#{four}", f"*{four}", f"{flat}B{four}")
    )


def account(chance: random.Random) -> str:
    """A personal account at a company."""
    return chance.choice(
        (f"000{_digits(chance, 4)}", _digits(chance, 7), f"10{_digits(chance, 6)}", _digits(chance, 9))
    )


def email(chance: random.Random, tongue: str) -> str:
    """An address, now and then as it is said."""
    name = chance.choice(
        ("test.primerov", "synaq", "a_ospan", "info-77", "mama2015", "k.lugovoy", "dom10", "zhanna_k", "n.b")
    )
    if chance.random() < 0.25:
        at, dot = {"kk": (" собака ", " нүкте "), "en": (" at ", " dot ")}.get(tongue, (" собака ", " точка "))
        return name.replace(".", dot).replace("_", "") + at + "example" + dot + "com"
    return f"{name}@{chance.choice(('example.com', 'mail.example.org', 'example.net', 'EXAMPLE.COM'))}"
