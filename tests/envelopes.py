"""Envelopes for tests of what comes after sealing, made without the rooms that come before it."""

from __future__ import annotations

import base64
import hashlib

from gateway.canonical import Node, write
from gateway.clock import Clock, Instant, SystemClock
from gateway.model import (
    Admitted,
    Caller,
    CallerId,
    Credentials,
    Disclosure,
    Entry,
    Envelope,
    MapVersion,
    Opening,
    Permitted,
    Projection,
    Protection,
    PurposeId,
    PurposeMap,
    Receipt,
    Recipient,
    RecipientId,
    Recorded,
    Retention,
    Route,
    SubjectId,
    TransferId,
)

TRANSFER_ID = TransferId("01890a5d-ac96-774b-bcce-b302099a8057")
ROUTE = Route("POST", "/v1/requests")
BODY = b'{"ticket":{"text":"\xd0\xbb\xd0\xb8\xd1\x84\xd1\x82"}}'


def recipient_at(
    base_url: str,
    ca_file: str | None,
    *,
    recipient_id: str = "mc-test",
    credentials: Credentials | None = None,
    in_flight: int = 16,
) -> Recipient:
    """A recipient whose API stands at `base_url`."""
    return Recipient(
        id=RecipientId(recipient_id),
        recipient_class="managing_company",
        title={"en": "A recipient of a test"},
        bin="991140999988",
        country="KZ",
        storage_country="KZ",
        base_url=base_url,
        protection=Protection.JWE,
        credentials=credentials,
        ca_file=ca_file,
        in_flight=in_flight,
    )


def receipt_at(index: int, size: int) -> Receipt:
    """What the log gives back for entry `index` of a tree of `size` leaves; its proof proves nothing."""
    entry = Entry(b"{}", Opening(bytes(16), b"{}"), Opening(bytes(16), b"{}"))
    root = base64.b64encode(bytes(32)).decode()
    return Receipt(index, entry, (), size, f"log.test.example\n{size}\n{root}\n\n— log.test.example AAAA\n".encode())


def envelope_for(
    recipient: Recipient,
    *,
    route: Route = ROUTE,
    body: bytes = BODY,
    content_type: str = "application/jose",
    transfer_id: str = TRANSFER_ID,
    seconds: float = 10.0,
    receipt: Receipt | None = None,
    clock: Clock | None = None,
) -> Envelope:
    """A valid envelope for that recipient, whose deadline is `seconds` away."""
    clock = clock or SystemClock()
    purpose = PurposeId("service_request")
    now = clock.now()
    admitted = Admitted(
        transfer_id=TransferId(transfer_id),
        caller=Caller(CallerId("billing"), frozenset({(recipient.id, purpose)})),
        recipient=recipient.id,
        purpose=purpose,
        subject=SubjectId("res_8f2c"),
        basis=None,
        payload={},
        received_at=now,
    )
    purpose_map = PurposeMap(
        recipient=recipient,
        purpose=purpose,
        version=MapVersion("0" * 64),
        policy_clause="5",
        bases=frozenset(),
        retention=Retention(years=1),
        route=route,
        fields=(),
        project=_project_nothing,
    )
    disclosure = Disclosure(
        permitted=Permitted(admitted, purpose_map, "0" * 64),
        data={},
        body=body,
        media_type="application/json",
        write=write,
        released=(),
        withheld=(),
        alarms=(),
        findings={},
    )
    recorded = Recorded(
        disclosure=disclosure,
        attempt=1,
        receipt=receipt or receipt_at(17, 18),
        fields_key=bytes(32),
        deadline_at=Instant(now + int(seconds * 1_000_000)),
        deadline=clock.monotonic() + seconds,
    )
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    return Envelope(recorded, content_type, body, digest, route, route.path)


def _project_nothing(_payload: Node, _conceal: object, _whose: object = None, /) -> Projection:
    return Projection({}, (), (), (), {}, (), ())
