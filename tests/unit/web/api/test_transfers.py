from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from gateway.clock import Instant
from gateway.errors import LogUnavailable
from gateway.model import (
    Answer,
    CallerId,
    Cause,
    Failure,
    OutcomeCode,
    Projection,
    Protection,
    PurposeMap,
    RecipientKey,
    RefusedReason,
    Sent,
)
from gateway.web.problems import PROBLEMS, TYPE_PREFIX
from tests.unit.web.served import ASKED, NOTE, OTHER_TOKEN, TOKEN, FakeEntry, FakeRecord, Served, keep_ticket, post
from tests.values import purpose_map, recipient


def test_a_delivered_transfer_is_answered_with_its_account_and_the_recipients_answer() -> None:
    served = Served()

    answer = post(served)

    assert answer.status_code == 200
    told = answer.get_json()
    transfer_id = told.pop("transfer_id")
    assert answer.headers["Location"] == f"/v1/transfers/{transfer_id}"
    assert "Gateway-Problem" not in answer.headers
    assert "c2sp.org/tlog-proof@v1" in told["log"].pop("proof")
    assert told == {
        "outcome": "delivered",
        "released": [{"path": "ticket", "rule": "string"}],
        "withheld": [
            {"path": "~aaaaaaaaaa", "reason": "not_in_map"},
            {"path": "~b", "reason": "special_category"},
        ],
        "alarms": ["disability"],
        "findings": {"phone": 1},
        "log": {"index": 16, "checkpoint": NOTE.decode()},
        "answer": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"sum": 1.1, "n": 0}},
    }
    assert [sent.outcome for sent in served.recorder.outcomes] == [OutcomeCode.DELIVERED]


def test_the_recipients_numbers_reach_the_caller_in_their_own_digits() -> None:
    """Law 9."""
    answer = post(Served())

    assert b'"body":{"sum":1.10,"n":-0}' in answer.data


def test_the_proof_goes_to_the_caller_only_where_no_envelope_can_carry_it() -> None:
    sealed = recipient(protection=Protection.JWE, keys=(RecipientKey("kid", {}, None),))
    served = Served(maps=(purpose_map(project=keep_ticket, recipient=sealed),))

    log = post(served).get_json()["log"]

    assert set(log) == {"index", "checkpoint"}


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"a":[1]}', {"a": [1]}),
        ("application/vnd.api+json; charset=utf-8", b"[]", []),
        ("application/json", b'{"a":1,"a":2}', '{"a":1,"a":2}'),
        ("application/json", b"", None),
        ("text/plain", "принято".encode(), "принято"),
        ("text/plain", b'{"a":1}', '{"a":1}'),
        ("image/png", b"\x89PNG\xff", {"base64": "iVBOR/8="}),
        ("", b"ok", "ok"),
    ],
)
def test_an_answer_is_json_or_text_or_base64(content_type: str, body: bytes, expected: object) -> None:
    served = Served()
    headers = {"content-type": content_type} if content_type else {}
    served.wire.says = Sent(OutcomeCode.DELIVERED, None, 200, Answer(200, headers, body))

    answer = post(served).get_json()["answer"]

    assert answer["body"] == expected


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (Sent(OutcomeCode.REJECTED, None, 307, Answer(307, {}, b"")), 502, "recipient_rejected"),
        (Sent(OutcomeCode.REJECTED, None, 422, Answer(422, {}, b"no")), 502, "recipient_rejected"),
        (Sent(OutcomeCode.REJECTED, None, 500, Answer(500, {}, b"no")), 502, "recipient_rejected"),
        (Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE), 502, "recipient_unreachable"),
        (Sent(OutcomeCode.NOT_SENT, Cause.CONNECTION_LOST), 502, "recipient_unreachable"),
        (Sent(OutcomeCode.NOT_SENT), 502, "recipient_unreachable"),
        (Sent(OutcomeCode.NOT_SENT, Cause.TLS), 502, "recipient_tls"),
        (Sent(OutcomeCode.NOT_SENT, Cause.BUSY), 503, "recipient_busy"),
        (Sent(OutcomeCode.NOT_SENT, Cause.DEADLINE), 504, "deadline"),
        (Sent(OutcomeCode.NOT_SENT, Cause.REFUSED), 403, "no_longer_permitted"),
        (Sent(OutcomeCode.UNKNOWN, Cause.DEADLINE), 504, "deadline"),
        (Sent(OutcomeCode.UNKNOWN, Cause.CONNECTION_LOST), 504, "outcome_unknown"),
        (Sent(OutcomeCode.UNKNOWN, Cause.CRASH), 504, "outcome_unknown"),
        (Sent(OutcomeCode.UNKNOWN), 504, "outcome_unknown"),
        (Sent(OutcomeCode.UNKNOWN, Cause.ANSWER_MALFORMED), 502, "answer_malformed"),
        (Sent(OutcomeCode.DELIVERED, Cause.ANSWER_TOO_LARGE, 200, Answer(200, {}, b"")), 502, "answer_too_large"),
        (Sent(OutcomeCode.DELIVERED, Cause.CONNECTION_LOST, 200, Answer(200, {}, b"")), 502, "answer_malformed"),
        (Sent(OutcomeCode.DELIVERED, Cause.DEADLINE, 200, Answer(200, {}, b"")), 504, "deadline"),
    ],
)
def test_whose_failure_it_was_is_plain_in_status_and_code(sent: Sent, status: int, code: str) -> None:
    """T25, T30, T31."""
    served = Served()
    served.wire.says = sent

    answer = post(served)

    told = answer.get_json()
    assert (answer.status_code, answer.headers["Gateway-Problem"], told["code"]) == (status, code, code)
    assert answer.mimetype == "application/problem+json"
    assert told["outcome"] == sent.outcome
    assert told["log"]["index"] == 16
    assert told["instance"] == f"/v1/transfers/{told['transfer_id']}"
    assert told["released"] == [{"path": "ticket", "rule": "string"}]
    assert told.get("answer", {}).get("status") == sent.status
    assert ("Retry-After" in answer.headers) == (code == "recipient_busy")


