"""`gateway map try`, behind the command: the payload as it was given, and its verdict told to people.

Promises: what the options state is read as the proxy reads it, by the same code; record formats get a verdict for each
record. It shows the values that would leave, because that is what was asked for, and sends and records nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.admission.preview import Part, Parts, read_parts, read_route
from gateway.cli.terminal import out, pretty, table
from gateway.cli.verdict import StatedSets, told, try_part
from gateway.errors import ConfigError, MalformedRequest
from gateway.model import Call, Disclosure, Proxied, PurposeId, PurposeMap, RecipientId, Refused, Snapshot

_SHOWN_MOST: Final = 50
_JSON: Final = "application/json"
_CHARSET = re.compile(r"charset=\"?([A-Za-z0-9-]+)")
_TERMINAL_CODES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What `map try` was asked."""

    snapshot: Snapshot
    recipient: str
    purpose: str
    content_type: str
    subject: str | None
    route: str | None = None  # `POST /v2/orders/7`
    query: tuple[str, ...] = ()  # each `a=b`
    headers: tuple[str, ...] = ()  # each `name: value`
    sets: StatedSets = field(default_factory=StatedSets)

    def read(self, payload: bytes) -> Parts:
        """The payload, whole and by its records. Raises ConfigError for the options, AdmissionError for the payload."""
        call = Call(None, self.content_type, payload)
        return read_parts(call, self._asked(), self._declared)

    def judge(self, part: Part) -> Disclosure | Refused:
        """What would become of it."""
        return try_part(self.snapshot, self.recipient, self.purpose, part, self.subject, in_set=self.sets)

    @property
    def _declared(self) -> PurposeMap | None:
        return self.snapshot.maps.get((RecipientId(self.recipient), PurposeId(self.purpose)))

    def _asked(self) -> Proxied:
        method, path, query = self._way()
        return Proxied(
            recipient=self.recipient,
            purpose=self.purpose,
            method=method,
            path=path,
            query="&".join(part for part in (query, *self.query) if part),
            headers=dict(map(_header, self.headers)),
            subject=None,
            basis=None,
        )

    def _way(self) -> tuple[str, str, str]:
        """The stated route; where only a query or headers are stated, the one that the recipient's file declares."""
        if self.route is not None:
            try:
                return read_route(self.route)
            except MalformedRequest as error:
                raise ConfigError([f"--route: {error}"]) from None
        declared = self._declared
        if declared is None or not (self.query or self.headers):
            return "POST", "", ""
        if len(declared.routes) != 1 or "{" in declared.route.path:
            raise ConfigError(
                ["--query and --header need --route: there are several, or it holds a field"],
                hint="there are: " + ", ".join(f"{one.method} {one.path}" for one in declared.routes),
            )
        return declared.route.method, declared.route.path, ""


def verdict_of(
    result: Disclosure | Refused, *, with_body: bool, assumed: Collection[str] = frozenset()
) -> dict[str, Any]:
    """The verdict for programs, with the text that would leave where it was asked for, and the sets it assumes."""
    verdict = {**told(result), **({"assumed_sets": sorted(assumed)} if assumed else {})}
    if not with_body:
        return verdict
    left = result if isinstance(result, Disclosure) else None
    return {
        **verdict,
        "content_type": None if left is None else left.media_type,
        "body": None if left is None else body_text(left),
    }


def tell_assumed(names: Collection[str]) -> None:
    """Which kept sets a verdict takes for granted, to a person."""
    for name in sorted(names):
        out.print(f"[yellow]assumed[/] the kept set {name} holds whatever it was asked for; --scope {name}=… states it")


def body_text(disclosure: Disclosure) -> str:
    """The body that would leave, as text."""
    charset = _CHARSET.search(disclosure.media_type)
    return disclosure.body.decode(charset[1] if charset else "utf-8")


def tell(result: Disclosure | Refused) -> None:
    """One verdict, to a person."""
    verdict = told(result)
    _tell_decision(result)
    for failure in verdict["failures"]:
        out.print(f"  {failure['path']}: {failure['reason']} ({failure['rule']})", markup=False)
    if isinstance(result, Disclosure):
        out.print(pretty(verdict["disclosure"]), markup=False)
        _tell_body(result)
    for group_name, key in (("released", "rule"), ("withheld", "reason")):
        out.print(f"\n[bold]{group_name}[/]")
        for item in verdict[group_name]:
            out.print(f"  {item['path']:<44} {item[key]}", markup=False)


def tell_records(results: list[Disclosure | Refused], whole: Disclosure | Refused) -> None:
    """The verdicts on records, to a person: a line each, how many of each kind, and what one body of them would be."""
    rows = [_row(number, result) for number, result in enumerate(results[:_SHOWN_MOST], 1)]
    table(["record", "decision", "released", "withheld", "why"], rows, empty="There are no records.")
    if len(results) > _SHOWN_MOST:
        out.print(f"… and {len(results) - _SHOWN_MOST} more")
    permitted = sum(1 for result in results if isinstance(result, Disclosure))
    out.print(f"\n{permitted} of {len(results)} records permitted; sent as one body:")
    _tell_decision(whole)
    if isinstance(whole, Disclosure):
        _tell_body(whole)


def _tell_decision(result: Disclosure | Refused) -> None:
    if isinstance(result, Disclosure):
        out.print("[bold green]permitted[/]")
    else:
        out.print(f"[bold red]refused[/] {result.reason.value}")


def _tell_body(disclosure: Disclosure) -> None:
    if disclosure.media_type.partition(";")[0] != _JSON:
        out.print(f"\n[bold]the body[/] {disclosure.media_type}")
        out.print(_TERMINAL_CODES.sub("�", body_text(disclosure).replace("\r\n", "\n")), markup=False)


def _row(number: int, result: Disclosure | Refused) -> list[str]:
    if isinstance(result, Disclosure):
        why = ", ".join(f"{one.path} {one.reason.value}" for one in result.withheld)
        return [str(number), "permitted", str(len(result.released)), str(len(result.withheld)), why]
    why = ", ".join(f"{one.path} {one.reason.value} ({one.rule})" for one in result.failures)
    return [str(number), "refused", "0", str(len(result.withheld)), f"{result.reason.value} {why}".strip()]


def _header(stated: str) -> tuple[str, str]:
    name, colon, value = stated.partition(":")
    if not colon or not name.strip():
        raise ConfigError(["--header: expected 'name: value'"])
    return name.strip().lower(), value.strip()
