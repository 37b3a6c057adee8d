"""Stages 4 and 8: what is written down before anything leaves, and how that is proven.

`entry` and `digests` build what is recorded, `record` hands it to the log, `tree`, `checkpoint` and `proof` make the
log provable (RFC 6962, C2SP), `verify` checks it without the rest of the house. The log itself, durable and shared,
stands behind `record.TransferLog`; nothing here opens a file, a socket or a database.
"""
