"""Servers of the gateway that a test starts and ends itself: slow ones, unready ones, ones that must not start."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.deployment import (
    ROOT,
    Deployment,
    Served,
    new_deployment,
    serving,
)
from tests.recipients import LOOPBACK, Authority, RecordingRecipient


@contextlib.contextmanager
def slow_gateway(folder: Path, reply: Any, **more: Any) -> Iterator[tuple[Deployment, Served, RecordingRecipient]]:
    """A gateway of its own with a recipient that answers as told."""
    authority, deployment = Authority(folder), new_deployment(folder)
    with RecordingRecipient(authority, reply) as recipient:
        deployment.point("mc-primer-uk", recipient.base_url, authority.ca_file)
        deployment.make()
        with serving(deployment, **more) as served:
            yield deployment, served, recipient


def environ_of(deployment: Deployment, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, **deployment.environ, "GATEWAY_HOME": str(deployment.home), **more}


def serve_until_it_fails(deployment: Deployment, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`gateway serve` where it must not start; ended after 20 seconds, with its processes, if it does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve", *words],
        env=environ_of(deployment, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def started(
    words: Sequence[str], deployment: Deployment, stderr: int, *, port_word: str = "--port={}", **more: str
) -> Iterator[Served]:
    """A server on a free port, ready to answer; ended with its processes."""
    port = free_port()
    process = subprocess.Popen(
        [*words, port_word.format(port)],
        env=environ_of(deployment, **more),
        stdout=stderr,
        stderr=stderr,
        cwd=ROOT,
    )
    served = Served(process, port, deployment.token, Path(os.devnull))
    try:
        deadline = time.monotonic() + 30
        while not _answers(served):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            served.kill()


def _answers(served: Served) -> bool:
    try:
        return served.call("GET", "/readyz", timeout=2)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
