"""The demo's world: a temporary folder with maps, keys and certificates of its own, and the processes that live there.

Promises: everything listens on loopback; every process that was started here is ended here; the folder is gone
afterwards. It must never touch the maps or keys of a real deployment.
"""

from __future__ import annotations

import http.client
import os
import queue
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson
from ruamel.yaml import YAML

from gateway.cli.demo.own_api import TOKEN_ROUTE
from gateway.cli.demo.story import CHECKOUT, DROP_IN, ORDER, RECIPIENTS, REGISTER, TERMINAL
from gateway.errors import ConfigError
from gateway.model import Suite
from gateway.seal.keyring import Keyring, generate_recipient_key

ORIGIN = "gateway.demo.example/log"
START_SECONDS = 30.0
OWN_FILES = [Path(__file__).with_name(f"{name}.yaml") for name in (CHECKOUT.recipient, TERMINAL)]
SANDBOX = "sandbox of the carrier"
BILLING = "the platform's billing"
RECORDS_PER_ENVELOPE = 100
COMMAND_SECONDS = 60.0


@dataclass
class World:
    """One run of the demo."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    arrivals: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    token: str = ""
    ports: dict[str, int] = field(default_factory=dict)  # of the recipients
    bank: tuple[str, str] = ("", "")  # with what login and password the bank asks

    @property
    def home(self) -> Path:
        """The demo's GATEWAY_HOME."""
        return self.folder / "home"

    def environ(self, home: Path | None = None) -> dict[str, str]:
        """The environment of every process here: ours, without any setting of a real gateway."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        return {**kept, "GATEWAY_HOME": str(home or self.home), "PYTHONUNBUFFERED": "1"}

    @property
    def sandbox(self) -> str:
        """Where the carrier's sandbox is: another host than its own, as there would be."""
        return f"https://localhost:{self.ports[SANDBOX]}"

    def command(self, *words: str, home: Path | None = None) -> dict[str, Any]:
        """Run `gateway WORDS --json` and give its JSON. Raises ConfigError where it fails."""
        found: dict[str, Any] = orjson.loads(self.told(*words, home=home))
        return found

    def told(self, *words: str, home: Path | None = None) -> bytes:
        """What `gateway WORDS --json` prints, for the platform as caller. Raises ConfigError where that is nothing."""
        ran = subprocess.run(  # noqa: S603 -- our own command line
            [sys.executable, "-m", "gateway.cli", *words, "--json"],
            env={**self.environ(home), **({"GATEWAY_TOKEN": self.token} if self.token else {})},
            capture_output=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        if not ran.stdout:
            raise ConfigError([f"gateway {' '.join(words[:2])} failed: {ran.stderr.decode('utf-8', 'replace')[-400:]}"])
        return ran.stdout

    def start_gateway(self, port: int, home: Path | None = None) -> None:
        """Start `gateway serve` and wait until it is ready."""
        words = ["serve", "--port", str(port), "--workers", "1", "--threads", "16", "--json"]
        self._start([sys.executable, "-m", "gateway.cli", *words], subprocess.DEVNULL, home)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/readyz", port=port)[0] == http.client.OK:
                    return
            time.sleep(0.1)
        raise ConfigError(["the gateway did not become ready"], hint=f"its folder was {self.folder}")

    def _start(self, words: list[str], stdout: int, home: Path | None = None) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}.stderr").open("wb")
        with log:
            process = subprocess.Popen(  # noqa: S603 -- our own command line, as a group that can be ended whole
                words, env=self.environ(home), stdout=stdout, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def start_recipients(self, module: str, configs: Mapping[str, Mapping[str, Any]]) -> None:
        """Start those that a module serves, in one process; what they tell goes to `arrivals`."""
        path = self.folder / f"{module}.json"
        path.write_bytes(orjson.dumps(configs))
        process = self._start([sys.executable, "-m", f"gateway.cli.demo.{module}", str(path)], subprocess.PIPE)

        def listen() -> None:
            for line in process.stdout or ():
                self.arrivals.put(orjson.loads(line))

        threading.Thread(target=listen, daemon=True).start()

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, port: int = 0, token: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One request to the gateway, as the platform's backend would make it: status and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        headers = {"Gateway-Token": token or self.token, "Content-Type": "application/json"}
        try:
            connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            raw = answer.read()
            is_json = "json" in (answer.headers.get("Content-Type") or "")
            return answer.status, orjson.loads(raw) if raw and is_json else {}
        finally:
            connection.close()

    def arrival(self) -> dict[str, Any]:
        """What a recipient told next. Raises queue.Empty after ten seconds."""
        return self.arrivals.get(timeout=10)

    def unasked(self) -> int:
        """How many arrivals were told that no one had waited for; they are gone then."""
        many = 0
        with suppress(queue.Empty):
            while True:
                self.arrivals.get_nowait()
                many += 1
        return many

    def copy_home(self, name: str) -> Path:
        """A copy of the home as it is now, its database taken by SQLite's own backup."""
        target = self.folder / name
        shutil.copytree(self.home, target, ignore=shutil.ignore_patterns("gateway.db*", "run"))
        source, copy = sqlite3.connect(self.home / "gateway.db"), sqlite3.connect(target / "gateway.db")
        with source, copy:
            source.backup(copy)
        source.close()
        copy.close()
        return target

    def end(self) -> None:
        """End every process that was started here."""
        for process in reversed(self.processes):
            _signal_group(process, signal.SIGTERM)
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            _signal_group(process, signal.SIGKILL)  # whoever of the group is still there
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def free_port() -> int:
    """A port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def made_world(maps: Path) -> Iterator[World]:
    """Everything set up and running but the gateway itself; ended and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as name:
        world = World(Path(name), free_port())
        shutil.copytree(maps, world.folder / "purpose_maps")
        authority = _authority(world)
        sealed, own_apis = _equip_recipients(world, authority), _equip_own_apis(world, authority)
        own_apis[BILLING] = {**_listens(world, authority, BILLING), "billing": {"token": token_hex(16)}}
        world.command("init", "--origin", ORIGIN, "--maps", str(world.folder / "purpose_maps"))
        _settings(world, own_apis)
        grants = [word for one in (*RECIPIENTS, *DROP_IN) for pair in one.grants for word in ("--grant", pair)]
        world.token = world.command("caller", "add", "platform", *grants)["token"]
        keyring = Keyring.load(world.home, None)
        ours = {"issuer": ORIGIN, "jwks": keyring.public_jwks(), "log_key": keyring.log_verifier_key()}
        try:
            world.start_recipients("recipient", {one: {**config, **ours} for one, config in sealed.items()})
            world.start_recipients("own_api", own_apis)
            yield world
        finally:
            world.end()


def _authority(world: World) -> Any:
    """A throw-away CA, known to the copied maps."""
    try:
        import trustme  # noqa: PLC0415 -- only the demo needs it
    except ImportError:
        raise ConfigError(
            ["the demo needs trustme"], hint="`make demo` installs it, or: pip install 'gateway[demo]'"
        ) from None
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(world.folder / "purpose_maps" / "demo-ca.pem"))
    return authority


