"""The naive gateway: the same job as a competent team would write it in a day. What ours is measured against.

Honest, not sabotaged: schemas, keys, tokens and the recipient's address are read once per process; connections are
kept alive in one pooled Session; the log is durable before the send. It leaves out what a day has no room for
(proofs, a tree, erasure, strict parsing, deadlines), so it does rather less than ours.

Run by gunicorn: `gunicorn -k gthread -w 2 --threads 16 'benchmarks.naive.app:create_app()'`, with NAIVE_CONFIG
naming a JSON file (see `benchmarks/theirs.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import uuid
from typing import Any

import requests
from flask import Flask, Response, jsonify, request
from marshmallow import ValidationError
from requests.adapters import HTTPAdapter

from benchmarks.naive.record import Records
from benchmarks.naive.schemas import DUMPERS, LOADERS, TRANSFER
from benchmarks.naive.sealing import Sealer

_POOL = 32  # more than the threads of one process, so that no connection is thrown away
_TIMEOUT_SECONDS = 10
_HTTP_OK = range(200, 300)


def create_app() -> Flask:
    """The application of one worker process."""
    config = json.loads(pathlib.Path(os.environ["NAIVE_CONFIG"]).read_text())  # noqa: TID251 - as a team would
    app = Flask("naive")
    gateway = NaiveGateway(config)
    app.add_url_rule("/v1/transfers", view_func=gateway.transfer, methods=["POST"])
    return app


def paths(node: Any, prefix: str = "") -> list[str]:
    """The paths of all leaves, array places left out."""
    if isinstance(node, dict):
        return [path for key, value in node.items() for path in paths(value, f"{prefix}.{key}" if prefix else key)]
    if isinstance(node, list):
        return [path for value in node for path in paths(value, f"{prefix}[]")]
    return [prefix]


class NaiveGateway:
    """Everything that a worker process keeps between requests, and the one view."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._callers: dict[str, str] = config["callers"]  # SHA-256 of the token: caller
        self._grants = {tuple(grant) for grant in config["grants"]}
        self._recipients: dict[str, dict[str, Any]] = config["recipients"]
        self._sealers = {
            name: Sealer(config["issuer"], config["signing_key"], recipient["key"], config["secret"].encode())
            for name, recipient in self._recipients.items()
        }
        self._outcomes: bool = config["record_outcomes"]
        self._records = Records(config["database"])
        self._session = requests.Session()  # noqa: TID251 - as a team would in a day
        self._session.mount("https://", HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL))
        self._session.verify = config["ca_file"]

    def transfer(self) -> tuple[Response, int]:
        """Authenticate, check the grant, validate, minimise, log, seal, send, log, reply."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = self._callers.get(hashlib.sha256(token.encode()).hexdigest())
        if caller is None:
            return jsonify(error="unauthenticated"), 401
        try:
            asked = TRANSFER.load(request.get_json())
            recipient, purpose = asked["recipient"], asked["purpose"]
            if (caller, recipient, purpose) not in self._grants:
                return jsonify(error="not granted"), 403
            disclosure = DUMPERS[purpose].dump(LOADERS[purpose].load(asked["payload"]))
        except ValidationError as error:
            return jsonify(error="invalid", fields=error.messages), 422

        transfer_id = str(uuid.uuid4())
        released = paths(disclosure)
        withheld = sorted(set(paths(asked["payload"])).difference(released))
        record_id = self._records.write(
            "intent",
            transfer_id,
            {
                "caller": caller,
                "recipient": recipient,
                "purpose": purpose,
                "subject": hashlib.sha256(asked["subject"].encode()).hexdigest(),
                "basis": {**asked["basis"], "given_at": asked["basis"]["given_at"].isoformat()},
                "released": released,
                "withheld": withheld,
            },
        )

        envelope = self._sealers[recipient].seal(transfer_id, recipient, purpose, asked["subject"], disclosure)
        answer = self._session.post(
            self._recipients[recipient]["url"],
            data=envelope,
            headers={"Content-Type": "application/jose", "Idempotency-Key": transfer_id},
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if self._outcomes:
            digest = hashlib.sha256(envelope.encode()).hexdigest()
            self._records.write("outcome", transfer_id, {"status": answer.status_code, "envelope": digest})

        reply = jsonify(
            transfer_id=transfer_id,
            record=record_id,
            released=released,
            withheld=withheld,
            answer={"status": answer.status_code, "body": answer.json()},
        )
        return reply, 200 if answer.status_code in _HTTP_OK else 502
