"""What schemathesis must be told to send a body of NDJSON: its text, as it is."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """The text of a body; of what is no text, as Python writes it."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
