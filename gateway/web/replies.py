"""What a caller is told about its transfer: delivered, failed on the way, refused, or its life so far.

Promises: fields are named by path, reason and rule, unknown names concealed as the stages concealed them; the only
values in a reply are the recipient's own answer. Whose failure it was is plain in status and code. It must never
repeat a value of the payload.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from gateway.canonical import Json, Node, key_text, write
from gateway.clock import iso
from gateway.errors import MalformedRequest
from gateway.formats.strict_json import parse
from gateway.model import (
    Answer,
    Attempted,
    Cause,
    Declined,
    OutcomeCode,
    Protection,
    Receipt,
    Recorded,
    RefusedReason,
    Sent,
    Withheld,
    WithheldReason,
)
from gateway.transfer_log.proof import write_proof
from gateway.web.application import Reply
from gateway.web.ports import EntryView, TransferView
from gateway.web.problems import problem

_JSON = re.compile(r"\s*application/(?:[\w.+-]+\+)?json\s*(?:;|\Z)", re.IGNORECASE)
_TOLD: Final = ("recipient", "purpose", "map", "attempt", "outcome", "cause", "status", "reason")

_WITHHELD: Final = {reason: reason.value for reason in WithheldReason}  # a look at `.value` is a call, for each field
_BY_OUTCOME: Final = {OutcomeCode.REJECTED: "recipient_rejected", OutcomeCode.NOT_SENT: "recipient_unreachable"}
_BY_CAUSE: Final = {
    Cause.UNREACHABLE: "recipient_unreachable",
    Cause.TLS: "recipient_tls",
    Cause.BUSY: "recipient_busy",
    Cause.CREDENTIALS: "recipient_credentials",
    Cause.DEADLINE: "deadline",
    Cause.REFUSED: "no_longer_permitted",
    Cause.ANSWER_TOO_LARGE: "answer_too_large",
    Cause.ANSWER_MALFORMED: "answer_malformed",
    Cause.CRASH: "outcome_unknown",
}

_WHAT_TO_CHANGE: Final = {
    RefusedReason.UNKNOWN_RECIPIENT: "Name a recipient that has a file among the purpose maps.",
    RefusedReason.UNKNOWN_PURPOSE: "Name a purpose that the recipient's file lists.",
    RefusedReason.NOT_GRANTED: "An operator can grant the caller this recipient and purpose.",
    RefusedReason.EMPTY_MAP: "Nothing in the payload may leave; compare its paths with `gateway map show`.",
    RefusedReason.REQUIRED_MISSING: "Send the fields that `failures` names.",
    RefusedReason.REQUIRED_INVALID: "Correct the fields that `failures` names, by the rule that stands beside each.",
    RefusedReason.SPECIAL_CATEGORY: "Leave out the fields whose groups `alarms` names; they may not be sent at all.",
    RefusedReason.KEY_UNUSABLE: "The recipient must give a new public key before anything can be sealed to it.",
    RefusedReason.RESTRICTED: "The person's data may not be disclosed now; do not send it another way.",
    RefusedReason.BASIS_MISSING: "State a basis of a kind that the map accepts: kind, ref and given_at.",
    RefusedReason.OUT_OF_SCOPE: "The recipient does not serve this person; choose one that does.",
}


def delivered(attempted: Attempted) -> Reply:
    """The recipient took it: 200, with the account of what left and the recipient's answer."""
    recorded = attempted.recorded
    transfer_id = recorded.disclosure.permitted.admitted.transfer_id
    told = {
        "transfer_id": transfer_id,
        "outcome": attempted.sent.outcome.value,
        **_account(recorded),
        "log": _log(recorded),
        "answer": _answer(attempted.sent.answer),
    }
    answer = Reply(write(cast("Node", told)), content_type="application/json")
    answer.headers.add("Location", f"/v1/transfers/{transfer_id}")
    return answer


def failed(attempted: Attempted) -> Reply:
    """The attempt ended otherwise: a problem that says whose failure it was, with the recipient's answer if any."""
    sent, recorded = attempted.sent, attempted.recorded
    members: dict[str, object] = {"outcome": sent.outcome.value}
    if sent.cause is not None:
        members["cause"] = sent.cause.value
    members |= _account(recorded) | {"log": _log(recorded)}
    if sent.answer is not None and sent.cause is None:
        members["answer"] = _answer(sent.answer)
    elif sent.status is not None:
        members["answer"] = {"status": sent.status}
    return problem(failure_code(sent), members=members)


