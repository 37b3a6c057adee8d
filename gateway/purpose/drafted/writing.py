"""A draft as the text of a YAML file: what it proposes, how sure it is, and blanks that stop the load until filled in.

Promises: a blank is an empty value, which loading names with its line; comments hold paths, rules and kinds of values,
and no value of a sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

from gateway.canonical import Number, path_text
from gateway.purpose.drafted.binding import Bound
from gateway.purpose.drafted.draft import Draft, Left

BLANK: Final = "# <- fill in"
"""What every blank says."""

_SHAPE, _ANSWER = "shape", "answer"


class Written(NamedTuple):
    """One line of the file, and what of the draft it states."""

    text: str
    part: str = ""  # "shape" or "answer"
    path: str = ""


def written(draft: Draft, filled: Mapping[str, str] | None = None) -> list[Written]:
    """The lines of the file; with `filled`, its blanks hold what stands there by key, to see whether it loads."""
    return list(_lines(draft, _Blanks(filled)))


class _Blanks:
    def __init__(self, filled: Mapping[str, str] | None) -> None:
        self._filled = filled

    def __call__(self, key: str, what: str, name: str | None = None) -> str:
        """A key with its blank; `name` is what it is filled in by."""
        value = None if self._filled is None else self._filled[name or key]
        return f"{key}: {value}" if value is not None else f"{key}:  {BLANK}: {what}"


def _lines(draft: Draft, blank: _Blanks) -> Iterator[Written]:
    yield Written("# Drafted from samples. Read every line: a guess is a guess, and what is bound here leaves.")
    yield from map(Written, _head(draft, blank))
    yield Written("purposes:")
    yield Written(f"  {draft.purpose}:")
    yield from map(Written, _routes(draft, blank))
    yield from map(Written, _waiting(draft))
    yield from map(Written, _items(draft, blank))
    yield from _shape(draft, blank)
    yield from _answer(draft, blank)
    yield from map(Written, _listed("Not bound; what is not bound stays home. Bind it, or leave it", draft.left))
    yield from map(
        Written, _listed("Stays home: it looks personal, and no field of the class map takes it", draft.home)
    )


def _head(draft: Draft, blank: _Blanks) -> Iterator[str]:
    yield f"id: {draft.id}"
    yield f"class: {draft.recipient_class}"
    if draft.role is not None:
        others = f"  # a guess: one of {', '.join(draft.roles)}" if len(draft.roles) > 1 else ""
        yield f"role: {draft.role}{others}"
    yield "title:"
    for language in ("kk", "ru", "en"):
        yield "  " + blank(language, "what people are told that this recipient is", "title")
    yield blank("bin", "its business identification number, twelve digits in quotes")
    yield blank("country", "where it is established; KZ")
    yield blank("storage_country", "where it stores what it gets; KZ")
    yield f"base_url: {draft.base_url}" if draft.base_url else blank("base_url", "https, host, perhaps a path")
    yield "protection: tls  # its own body; for an envelope, drop the shape and state jwe and its public keys"
    yield blank("protection_reason", "why its API cannot open an envelope")
    yield "# credentials: {header: …, secret: …}  # or `signer`, by the name of the secret in the settings"
    yield "timeout_seconds: 10"


def _routes(draft: Draft, blank: _Blanks) -> Iterator[str]:
    if draft.routes:
        yield "    routes:"
        yield from (f"      - {_scalar(text)}" for text in draft.routes)
    else:
        yield "    " + blank("routes", 'the only requests that are let through, such as ["POST /v2/orders"]')
    if draft.media_type != "application/json":
        yield f"    media_type: {draft.media_type}"


def _waiting(draft: Draft) -> Iterator[str]:
    for path, texts in draft.waiting.items():
        yield f"    # Nothing here says {path}. Until `means` does, these stay home: {', '.join(texts)}"
        yield f'    # means: {{{path}: {{<their path>: {{"<their value>": <a value of the class map>}}}}}}'


def _items(draft: Draft, blank: _Blanks) -> Iterator[str]:
    if draft.items:
        yield "    items:"
        for array in draft.items:
            said = f"which leaf of {array} names the subject that an item is about"
            yield "      " + blank(_key(array), said, "items").replace("<array>", array)


def _shape(draft: Draft, blank: _Blanks) -> Iterator[Written]:
    if not draft.bound and not draft.constants and not draft.open:
        yield Written("    " + blank("shape", "their paths, and the fields of the class map that stand there"))
        return
    yield Written("    shape:")
    for text, one in sorted(draft.bound.items()):
        yield Written(f"      {_key(text)}: {path_text(one.rule.path)}  # {_said(one)}", _SHAPE, text)
    for text, told in sorted(draft.constants.items()):
        yield Written(f"      {_key(text)}: {_flow(told)}  # a constant of their API? as seen", _SHAPE, text)
    for text in draft.open:
        yield Written("      " + blank(_key(text), "a field of the class map, or a constant of a closed type", "open"))


def _answer(draft: Draft, blank: _Blanks) -> Iterator[Written]:
    if not draft.answers:
        return
    yield Written("    # What of its answer comes back; drop what the platform does not need.")
    yield Written("    answer:")
    for text, told in sorted(draft.answers.items()):
        yield Written(f"      {_key(text)}:", _ANSWER, text)
        for key, value in told.items():
            yield Written(f"        {key}: {_value(value)}", _ANSWER, text)
        yield Written("        " + blank("because", "a sentence that cites the policy, such as «§5 …»"), _ANSWER, text)


def _said(one: Bound) -> str:
    others = f"; or {', '.join(path_text(rule.path) for rule in one.others)}" if one.others else ""
    return ("sure: name, place and values agree" if one.sure else "a guess") + others


def _listed(title: str, found: list[Left]) -> Iterator[str]:
    if found:
        yield f"# {title}:"
        yield from (f"#   {one.path}   {one.said}" for one in sorted(found, key=lambda one: one.path))


def _flow(told: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in told.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, Number) else _scalar(value)


def _scalar(text: str) -> str:
    """A text that YAML reads as that text: plain where it is a plain word, quoted otherwise."""
    plain = text.isascii() and text.replace("_", "").isalpha() and text.lower() not in ("true", "false", "null")
    return text if plain else orjson.dumps(text).decode("utf-8")


def _key(path: str) -> str:
    """A path as a key: quoted where YAML would read it as something else."""
    return "'" + path.replace("'", "''") + "'" if path[:1] in "\"'~" else path
