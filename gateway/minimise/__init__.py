"""Stage 3: build the disclosure from the map, field by field: keep, generalise, mask, scrub.

`compile_projection` turns the rules of a purpose map into one function, once; `minimise` runs it for a transfer, and
`minimise_answer` for what the recipient answers. What the map does not name is never copied, so it cannot leak.
"""

from gateway.minimise.answers import minimise_answer
from gateway.minimise.disclose import minimise
from gateway.minimise.projection import compile_projection

__all__ = ["compile_projection", "minimise", "minimise_answer"]
