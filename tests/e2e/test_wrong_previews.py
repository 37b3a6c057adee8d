"""What callers get wrong when they ask first: `POST /v1/preview` says what the transfer would be told.

A request that is none is a problem under the same code; a refusal is an answer, with the reason that the transfer would
be refused for. Through a real `gateway serve`: nothing of it is recorded, and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import SubjectId
from tests.e2e.attacked import ABOUT, BASIS, ORDER, PURPOSE, TYPES, Attacked, attacked, one_line

BLOCKED = "usr_blocked"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("previews")) as found:
        yield found


PROBLEMS: dict[str, tuple[int, str, dict[str, str]]] = {
    "no token": (401, "unauthenticated", {"Gateway-Token": ""}),
    "a token of nobody": (401, "unauthenticated", {"Gateway-Token": "gw_nobody_x"}),
    "a purpose without a recipient": (400, "malformed_request", {"Gateway-Recipient": ""}),
    "a recipient without a purpose": (400, "malformed_request", {"Gateway-Purpose": ""}),
    "neither of them": (400, "malformed_request", {"Gateway-Recipient": "", "Gateway-Purpose": ""}),
    "no subject": (400, "malformed_request", {"Gateway-Subject": ""}),
    "a subject that is a person's": (400, "malformed_request", {"Gateway-Subject": "900101100103"}),
    "a basis that is none": (400, "malformed_request", {"Gateway-Basis": "yes"}),
    "a route that is none": (400, "malformed_request", {"Gateway-Route": "orders"}),
    "a route that is not declared": (404, "unknown_route", {"Gateway-Route": "POST /v2/others"}),
    "a route of another method": (404, "unknown_route", {"Gateway-Route": "PUT /v2/orders"}),
    "a content type that nobody parses": (415, "unsupported_media_type", {"Content-Type": "image/png"}),
    "no content type": (415, "unsupported_media_type", {"Content-Type": ""}),
    "a compressed body": (415, "unsupported_media_type", {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_no_preview_has_its_code(running: Attacked, name: str) -> None:
    """T9."""
    status, code, headers = PROBLEMS[name]
    before = running.state

    answer = running.preview("form", one_line("form"), **headers)

    assert running.expect_wrong(answer, status, code, before)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_preview_is_posted(running: Attacked, method: str) -> None:
    before = running.state

    answer = running.served.call(method, "/v1/preview")

    assert running.expect_wrong(answer, 405, "method_not_allowed", before)


@pytest.mark.parametrize("kind", TYPES)
def test_a_preview_over_the_limit_is_not_read(running: Attacked, kind: str) -> None:
    """T6."""
    before = running.state

    assert running.expect_wrong(running.preview(kind, b" " * ((1 << 20) + 1)), 413, "payload_too_large", before)


def test_ten_thousand_records_at_once_and_no_more(running: Attacked) -> None:
    """T6: their verdicts are longer than they are."""
    before = running.state

    answer = running.preview("ndjson", b'{"number":"A-1"}\n' * 10_001)

    assert running.expect_wrong(answer, 413, "payload_too_large", before)


WORST = orjson.dumps({"order": {"number": "A-1", "criminal_record": "canary"}})
VERDICTS: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "a recipient of no map": ("unknown_recipient", "json", one_line("json"), {"Gateway-Recipient": "at-nobody"}),
    "a purpose that it has not": ("unknown_purpose", "json", one_line("json"), {"Gateway-Purpose": "marketing"}),
    "a recipient without a grant": ("not_granted", "json", one_line("json"), {"Gateway-Recipient": "at-ungranted"}),
    "no basis": ("basis_missing", "json", one_line("json"), {"Gateway-Basis": ""}),
    "a required field missing": ("required_missing", "json", b'{"order":{"label":"x"}}', {}),
    "a required field that is wrong": ("required_invalid", "json", b'{"order":{"number":"900101100103"}}', {}),
    "a special category set to refuse": ("special_category", "json", WORST, {}),
    "a person whom it does not serve": ("out_of_scope", "scoped", one_line("json"), {}),
    "a person who is blocked": ("restricted", "json", one_line("json"), {"Gateway-Subject": BLOCKED}),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_what_would_be_refused_is_shown_as_refused(running: Attacked, name: str) -> None:
    """The reason is the one of the transfer itself, which is asked for afterwards; the preview is in no log."""
    reason, who, body, headers = VERDICTS[name]
    _block(running)
    before = running.state

    status, _headers, raw = running.preview(who, body, **headers)

    told: dict[str, Any] = orjson.loads(raw)
    assert (status, told["decision"], told["reason"], told["disclosure"]) == (200, "refused", reason, None)
    assert told["released"] == []
    assert running.state == before
    asked = headers.get("Gateway-Recipient", f"at-{who}"), headers.get("Gateway-Purpose", PURPOSE)
    stated = {**ABOUT, **{name: value for name, value in headers.items() if name in ABOUT}}
    answer = running.served.call("POST", "/v1/proxy/{}/{}/v2/orders".format(*asked), body, stated)
    running.expect_wrong(answer, answer[0], reason, before)
    assert answer[0] in (403, 422)


def _block(running: Attacked) -> None:
    keyring = running.deployment.keyring
    store = open_store(running.deployment.settings, keyring, SystemClock())
    store.restrictions.block(keyring.log_pseudonym(SubjectId(BLOCKED)), SystemClock().now())
    store.close()


def test_a_preview_shows_what_then_leaves(running: Attacked) -> None:
    """Or what is wrong above would be wrong for another reason."""
    body = orjson.dumps({"order": {"number": "A-1", "iin": "900101100103"}})

    shown = orjson.loads(running.preview("json", body, **{"Gateway-Basis": BASIS})[2])
    sent = running.ask("json", body)

    assert (shown["decision"], shown["disclosure"], sent[0], running.last) == ("permitted", ORDER, 200, ORDER)
