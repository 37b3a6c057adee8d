"""Stage 7: the only place in the house that opens a way to the outside.

    Envelope → Transport.send → Sent

Read in this order: `sending` (the one call), `channel` (one recipient: its limit, its outcomes), `pool` (what is used
of requests and urllib3), `request` (what leaves), `answer` and `intake` (what is taken in), `connection` (sockets that
keep a total deadline), `lookup` and `tls`.

Promises: nothing leaves that the log has no receipt for; what leaves is the envelope's bytes, a fixed set of headers
and nothing from the environment; whatever a recipient or the network does ends in one `Sent`, in time and in bounded
memory. It must never follow a redirect, keep a cookie, decode an answer, or log or raise what a recipient said.
"""

from gateway.transport.sending import Transport

__all__ = ["Transport"]
