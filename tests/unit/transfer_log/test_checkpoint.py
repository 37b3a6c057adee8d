"""gateway.transfer_log.checkpoint: signed notes, spelled exactly."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.transfer_log.checkpoint import (
    Checkpoint,
    checkpoint_signer,
    open_checkpoint,
    open_note,
    parse_verifier_key,
    read_base64,
    sign_checkpoint,
    verifier_key,
)
from tests.unit.transfer_log.samples import LOG_KEY, ORIGIN

PUBLIC = LOG_KEY.public_key()
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ROOT = bytes(range(100, 132))
ROOT_TEXT = b64encode(ROOT).decode()
CHECKPOINT = Checkpoint(ORIGIN, 20852163, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, LOG_KEY)
BODY, SIGNATURE_LINE = NOTE.decode().split("\n\n")

# The example of the Go package golang.org/x/mod/sumdb/note: key and note made by another implementation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def _signed(text: str) -> bytes:
    """A note of any text with a signature of the log that verifies."""
    key_id = bytes.fromhex(verifier_key(ORIGIN, PUBLIC).split("+")[1])
    signature = b64encode(key_id + LOG_KEY.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n".encode()


def _line(name: str, raw: bytes) -> str:
    return f"— {name} {b64encode(raw).decode()}\n"


def test_a_checkpoint_is_three_lines_a_blank_one_and_a_signature() -> None:
    lines = NOTE.decode().split("\n")

    assert lines[:4] == [ORIGIN, "20852163", ROOT_TEXT, ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert len(b64decode(lines[4].split(" ")[2])) == 4 + 64
    assert lines[5:] == [""]


def test_a_signed_checkpoint_opens_as_it_was() -> None:
    assert open_checkpoint(NOTE, ORIGIN, PUBLIC) == CHECKPOINT


def test_the_prebuilt_signer_writes_the_same_note() -> None:
    sign = checkpoint_signer(ORIGIN, LOG_KEY)

    assert sign(20852163, ROOT) == NOTE


def test_a_note_of_another_implementation_opens() -> None:
    name, key = parse_verifier_key(GO_KEY)

    assert open_note(GO_NOTE.encode(), name, key) == GO_TEXT
    assert verifier_key(name, key) == GO_KEY


def test_a_note_of_another_implementation_with_one_letter_changed_is_refused() -> None:
    name, key = parse_verifier_key(GO_KEY)

    with pytest.raises(ValueError, match="does not verify"):
        open_note(GO_NOTE.replace("answer", "Answer").encode(), name, key)


def test_signatures_of_witnesses_are_left_unread() -> None:
    """T55: a note that others cosigned is still the note."""
    cosigned = NOTE + _line("witness.example", bytes(76)).encode() + _line(ORIGIN, b"\x04key" + bytes(72)).encode()

    assert open_checkpoint(cosigned, ORIGIN, PUBLIC) == CHECKPOINT


@pytest.mark.parametrize("at", range(0, len(NOTE), 7))
def test_a_note_with_any_byte_changed_is_refused(at: int) -> None:
    changed = NOTE[:at] + bytes([NOTE[at] ^ 1]) + NOTE[at + 1 :]

    with pytest.raises(ValueError, match=r"note|base64|signature"):
        open_checkpoint(changed, ORIGIN, PUBLIC)


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(BODY.encode() + b"\n", id="no signature"),
        pytest.param(BODY.encode() + b"\n\n", id="no signature after the blank line"),
        pytest.param(NOTE[:-1], id="no newline at the end"),
        pytest.param(NOTE + b"\n", id="a newline too many"),
        pytest.param(NOTE.replace(b"\n", b"\r\n"), id="newlines of another system"),
        pytest.param(b"\xff" + NOTE, id="no UTF-8"),
        pytest.param(NOTE + NOTE, id="two notes"),
        pytest.param(NOTE.replace("— ".encode(), b"- "), id="a hyphen for the dash"),
        pytest.param(NOTE[:-2] + b"\n", id="a signature without its padding"),
        pytest.param(f"{BODY}\n\n{_line('witness.example', bytes(68))}".encode(), id="signed by a stranger only"),
        pytest.param(f"{BODY}\n\n{_line(ORIGIN, bytes(68))}".encode(), id="another key of the same name only"),
        pytest.param(f"{BODY}\n\n{SIGNATURE_LINE}{_line('w.example', bytes(4))}".encode(), id="an empty cosignature"),
        pytest.param(
            f"{BODY}\n\n{SIGNATURE_LINE}{SIGNATURE_LINE[:-9]}AAAAAAA=\n".encode(),
            id="a second signature of ours, false",
        ),
        pytest.param(sign_checkpoint(Checkpoint("other.example", 1, ROOT), LOG_KEY), id="of another log"),
        pytest.param(sign_checkpoint(CHECKPOINT, OTHER_KEY), id="by another key"),
        pytest.param(_signed(f"other.example\n1\n{ROOT_TEXT}\n"), id="signed, of another origin"),
        pytest.param(_signed(f"{ORIGIN}\n01\n{ROOT_TEXT}\n"), id="signed, leading zero"),
        pytest.param(_signed(f"{ORIGIN}\n-1\n{ROOT_TEXT}\n"), id="signed, negative"),
        pytest.param(_signed(f"{ORIGIN}\n\n{ROOT_TEXT}\n"), id="signed, no size"),
        pytest.param(_signed(f"{ORIGIN}\n1٣\n{ROOT_TEXT}\n"), id="signed, digits of another script"),
        pytest.param(_signed(f"{ORIGIN}\n{'9' * 17}\n{ROOT_TEXT}\n"), id="signed, a size beyond all trees"),
        pytest.param(_signed(f"{ORIGIN}\n1\n{ROOT_TEXT[:40]}\n"), id="signed, a short root"),
        pytest.param(_signed(f"{ORIGIN}\n1\n{ROOT_TEXT}\nextension\n"), id="signed, with an extension"),
        pytest.param(_signed(f"{ORIGIN}\n1\n"), id="signed, without a root"),
        pytest.param(_signed(f"{ORIGIN}\n1\n{ROOT_TEXT}\n\t\n"), id="signed, with a control character"),
        pytest.param(_signed("x" * 140_000 + "\n"), id="signed, endless"),
    ],
)
def test_what_is_not_our_checkpoint_is_refused(note: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[a-zA-Z0-9 ,-]+$") as caught:
        open_checkpoint(note, ORIGIN, PUBLIC)

    assert ROOT_TEXT not in str(caught.value)


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a\nb", "tab\there", "no\u00a0break", "nul\x00"])
def test_an_origin_that_no_note_can_carry_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="the name of a log"):
        checkpoint_signer(origin, LOG_KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY.replace("Peter", "Petra"),
        GO_KEY[:-4],
        GO_KEY.replace("+ARpc", "+AhpQ"),
        GO_KEY + "\n",
    ],
)
def test_a_verifier_key_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|base64|name"):
        parse_verifier_key(text)


@pytest.mark.parametrize("text", ["Zg", "Zh==", "Zg==\n", "Z g=", "_-8=", "Zg===", "ж"])
def test_base64_has_one_spelling_only(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        read_base64(text)
