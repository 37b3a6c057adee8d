"""The sandbox of a recipient's file, read: the only addresses that invented payloads may be tried against.

Promises: https only, an address that two readers take for one place, and never the host that transfers go to; a
misspelt key is a problem. It must never hold a secret: a sandbox has its own, `GATEWAY_SECRET_SANDBOX_<NAME>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from gateway.model import Sandbox, Signer, SignerKind
from gateway.purpose.yaml_files import Report

SECRET_PREFIX = "sandbox_"  # noqa: S105 -- the prefix of a secret's name
_KEYS = ("base_urls", "token_url")
_AT = "sandbox"


def read_sandbox(
    given: Mapping[str, Sequence[str]] | None,
    base_url: str,
    signer: Signer | None,
    is_address: Callable[[str], bool],
    report: Report,
) -> Sandbox | None:
    """The sandbox as a recipient's file states it; None where it states none."""
    if given is None:
        return None
    for name in given.keys() - set(_KEYS):
        report((_AT, name), f"unknown key; expected one of {', '.join(_KEYS)}")
    base_urls, tokens = tuple(given.get("base_urls", ())), tuple(given.get("token_url", ()))
    if not base_urls:
        report((_AT,), "expected base_urls: at least one address of the sandbox")
    if len(tokens) > 1:
        report((_AT, "token_url"), "expected one address")
    wants_token = signer is not None and signer.kind is SignerKind.OAUTH2
    if wants_token is not bool(tokens):
        said = "expected where the sandbox gives its tokens" if wants_token else "expected only beside signer oauth2"
        report((_AT, "token_url"), said)
    ours = {_host(base_url)} | ({_host(signer.token_url)} if signer is not None and signer.token_url else set())
    for name, addresses in (("base_urls", base_urls), ("token_url", tokens)):
        for address in addresses:
            if not is_address(address):
                report((_AT, name), "expected https://host[:port][/path], without user, query or a slash at the end")
            elif _host(address) in ours:
                report((_AT, name), "expected another host than the one that transfers go to")
    return Sandbox(base_urls, tokens[0] if tokens else "")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:  # which is reported where it stands
        return ""
