"""What was observed of previews, counted: per day, caller, recipient and purpose, one row for each fact.

Promises: counts of several processes add up; rows are bounded, and what is beyond is counted as `more` (T57); days
that are over their time are deleted. It holds facts (`gateway.minimise.observed`), and must never see a payload.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from gateway.clock import MICROSECONDS, Instant
from gateway.minimise.observed import DETAIL_MOST, PATH_MOST, Fact, FactKind, Group, Told
from gateway.storage import tables
from gateway.storage.database import Database
from gateway.storage.log import LOCK_HEAD

GROUP_ROWS_MOST: Final = 2_000
ROWS_MOST: Final = 200_000
_DAY: Final = 86_400 * MICROSECONDS
_AT_ONCE: Final = 200  # rows of one transaction: transfers wait for it

_MORE: Final = Fact("", FactKind.MORE, "")
_table = tables.observation
_keys = (_table.c.day, _table.c.caller, _table.c.recipient, _table.c.purpose)
_names = ("the_day", "the_caller", "the_recipient", "the_purpose")
_of_group = [column == bindparam(name) for column, name in zip(_keys, _names, strict=True)]

FACTS_OF = select(_table.c.path, _table.c.fact, _table.c.detail).where(*_of_group)
ADD = insert(_table)
RAISE = (
    update(_table)
    .where(
        *_of_group,
        _table.c.path == bindparam("the_path"),
        _table.c.fact == bindparam("the_fact"),
        _table.c.detail == bindparam("the_detail"),
    )
    .values(times=_table.c.times + bindparam("more"))
)
ROWS = select(func.count()).select_from(_table)
DROP_BEFORE = delete(_table).where(_table.c.day < bindparam("first_kept"))
FORGET = delete(_table)
COUNTED = (
    select(
        *_keys[1:],
        _table.c.path,
        _table.c.fact,
        _table.c.detail,
        func.sum(_table.c.times).label("total"),
        func.min(_table.c.day).label("first"),
        func.max(_table.c.day).label("last"),
    )
    .where(_table.c.day >= bindparam("since"))
    .group_by(*_keys[1:], _table.c.path, _table.c.fact, _table.c.detail)
    .order_by(*_keys[1:], _table.c.path, _table.c.fact, _table.c.detail)
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often one fact was met, from its first day to its last."""

    group: Group
    fact: Fact
    count: int
    first_day: int
    last_day: int


def day_of(at: Instant) -> int:
    """The day (UTC) of an instant, counted from 1970-01-01."""
    return at // _DAY


class Observations:
    """The counts of one database. Every method raises LogUnavailable where the database cannot be used."""

    def __init__(self, database: Database, *, group_rows: int = GROUP_ROWS_MOST, rows: int = ROWS_MOST) -> None:
        self._database = database
        self._group_rows = group_rows
        self._rows = rows

    def add(self, day: int, group: Group, counts: Sequence[tuple[Fact, int]]) -> None:
        """Add to the counts of one day and group, all of them or none."""
        with self._database.write() as connection:
            connection.execute(LOCK_HEAD)  # processes stand in a queue: no row is made twice
            self._add(connection, day, group, counts)

    def counted(self, since_day: int) -> list[Counted]:
        """Every fact since a day, over all days, in the order of groups and paths."""
        with self._database.read() as connection:
            return [_told(row) for row in connection.execute(COUNTED, {"since": since_day})]

    def drop_before(self, day: int) -> None:
        """Delete the days before this one."""
        with self._database.write() as connection:
            connection.execute(DROP_BEFORE, {"first_kept": day})

    def forget(self) -> int:
        """Delete everything that was observed; how many rows there were."""
        with self._database.write() as connection:
            return int(connection.execute(FORGET).rowcount)

    def _add(self, connection: Connection, day: int, group: Group, counts: Sequence[tuple[Fact, int]]) -> None:
        named = dict(zip(_names, (day, *group), strict=True))
        there = {Fact(path, FactKind(kind), detail) for path, kind, detail in connection.execute(FACTS_OF, named)}
        totals = dict(counts)
        new = [fact for fact in totals if fact not in there and fact != _MORE]
        if new:
            room = min(self._group_rows - len(there), self._rows - int(connection.execute(ROWS).scalar_one()))
            beyond = sum(totals.pop(fact) for fact in _beyond(new, there, room, self._group_rows // 4))
            if beyond:
                totals[_MORE] = totals.get(_MORE, 0) + beyond
        known = [{**named, **_bound(fact), "more": count} for fact, count in totals.items() if fact in there]
        added = [_row(day, group, fact, count) for fact, count in totals.items() if fact not in there]
        if known:
            connection.execute(RAISE, known)
        if added:
            connection.execute(ADD, added)


def slices(counts: Mapping[Told, int]) -> list[list[tuple[Fact, int]]]:
    """What is counted of one group, in parts for one transaction each."""
    # Cut to their columns: a row that one database refuses would come back with every write.
    every = [
        (Fact(path[:PATH_MOST], kind, detail[:DETAIL_MOST]), count) for (path, kind, detail), count in counts.items()
    ]
    return [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]


def _beyond(new: Sequence[Fact], there: Collection[Fact], room: int, digests: int) -> Iterator[Fact]:
    """The facts for which there is no room; those whose path holds a digest must not drive out the others."""
    digests -= sum(_is_digest(fact) for fact in there)
    for fact in sorted(new, key=_is_digest):
        room -= 1
        digests -= _is_digest(fact)
        if room < 0 or (digests < 0 and _is_digest(fact)):
            yield fact


def _is_digest(fact: Fact) -> bool:
    return "~" in fact.path


def _bound(fact: Fact) -> dict[str, Any]:
    return {"the_path": fact.path, "the_fact": fact.kind.value, "the_detail": fact.detail}


def _row(day: int, group: Group, fact: Fact, count: int) -> dict[str, Any]:
    return {
        "day": day,
        "caller": group.caller,
        "recipient": group.recipient,
        "purpose": group.purpose,
        "path": fact.path,
        "fact": fact.kind.value,
        "detail": fact.detail,
        "times": count,
    }


def _told(row: Any) -> Counted:
    group = Group(row.caller, row.recipient, row.purpose)
    return Counted(group, Fact(row.path, FactKind(row.fact), row.detail), int(row.total), row.first, row.last)
