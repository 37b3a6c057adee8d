"""The verdict on each file of the JSON suite (nst/JSONTestSuite) that its prefix does not settle, and why.

`y_` is accepted and `n_` refused, unless it stands here; every `i_` file, which RFC 8259 leaves open, stands here. The
verdict is the parser's alone: a scalar that parses is refused later, as a payload.
"""

from __future__ import annotations

from typing import Final, Literal

Verdict = Literal["accept", "refuse"]

TWICE: Final = "an object with a key twice has two readings"
NUL: Final = "NUL ends strings in some languages, so such a text has two readings"
LONG: Final = "no amount, id or share has a number of more than 40 characters; decimals can hide an identifier"
DOUBLE: Final = "a recipient that reads doubles would read infinity or zero instead"
DIGITS: Final = "numbers keep their digits, so size is no reason"
SURROGATE: Final = "half of a surrogate pair cannot be written as UTF-8"
UTF_8: Final = "the media type is JSON in UTF-8, and this is not UTF-8"
BOM: Final = "RFC 8259 section 8.1: no byte order mark is added; taking one would be a second spelling"
DEEP: Final = "nothing that a purpose map can name lies deeper than 200 levels"

EXCEPTIONS: Final[dict[str, tuple[Verdict, str]]] = {
    "y_number_double_close_to_zero.json": ("refuse", LONG),
    "y_object_duplicated_key.json": ("refuse", TWICE),
    "y_object_duplicated_key_and_value.json": ("refuse", TWICE),
    "y_object_escaped_null_in_key.json": ("refuse", NUL),
    "y_string_null_escape.json": ("refuse", NUL),
    "i_number_double_huge_neg_exp.json": ("refuse", DOUBLE),
    "i_number_huge_exp.json": ("refuse", LONG),
    "i_number_neg_int_huge_exp.json": ("refuse", DOUBLE),
    "i_number_pos_double_huge_exp.json": ("refuse", DOUBLE),
    "i_number_real_neg_overflow.json": ("refuse", DOUBLE),
    "i_number_real_pos_overflow.json": ("refuse", DOUBLE),
    "i_number_real_underflow.json": ("refuse", DOUBLE),
    "i_number_too_big_neg_int.json": ("accept", DIGITS),
    "i_number_too_big_pos_int.json": ("accept", DIGITS),
    "i_number_very_big_negative_int.json": ("refuse", LONG),
    "i_object_key_lone_2nd_surrogate.json": ("refuse", SURROGATE),
    "i_string_1st_surrogate_but_2nd_missing.json": ("refuse", SURROGATE),
    "i_string_1st_valid_surrogate_2nd_invalid.json": ("refuse", SURROGATE),
    "i_string_UTF-16LE_with_BOM.json": ("refuse", UTF_8),
    "i_string_UTF-8_invalid_sequence.json": ("refuse", UTF_8),
    "i_string_UTF8_surrogate_U+D800.json": ("refuse", UTF_8),
    "i_string_incomplete_surrogate_and_escape_valid.json": ("refuse", SURROGATE),
    "i_string_incomplete_surrogate_pair.json": ("refuse", SURROGATE),
    "i_string_incomplete_surrogates_escape_valid.json": ("refuse", SURROGATE),
    "i_string_invalid_lonely_surrogate.json": ("refuse", SURROGATE),
    "i_string_invalid_surrogate.json": ("refuse", SURROGATE),
    "i_string_invalid_utf-8.json": ("refuse", UTF_8),
    "i_string_inverted_surrogates_U+1D11E.json": ("refuse", SURROGATE),
    "i_string_iso_latin_1.json": ("refuse", UTF_8),
    "i_string_lone_second_surrogate.json": ("refuse", SURROGATE),
    "i_string_lone_utf8_continuation_byte.json": ("refuse", UTF_8),
    "i_string_not_in_unicode_range.json": ("refuse", UTF_8),
    "i_string_overlong_sequence_2_bytes.json": ("refuse", UTF_8),
    "i_string_overlong_sequence_6_bytes.json": ("refuse", UTF_8),
    "i_string_overlong_sequence_6_bytes_null.json": ("refuse", UTF_8),
    "i_string_truncated-utf-8.json": ("refuse", UTF_8),
    "i_string_utf16BE_no_BOM.json": ("refuse", UTF_8),
    "i_string_utf16LE_no_BOM.json": ("refuse", UTF_8),
    "i_structure_500_nested_arrays.json": ("refuse", DEEP),
    "i_structure_UTF-8_BOM_empty_object.json": ("refuse", BOM),
}


def verdict(name: str) -> Verdict:
    """The verdict on a file of the suite. Raises KeyError for an `i_` file that no one has thought about."""
    if name in EXCEPTIONS:
        return EXCEPTIONS[name][0]
    return {"y": "accept", "n": "refuse"}[name[0]]  # type: ignore[return-value]  # the two words are verdicts
