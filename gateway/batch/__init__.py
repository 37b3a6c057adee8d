"""Registries: many records on the path of a transfer, each with its own decision, entry and outcome.

    ids.py        what a record is called: its transfer's id follows from batch and number, so that it is made once
    allowance.py  how many refusals a registry may cause (T57)
    pace.py       how many go at once, and how many stand in one group of the log
    sending.py    stages 5 to 8 for a group: an envelope for each, or one for many
    told.py       the verdicts, record by record
    begin.py      what is wrong with a registry as a whole is told before its first record
    run.py        READ FIRST: the steps, group by group

It joins the stages as `gateway.transfer` does, whose functions it uses wherever a record goes alone.
"""

from gateway.batch.begin import Around, Asked, Begun, begin
from gateway.batch.run import Run

__all__ = ["Around", "Asked", "Begun", "Run", "begin"]
