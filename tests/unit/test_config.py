from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import load_settings, maps_folder, setting_names
from gateway.errors import ConfigError


def _environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"GATEWAY_HOME": str(tmp_path), "GATEWAY_ORIGIN": "gateway.example.kz/log", **more}


def test_defaults_are_safe(tmp_path: Path) -> None:
    settings = load_settings(_environ(tmp_path))

    assert settings.host == "127.0.0.1"
    assert settings.database_url == f"sqlite:///{tmp_path / 'gateway.db'}"
    assert settings.threads == 64
    assert settings.secrets == {}


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    environ = {"GATEWAY_HOME": str(tmp_path), "GATEWAY_PORT": "many", "GATEWAY_THREADS": "0", "GATEWAY_PROT": "1"}

    with pytest.raises(ConfigError) as caught:
        load_settings(environ)

    told = "\n".join(caught.value.problems)
    assert [name in told for name in ("GATEWAY_ORIGIN", "GATEWAY_PORT", "GATEWAY_THREADS", "GATEWAY_PROT")] == [
        True
    ] * 4


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "gateway.env").write_text(
        "# settings\nGATEWAY_ORIGIN=file.example\nGATEWAY_PORT=9000\n", encoding="utf-8"
    )

    settings = load_settings({"GATEWAY_HOME": str(tmp_path), "GATEWAY_PORT": "9001"})

    assert (settings.origin, settings.port) == ("file.example", 9001)


def test_a_line_of_the_file_that_is_no_setting_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "gateway.env").write_text("GATEWAY_ORIGIN=a.example\nPATH=/bin\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"gateway\.env:2"):
        load_settings({"GATEWAY_HOME": str(tmp_path)})


def test_secrets_come_from_the_environment_or_from_files(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("s3cret\n", encoding="utf-8")

    settings = load_settings(
        _environ(
            tmp_path,
            GATEWAY_SECRET_CDEK_TOKEN_FILE=str(path),
            GATEWAY_SECRET_HALYK="h",
            GATEWAY_METRICS_TOKEN_FILE=str(path),
        )
    )

    assert settings.secrets == {"cdek_token": "s3cret", "halyk": "h"}
    assert settings.metrics_token == "s3cret"


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    settings = load_settings(_environ(tmp_path, GATEWAY_SECRET_HALYK="h1dden", GATEWAY_METRICS_TOKEN="h1dden"))

    assert "h1dden" not in repr(settings)


def test_an_unreadable_secret_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GATEWAY_SECRET_HALYK_FILE"):
        load_settings(_environ(tmp_path, GATEWAY_SECRET_HALYK_FILE=str(tmp_path / "none")))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_listening_beyond_loopback_needs_protection(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match="GATEWAY_TLS_CERTIFICATE"):
        load_settings(_environ(tmp_path, GATEWAY_HOST=host))

    assert load_settings(_environ(tmp_path, GATEWAY_HOST=host, GATEWAY_TLS_TERMINATED="1")).host == host


def test_a_certificate_without_its_key_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set both or neither"):
        load_settings(_environ(tmp_path, GATEWAY_TLS_CERTIFICATE=str(tmp_path / "c.pem")))


def test_every_setting_says_what_it_is_for() -> None:
    assert all(setting_names().values())


PROXIES = {"GATEWAY_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}


def test_what_asks_the_platform_and_who_is_trusted_in_front_are_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-of-the-gateway\n", encoding="utf-8")

    settings = load_settings(
        _environ(
            tmp_path,
            **PROXIES,
            GATEWAY_PEER_HEADER="PeerAddress",
            GATEWAY_UPSTREAM_URL="https://platform.example/internal",
            GATEWAY_UPSTREAM_TOKEN_FILE=str(tmp_path / "token"),
            GATEWAY_UPSTREAM_TIMEOUT_SECONDS="2.5",
        )
    )

    assert [str(one) for one in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert (settings.peer_header, settings.upstream_token) == ("PeerAddress", "token-of-the-gateway")
    assert settings.upstream_timeout_seconds == 2.5
    assert "token-of-the-gateway" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "more"),
    [
        ("GATEWAY_TRUSTED_PROXIES", "proxy.example", {}),
        ("GATEWAY_TRUSTED_PROXIES", "127.0.0.1,", {}),
        ("GATEWAY_TRUSTED_PROXIES", "0.0.0.0/0", {}),
        ("GATEWAY_TRUSTED_PROXIES", "127.0.0.1, ::/0", {}),
        ("GATEWAY_PEER_HEADER", "PeerAddress", {}),
        ("GATEWAY_CERTIFICATE_FINGERPRINT_HEADER", "PeerSHA256", {}),
        ("GATEWAY_CERTIFICATE_SUBJECT_HEADER", "PeerSubject", {}),
        ("GATEWAY_PEER_HEADER", "X-Forwarded-For", PROXIES),
        ("GATEWAY_PEER_HEADER", "Peer_Address", PROXIES),
        ("GATEWAY_CERTIFICATE_FINGERPRINT_HEADER", "X-Client-SHA256", PROXIES),
        ("GATEWAY_UPSTREAM_TIMEOUT_SECONDS", "0", {}),
        ("GATEWAY_UPSTREAM_TIMEOUT_SECONDS", "nan", {}),
    ],
)
def test_a_header_that_anyone_could_set_stops_the_start(
    tmp_path: Path, name: str, value: str, more: dict[str, str]
) -> None:
    """Law 10: what a proxy says counts only from one that is named, under a name that no stranger can spell too."""
    with pytest.raises(ConfigError, match=name):
        load_settings(_environ(tmp_path, **more, **{name: value}))


def test_a_command_that_reads_only_maps_finds_those_of_the_deployment(tmp_path: Path) -> None:
    environ = {"GATEWAY_HOME": str(tmp_path)}  # no origin, no keys: it needs none
    (tmp_path / "gateway.env").write_text("GATEWAY_MAPS=/etc/gateway/purpose_maps\n", encoding="utf-8")

    assert maps_folder(environ) == Path("/etc/gateway/purpose_maps")
    assert maps_folder({**environ, "GATEWAY_MAPS": "other"}) == Path("other")
    assert maps_folder({"GATEWAY_HOME": str(tmp_path / "none")}) == Path("purpose_maps")


def test_maps_are_not_guessed_where_the_settings_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gateway.env").write_text("GATEWAY_MAPS /etc/gateway/purpose_maps\n", encoding="utf-8")

    with pytest.raises(ConfigError):
        maps_folder({"GATEWAY_HOME": str(tmp_path)})
