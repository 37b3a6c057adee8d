"""The gateway: personal data leaves only for a named purpose, in the amount needed, after it was written down.

The map of the house, in the order of the path. Each folder is a stage; stages do not know each other.

    transfer.py      READ FIRST: the eight steps, accept() and attempt()
    model/           the values that travel, each made in one place; the closed lists of words

    admission/       1  who calls, and is this a request at all? tokens, one declared schema, quotas
    purpose/         2  and 5: the purpose maps: load, check, compile, decide, ask again
    minimise/        3  build what the map names; check every value; replace identifiers in free text
    transfer_log/    4  and 8: entries, tree, checkpoints, proofs; the verifier, which runs without the rest
    seal/            6  keys; the envelope: signed, encrypted, with the proof of step 4 inside
    transport/       7  the only way to the outside
    delivery.py      what waits for its attempt, and what becomes of attempts whose process died

    receiver.py      the recipient's side: it joins seal and transfer_log as transfer.py joins the stages
    storage/         the only SQLAlchemy: the log in its tables, group commit, callers, restrictions
    config.py        the settings; bootstrap.py wires everything, once
    web/  cli/       the doors

    formats/         each content type: one strict parser into the neutral tree, one writer back
    canonical.py     one spelling for one thing: canonical JSON, field paths, key names
    identifiers.py   IIN, BIN, cards, IBAN, phones, e-mail: what a text turns out to be
    clock.py  errors.py
"""
