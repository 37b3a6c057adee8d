"""Who the peer must prove to be: one TLS context per recipient, made once.

Promises: TLS 1.2 or later, a certificate that chains to the recipient's own CA file (or, without one, to the roots of
the system) and names the host. It must never read REQUESTS_CA_BUNDLE, mix the system's roots into a CA file, or write
session keys because SSLKEYLOGFILE is set; so it is not made by `ssl.create_default_context`, which would.
"""

from __future__ import annotations

import ssl


def tls_context(ca_file: str | None, sslsocket_class: type[ssl.SSLSocket]) -> ssl.SSLContext:
    """A verifying context whose sockets are of the given class. Raises OSError where the CA file is of no use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    # Python asks OpenSSL to take an end without TLS's own closing for one: a cut answer would look whole.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    context.sslsocket_class = sslsocket_class
    if ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        context.load_verify_locations(cafile=ca_file)
    return context
