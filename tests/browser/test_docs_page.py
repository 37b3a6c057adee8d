"""The page of `/docs` in a real browser, Debian's Chromium: under its policy, in light and dark, wide and narrow.

Where there is no browser, `make system` installs one; the test does not pass over its absence.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from gateway.web import create_app
from gateway.web.problems import PROBLEMS
from tests.unit.web.served import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 740}}
ENOUGH = 4.5  # contrast of text, WCAG 2.2 section 1.4.3
CONTRASTS = """() => {
  const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const channel = (value) => linear(value / 255);
  const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (one) => { for (; one; one = one.parentElement) {
    const found = numbers(getComputedStyle(one).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
  const seen = [];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || one.closest('.skip, .here')) continue;
    const pair = [light(numbers(getComputedStyle(one).color)), light(ground(one))].sort((a, b) => b - a);
    seen.push([(pair[0] + 0.05) / (pair[1] + 0.05), one.tagName + '.' + one.className]);
  }
  return seen;
}"""


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's signature
        """Nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    served = Served()
    server = make_server("127.0.0.1", 0, create_app(served, diagnostics_to=served.lines), True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    options: dict[str, Any] = {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as found:
        yield found


class Seen:
    """A page of the browser, and all that it complained of or loaded."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.said: list[str] = []
        self.loaded: list[Response] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("response", lambda response: self.loaded.append(response))  # noqa: PLW0108 -- marks what it is given


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_browser_has_nothing_to_complain_of_and_loads_the_page_and_its_style(
    browser: Browser, address: str, scripts: Any
) -> None:
    """T82: a strict policy, and the page looks as it should under it."""
    seen = Seen(browser, java_script_enabled=scripts)

    seen.page.goto(f"{address}/docs")

    assert seen.said == []
    assert [(one.url.removeprefix(address), one.status) for one in seen.loaded] == [
        ("/docs", 200),
        ("/docs/style.css", 200),
    ]
    assert seen.page.title().startswith("Gateway v1")
    assert seen.page.locator("article").count() > 10
    assert seen.page.locator("h1").is_visible()


def test_the_policy_stops_what_the_page_does_not_hold(browser: Browser, address: str) -> None:
    """T82: a script, a style or an image that got in all the same would not run, apply or load."""
    seen = Seen(browser)
    seen.page.goto(f"{address}/docs")

    seen.page.evaluate(
        """() => { for (const [tag, inside] of [['script', 'window.ran = true'], ['style', 'body { color: red }']]) {
          const one = document.createElement(tag); one.textContent = inside; document.head.append(one); }
          const image = document.createElement('img'); image.src = '/healthz'; document.body.append(image);
          document.body.insertAdjacentHTML('beforeend', '<svg onload="window.ran = true"></svg>'); }"""
    )
    seen.page.wait_for_timeout(200)

    assert seen.page.evaluate("window.ran") is None
    assert seen.page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
    assert [one.url for one in seen.loaded if "healthz" in one.url] == []
    assert len([text for text in seen.said if "Content Security Policy" in text]) >= 3


@pytest.mark.parametrize("size", SIZES)
def test_no_part_of_the_page_is_wider_than_the_window(browser: Browser, address: str, size: str) -> None:
    page = browser.new_page(viewport=SIZES[size])  # type: ignore[arg-type]  # two numbers by name

    page.goto(f"{address}/docs")

    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, address: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme)

    page.goto(f"{address}/docs#{min(PROBLEMS)}")

    found = page.evaluate(CONTRASTS)
    assert len(found) > 500
    assert [pair for pair in found if pair[0] < ENOUGH] == []


def test_light_and_dark_are_what_the_reader_asked_for(browser: Browser, address: str) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(f"{address}/docs")
        grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert grounds == {"light": "rgb(253, 253, 251)", "dark": "rgb(20, 23, 26)"}


def test_the_address_of_a_code_leads_to_it(browser: Browser, address: str) -> None:
    page = browser.new_page()

    page.goto(f"{address}/docs#not_granted")

    top = page.evaluate("document.getElementById('not_granted').getBoundingClientRect().top")
    assert 0 <= top < 200
    assert page.evaluate("document.querySelector(':target').id") == "not_granted"


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/docs")

    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    after = page.evaluate("document.activeElement.closest('main') !== null")

    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert (first, after, outline) == ("skip", True, "solid")
