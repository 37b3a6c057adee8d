from __future__ import annotations

from tests.unit.web.served import NOTE, Served


def test_the_signing_keys_are_published_and_may_be_kept_for_a_while() -> None:
    answer = Served().ask().get("/.well-known/jwks.json")

    assert answer.get_json() == {"keys": [{"kty": "EC", "kid": "k1"}]}
    assert answer.mimetype == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_the_newest_checkpoint_is_the_note_byte_for_byte() -> None:
    answer = Served().ask().get("/v1/log/checkpoint")

    assert answer.data == NOTE
    assert answer.content_type == "text/plain; charset=utf-8"


def test_an_empty_log_has_no_checkpoint() -> None:
    served = Served()
    served.store.note = None

    answer = served.ask().get("/v1/log/checkpoint")

    assert (answer.status_code, answer.get_json()["detail"]) == (404, "the transfer log is empty")


def test_a_log_that_cannot_be_read_is_503() -> None:
    served = Served()
    served.store.unavailable = True

    answer = served.ask().get("/v1/log/checkpoint")

    assert (answer.status_code, answer.headers["Gateway-Problem"]) == (503, "log_unavailable")
