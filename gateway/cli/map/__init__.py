"""`gateway map`: look at the purpose maps, check them, try one on a payload; most of it without a database or keys.

One file per command: `check`, `show`, `try_`, `explain`, `schema`, `draft`; what they share is in `group`.
"""

from __future__ import annotations

from gateway.cli.map import advise, check, draft, explain, schema, show, shrink, try_
from gateway.cli.map.group import group

__all__ = ["advise", "check", "draft", "explain", "group", "schema", "show", "shrink", "try_"]
