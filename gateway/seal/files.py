"""The key files under `GATEWAY_HOME/keys/`: made once by `gateway init`, read at every start, rotated on command.

    master.key   32 random bytes, base64 (or the file that GATEWAY_MASTER_KEY_FILE names, kept elsewhere)
    keys.json    every other key: public halves readable, private halves wrapped by the master key, a MAC over it all

Promises: a file is there whole or not at all; keys that exist are never overwritten; a file that others may read, a
wrong master key and a changed byte all stop the start, named together (law 10). It must never write a private key
that is not wrapped, nor say one in an error.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.canonical import Json, b64, encode, unb64
from gateway.clock import Clock, Instant, SystemClock
from gateway.errors import ConfigError
from gateway.seal.derive import KEY_BYTES, Label, derive
from gateway.seal.suites import ED25519, P256, Curve, CurveKey, generate, import_private, private_member, public_jwk

FOLDER: Final = "keys"
MASTER_FILE: Final = "master.key"
KEYS_FILE: Final = "keys.json"

_NONCE_BYTES: Final = 12
_CURVES: Final = {"ES256": P256, "Ed25519": ED25519}
_SYSTEM_CLOCK: Final = SystemClock()

Use = Literal["sig", "log"]
State = Literal["active", "retired"]


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key as it stands in `keys.json`. A retired key has no private half any more."""

    kid: str  # RFC 7638 thumbprint
    use: Use
    algorithm: str
    state: State
    created_at: Instant
    public: dict[str, str]
    wrapped: str | None  # base64url of nonce and AES-256-GCM of the private member; AAD: kid and use

    @property
    def curve(self) -> Curve:
        """The curve that its algorithm names."""
        return _CURVES[self.algorithm]


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """What the two files hold, checked."""

    master: bytes
    origin: str
    keys: tuple[StoredKey, ...]

    def __repr__(self) -> str:
        return f"KeyFiles(origin={self.origin!r}, keys={len(self.keys)})"

    def private_key(self, stored: StoredKey) -> CurveKey:
        """The private key of an active key. Raises ValueError where it does not unwrap to the key of its `kid`."""
        raw = unb64(stored.wrapped or "")
        wrap = AESGCM(derive(self.master, Label.WRAP))
        try:
            member = wrap.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _wrap_context(stored.kid, stored.use))
        except InvalidTag:
            raise ValueError(f"key {stored.kid} does not unwrap") from None
        key = import_private(stored.public | {"d": member.decode("ascii")}, stored.curve)
        if key.thumbprint() != stored.kid:
            raise ValueError(f"key {stored.kid} is not the key that it is named after")
        return key


def create_keys(home: Path, origin: str, master_key_file: Path | None = None, *, clock: Clock = _SYSTEM_CLOCK) -> None:
    """Make the keys of a new gateway, with a master key of its own unless `master_key_file` brings one.

    Raises ConfigError where keys exist already; nothing is changed then.
    """
    folder = home / FOLDER
    if folder.exists():
        raise ConfigError([f"{folder} exists already"], hint="keys are never overwritten; choose another home")
    if not origin or any(char.isspace() or char == "+" for char in origin):
        raise ConfigError(["origin: expected a name without spaces and without +, such as gateway.example.kz/log"])
    master = os.urandom(KEY_BYTES) if master_key_file is None else _read_master_or_raise(master_key_file)
    home.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=home))  # 0700
    try:
        if master_key_file is None:
            _write(unfinished / MASTER_FILE, base64.b64encode(master) + b"\n")
        keys = (*_new_signing_keys(master, clock.now()), _new_key(master, "log", "Ed25519", clock.now()))
        _write(unfinished / KEYS_FILE, _document(KeyFiles(master, origin, keys)))
        # A crash up to here leaves an unfinished folder that nothing reads; the rename makes it the keys, whole.
        unfinished.rename(folder)
        _sync_folder(home)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ConfigError([f"{folder} could not be made, or exists already"]) from None


def rotate_signing(home: Path, master_key_file: Path | None = None, *, clock: Clock = _SYSTEM_CLOCK) -> None:
    """Make new signing keys and retire the old: their public halves stay, their private halves are gone.

    Raises ConfigError where the files are not right.
    """
    folder = home / FOLDER
    with _alone(folder):
        files = read_keys(home, master_key_file)
        kept = [_retired(key) if key.use == "sig" else key for key in files.keys]
        keys = (*_new_signing_keys(files.master, clock.now()), *kept)
        unfinished = folder / f".{KEYS_FILE}"
        unfinished.unlink(missing_ok=True)
        _write(unfinished, _document(KeyFiles(files.master, files.origin, keys)))
        # A crash up to here leaves the old keys in force and a file that nothing reads.
        unfinished.replace(folder / KEYS_FILE)
        _sync_folder(folder)


