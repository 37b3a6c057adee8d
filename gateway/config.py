"""The settings: environment variables `GATEWAY_*`, checked all at once, before anything starts.

`GATEWAY_HOME/gateway.env` (written by `gateway init`) gives defaults; the environment wins. Secrets may stand in a
file of their own (`…_FILE`). Promises: a wrong, unknown or missing setting stops the start with every problem listed
(law 10); no secret is ever shown. It must never read a setting at request time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from gateway.errors import ConfigError
from gateway.model import Network

PREFIX = "GATEWAY_"
TOKEN = "GATEWAY_TOKEN"  # noqa: S105 -- the name of a variable; it is a caller's, read by `gateway transfer send`
SECRET_PREFIX = "GATEWAY_SECRET_"  # noqa: S105 -- the prefix of a name, not a secret
ORIGIN = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9._-]+)*\Z")
MEBIBYTE = 1 << 20


# Servers hand `A-B` and `A_B` on as one header, and anyone may send the other one of the two.
_HEADER = validate.Regexp(
    r"[A-Za-z0-9]{1,64}\Z", error="expected the name of a header without - and _, such as PeerAddress"
)


class Networks(fields.Field[tuple[Network, ...]]):
    """Addresses and networks with commas between them."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 -- marshmallow's
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **_: Any,
    ) -> tuple[Network, ...]:
        try:
            found = tuple(ip_network(one.strip()) for one in str(value).split(","))
        except ValueError:
            raise ValidationError("expected addresses and networks such as 127.0.0.1,10.0.0.0/8") from None
        if not all(one.prefixlen for one in found):
            raise ValidationError("expected less than every address there is: whoever is trusted may be anyone")
        return found


class SettingsSchema(Schema):
    """What each `GATEWAY_*` variable must be; `metadata.what` is the sentence that README repeats."""

    class Meta:
        """A misspelt setting is an error, not a default."""

        unknown = RAISE

    home = fields.String(load_default="var", metadata={"what": "folder of keys, database and gateway.env"})
    database_url = fields.String(load_default=None, metadata={"what": "SQLAlchemy URL; SQLite under the home if unset"})
    maps = fields.String(load_default="purpose_maps", metadata={"what": "folder of the purpose maps"})
    origin = fields.String(
        required=True,
        validate=validate.Regexp(ORIGIN, error="expected a name such as gateway.example.kz/log"),
        error_messages={"required": "not set; `gateway init` chooses it"},
        metadata={"what": "name of the transfer log and issuer of envelopes; fixed at the first entry"},
    )
    master_key_file = fields.String(load_default=None, metadata={"what": "the master key, if not in the home"})
    host = fields.String(load_default="127.0.0.1", metadata={"what": "address to listen on"})
    port = fields.Integer(load_default=8080, validate=validate.Range(0, 65535), metadata={"what": "port to listen on"})
    workers = fields.Integer(
        load_default=None, validate=validate.Range(1, 256), metadata={"what": "processes; one per core if unset"}
    )
    threads = fields.Integer(
        load_default=64, validate=validate.Range(1, 1024), metadata={"what": "threads per process"}
    )
    tls_certificate = fields.String(load_default=None, metadata={"what": "PEM chain, to listen beyond loopback"})
    tls_key = fields.String(load_default=None, metadata={"what": "PEM private key of the certificate"})
    tls_terminated = fields.Boolean(
        load_default=False, metadata={"what": "1: a proxy in front ends TLS, so listening beyond loopback is meant"}
    )
    metrics_token = fields.String(load_default=None, metadata={"what": "opens /metrics and /readyz beyond loopback"})
    max_body_bytes = fields.Integer(
        load_default=MEBIBYTE, validate=validate.Range(1024, 64 * MEBIBYTE), metadata={"what": "largest request body"}
    )
    answer_cap_bytes = fields.Integer(
        load_default=MEBIBYTE, validate=validate.Range(1024, 64 * MEBIBYTE), metadata={"what": "largest answer read"}
    )
    refusals_per_minute = fields.Integer(
        load_default=600, validate=validate.Range(1, 1_000_000), metadata={"what": "recorded refusals, per caller"}
    )
    observe_days = fields.Integer(
        load_default=30, validate=validate.Range(1, 366), metadata={"what": "days that observed previews are kept"}
    )
    upstream_url = fields.String(load_default=None, metadata={"what": "the platform's service that pulls ask"})
    upstream_ca_file = fields.String(load_default=None, metadata={"what": "PEM file of its CA; the system's if unset"})
    upstream_token = fields.String(load_default=None, metadata={"what": "what we show it, as a bearer token"})
    upstream_timeout_seconds = fields.Float(
        load_default=5.0,
        allow_nan=False,
        validate=validate.Range(0, 120, min_inclusive=False),
        metadata={"what": "how long it may take to answer"},
    )
    trusted_proxies = Networks(load_default=(), metadata={"what": "addresses and networks of proxies in front"})
    peer_header = fields.String(
        load_default=None, validate=_HEADER, metadata={"what": "where they say who calls, such as PeerAddress"}
    )
    certificate_fingerprint_header = fields.String(
        load_default=None, validate=_HEADER, metadata={"what": "where they say the SHA-256 of its certificate"}
    )
    certificate_subject_header = fields.String(
        load_default=None, validate=_HEADER, metadata={"what": "where they say the subject of its certificate"}
    )


