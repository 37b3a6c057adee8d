from __future__ import annotations

import time

import pytest

from gateway.canonical import Node, Number
from gateway.errors import AdmissionError, MalformedRequest, UnsupportedMediaType
from gateway.formats.document import MAX_FIELDS, MAX_NAME_LENGTH, MAX_NODES
from gateway.formats.xml import MAX_DEPTH, read

TYPE = "application/xml"
SECRET = "87000000123"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML = "http://www.w3.org/XML/1998/namespace"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def tree_of(text: str) -> Node:
    return read(TYPE, text.encode()).tree


def rewritten(text: str) -> str:
    document = read(TYPE, text.encode())
    return document.write(document.tree).decode().removeprefix(DECLARATION)


def write(tree: Node) -> str:
    return read(TYPE, b"<a/>").write(tree).decode().removeprefix(DECLARATION)


# ── reading ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a/>", {"a": {}}),
        ("<a>т</a>", {"a": {"#text": "т"}}),
        ("<a> т\n</a>", {"a": {"#text": " т\n"}}),
        ("<a> \t\r\n</a>", {"a": {}}),
        ("<a>\u00a0</a>", {"a": {"#text": "\u00a0"}}),
        ("<Счёт Номер='1' Код=''/>", {"Счёт": {"@Номер": "1", "@Код": ""}}),
        ("<a><b/><c x='1'/><b>2</b></a>", {"a": {"b": [{}, {"#text": "2"}], "c": [{"@x": "1"}]}}),
        ("<a>1<!-- b -->2<![CDATA[<&]]>&amp;&#1078;</a>", {"a": {"#text": "12<&&ж"}}),
        ("<!-- a --><a><!-- b --> <b/></a><!-- c -->\n", {"a": {"b": [{}]}}),
        ("\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>", {"a": {}}),
        ("<a><![CDATA[<!DOCTYPE a>]]></a>", {"a": {"#text": "<!DOCTYPE a>"}}),
        ("<a xmlns='urn:a'><b/></a>", {"{urn:a}a": {"{urn:a}b": [{}]}}),
        ("<p:a xmlns:p='urn:a' p:x='1' x='2'/>", {"{urn:a}a": {"@{urn:a}x": "1", "@x": "2"}}),
        ("<a xmlns='urn:a'><b xmlns=''/></a>", {"{urn:a}a": {"b": [{}]}}),
        ("<a xml:lang='kk'/>", {"a": {f"@{{{XML}}}lang": "kk"}}),
    ],
    ids=lambda value: f"{value!r:.40} {len(value)}",
)
def test_an_element_is_an_object_and_children_stand_in_lists(text: str, expected: Node) -> None:
    assert tree_of(text) == expected