def test_a_rejecting_recipients_answer_reaches_the_caller() -> None:
    served = Served()
    body = b'{"error":"no such ticket"}'
    served.wire.says = Sent(OutcomeCode.REJECTED, None, 404, Answer(404, {"content-type": "application/json"}, body))

    told = post(served).get_json()

    assert told["status"] == 502
    assert told["answer"]["status"] == 404
    assert told["answer"]["body"] == {"error": "no such ticket"}


def required(*failures: Failure) -> PurposeMap:
    def project(payload: object, conceal: object, whose: object) -> Projection:
        return Projection(None, (), (), (), {}, failures, ())

    return purpose_map(project=project)


def test_a_refusal_tells_what_to_change_and_where_it_stands_in_the_log() -> None:
    """Law 8."""
    served = Served(maps=(required(Failure("ticket.phone", RefusedReason.REQUIRED_INVALID, "phone")),))

    answer = post(served)

    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (422, "required_invalid")
    assert told["failures"] == [{"path": "ticket.phone", "reason": "required_invalid", "rule": "phone"}]
    assert told["log"] == {"index": 17}
    assert told["detail"].startswith("Correct the fields")
    assert served.wire.sent == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"recipient": "nobody"}, 422, "unknown_recipient"),
        ({"purpose": "marketing"}, 422, "unknown_purpose"),
        ({"basis": None}, 403, "basis_missing"),
    ],
)
def test_a_refusal_has_the_status_and_code_of_its_reason(change: dict[str, object], status: int, code: str) -> None:
    """T47."""
    served = Served()

    answer = post(served, {**ASKED, **change})

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (status, code)
    assert [refusal.reason for refusal in served.recorder.refusals] == [code]
    assert served.wire.sent == []


def test_a_caller_without_the_grant_is_refused() -> None:
    """T47."""
    answer = post(Served(), headers={"Gateway-Token": OTHER_TOKEN})

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (403, "not_granted")


def test_a_restricted_subject_is_refused() -> None:
    served = Served()
    served.recorder.refuse = RefusedReason.RESTRICTED

    answer = post(served)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (403, "restricted")
    assert served.wire.sent == []


@pytest.mark.parametrize("reason", RefusedReason)
def test_every_reason_has_a_problem_403_or_422(reason: RefusedReason) -> None:
    assert PROBLEMS[reason.value].status in (403, 422)