_SCHEMA = SettingsSchema()
_SECRET_SETTINGS = ("metrics_token", "upstream_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process, checked."""

    home: Path
    database_url: str = field(repr=False)  # may hold a password
    maps: Path
    origin: str
    master_key_file: Path | None
    host: str
    port: int
    workers: int
    threads: int
    tls_certificate: Path | None
    tls_key: Path | None
    tls_terminated: bool
    metrics_token: str | None = field(repr=False)
    max_body_bytes: int
    answer_cap_bytes: int
    refusals_per_minute: int
    observe_days: int
    secrets: Mapping[str, str] = field(repr=False)  # what recipient files name under `credentials.secret`
    upstream_url: str | None = None
    upstream_ca_file: str | None = None
    upstream_token: str | None = field(default=None, repr=False)
    upstream_timeout_seconds: float = 5.0
    trusted_proxies: tuple[Network, ...] = ()
    peer_header: str | None = None
    certificate_fingerprint_header: str | None = None
    certificate_subject_header: str | None = None


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` and `GATEWAY_HOME/gateway.env` give. Raises ConfigError with every problem."""
    home = Path(environ.get(f"{PREFIX}HOME", "var"))
    problems: list[str] = []
    merged = {**_read_env_file(home / "gateway.env", problems), **environ}
    if "GATEWAY_ORIGIN" not in merged and not (home / "gateway.env").is_file():
        problems.append(f"{home.absolute()}: holds no gateway.env; is GATEWAY_HOME right?")
    secrets = _secrets(merged, problems)
    raw = _named(merged, problems)
    try:
        values: dict[str, Any] = _SCHEMA.load(raw)
    except ValidationError as error:
        problems += [f"{PREFIX}{name.upper()}: {' '.join(_texts(told))}" for name, told in _told(error).items()]
        raise ConfigError(problems, hint="README, section Settings, lists them all") from None
    problems += _exposure_problems(values)
    if problems:
        raise ConfigError(problems, hint="README, section Settings, lists them all")
    return Settings(
        home=home,
        database_url=values["database_url"] or f"sqlite:///{home / 'gateway.db'}",
        maps=Path(values["maps"]),
        origin=values["origin"],
        master_key_file=_path(values["master_key_file"]),
        host=values["host"],
        port=values["port"],
        workers=values["workers"] or os.cpu_count() or 1,
        threads=values["threads"],
        tls_certificate=_path(values["tls_certificate"]),
        tls_key=_path(values["tls_key"]),
        tls_terminated=values["tls_terminated"],
        metrics_token=values["metrics_token"],
        max_body_bytes=values["max_body_bytes"],
        answer_cap_bytes=values["answer_cap_bytes"],
        refusals_per_minute=values["refusals_per_minute"],
        observe_days=values["observe_days"],
        secrets=secrets,
        upstream_url=values["upstream_url"],
        upstream_ca_file=values["upstream_ca_file"],
        upstream_token=values["upstream_token"],
        upstream_timeout_seconds=values["upstream_timeout_seconds"],
        trusted_proxies=values["trusted_proxies"],
        peer_header=values["peer_header"],
        certificate_fingerprint_header=values["certificate_fingerprint_header"],
        certificate_subject_header=values["certificate_subject_header"],
    )


def maps_folder(environ: Mapping[str, str]) -> Path:
    """Where the maps are, for a command that reads them alone. Raises ConfigError where gateway.env cannot be read."""
    problems: list[str] = []
    merged = {**_read_env_file(Path(environ.get(f"{PREFIX}HOME", "var")) / "gateway.env", problems), **environ}
    if problems:
        raise ConfigError(problems, hint="README, section Settings, lists them all")
    return Path(merged.get(f"{PREFIX}MAPS", "purpose_maps"))


def setting_names() -> dict[str, str]:
    """Every setting and what it is for; the documentation is tested against it."""
    return {f"{PREFIX}{name.upper()}": str(told.metadata["what"]) for name, told in _SCHEMA.fields.items()}


def _told(error: ValidationError) -> dict[str, Any]:
    return error.messages if isinstance(error.messages, dict) else {}


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _texts(told: object) -> list[str]:
    return [str(one) for one in told] if isinstance(told, list) else ["not valid"]


def _read_env_file(path: Path, problems: list[str]) -> dict[str, str]:
    """`NAME=value` lines, `#` comments; what systemd's EnvironmentFile reads too."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{path}: cannot be read as UTF-8 text")
        return {}
    for number, line in enumerate(lines, start=1):
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or not name.startswith(PREFIX):
            problems.append(f"{path}:{number}: expected GATEWAY_NAME=value")
            continue
        found[name] = value.strip().strip('"')
    return found


def _secrets(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """`GATEWAY_SECRET_CDEK_TOKEN` (or `…_FILE`) is the secret that a recipient file calls `cdek_token`."""
    found: dict[str, str] = {}
    for name in environ:
        if name.startswith(SECRET_PREFIX):
            bare = name.removesuffix("_FILE")
            value = _value_or_file(environ, bare, problems)
            if value is not None:
                found[bare.removeprefix(SECRET_PREFIX).lower()] = value
    return found


def _named(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """The variables that name settings, by field name; empty means unset."""
    raw: dict[str, str] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name.startswith(SECRET_PREFIX) or name == TOKEN or not value:
            continue
        key = name.removeprefix(PREFIX).lower()
        bare = key.removesuffix("_file")
        if bare in _SECRET_SETTINGS:
            read = _value_or_file(environ, PREFIX + bare.upper(), problems)
            if read is not None:
                raw[bare] = read
        else:
            raw[key] = value
    return raw


def _value_or_file(environ: Mapping[str, str], name: str, problems: list[str]) -> str | None:
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{name}_FILE: the file cannot be read")
        return None


def _exposure_problems(values: Mapping[str, Any]) -> list[str]:
    """An unprotected gateway does not run (law 10)."""
    problems = [
        f"{PREFIX}{name.upper()}: anyone could set it; set GATEWAY_TRUSTED_PROXIES too"
        for name in ("peer_header", "certificate_fingerprint_header", "certificate_subject_header")
        if values[name] and not values["trusted_proxies"]
    ]
    certificate, key = values["tls_certificate"], values["tls_key"]
    if bool(certificate) != bool(key):
        problems.append("GATEWAY_TLS_CERTIFICATE and GATEWAY_TLS_KEY: set both or neither")
    problems += [f"{path}: no such file" for path in (certificate, key) if path and not Path(path).is_file()]
    if values["host"] not in ("127.0.0.1", "::1", "localhost") and not (certificate or values["tls_terminated"]):
        problems.append(
            "GATEWAY_HOST: listening beyond loopback needs GATEWAY_TLS_CERTIFICATE and GATEWAY_TLS_KEY, "
            "or GATEWAY_TLS_TERMINATED=1 behind a proxy that ends TLS"
        )
    return problems
