"""Who is asking: the token of a caller, and whether operations may be shown.

Promises: a token is read from two headers and nowhere else, and from one of them alone; loopback is what the connection
says, and a header can only take it away. It must never trust `X-Forwarded-For`, `Forwarded` or `Host`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress

from flask import Request

from gateway.web.ports import WebSettings

_BEARER = "bearer "
_BASIC = "basic "
_BEHIND = "~"
_OURS = "gw_"  # how every token of a caller begins
_FORWARDED = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
    "True-Client-Ip",
)


def caller_token(request: Request) -> str | None:
    """The token of `Gateway-Token`, or of `Authorization` where that is absent; None where they hold two callers'.

    Libraries of recipients let one set a header, a bearer token, or a login and password. What `Authorization` holds
    beside our own header is the recipient's affair, unless it is another caller's token: who asks would be a guess.
    """
    environ = request.environ
    own: str | None = environ.get("HTTP_GATEWAY_TOKEN")
    if not own:
        return _stated(environ.get("HTTP_AUTHORIZATION", ""))
    if "HTTP_AUTHORIZATION" not in environ:
        return own
    other = _stated(environ["HTTP_AUTHORIZATION"])
    return None if other is not None and other.startswith(_OURS) and other != own else own


def token_and_subject(request: Request) -> tuple[str | None, str | None]:
    """The token, and the subject behind it after a `~`: for libraries that let one set a token and nothing else.

    No token and no subject holds that sign (RFC 7235 lets it stand in a token).
    """
    token, behind, subject = (caller_token(request) or "").partition(_BEHIND)
    return token or None, subject if behind else None


def _stated(authorization: str) -> str | None:
    """The token of `Bearer`, or the password of `Basic` (RFC 7617) under any login."""
    token = _after(_BEARER, authorization)
    if token is not None:
        return token
    credentials = _after(_BASIC, authorization)
    return None if credentials is None else _password(credentials)


def _after(scheme: str, authorization: str) -> str | None:
    return authorization[len(scheme) :].strip() if authorization[: len(scheme)].lower() == scheme else None


def _password(credentials: str) -> str | None:
    try:
        text = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    _login, colon, password = text.partition(":")
    return password if colon else None


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer`."""
    stated: str = request.environ.get("HTTP_AUTHORIZATION", "")
    return _after(_BEARER, stated)


def may_see_operations(request: Request, settings: WebSettings) -> bool:
    """Whether metrics and the detail of readiness may be shown: on loopback, or to who holds the metrics token.

    What a proxy on this machine forwards comes from loopback too, and from anyone: it is held to the token.
    """
    token, expected = bearer(request), settings.metrics_token
    if token and expected and hmac.compare_digest(token.encode("utf-8"), expected.encode("utf-8")):
        return True
    if settings.tls_terminated:
        return False  # a proxy stands in front: whoever it speaks for comes from loopback
    return _is_loopback(request.remote_addr) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback
