from __future__ import annotations

import re
import shlex
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import orjson
import pytest

from gateway.web.api.page import groups, ink, steps, write_page
from gateway.web.problems import PROBLEMS
from tests.unit.web.served import Served

VOID = {"meta", "link", "wbr", "br", "hr"}
HOSTILE = "<svg onload=alert(1)>\"'`<b>`&"


class Page(HTMLParser):
    """What stands on a page; what is not closed in its order is a fault."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if len(dict(attrs)) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes another")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, attribute: str) -> list[str]:
        return [value for _tag, attributes in self.tags if (value := attributes.get(attribute)) is not None]


@cache
def tree() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(Served().ask().get("/openapi.json").data)
    return found


@cache
def page() -> Page:
    return Page(write_page(tree()).decode("utf-8"))


def test_the_page_is_well_formed_and_no_id_stands_twice() -> None:
    ids = page().all("id")

    assert page().faults == []
    assert [one for one in set(ids) if ids.count(one) > 1] == []


def test_the_page_holds_no_script_no_style_and_nothing_from_elsewhere() -> None:
    """T82."""
    allowed = {"html", "head", "meta", "title", "link", "body", "a", "nav", "p", "small", "ul", "li", "span", "wbr"}
    allowed |= {"main", "header", "h1", "h2", "h3", "h4", "code", "pre", "section", "article", "div", "table", "thead"}
    allowed |= {"tbody", "tr", "th", "td", "strong", "dl", "dt", "dd", "details", "summary", "footer"}

    attributes = {name for _tag, found in page().tags for name in found}
    assert {tag for tag, _ in page().tags} <= allowed
    assert [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}] == []
    assert [to for to in page().all("href") if re.match("#|/docs/style.css$|/openapi.json$", to) is None] == []


def test_every_link_on_the_page_leads_to_a_place_on_it() -> None:
    places = set(page().all("id"))

    assert [to for to in page().all("href") if to.startswith("#") and to[1:] not in places] == []


def test_every_heading_is_one_step_below_the_last_at_most() -> None:
    steps_down = [int(tag[1]) for tag, _ in page().tags if re.fullmatch("h[1-6]", tag)]

    assert steps_down[0] == 1
    assert steps_down.count(1) == 1
    assert [pair for pair in pairwise(steps_down) if pair[1] > pair[0] + 1] == []


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_code_has_its_place_and_its_title(code: str) -> None:
    assert code in page().all("id")
    assert PROBLEMS[code].title + "." in page().text


def test_every_route_and_method_has_its_place() -> None:
    told = {(method, route.path) for group in groups(tree()) for route in group.routes for method in route.methods}

    assert told == {
        (method.upper(), path)
        for path, item in tree()["paths"].items()
        for method in item
        if method in {"get", "put", "post", "patch", "delete"}
    }


def test_methods_that_are_described_alike_stand_together() -> None:
    proxy = [route for group in groups(tree()) for route in group.routes if "/v1/proxy/" in route.path]

    assert [route.methods for route in proxy] == [("GET", "PUT", "POST", "DELETE", "PATCH")]


def test_every_command_is_one_that_a_shell_reads() -> None:
    commands = [route.curl for group in groups(tree()) for route in group.routes]

    for command in commands:
        words = shlex.split(command.replace("\\\n", ""))
        assert words[0] == "curl"
        assert sum(word.startswith("$GATEWAY/") for word in words) == 1
        for body in [words[place + 1] for place, word in enumerate(words) if word == "--data-binary"]:
            assert [type(orjson.loads(line)) for line in _documents(body)]


def _documents(body: str) -> list[str]:
    """A JSON document, or the lines of NDJSON."""
    return body.splitlines() if body.endswith("\n") else [body]


def test_a_hostile_text_is_text() -> None:
    """T82: no text of the description becomes an element."""
    hostile = orjson.loads(orjson.dumps(tree()))
    hostile["info"]["title"] = HOSTILE
    hostile["info"]["description"] = HOSTILE
    for tag in hostile["tags"]:
        tag["description"] = HOSTILE
    operation = hostile["paths"]["/v1/transfers"]["post"]
    operation |= {"summary": HOSTILE, "description": HOSTILE}
    operation["requestBody"]["content"]["application/json"]["example"] = {HOSTILE: HOSTILE}
    operation["responses"]["200"] |= {"description": HOSTILE}
    operation["responses"]["200"]["content"]["application/json"]["example"] = HOSTILE
    hostile["components"]["schemas"]["Transfer"]["properties"][HOSTILE] = {"type": HOSTILE, "description": HOSTILE}

    made = Page(write_page(hostile).decode("utf-8"))

    assert made.faults == []
    assert {tag for tag, _ in made.tags} == {tag for tag, _ in page().tags}
    assert not {"onload", "alert(1)"} & {name for _tag, found in made.tags for name in found}


def test_words_are_code_and_codes_lead_to_their_place() -> None:
    assert ink("say `kind`, not `not_granted` <b>") == (
        'say <code>kind</code>, not <a href="#not_granted"><code>not_granted</code></a> &lt;b&gt;'
    )


def test_a_path_may_be_broken_after_each_step() -> None:
    assert steps("/v1/<x>") == "/<wbr>v1/<wbr>&lt;x&gt;"
