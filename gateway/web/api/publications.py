"""What the gateway publishes to anyone: its signing keys and the newest checkpoint of its transfer log.

Promises: nothing here says anything about a person, or needs a token. It must never show an entry.
"""

from __future__ import annotations

from typing import Final

import orjson
from flask_smorest import Blueprint

from gateway.web.api import examples
from gateway.web.api.declare import declare
from gateway.web.api.described import LOG, Access, Described
from gateway.web.application import Reply
from gateway.web.ports import Served
from gateway.web.problems import problem
from gateway.web.schemas import JwksSchema

JWKS_SECONDS: Final = 300


def blueprint(served: Served) -> Blueprint:
    """The routes of what is public."""
    routes = Blueprint("publications", __name__, description="Signing keys and checkpoints")
    jwks = orjson.dumps(served.keyring.public_jwks())  # keys change with a restart

    def get_jwks() -> Reply:
        """Our signing keys, as a JWK Set."""
        reply = Reply(jwks, content_type="application/jwk-set+json")
        reply.caching = f"public, max-age={JWKS_SECONDS}"
        return reply

    def get_checkpoint() -> Reply:
        """The newest signed checkpoint of the transfer log (C2SP)."""
        note = served.store.entries.newest_checkpoint()
        if note is None:
            return problem("not_found", "the transfer log is empty")
        return Reply(note, content_type="text/plain; charset=utf-8")

    declare(
        routes,
        "GET",
        "/.well-known/jwks.json",
        get_jwks,
        answer=JwksSchema,
        content_type="application/jwk-set+json",
        told=Described(Access.PUBLIC, problems=(), done="The keys", answered=examples.JWKS),
    )
    declare(
        routes,
        "GET",
        "/v1/log/checkpoint",
        get_checkpoint,
        answer={"type": "string"},
        content_type="text/plain",
        told=Described(Access.PUBLIC, problems=("not_found", *LOG), done="The note", answered=examples.CHECKPOINT),
    )
    return routes