def read_keys(home: Path, master_key_file: Path | None = None) -> KeyFiles:
    """What the key files hold. Raises ConfigError with every problem found."""
    folder = home / FOLDER
    problems = _permission_problems(folder)
    master = _read_master(master_key_file or folder / MASTER_FILE, problems)
    raw = _read(folder / KEYS_FILE, problems)
    files = _opened(folder / KEYS_FILE, raw, master, problems) if raw is not None and master is not None else None
    if problems or files is None:
        raise ConfigError(problems, hint="`gateway init` makes the keys of a new gateway; else bring back your backup")
    return files


def _opened(path: Path, raw: bytes, master: bytes, problems: list[str]) -> KeyFiles | None:
    """The document, believed only once its MAC holds."""
    try:
        document = orjson.loads(raw)
        mac = unb64(document.pop("mac"))
        made_with = document["master_check"]
    except (ValueError, KeyError, TypeError, AttributeError):
        problems.append(f"{path}: corrupt, it is not a key file")
        return None
    if made_with != _master_check(master):
        problems.append(f"{path}: it was made with another master key")
        return None
    if not hmac.compare_digest(mac, _mac(master, document)):
        problems.append(f"{path}: corrupt, its MAC does not match")
        return None
    return KeyFiles(master, document["origin"], tuple(StoredKey(**key) for key in document["keys"]))


def _document(files: KeyFiles) -> bytes:
    keys: list[Json] = [{name: getattr(key, name) for name in StoredKey.__slots__} for key in files.keys]
    body: dict[str, Json] = {
        "v": 1,
        "origin": files.origin,
        "master_check": _master_check(files.master),
        "keys": keys,
    }
    return orjson.dumps(body | {"mac": b64(_mac(files.master, body))}, option=orjson.OPT_INDENT_2) + b"\n"


def _mac(master: bytes, document: Json) -> bytes:
    return hmac.digest(derive(master, Label.KEY_FILE), encode(document), hashlib.sha256)


def _master_check(master: bytes) -> str:
    return b64(derive(master, Label.MASTER_CHECK)[:6])


def _new_signing_keys(master: bytes, now: Instant) -> Sequence[StoredKey]:
    return [_new_key(master, "sig", algorithm, now) for algorithm in _CURVES]


def _new_key(master: bytes, use: Use, algorithm: str, now: Instant) -> StoredKey:
    curve = _CURVES[algorithm]
    key = generate(curve)
    kid = key.thumbprint()
    nonce = os.urandom(_NONCE_BYTES)
    wrap = AESGCM(derive(master, Label.WRAP))
    wrapped = nonce + wrap.encrypt(nonce, private_member(key).encode("ascii"), _wrap_context(kid, use))
    return StoredKey(kid, use, algorithm, "active", now, public_jwk(key, curve), b64(wrapped))


def _retired(key: StoredKey) -> StoredKey:
    """Its public half: what was signed still verifies, and nothing can be signed with it any more."""
    return StoredKey(key.kid, key.use, key.algorithm, "retired", key.created_at, key.public, wrapped=None)


def _wrap_context(kid: str, use: str) -> bytes:
    return encode({"kid": kid, "use": use})


def _read_master_or_raise(path: Path) -> bytes:
    problems: list[str] = []
    master = _read_master(path, problems)
    if master is None or problems:
        raise ConfigError(problems)
    return master


def _read_master(path: Path, problems: list[str]) -> bytes | None:
    raw = _read(path, problems)
    if raw is None:
        return None
    try:
        master = base64.b64decode(raw.strip(), validate=True)
    except binascii.Error:
        master = b""
    if len(master) != KEY_BYTES:
        problems.append(f"{path}: corrupt, expected base64 of {KEY_BYTES} bytes")
        return None
    return master


def _permission_problems(folder: Path) -> list[str]:
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        return [f"{folder}: others may enter it; chmod 700"]
    return []


def _read(path: Path, problems: list[str]) -> bytes | None:
    """The bytes of a file that only its owner may read; else None, and the problem is added."""
    try:
        if path.stat().st_mode & 0o077:
            problems.append(f"{path}: others may read it; chmod 600")
        return path.read_bytes()
    except FileNotFoundError:
        problems.append(f"{path}: missing")
    except OSError as error:
        problems.append(f"{path}: {error.strerror}")
    return None


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One rotation at a time: two at once would each retire only what it read."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        raise ConfigError([f"{folder}: missing"], hint="`gateway init` makes the keys of a new gateway") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
