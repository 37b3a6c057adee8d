"""Recorded traffic (HAR 1.2): the requests to one API, their routes, bodies and queries, and its answers."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gateway.canonical import Node, Step
from gateway.errors import AdmissionError, ConfigError
from gateway.formats import read
from gateway.purpose.drafted.seen import Leaf, see
from gateway.purpose.drafted.traffic import Traffic, named

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SUCCESS = re.compile(r"2[0-9]{2}\Z")


def read_har(entries: list[Any], traffic: Traffic, route: str | None) -> None:
    """Add what `entries` show of the API at the traffic's address, or at the host that most of them go to.

    Raises ConfigError where no request of theirs goes there.
    """
    requests = [entry for entry in entries if isinstance(entry, dict) and _url(entry) is not None]
    if traffic.base_url is None:
        traffic.base_url = _most_common(requests)
    if traffic.base_url is None or not _is_address(traffic.base_url):
        raise ConfigError(["expected requests to an https address"])
    mine = [(entry, path) for entry in requests for path in _below(str(_url(entry)), traffic.base_url)]
    for entry, path in mine:
        _add(entry, path, traffic, route)
    if not mine:
        raise ConfigError(["expected requests below the base URL"])


def _add(entry: Mapping[str, Any], path: str, traffic: Traffic, route: str | None) -> None:
    request = entry["request"]
    method = str(request.get("method"))
    told, values = named([unquote(segment) for segment in path.split("/") if segment])
    if method not in _METHODS or (route is not None and route != f"{method} {told}"):
        return
    traffic.routes[method, told] += 1
    for at, value in values:
        traffic.outside.setdefault(at, Leaf(at)).see(value)
    for name, value in parse_qsl(urlsplit(str(_url(entry))).query, keep_blank_values=True):
        see({name: value}, traffic.outside, (Step("query"),))
    for media_type, tree in _body(request.get("postData")):
        traffic.media_types.append(media_type)
        see(tree, traffic.bodies)
    response = entry.get("response")
    if isinstance(response, dict) and _SUCCESS.match(str(response.get("status"))):
        for _, tree in _body(response.get("content")):
            see(tree, traffic.answers)


def _body(told: object) -> Iterator[tuple[str, Node]]:
    """The media type and the tree of a body; none where it is of a format that is not read."""
    if not isinstance(told, dict) or not isinstance(text := told.get("text"), str) or not text:
        return
    content_type = str(told.get("mimeType") or "")
    try:
        raw = base64.b64decode(text, validate=True) if told.get("encoding") == "base64" else text.encode("utf-8")
        found = read(content_type, raw)
    except (AdmissionError, binascii.Error):
        return
    yield content_type.partition(";")[0].strip().lower(), found.tree


def _url(entry: Mapping[str, Any]) -> str | None:
    request = entry.get("request")
    url = request.get("url") if isinstance(request, dict) else None
    return str(url) if isinstance(url, str) and _is_address(url) else None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc)


def _most_common(requests: Sequence[Mapping[str, Any]]) -> str | None:
    hosts = Counter(f"https://{urlsplit(str(_url(entry))).netloc.rpartition('@')[2]}" for entry in requests)
    return hosts.most_common(1)[0][0] if hosts else None


def _below(url: str, base_url: str) -> Iterator[str]:
    parts, base = urlsplit(url), urlsplit(base_url)
    prefix = base.path.rstrip("/") + "/"
    if parts.netloc.rpartition("@")[2] == base.netloc and parts.path.startswith(prefix):
        yield parts.path[len(prefix) - 1 :]
