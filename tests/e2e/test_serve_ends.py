"""`gateway serve` ends without losing anything, and does not start where it must not."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import psutil
import pytest
import trustme

from gateway.clock import SystemClock
from tests.deployment import (
    ROOT,
    Served,
    new_deployment,
)
from tests.e2e.answers import ask, expect_delivered, expect_problem, personal_in, verified
from tests.e2e.server import environ_of, free_port, serve_until_it_fails, slow_gateway, started
from tests.recipients import LOOPBACK, Authority, Received, RecordingRecipient, Reply

# ── The end ─────────────────────────────────────────────────────────────────


def one_sigterm(server: psutil.Process) -> None:
    """As `docker stop` does."""
    server.terminate()


def every_process_twice(server: psutil.Process) -> None:
    """As Ctrl-C and `systemctl stop` together do."""
    for process in (server, *server.children()):
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("tell", [one_sigterm, every_process_twice])
def test_a_server_that_is_told_to_end_lets_requests_finish_and_writes_their_outcomes(
    tmp_path: Path, tell: Callable[[psutil.Process], None]
) -> None:
    """T74: the caller was told `delivered`, so the log must say so too."""
    arrived = threading.Semaphore(0)

    def reply(_: Received) -> Reply:
        arrived.release()
        time.sleep(1)
        return Reply()

    with slow_gateway(tmp_path, reply, workers=2) as (deployment, served, recipient), ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ask, served) for _ in range(6)]
        for _ in asked:
            assert arrived.acquire(timeout=10)
        tell(psutil.Process(served.process.pid))
        documents = [expect_delivered(one.result()) for one in asked]
        code = served.process.wait(timeout=10)
        with pytest.raises(OSError, match="refused"):
            served.call("GET", "/healthz")

    report = verified(deployment)
    assert code == 0
    assert len(documents) == len(recipient.received) == 6
    assert (report.entries, report.open_intents, list(report.problems)) == (12, 0, [])


def test_sigterm_while_the_processes_start_ends_them(tmp_path: Path) -> None:
    """A process that is only being made must not sleep through its end."""
    deployment = new_deployment(tmp_path)
    deployment.make()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve", "--port", str(free_port()), "--workers", "2"],
        env=environ_of(deployment),
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        while len(psutil.Process(process.pid).children()) < 2:
            time.sleep(0.01)
        process.terminate()
        code = process.wait(timeout=20)
    finally:
        if process.poll() is None:
            Served(process, 0, "", tmp_path).kill()

    assert code == 0


def test_lines_that_nobody_reads_cost_no_transfer(tmp_path: Path) -> None:
    """The reader of standard error has gone."""
    authority, deployment = Authority(tmp_path), new_deployment(tmp_path)
    with RecordingRecipient(authority) as recipient:
        deployment.point("mc-primer-uk", recipient.base_url, authority.ca_file)
        deployment.make()
        reader, writer = os.pipe()
        words = [sys.executable, "-m", "gateway.cli", "serve", "--workers", "1", "--threads", "4"]
        with started(words, deployment, writer) as served:
            os.close(writer)
            os.close(reader)

            answers = [ask(served) for _ in range(3)]

            assert [expect_delivered(answer)["outcome"] for answer in answers] == ["delivered"] * 3
            assert len(recipient.received) == 3


def test_gunicorn_serves_the_same_and_writes_the_outcomes_too(tmp_path: Path) -> None:
    authority, deployment = Authority(tmp_path), new_deployment(tmp_path)
    with RecordingRecipient(authority) as recipient:
        deployment.point("mc-primer-uk", recipient.base_url, authority.ca_file)
        deployment.make()
        words = [sys.executable, "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread", "--threads", "4"]
        with (
            (tmp_path / "gunicorn.log").open("wb") as log,
            started(words, deployment, log.fileno(), port_word="--bind=127.0.0.1:{}", HOME=str(tmp_path)) as served,
        ):
            delivered = expect_delivered(ask(served))
            expect_problem(ask(served, "mc-nobody"), 422, "unknown_recipient")

    report = verified(deployment)
    assert delivered["answer"]["body"] == {"ok": True}
    opened = deployment.receiver("mc-primer-uk").open(recipient.received[0].body, now=SystemClock().now(), newest=None)
    assert opened.index == delivered["log"]["index"]
    assert (report.entries, report.open_intents, list(report.problems)) == (3, 0, [])
    assert personal_in((tmp_path / "gunicorn.log").read_bytes()) == []


# ── What does not start ─────────────────────────────────────────────────────


def test_all_problems_are_told_at_once_before_any_process_starts(tmp_path: Path) -> None:
    """Laws 1 and 10: an empty map, a map that allows nothing and missing keys."""
    deployment = new_deployment(tmp_path)
    deployment.make()
    (deployment.maps / "managing_company.yaml").write_text("recipient_class: managing_company\npurposes: {}\n")
    (deployment.maps / "payment_provider.yaml").write_text("")
    shutil.rmtree(deployment.home / "keys")

    ran = serve_until_it_fails(deployment, "--workers", "2")

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    for expected in (
        "keys.json: missing",
        "managing_company.yaml:2: purposes: expected at least one",
        "payment_provider.yaml:1: the file is empty",
    ):
        assert expected in ran.stderr
    assert "gateway on" not in ran.stderr


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"GATEWAY_HOST": "0.0.0.0"}, "listening beyond loopback needs GATEWAY_TLS_CERTIFICATE"),
        ({"GATEWAY_PROT": "8080"}, "GATEWAY_PROT"),
    ],
    ids=["beyond loopback without TLS", "a misspelt setting"],
)
def test_an_unprotected_gateway_does_not_run(tmp_path: Path, environ: Mapping[str, str], expected: str) -> None:
    """Law 10."""
    deployment = new_deployment(tmp_path)
    deployment.make()

    ran = serve_until_it_fails(deployment, **environ)

    assert ran.returncode == 1
    assert expected in ran.stderr


def test_a_certificate_of_its_own_serves_https(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert(LOOPBACK)
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for part in issued.cert_chain_pems:
        part.write_to_path(str(tmp_path / "cert.pem"), append=True)
    deployment = new_deployment(tmp_path)
    deployment.make()
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    port = free_port()
    environ = {"GATEWAY_TLS_CERTIFICATE": str(tmp_path / "cert.pem"), "GATEWAY_TLS_KEY": str(tmp_path / "key.pem")}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gateway.cli",
            "serve",
            "--port",
            str(port),
            "--workers",
            "1",
            "--threads",
            "2",
            "--json",
        ],
        env=environ_of(deployment, **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        status, version = _over_tls(port, context)
        with pytest.raises((http.client.HTTPException, OSError)):
            Served(process, port, "", tmp_path).call("GET", "/healthz", timeout=5)
    finally:
        process.terminate()
        told, _ = process.communicate(timeout=15)

    assert status == 200
    assert version in ("TLSv1.2", "TLSv1.3")
    assert orjson.loads(told)["listening"] == f"https://127.0.0.1:{port}"


def _over_tls(port: int, context: ssl.SSLContext) -> tuple[int, str | None]:
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=5, context=context)
        try:
            connection.request("GET", "/healthz")
            assert isinstance(connection.sock, ssl.SSLSocket)
            return connection.getresponse().status, connection.sock.version()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            connection.close()