BOMB = (
    '<!DOCTYPE a [<!ENTITY b "lol">'
    + "".join(f'<!ENTITY b{n} "{f"&b{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><a>&b9;</a>"
)
HOSTILE = {
    "billion laughs": BOMB,
    "quadratic blowup": f'<!DOCTYPE a [<!ENTITY b "{"b" * 50_000}">]><a>{"&b;" * 50_000}</a>',
    "external entity": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "external entity, http": '<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1/">]><a>&b;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1/"> %b;]><a/>',
    "external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
    "public DTD": '<!DOCTYPE a PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1/a.dtd"><a/>',
    "empty DTD": "<!DOCTYPE a><a/>",
    "DTD behind a comment": "<?xml version='1.0'?>\n<!-- - --> <!-- a -->\n<!DOCTYPE a><a/>",
    "DTD behind an instruction": "<?b c?><!DOCTYPE a><a/>",
    "default attribute": '<!DOCTYPE a [<!ATTLIST a x CDATA "1">]><a/>',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_dtd_is_read_and_so_no_entity(text: str) -> None:
    """T6, T9: not one byte of it is expanded or fetched."""
    started = time.perf_counter()

    with pytest.raises(MalformedRequest, match="it has a DTD"):
        tree_of(text)

    assert time.perf_counter() - started < 0.05


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no element found, at line 1, column 1"),
        ("a", "syntax error"),
        ("<a>", "no element found"),
        ("<a/><b/>", "junk after document element"),
        ("<a></b>", "mismatched tag, at line 1, column 6"),
        ("<a x='1' x='2'/>", "duplicate attribute"),
        ("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", "duplicate attribute"),
        ("<p:a/>", "unbound prefix"),
        ("<a>&b;</a>", "undefined entity"),
        ("<a>&nbsp;</a>", "undefined entity"),
        ("<a>&#0;</a>", "reference to invalid character number"),
        ("<a>&#1;</a>", "reference to invalid character number"),
        ("<a>&#xd800;</a>", "reference to invalid character number"),
        ("<a>\x00</a>", "it holds a control character"),
        ("<a>\x1b</a>", "it holds a control character"),
        ("<a>\uffff</a>", "not well-formed"),
        ("<a x='<'/>", "not well-formed"),
        ("<a>]]></a>", "not well-formed"),
        ("<a><?b c?></a>", "it has a processing instruction"),
        ("<?xml-stylesheet href='a'?><a/>", "it has a processing instruction"),
        (" <?xml version='1.0'?><a/>", "XML or text declaration not at start of entity"),
        ("<?xml version='1.1'?><a/>", "its version is not 1.0"),
        ("<a>т<b/></a>", "an element has text beside its child elements"),
        ("<a><b/>т</a>", "an element has text beside its child elements"),
        ("<a xmlns='u}'/>", "line 1"),
        ("<a xmlns:p='u{'/>", "the name of a namespace"),
        (f"<a xmlns='{'u' * (MAX_NAME_LENGTH + 1)}'/>", "the name of a namespace"),
        (f"<{'a' * (MAX_NAME_LENGTH + 1)}/>", "a name is longer than"),
        (f"<a {'x' * (MAX_NAME_LENGTH + 1)}=''/>", "a name is longer than"),
        ("<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels"),
        ("<a>" * 100_000, f"more than {MAX_DEPTH} levels"),
        ("<a>" + "<b/>" * MAX_NODES + "</a>", f"{MAX_NODES} elements"),
        ("<a " + "".join(f" x{n}=''" for n in range(MAX_FIELDS + 1)) + "/>", "attributes in one element"),
    ],
    ids=lambda value: f"{value!r:.40} {len(value)}",
)
def test_what_is_not_strict_is_refused(text: str, fault: str) -> None:
    """T1, T4, T6."""
    with pytest.raises(MalformedRequest) as caught:
        tree_of(text)

    assert str(caught.value).startswith("the body is not strict XML: ")
    assert fault in str(caught.value)
    assert caught.value.__cause__ is None


def test_as_many_levels_as_the_limit_says_are_read_and_written() -> None:
    text = "<a>" * (MAX_DEPTH - 1) + "<a/>" + "</a>" * (MAX_DEPTH - 1)

    assert rewritten(text) == text


@pytest.mark.parametrize("encoding", ["windows-1251", "UTF-16", "iso-8859-1", "utf-7"])
def test_a_declared_encoding_other_than_utf_8_is_refused(encoding: str) -> None:
    """T8."""
    with pytest.raises(UnsupportedMediaType):
        tree_of(f"<?xml version='1.0' encoding='{encoding}'?><a/>")


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_bytes_of_another_encoding_are_refused(charset: str) -> None:
    """T8."""
    with pytest.raises(MalformedRequest):
        read(TYPE, "<?xml version='1.0'?><a>т</a>".encode(charset))


