"""Ids and closed lists: the words of DESIGN section 4 that code may use, and no others.

A reason, outcome or cause that stands in an entry, a reply or a metric is one of these and never free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

CallerId = NewType("CallerId", str)
RecipientId = NewType("RecipientId", str)
PurposeId = NewType("PurposeId", str)
SubjectId = NewType("SubjectId", str)
TransferId = NewType("TransferId", str)
MapVersion = NewType("MapVersion", str)
"""64 hex digits: SHA-256 of the canonical compiled form of one (recipient, purpose); people see the first 12."""
LogPseudonym = NewType("LogPseudonym", str)
"""HMAC of a subject under the index key: names a person inside the log only."""


class WithheldReason(StrEnum):
    """Why a field of the payload stayed home."""

    NOT_IN_MAP = "not_in_map"
    NEVER = "never"
    SPECIAL_CATEGORY = "special_category"
    CONDITION = "condition"
    BAD_VALUE = "bad_value"
    OVER_LIMIT = "over_limit"
    OTHER_SUBJECT = "other_subject"  # an item of an array that is about someone else
    NARROWED = "narrowed"


class Location(StrEnum):
    """The part of a request that carries a field: the first key of every path, where not all stand in the body."""

    BODY = "body"
    PATH = "path"
    QUERY = "query"
    HEADER = "header"


class RefusedReason(StrEnum):
    """Why a whole transfer was refused."""

    UNKNOWN_RECIPIENT = "unknown_recipient"
    UNKNOWN_PURPOSE = "unknown_purpose"
    NOT_GRANTED = "not_granted"
    EMPTY_MAP = "empty_map"
    REQUIRED_MISSING = "required_missing"
    REQUIRED_INVALID = "required_invalid"
    SPECIAL_CATEGORY = "special_category"
    KEY_UNUSABLE = "key_unusable"
    RESTRICTED = "restricted"
    BASIS_MISSING = "basis_missing"
    OUT_OF_SCOPE = "out_of_scope"


class OutcomeCode(StrEnum):
    """How one attempt ended; exactly one for each attempt."""

    DELIVERED = "delivered"  # the recipient answered 2xx
    REJECTED = "rejected"  # the recipient answered anything else
    NOT_SENT = "not_sent"  # not one byte of the envelope left
    UNKNOWN = "unknown"  # bytes may have left, and no whole answer tells what became of them


class Cause(StrEnum):
    """What stood behind an outcome that is not a plain answer."""

    UNREACHABLE = "unreachable"  # no connection: refused, no route, name not found
    TLS = "tls"  # the peer is not who it should be, or speaks too old a TLS
    BUSY = "busy"  # the recipient's in-flight limit held until the deadline
    DEADLINE = "deadline"
    CONNECTION_LOST = "connection_lost"
    ANSWER_MALFORMED = "answer_malformed"
    ANSWER_TOO_LARGE = "answer_too_large"
    CREDENTIALS = "credentials"  # the recipient's server of tokens gave none
    REFUSED = "refused"  # asked again before the send, the answer was no
    CRASH = "crash"  # the process that held the attempt is gone


class BasisKind(StrEnum):
    """The legal basis that a caller states."""

    CONSENT = "consent"
    OBLIGATION = "obligation"


class TextMode(StrEnum):
    """What becomes of free text in one map; the least strict first."""

    SCRUB = "scrub"  # it leaves without what the recognisers find
    TEMPLATE = "template"  # it stays; the map's own text leaves in its place
    DROP = "drop"  # it stays


class FieldType(StrEnum):
    """What a value must be before it may leave (law 6)."""

    TEXT = "text"  # what people write; scrubbed
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    PERIOD = "period"  # YYYY-MM
    SHARE = "share"  # a/b
    AREA = "area"  # square metres
    POSTAL_INDEX = "postal_index"  # six digits, or the newer seven signs
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"


class Transform(StrEnum):
    """How a value is made less than it was (`as` in a map)."""

    E164 = "e164"
    LOWER = "lower"
    DATE_ONLY = "date_only"
    YEAR = "year"
    MONTH = "month"  # YYYY-MM
    INITIAL = "initial"
    GIVEN_AND_INITIAL = "given_and_initial"
    MASK = "mask"  # the first letter or digit, and as many stars as hide the length
    LAST_FOUR = "last_four"
    PSEUDONYM = "pseudonym"  # the subject's, of this recipient, whatever the value was
    GENERIC = "generic"  # a text of the map's in its place
    TEMPLATE = "template"


class Protection(StrEnum):
    """What guards the payload on its way to a recipient."""

    JWE = "jwe"
    TLS = "tls"


class Suite(StrEnum):
    """Signature and encryption of an envelope, fixed per recipient (DESIGN 6.4)."""

    P256 = "p256"  # ES256, ECDH-ES on P-256, A256GCM
    OKP = "okp"  # Ed25519, ECDH-ES on X25519, A256GCM


class SignerKind(StrEnum):
    """How a recipient's protocol wants to see that a request is ours: added last, to what is left (law 11)."""

    BEARER = "bearer"
    BASIC = "basic"
    API_KEY = "api_key"
    HMAC = "hmac"  # over the bytes of the body
    OAUTH2 = "oauth2"  # client credentials; the token is the transport's to fetch, keep and add
    FREEDOMPAY = "freedompay"  # pg_salt and pg_sig among the fields
    ROBOKASSA = "robokassa"  # SignatureValue among the fields
    CLOUDPAYMENTS = "cloudpayments"  # Basic, and the transfer id as X-Request-ID


