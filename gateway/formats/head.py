"""What may stand in the head of a request: its path, and the names and values of its headers.

Promises: what these accept does not change the shape of a request on its way: no separator, no line break, no step up,
and nothing that becomes one of them where it is decoded twice. They judge text and change none.

source: RFC 9110 sections 5.5, 5.6.2 and 9.3; RFC 3986 section 3.3; threats T20 to T23
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

BODYLESS: Final = frozenset({"GET", "DELETE"})
"""The methods whose requests carry no body here: RFC 9110 gives one no meaning."""

_NAMED: Final = re.compile(r"\{([^{}]+)\}")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_SEGMENT: Final = re.compile(r"(?!\.\.|\.\Z)[^/\\%\x00-\x1f\x7f-\x9f\u2028\u2029\uff0e\uff0f\uff3c]+")


def is_token(text: str) -> bool:
    """Whether a header or a scheme can be called that."""
    return _TOKEN.fullmatch(text) is not None


def is_header_value(text: str) -> bool:
    """Whether a header can carry it."""
    return _VALUE.fullmatch(text) is not None


def is_segment(text: str) -> bool:
    """Whether it can be one segment of a path: servers differ on what they make of `%2F`, dots and line breaks.

    `%` itself is none of it: who decodes twice would find anything behind it.
    """
    return _SEGMENT.fullmatch(text) is not None


@lru_cache(maxsize=1024)  # routes are declared, and few
def named_segments(path: str) -> tuple[str, ...]:
    """The names in braces of a declared path, in their order."""
    return tuple(_NAMED.findall(path))


@lru_cache(maxsize=1024)
def path_pattern(path: str) -> re.Pattern[str]:
    """What a request's path must match to be of a declared one; its groups are the named segments."""
    fixed = _NAMED.split(path)
    parts = [re.escape(text) if place % 2 == 0 else f"(?P<{text}>[^/]+)" for place, text in enumerate(fixed)]
    return re.compile("".join(parts), re.DOTALL)


def with_segments(path: str, value_of: Callable[[str], str]) -> str:
    """A declared path with a value in the place of each named segment."""
    return _NAMED.sub(lambda found: value_of(found[1]), path)