@pytest.mark.parametrize(
    "text",
    [
        f"<a{SECRET}><b{SECRET}></a{SECRET}>",
        f"<a x{SECRET}='{SECRET}' x{SECRET}=''/>",
        f"<p{SECRET}:a/>",
        f"<a>&b{SECRET};</a>",
        f"<?b{SECRET} {SECRET}?><a/>",
        f"<!DOCTYPE a{SECRET}><a/>",
        f"<a>{SECRET}<b/></a>",
        f"<?xml version='1.0' encoding='x{SECRET}'?><a/>",
    ],
    ids=["tag", "attribute", "prefix", "entity", "instruction", "DTD", "mixed", "encoding"],
)
def test_an_error_never_says_a_name_or_a_value(text: str) -> None:
    """T86."""
    with pytest.raises(AdmissionError) as caught:
        tree_of(text)

    assert SECRET not in str(caught.value)


# ── writing ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><b/><c/><b>1</b></a>", "<a><b/><b>1</b><c/></a>"),
        ("<Счёт Номер='1'/>", '<Счёт Номер="1"/>'),
        ("<a x='&lt;&quot;&amp;&#10;&#9;&#13;>'>&lt;&amp;\"]]&gt;&#13;\n</a>",
         '<a x="&lt;&quot;&amp;&#10;&#9;&#13;&gt;">&lt;&amp;"]]&gt;&#13;\n</a>'),
        ("<a xmlns='urn:a'><b/></a>", '<a xmlns="urn:a"><b/></a>'),
        ("<p:a xmlns:p='urn:a'><p:b/></p:a>", '<ns1:a xmlns:ns1="urn:a"><ns1:b/></ns1:a>'),
        ("<a xmlns='urn:a'><b xmlns=''/></a>", '<ns1:a xmlns:ns1="urn:a"><b/></ns1:a>'),
        ("<a xmlns='urn:a' xmlns:p='urn:a' p:x='1'/>", '<a xmlns="urn:a" xmlns:ns1="urn:a" ns1:x="1"/>'),
        (f"<p:Envelope xmlns:p='{SOAP}'><p:Body/></p:Envelope>",
         f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body/></soap:Envelope>'),
        (f"<a xmlns:i='{XSI}' i:nil='true' xml:lang='kk'/>", f'<a xmlns:xsi="{XSI}" xsi:nil="true" xml:lang="kk"/>'),
    ],
    ids=["order", "Cyrillic", "escapes", "default", "prefix", "no namespace inside", "attribute", "soap", "xsi, xml"],
)  # fmt: skip
def test_a_tree_is_written_back_with_its_namespaces(text: str, expected: str) -> None:
    written = rewritten(text)

    assert written == expected
    assert tree_of(written) == tree_of(text)


def test_prefixes_and_namespaces_that_no_name_uses_do_not_leave() -> None:
    """Law 2: a prefix is text of the caller, and so is a declaration that nothing uses."""
    text = f"<p{SECRET}:a xmlns:p{SECRET}='urn:a' xmlns:q='urn:{SECRET}' xmlns='urn:d{SECRET}'/>"

    assert rewritten(text) == '<ns1:a xmlns:ns1="urn:a"/>'


def test_numbers_and_booleans_are_text_and_null_is_absent() -> None:
    tree: Node = {"a": {"@n": Number("5430.00"), "@no": None, "b": [{"#text": True}], "c": {"@x": "1"}, "d": None}}

    assert write(tree) == '<a n="5430.00"><b>true</b><c x="1"/></a>'


@pytest.mark.parametrize(
    "tree",
    [
        None,
        {},
        {"a": {}, "b": {}},
        ["a"],
        {"a": "text"},
        {"a": [{}]},
        {"a": {"b": ["text"]}},
        {"a": {"#text": "т", "b": [{}]}},
        {"a": {"@x": {}}},
        {"a": {"#text": []}},
        {"a><b": {}},
        {"a": {"@x='1' y": "1"}},
        {"a": {"": [{}]}},
        {"a": {"1": [{}]}},
        {"{urn:a}": {}},
        {"a": {"#text": "\x01"}},
        {"a": {"#text": "\ud800"}},
    ],
    ids=repr,
)
def test_what_xml_cannot_hold_is_not_written(tree: Node) -> None:
    with pytest.raises(MalformedRequest, match="what may leave cannot be written as XML"):
        write(tree)
