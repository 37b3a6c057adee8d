"""Values as the map files may write them, for marshmallow: each says what it expects and takes no look-alikes.

Promises: an unquoted number is not text, quoted digits are not a number, and a number keeps the digits it was written
with. It must never coerce: `fields.Int()` would take 5.7 for 5.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from marshmallow import ValidationError, fields, validate

from gateway.canonical import Number

_T = TypeVar("_T")
_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,10})?\Z")
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?\Z")


class _Scalar(fields.Field[_T], Generic[_T]):
    """One value, taken as it is or refused with what was expected."""

    expected = "a value"

    @abstractmethod
    def take(self, value: object) -> _T | None:
        """The value, or None where it is another kind of thing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> _T:  # noqa: ARG002
        taken = self.take(value)
        if taken is None:
            raise ValidationError(f"expected {self.expected}")
        return taken


class Text(_Scalar[str]):
    """Text that is not blank."""

    expected = "text; quote it if it looks like a number"

    def take(self, value: object) -> str | None:
        """The text; not an unquoted number."""
        return value if type(value) is str and value.strip() else None


class Whole(_Scalar[int]):
    """A whole number, unquoted."""

    expected = "a whole number"

    def take(self, value: object) -> int | None:
        """The number."""
        return int(value) if isinstance(value, Number) and _WHOLE.match(value) else None


class Exact(_Scalar[str]):
    """A decimal number, unquoted, kept as the text that was written."""

    expected = "a number"

    def take(self, value: object) -> str | None:
        """The digits of the number."""
        return str.__str__(value) if isinstance(value, Number) and _DECIMAL.match(value) else None


class Limit(Exact):
    """A bound: a number, or a day or a month of the calendar."""

    expected = "a number, a date such as 2026-01-31 or a period such as 2026-01"

    def take(self, value: object) -> str | None:
        """The text of the bound."""
        return value if type(value) is str and _DAY.match(value) else super().take(value)


class Flag(_Scalar[bool]):
    """`true` or `false`, and nothing that merely looks like it."""

    expected = "true or false"

    def take(self, value: object) -> bool | None:
        """The truth value."""
        return value if isinstance(value, bool) else None


class Plain(_Scalar[str]):
    """Text, a number or a truth value, as the text that a payload's value is compared with."""

    expected = "text, a number, true or false"

    def take(self, value: object) -> str | None:
        """The text to compare with."""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str.__str__(value) if isinstance(value, str) and value else None


class Anything(fields.Field[Any]):
    """A payload or a disclosure: any value, as it stands."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_none=True, **more)


class Either(fields.Field[list[Any]]):
    """One value or a list of them; always a list afterwards."""

    def __init__(self, inner: fields.Field[Any], **more: Any) -> None:
        super().__init__(**more)
        self._one = inner
        self._many = fields.List(inner, validate=validate.Length(min=1, error="expected at least one"))
        self.ways = (self._one, self._many)  # as `map schema` tells editors

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> list[Any]:  # noqa: ARG002
        if isinstance(value, list):
            return list(self._many.deserialize(value) or [])
        return [self._one.deserialize(value)]