def failure_code(sent: Sent) -> str:
    """The problem that an attempt which was not plainly delivered ended in."""
    if sent.cause is None:
        return _BY_OUTCOME.get(sent.outcome, "outcome_unknown")
    if sent.cause is not Cause.CONNECTION_LOST:
        return _BY_CAUSE[sent.cause]
    if sent.outcome is OutcomeCode.NOT_SENT:
        return "recipient_unreachable"
    return "outcome_unknown" if sent.status is None else "answer_malformed"


def refused(declined: Declined) -> Reply:
    """The transfer was refused: a problem with the reason, and what to change."""
    refusal = declined.refused
    members: dict[str, object] = {
        "failures": [
            {"path": failure.path, "reason": failure.reason.value, "rule": failure.rule} for failure in refusal.failures
        ],
        "withheld": _withheld(refusal.withheld),
        "alarms": list(refusal.alarms),
    }
    return problem(refusal.reason.value, _WHAT_TO_CHANGE[refusal.reason], members)


def life(transfer_id: str, found: TransferView) -> Reply:
    """A transfer's life so far, entry by entry."""
    told = {"transfer_id": transfer_id, "entries": [_entry(entry) for entry in found.entries]}
    return Reply(write(cast("Node", told)), content_type="application/json")


def _account(recorded: Recorded) -> dict[str, object]:
    disclosure = recorded.disclosure
    return {
        "released": [{"path": field.path, "rule": field.rule} for field in disclosure.released],
        "withheld": _withheld(disclosure.withheld),
        "alarms": list(disclosure.alarms),
        "findings": dict(disclosure.findings),
    }


def _withheld(fields: tuple[Withheld, ...]) -> list[dict[str, str]]:
    told = [{"path": field.path, "reason": _WITHHELD[field.reason]} for field in fields]
    for line, field in zip(told, fields, strict=True):
        if field.rule is not None:  # few have one
            line["rule"] = field.rule
    return told


def _log(recorded: Recorded) -> dict[str, object]:
    """Where it stands; under `protection: tls` no envelope can carry the proof, so the caller gets it."""
    receipt: Receipt = recorded.receipt
    log: dict[str, object] = {"index": receipt.index, "checkpoint": receipt.checkpoint.decode("utf-8")}
    if recorded.disclosure.permitted.map.recipient.protection is Protection.TLS:
        log["proof"] = write_proof(receipt.index, receipt.proof, receipt.checkpoint)
    return log


def _answer(answer: Answer | None) -> dict[str, object] | None:
    if answer is None:
        return None
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _answer_body(answer.headers.get("content-type", ""), answer.body),
    }


def _answer_body(content_type: str, body: bytes) -> Node:
    """JSON where it is strict JSON, with its own digits; else text where it is UTF-8; else base64."""
    if not body:
        return None
    if _JSON.match(content_type):
        try:
            return parse(body)
        except MalformedRequest:
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _entry(entry: EntryView) -> dict[str, object]:
    """One entry; what was erased is not there."""
    shared, private = entry.shared or {}, entry.private or {}
    told: dict[str, object] = {"index": entry.index, "kind": entry.kind, "at": iso(entry.at)}
    told |= {name: shared[name] for name in _TOLD if name in shared}
    if "released" in shared:
        told["released"] = list(dict.fromkeys(_paths(shared["released"])))
    withheld = private.get("withheld")
    if isinstance(withheld, Mapping):
        told["withheld"] = [
            {"path": path, "reason": reason}
            for reason, paths in withheld.items()
            for path in (paths if isinstance(paths, list) else ())
        ]
    return told | {name: private[name] for name in ("alarms", "findings", "failures") if name in private}


def _paths(tree: Json, path: str = "") -> Iterator[str]:
    """The field paths of a digest tree: its own shape, with a digest in the place of each value."""
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from _paths(item, f"{path}.{key_text(key)}" if path else key_text(key))
    elif isinstance(tree, list):
        for item in tree:
            yield from _paths(item, f"{path}[]")
    else:
        yield path
