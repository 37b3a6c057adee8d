"""Who is asking: the token of a caller, and whether operations may be shown.

Promises: a token is read from two headers and nowhere else; loopback is what the connection says, and a
header can only take it away. It must never trust `X-Forwarded-For`, `Forwarded` or `Host`.
"""

from __future__ import annotations

import hmac
import ipaddress

from flask import Request

from gateway.web.ports import WebSettings

_BEARER = "bearer "
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
    """The token of `Gateway-Token`, or of `Authorization: Bearer` where that is absent."""
    return request.environ.get("HTTP_GATEWAY_TOKEN") or bearer(request)


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer`."""
    stated: str = request.environ.get("HTTP_AUTHORIZATION", "")
    return stated[len(_BEARER) :].strip() if stated[: len(_BEARER)].lower() == _BEARER else None


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
