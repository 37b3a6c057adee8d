"""The database: the only room that knows SQLAlchemy, Core and never the ORM.

It implements what the stages ask for (`log` is their `TransferLog`, `callers.lookup` admission's directory) and gives
the rest of the house what it reads. Any failure of the database is a LogUnavailable.
"""

from __future__ import annotations

from gateway.storage.kept_sets import KeptSet
from gateway.storage.observations import Counted, day_of
from gateway.storage.observer import Observer
from gateway.storage.store import Store

__all__ = ["Counted", "KeptSet", "Observer", "Store", "day_of"]