@pytest.mark.parametrize("asked", [ASKED, {**ASKED, "recipient": "nobody"}])
def test_a_log_that_cannot_be_written_is_503_and_nothing_is_sent(asked: dict[str, object]) -> None:
    """T67, law 3."""
    served = Served()
    served.recorder.unavailable = True

    answer = post(served, asked)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (503, "log_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert b"/var/secret" not in answer.data
    assert served.wire.sent == []


def test_a_log_that_fails_after_the_send_leaves_the_outcome_unknown_and_does_not_say_nothing_was_sent() -> None:
    """T63."""
    served = Served()
    served.recorder.outcome_fails = LogUnavailable("full")

    answer = post(served)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (504, "outcome_unknown")
    assert answer.get_json()["log"] == {"index": 16}


def test_a_defect_after_recording_is_500_with_the_transfers_id_and_without_its_cause() -> None:
    """T86."""
    served = Served()
    served.wire.says = RuntimeError("+77000000123")

    answer = post(served)

    told = answer.get_json()
    assert answer.status_code == 500
    assert set(told) == {"type", "title", "status", "code", "instance", "transfer_id", "log"}
    assert told["type"] == f"{TYPE_PREFIX}internal_error"
    assert b"77000000123" not in answer.data + served.lines.getvalue()
    (line, _) = served.diagnostics()
    assert (line["event"], line["exception"], line["transfer_id"]) == (
        "unexpected",
        "RuntimeError",
        told["transfer_id"],
    )
    assert line["frames"][-1].startswith("transfer.py:")


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Gateway-Token": ""}, None, 401, "unauthenticated"),
        ({"Gateway-Token": f"{TOKEN},{TOKEN}"}, None, 401, "unauthenticated"),
        ({"Gateway-Token": "wrong", "Content-Type": "text/xml"}, b"\xff", 401, "unauthenticated"),
        ({}, b"{", 400, "malformed_request"),
        ({}, b"[]", 400, "malformed_request"),
        ({"Content-Type": "text/xml"}, None, 415, "unsupported_media_type"),
        ({"Content-Type": "application/json, application/json"}, None, 415, "unsupported_media_type"),
        ({"Content-Type": "application/json; charset=utf-16"}, None, 415, "unsupported_media_type"),
        ({"Content-Encoding": "gzip"}, b"\x1f\x8b", 415, "unsupported_media_type"),
        ({"Content-Encoding": "identity"}, None, 415, "unsupported_media_type"),
        ({"Idempotency-Key": ""}, None, 400, "malformed_request"),
        ({"Idempotency-Key": "k" * 256}, None, 400, "malformed_request"),
        ({"Idempotency-Key": "ключ".encode().decode("latin-1")}, None, 400, "malformed_request"),
        ({"Idempotency-Key": "two words"}, None, 400, "malformed_request"),
        ({}, orjson.dumps({**ASKED, "delivery": "queue"}), 501, "not_supported_yet"),
        ({}, b" " * 4_097, 413, "payload_too_large"),
    ],
)
def test_what_is_no_transfer_is_a_problem_and_is_not_recorded(
    headers: dict[str, str], body: bytes | None, status: int, code: str
) -> None:
    """T8, T9, T10, T32."""
    served = Served()

    answer = post(served, headers=headers, data=body)

    told = answer.get_json()
    assert (answer.status_code, answer.headers["Gateway-Problem"], told["code"]) == (status, code, code)
    assert answer.mimetype == "application/problem+json"
    assert (status == 401) == ("WWW-Authenticate" in answer.headers)
    assert "transfer_id" not in told
    assert served.recorder.refusals == []
    assert served.wire.sent == []


def test_a_body_over_the_limit_is_refused_by_its_stated_length_before_it_is_read() -> None:
    """T6."""

    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    environ: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": "4098", "CONTENT_TYPE": "application/json"}

    answer = Served().ask().post("/v1/transfers", environ_overrides=environ, headers={"Gateway-Token": TOKEN})

    assert answer.status_code == 413


def test_a_body_of_no_stated_length_is_not_cut_off_and_taken() -> None:
    """T6, T19: werkzeug hands over the first bytes of a chunked body that is too long, as if they were all."""
    body = orjson.dumps(ASKED) + b" " * 5_000
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json"}
    served = Served()

    answer = served.ask().post("/v1/transfers", environ_overrides=environ, headers=headers)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (413, "payload_too_large")
    assert served.wire.sent == []


