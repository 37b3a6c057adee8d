"""Stage 6: what was recorded becomes an envelope that only its recipient can open, and that proves it was logged.

    suites.py    which algorithms stand behind a recipient's suite; importing and making keys
    derive.py    the keys that come from the master key
    files.py     the key files: made once, read at start, rotated
    keyring.py   every key of this gateway behind one object that never shows one
    compact.py   how a signature and an encryption are spelled
    envelope.py  the sealer
    signing.py   what a recipient's own protocol signs, over what is left (law 11)
    checks.py    what a recipient checks, in its order
    opening.py   the first of those checks: decryption and signature

The last two are the recipient's side, `gateway.receiver`: the path of a transfer opens no envelope.
"""