class Digest(StrEnum):
    """The hash of a signature whose protocol leaves the choice."""

    MD5 = "md5"  # Robokassa's oldest; no HMAC takes it
    SHA256 = "sha256"
    SHA512 = "sha512"


class Direction(StrEnum):
    """Which way a transfer goes: we ask the recipient, or the recipient asked us and this is its answer (law 12)."""

    REQUEST = "request"
    ANSWER = "answer"


class Standing(StrEnum):
    """How a transfer stands whose `Idempotency-Key` came again."""

    KEPT = "kept"  # it ended, and what its caller was told comes again
    UNDER_WAY = "under_way"  # it has no outcome yet
    UNKNOWN = "unknown"  # it ended without anyone who could tell how: its process died
    ERASED = "erased"  # it ended, and its key was destroyed, and with it the answer
    ANOTHER = "another"  # it is that of another request


class EntryKind(StrEnum):
    """What a log entry stands for."""

    INTENT = "intent"
    OUTCOME = "outcome"
    REFUSAL = "refusal"


TAKES: Final[Mapping[Transform, frozenset[FieldType]]] = MappingProxyType(
    {
        Transform.E164: frozenset({FieldType.PHONE}),
        Transform.LOWER: frozenset({FieldType.EMAIL, FieldType.STRING}),
        Transform.DATE_ONLY: frozenset({FieldType.DATE, FieldType.DATETIME}),
        Transform.YEAR: frozenset({FieldType.DATE, FieldType.DATETIME, FieldType.PERIOD}),
        Transform.MONTH: frozenset({FieldType.DATE, FieldType.DATETIME, FieldType.PERIOD}),
        Transform.INITIAL: frozenset({FieldType.STRING}),
        Transform.MASK: frozenset({FieldType.STRING, FieldType.PHONE, FieldType.EMAIL}),
        Transform.LAST_FOUR: frozenset({FieldType.STRING, FieldType.PHONE}),
        Transform.PSEUDONYM: frozenset({FieldType.STRING}),
        Transform.GENERIC: frozenset({FieldType.STRING}),
        Transform.GIVEN_AND_INITIAL: frozenset({FieldType.STRING}),
        Transform.TEMPLATE: frozenset({FieldType.STRING}),
    }
)
"""Which types a transform takes: maps are checked and compiled by the same table."""

SIGNER_SECRETS: Final[Mapping[SignerKind, frozenset[str]]] = MappingProxyType(
    {
        SignerKind.BEARER: frozenset({"token"}),
        SignerKind.BASIC: frozenset({"login", "password"}),
        SignerKind.API_KEY: frozenset({"key"}),
        SignerKind.HMAC: frozenset({"key"}),
        SignerKind.OAUTH2: frozenset({"client_id", "client_secret"}),
        SignerKind.FREEDOMPAY: frozenset({"secret_key"}),
        SignerKind.ROBOKASSA: frozenset({"password1"}),
        SignerKind.CLOUDPAYMENTS: frozenset({"public_id", "api_secret"}),
    }
)
"""The secrets that each kind of signer needs: a recipient's file gives each the name under which settings hold it."""

RESERVED_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "gateway-token",
        "host",
        "idempotency-key",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers of a request that are ours to set: no recipient's credentials may stand in them."""
