"""gateway.transfer_log.proof: c2sp.org/tlog-proof, written and read strictly."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gateway.transfer_log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from gateway.transfer_log.proof import Proof, read_proof, write_proof
from gateway.transfer_log.tree import EMPTY, append, leaf_hash, verify_inclusion
from tests.unit.transfer_log.samples import LOG_KEY, ORIGIN

HASHES = (bytes(range(32)), bytes(range(32, 64)))
LINES = [b64encode(part).decode() for part in HASHES]
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), LOG_KEY)
TEXT = write_proof(2, HASHES, NOTE)


def test_a_proof_is_written_line_by_line_before_the_checkpoint() -> None:
    assert f"c2sp.org/tlog-proof@v1\nindex 2\n{LINES[0]}\n{LINES[1]}\n\n{NOTE.decode()}" == TEXT


def test_a_proof_is_read_as_it_was_written() -> None:
    assert read_proof(TEXT) == Proof(2, HASHES, NOTE)


def test_a_proof_in_the_tree_of_one_has_no_hashes() -> None:
    text = write_proof(0, (), NOTE)

    assert text == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{NOTE.decode()}"
    assert read_proof(text) == Proof(0, (), NOTE)


def test_extra_data_is_passed_over() -> None:
    assert read_proof(TEXT.replace("\nindex", "\nextra YWdl\nindex", 1)) == Proof(2, HASHES, NOTE)


def test_a_written_proof_proves_its_leaf_offline() -> None:
    leaves = [leaf_hash(bytes([at])) for at in range(11)]
    growth = append(append(EMPTY, leaves[:6]).frontier, leaves[6:])
    note = sign_checkpoint(Checkpoint(ORIGIN, 11, growth.root), LOG_KEY)

    proof = read_proof(write_proof(8, growth.proofs[2], note))

    checkpoint = open_checkpoint(proof.checkpoint_note, ORIGIN, LOG_KEY.public_key())
    assert verify_inclusion(proof.index, checkpoint.size, leaves[8], proof.hashes, checkpoint.root)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(TEXT.replace("@v1", "@v2"), id="another version"),
        pytest.param("\n" + TEXT, id="an empty line first"),
        pytest.param(TEXT.replace("index 2\n", ""), id="no index"),
        pytest.param(TEXT.replace("index 2", "index 02"), id="leading zero"),
        pytest.param(TEXT.replace("index 2", "index -2"), id="negative index"),
        pytest.param(TEXT.replace("index 2", "index  2"), id="two spaces"),
        pytest.param(TEXT.replace("index 2", "index ٢"), id="a digit of another script"),
        pytest.param(TEXT.replace("index 2", "index " + "9" * 17), id="an index beyond all trees"),
        pytest.param(TEXT.replace("\nindex", "\nextra Zh==\nindex"), id="extra data in no canonical base64"),
        pytest.param(TEXT.replace("\nindex", "\nextra YWdl\nextra YWdl\nindex"), id="extra data twice"),
        pytest.param(TEXT.replace("\nindex 2", "\nindex 2\nextra YWdl"), id="extra data after the index"),
        pytest.param(TEXT.replace(LINES[0], LINES[0][:-4]), id="a short hash"),
        pytest.param(TEXT.replace(LINES[0], LINES[0].rstrip("=")), id="base64 without padding"),
        pytest.param(TEXT.replace(LINES[0], LINES[0] + " "), id="a space at the end of a line"),
        pytest.param(TEXT.replace("\n", "\r\n"), id="newlines of another system"),
        pytest.param(TEXT.split("\n\n", maxsplit=1)[0] + "\n", id="no checkpoint"),
        pytest.param(TEXT.split("\n\n", maxsplit=1)[0] + "\n\n", id="an empty checkpoint"),
        pytest.param(write_proof(2, HASHES * 33, NOTE), id="higher than any tree"),
        pytest.param(TEXT + "\ud800", id="no Unicode"),
    ],
)
def test_what_is_no_proof_is_refused_without_its_content(text: str) -> None:
    with pytest.raises(ValueError, match=r"proof|base64") as caught:
        read_proof(text)

    assert LINES[0][:10] not in str(caught.value)
