"""`application/xml`, `text/xml`: `{"Root": {"@Attribute": "text", "Child": [{…}, …], "#text": "…"}}`.

Promises: every child element stands in a list, in document order; text stands in `#text` where it is not blank; a
name with a namespace is `{uri}Name`. No DTD, so no entities, no bombs and no way to a file or a network; no
processing instructions; no text beside child elements. Comments say nothing. What leaves is UTF-8 with a declaration;
namespaces are declared anew for the names that leave, with prefixes of our own: a prefix is text of the caller.

source: https://www.w3.org/TR/REC-xml/, https://www.w3.org/TR/xml-names/; threats T4, T6, T9
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from gateway.canonical import Node
from gateway.errors import UnsupportedMediaType
from gateway.formats.document import (
    MAX_FIELDS,
    MAX_NAME_LENGTH,
    MAX_NODES,
    Document,
    Write,
    decoded,
    encoded,
    leaf_text,
    malformed,
    unspeakable,
)

MAX_DEPTH: Final = 100  # a level of XML is two of the tree

_KIND: Final = "XML"
_BLANK: Final = " \t\r\n"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_CUSTOMARY: Final = {
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://www.w3.org/2003/05/soap-envelope": "soap",
}

# Looked for before the parser sees it: expat would go on through the DTD that a handler has refused.
_DTD = re.compile(r"\ufeff?(?:[ \t\r\n]++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_URI = re.compile(r"[^\s{}]+\Z")
_NAME = re.compile(r"[^\W\d][^\s<>&\"'/=?!:{}@#\x00-\x1f]*\Z")
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPECIAL = re.compile('[&<>"\t\n\r]')
_IN_TEXT: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE: Final = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


def read(media_type: str, body: bytes) -> Document:
    """The document of an XML body. Raises MalformedRequest, UnsupportedMediaType where it declares another charset."""
    if _DTD.match(decoded(body, _KIND)):
        raise malformed(_KIND, "it has a DTD")
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", "}")
    parser.buffer_text = True
    parser.XmlDeclHandler = _check_declaration
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.ProcessingInstructionHandler = _refuse_instruction
    parser.StartNamespaceDeclHandler = builder.namespace
    parser.StartElementHandler = builder.start
    parser.CharacterDataHandler = builder.text
    parser.EndElementHandler = builder.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        told = expat.ErrorString(error.code)
        raise malformed(_KIND, f"{told}, at line {error.lineno}, column {error.offset + 1}") from None
    return Document(builder.tree, media_type, writer(builder.default))


def _check_declaration(version: str, encoding: str | None, _standalone: int) -> None:
    if version != "1.0":
        raise malformed(_KIND, "its version is not 1.0")
    if encoding is not None and encoding.lower() != "utf-8":
        raise UnsupportedMediaType("the body declares an encoding that is not UTF-8")


def _refuse_dtd(*_declared: object) -> None:
    raise malformed(_KIND, "it has a DTD")


def _refuse_instruction(_name: str, _data: str) -> None:
    raise malformed(_KIND, "it has a processing instruction")


class _Builder:
    """Builds the tree from what the parser reports."""

    __slots__ = ("_nodes", "_open", "default", "tree")

    def __init__(self) -> None:
        self.tree: dict[str, Node] = {}
        self.default: str | None = None  # the default namespace that the root declares
        self._open: list[tuple[dict[str, Node], list[str]]] = []  # each open element, and the pieces of its text
        self._nodes = 0

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        if uri is not None and (len(uri) > MAX_NAME_LENGTH or _URI.match(uri) is None):
            raise malformed(_KIND, "the name of a namespace is too long or is no URI")
        if prefix is None and not self.tree:
            self.default = uri

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1 + len(attributes)
        if len(self._open) >= MAX_DEPTH or self._nodes > MAX_NODES or len(attributes) > MAX_FIELDS:
            raise malformed(
                _KIND,
                f"it has more than {MAX_DEPTH} levels, {MAX_NODES} elements and attributes, "
                f"or {MAX_FIELDS} attributes in one element",
            )
        if len(name) > MAX_NAME_LENGTH or (attributes and max(map(len, attributes)) > MAX_NAME_LENGTH):
            raise malformed(_KIND, f"a name is longer than {MAX_NAME_LENGTH} characters")
        node: dict[str, Node] = {"@" + _key(attribute): value for attribute, value in attributes.items()}
        key = _key(name)
        if self._open:
            siblings = self._open[-1][0].setdefault(key, [])
            siblings.append(node)  # type: ignore[union-attr] # no attribute has the name of an element
        else:
            self.tree[key] = node
        self._open.append((node, []))

    def text(self, piece: str) -> None:
        self._open[-1][1].append(piece)

    def end(self, _name: str) -> None:
        node, pieces = self._open.pop()
        text = "".join(pieces)
        if text.strip(_BLANK):
            if any(type(value) is list for value in node.values()):
                raise malformed(_KIND, "an element has text beside its child elements")
            node["#text"] = text


def _key(name: str) -> str:
    return "{" + name if "}" in name else name


# ── and back ────────────────────────────────────────────────────────────────


def writer(default: str | None) -> Write:
    """Writes documents, under this default namespace where it fits. Raises MalformedRequest."""

    def write(tree: Node) -> bytes:
        if not isinstance(tree, dict) or len(tree) != 1:
            raise unspeakable(_KIND, "it has no root element, or several")
        name, node = next(iter(tree.items()))
        # As the default it would hold every element; none may be without a namespace then.
        fits = default is not None and all(key.startswith("{") for key in _elements(tree))
        out = _Output(default if fits else None)
        out.element(name, node)
        out.parts[1:1] = out.declarations()
        return encoded('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(out.parts), _KIND)

    return write


def _elements(node: Node) -> Iterator[str]:
    """The name of every element below a node."""
    for key, value in node.items() if isinstance(node, dict) else ():
        if not key.startswith(("@", "#")):
            yield key
            for child in value if isinstance(value, list) else [value]:
                yield from _elements(child)


class _Output:
    """The text of a document, piece by piece, and the namespaces that it has used."""

    __slots__ = ("_default", "_default_used", "_prefixes", "parts")

    def __init__(self, default: str | None) -> None:
        self.parts: list[str] = []
        self._default = default
        self._default_used = False
        self._prefixes: dict[str, str] = {}

    def declarations(self) -> list[str]:
        found = [f' xmlns:{prefix}="{_escaped(uri, _IN_ATTRIBUTE)}"' for uri, prefix in self._prefixes.items()]
        if self._default is not None and self._default_used:
            found.insert(0, f' xmlns="{_escaped(self._default, _IN_ATTRIBUTE)}"')
        return found

    def element(self, name: str, node: Node) -> None:
        if not isinstance(node, dict):
            raise unspeakable(_KIND, "an element of it is not an object")
        tag = self._tag(name)
        self.parts.append(f"<{tag}")
        text = ""
        children: list[tuple[str, Node]] = []
        for key, value in node.items():
            if value is None:
                continue
            if key.startswith("@"):
                spelled = _escaped(leaf_text(value, _KIND), _IN_ATTRIBUTE)
                self.parts.append(f' {self._prefixed(key[1:])}="{spelled}"')
            elif key == "#text":
                text = _escaped(leaf_text(value, _KIND), _IN_TEXT)
            else:
                children += [(key, child) for child in (value if isinstance(value, list) else [value])]
        if text and children:
            raise unspeakable(_KIND, "an element of it has text beside its child elements")
        self.parts.append(f">{text}" if text or children else "/>")
        for key, child in children:
            self.element(key, child)
        if text or children:
            self.parts.append(f"</{tag}>")

    def _tag(self, name: str) -> str:
        if self._default is not None and name.startswith("{" + self._default + "}"):
            self._default_used = True
            return _checked(name[len(self._default) + 2 :])
        return self._prefixed(name)

    def _prefixed(self, name: str) -> str:
        if not name.startswith("{"):
            return _checked(name)
        uri, _, local = name[1:].partition("}")
        if uri == _XML:
            return f"xml:{_checked(local)}"
        if uri not in self._prefixes:
            customary = _CUSTOMARY.get(uri)
            taken = customary is None or customary in self._prefixes.values()
            self._prefixes[uri] = f"ns{len(self._prefixes) + 1}" if taken or customary is None else customary
        return f"{self._prefixes[uri]}:{_checked(local)}"


def _checked(name: str) -> str:
    if _NAME.match(name) is None:
        raise unspeakable(_KIND, "a name of it is no name of XML")
    return name


def _escaped(text: str, special: dict[str, str]) -> str:
    if _IMPOSSIBLE.search(text):
        raise unspeakable(_KIND, "a value of it holds a character that XML has none for")
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: special.get(found[0], found[0]), text)