def _listens(world: World, authority: Any, name: str, host: str = "127.0.0.1") -> dict[str, Any]:
    """Where one of the servers listens, and its certificate."""
    certificate, world.ports[name] = world.folder / f"{name}.pem", free_port()
    authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(str(certificate))
    return {"port": world.ports[name], "certificate": str(certificate)}


def _address(world: World, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Give a recipient of the copied maps its address here, and what else has to change."""
    yaml = YAML()
    path = world.folder / "purpose_maps" / "recipients" / f"{name}.yaml"
    file: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"))
    file.update({"base_url": f"https://127.0.0.1:{world.ports[name]}", "ca_file": "demo-ca.pem"})
    change(file)
    with path.open("w", encoding="utf-8") as written:
        yaml.dump(file, written)


def _equip_recipients(world: World, authority: Any) -> dict[str, dict[str, Any]]:
    """Recipients that open envelopes: each with a key of its own."""
    made: dict[str, dict[str, Any]] = {}
    for one in RECIPIENTS:
        private, public = generate_recipient_key(Suite.P256)
        key: dict[str, Any] = {"jwk": dict(public)}
        if one.key_expired:
            key["not_after"] = "2020-01-01T00:00:00Z"
        made[one.id] = {**_listens(world, authority, one.id), "private_key": dict(private)}

        def seal(file: dict[str, Any], key: dict[str, Any] = key) -> None:
            file.update({"protection": "jwe", "suite": "p256", "keys": [key]})
            file.pop("protection_reason", None)
            file.pop("credentials", None)
            if file["id"] == REGISTER.recipient:
                file["purposes"][REGISTER.purpose]["records_per_envelope"] = RECORDS_PER_ENVELOPE

        _address(world, one.id, seal)
    return made


def _equip_own_apis(world: World, authority: Any) -> dict[str, dict[str, Any]]:
    """Servers with APIs of their own: what they ask of who calls, which from here on the gateway holds."""
    for file in OWN_FILES:
        shutil.copy(file, world.folder / "purpose_maps" / "recipients")

    def an_account() -> dict[str, str]:
        return {name: token_hex(16) for name in ("account", "secure")}

    made = {
        ORDER.recipient: {**_listens(world, authority, ORDER.recipient), "carrier": an_account()},
        SANDBOX: {**_listens(world, authority, SANDBOX, "localhost"), "carrier": an_account(), "tells": False},
        CHECKOUT.recipient: {**_listens(world, authority, CHECKOUT.recipient), "provider": {"key": token_hex(16)}},
    }

    def by_token(file: dict[str, Any]) -> None:
        named = {"client_id": "cdek_account", "client_secret": "cdek_secure"}
        file["signer"] = {"kind": "oauth2", "token_url": f"{file['base_url']}{TOKEN_ROUTE}", "secrets": named}
        file["sandbox"] = {"base_urls": [world.sandbox], "token_url": f"{world.sandbox}{TOKEN_ROUTE}"}

    _address(world, ORDER.recipient, by_token)
    _address(world, CHECKOUT.recipient, lambda _: None)  # its file says how it is signed
    return made


def _settings(world: World, own_apis: Mapping[str, Mapping[str, Any]]) -> None:
    """Put into the gateway's settings what the platform need not know any more, and where it asks the platform."""
    carrier, sandbox = own_apis[ORDER.recipient]["carrier"], own_apis[SANDBOX]["carrier"]
    world.bank = ("bank", token_hex(16))
    held = {
        "SECRET_CDEK_ACCOUNT": carrier["account"],
        "SECRET_CDEK_SECURE": carrier["secure"],
        "SECRET_SANDBOX_CDEK_ACCOUNT": sandbox["account"],
        "SECRET_SANDBOX_CDEK_SECURE": sandbox["secure"],
        "SECRET_FREEDOMPAY_KEY": own_apis[CHECKOUT.recipient]["provider"]["key"],
        "SECRET_TERMINAL_LOGIN": world.bank[0],
        "SECRET_TERMINAL_PASSWORD": world.bank[1],
        "UPSTREAM_URL": f"https://127.0.0.1:{world.ports[BILLING]}",
        "UPSTREAM_CA_FILE": str(world.folder / "purpose_maps" / "demo-ca.pem"),
        "UPSTREAM_TOKEN": own_apis[BILLING]["billing"]["token"],
    }
    with (world.home / "gateway.env").open("a", encoding="utf-8") as settings:
        settings.writelines(f"GATEWAY_{name}={value}\n" for name, value in held.items())