def test_a_bearer_token_is_taken_where_no_gateway_token_stands() -> None:
    answer = post(Served(), headers={"Gateway-Token": "", "Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200


def life_of(served: Served, transfer_id: str = "t-1") -> None:
    intent = FakeEntry(
        16,
        "intent",
        Instant(1_795_000_000_000_000),
        {
            "transfer": transfer_id,
            "recipient": "mc-primer-uk",
            "purpose": "service_request",
            "map": "ab" * 32,
            "attempt": 1,
            "released": {"ticket": {"text": "d1", "@x": "d2"}, "records": [{"a": "d3"}, {"a": "d4"}]},
        },
        {
            "caller": "backend",
            "subject": "PSEUDONYM",
            "sealed_subject": "SEALED",
            "basis": {"ref": "BASIS"},
            "withheld": {"not_in_map": ["~b"], "never": ["iin"]},
            "alarms": ["disability"],
        },
    )
    outcome = FakeEntry(18, "outcome", Instant(1_795_000_000_000_001), {"outcome": "delivered", "status": 200}, None)
    erased = FakeEntry(19, "outcome", Instant(1_795_000_000_000_001), None, None)
    served.store.found[transfer_id] = FakeRecord(CallerId("backend"), (intent, outcome, erased))


def test_a_caller_sees_the_life_of_its_own_transfer() -> None:
    served = Served()
    life_of(served)

    answer = served.ask().get("/v1/transfers/t-1", headers={"Gateway-Token": TOKEN})

    assert answer.status_code == 200
    assert answer.get_json() == {
        "transfer_id": "t-1",
        "entries": [
            {
                "index": 16,
                "kind": "intent",
                "at": "2026-11-18T11:06:40.000000Z",
                "recipient": "mc-primer-uk",
                "purpose": "service_request",
                "map": "ab" * 32,
                "attempt": 1,
                "released": ["ticket.text", 'ticket."@x"', "records[].a"],
                "withheld": [{"path": "~b", "reason": "not_in_map"}, {"path": "iin", "reason": "never"}],
                "alarms": ["disability"],
            },
            {
                "index": 18,
                "kind": "outcome",
                "at": "2026-11-18T11:06:40.000001Z",
                "outcome": "delivered",
                "status": 200,
            },
            {"index": 19, "kind": "outcome", "at": "2026-11-18T11:06:40.000001Z"},
        ],
    }


def test_another_callers_transfer_cannot_be_told_from_one_that_never_was() -> None:
    """T48."""
    served = Served()
    life_of(served)
    client = served.ask()
    headers = {"Gateway-Token": OTHER_TOKEN}

    others, unknown = (client.get(f"/v1/transfers/{name}", headers=headers) for name in ("t-1", "t-2"))

    assert (others.status_code, unknown.status_code) == (404, 404)
    assert others.data == unknown.data
    assert list(others.headers) == list(unknown.headers)


def test_no_transfer_is_shown_without_a_token() -> None:
    served = Served()
    life_of(served)

    answer = served.ask().get("/v1/transfers/t-1")

    assert answer.status_code == 401


class Unread(io.RawIOBase):
    """A body that must not be waited for."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise AssertionError("the body was read")


def test_a_stranger_is_answered_before_a_byte_of_the_body_is_waited_for() -> None:
    """T30, from the other side: slow bodies of strangers may not hold a thread."""
    headers = {"Gateway-Token": "gw_x_" + "y" * 43, "Content-Type": "application/json"}
    overrides = {"wsgi.input": io.BufferedReader(Unread()), "CONTENT_LENGTH": "1000"}
    answer = Served().ask().post("/v1/transfers", headers=headers, environ_overrides=overrides)

    assert answer.status_code == 401


class Stream:
    """A body that comes as told, and says how it was read."""

    def __init__(self, comes: bytes | OSError) -> None:
        self.comes = comes
        self.reads: list[int] = []

    def read(self, size: int = -1) -> bytes:
        self.reads.append(size)
        if isinstance(self.comes, OSError):
            raise self.comes
        return self.comes[:size]


def post_stream(served: Served, stream: Stream, stated: int) -> TestResponse:
    headers = {"Gateway-Token": TOKEN, "Content-Type": "application/json"}
    overrides = {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(stated)}
    return served.ask().post("/v1/transfers", headers=headers, environ_overrides=overrides)


def test_a_body_is_read_once_by_its_stated_length() -> None:
    stream = Stream(orjson.dumps(ASKED))

    answer = post_stream(Served(), stream, len(orjson.dumps(ASKED)))

    assert answer.status_code == 200
    assert stream.reads == [len(orjson.dumps(ASKED))]


@pytest.mark.parametrize("comes", [orjson.dumps(ASKED), b"", ConnectionResetError()])
def test_a_body_that_ends_before_its_stated_length_is_no_transfer(comes: bytes | OSError) -> None:
    served = Served()

    answer = post_stream(served, Stream(comes), len(orjson.dumps(ASKED)) + 1)

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (400, "malformed_request")
    assert answer.get_json()["detail"] == "the body ended before its Content-Length"
    assert served.wire.sent == []
