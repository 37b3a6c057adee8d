"""Free text: recognisers that find what must not leave, and the scrub that replaces it."""

from gateway.minimise.text.encoded import carries_document, carries_encoded
from gateway.minimise.text.findings import Finding, Recogniser
from gateway.minimise.text.hidden import carries_identifier
from gateway.minimise.text.scrub import IDENTIFIERS, Scrubbed, compile_scrub, registry

__all__ = [
    "IDENTIFIERS",
    "Finding",
    "Recogniser",
    "Scrubbed",
    "carries_document",
    "carries_encoded",
    "carries_identifier",
    "compile_scrub",
    "registry",
]
