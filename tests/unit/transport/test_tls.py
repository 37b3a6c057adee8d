from __future__ import annotations

import pathlib
import ssl

import pytest

from gateway.transport.connection import DeadlineSocket
from gateway.transport.tls import tls_context
from tests.recipients import Authority


def test_the_context_verifies_the_chain_and_the_name_under_tls_1_2_or_later(tmp_path: pathlib.Path) -> None:
    """T29: every demand on the peer, in one place."""
    context = tls_context(Authority(tmp_path).ca_file, DeadlineSocket)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not context.hostname_checks_common_name
    assert context.sslsocket_class is DeadlineSocket


def test_a_ca_file_stands_alone(tmp_path: pathlib.Path) -> None:
    context = tls_context(Authority(tmp_path).ca_file, DeadlineSocket)

    assert context.cert_store_stats()["x509_ca"] == 1


def test_without_a_ca_file_the_roots_of_the_system_count(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", Authority(tmp_path).ca_file)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    context = tls_context(None, DeadlineSocket)

    assert context.cert_store_stats()["x509_ca"] == 1


def test_session_keys_are_written_nowhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    context = tls_context(Authority(tmp_path).ca_file, DeadlineSocket)

    assert context.keylog_filename is None


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "rubbish"])
def test_a_ca_file_of_no_use_is_an_error(tmp_path: pathlib.Path, content: bytes | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)

    with pytest.raises(OSError):  # noqa: PT011  a missing file and a useless one have no word in common
        tls_context(str(ca_file), DeadlineSocket)
