"""Processes of a run: started in a group of their own, watched, measured from /proc, always ended."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

ROOT = pathlib.Path(__file__).resolve().parent.parent
_START_SECONDS = 40.0
_END_SECONDS = 5.0
_TICKS = os.sysconf("SC_CLK_TCK")
_LEFT_OUT = ("GATEWAY_", "NAIVE_", "REQUESTS_", "CURL_", "SSL_", "GRANIAN_", "GUNICORN_")


class StartFailed(Exception):
    """A process of the run did not come up."""


def environment(**more: str) -> dict[str, str]:
    """The environment without what could bend a figure: proxies, CA bundles, settings of other gateways."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_LEFT_OUT) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@contextlib.contextmanager
def started(
    command: list[str],
    log: pathlib.Path,
    *,
    env: Mapping[str, str] | None = None,
    piped: bool = False,
) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, its complaints in `log`; the whole group is ended when the block ends."""
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env) if env is not None else environment(),
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else sink,
            stderr=sink,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    for sent, wait in ((signal.SIGTERM, _END_SECONDS), (signal.SIGKILL, _END_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def finished(command: list[str], *, env: Mapping[str, str]) -> str:
    """What a command printed; StartFailed with its complaint if it did not end well."""
    done = subprocess.run(
        command, cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=_START_SECONDS, check=False
    )
    if done.returncode:
        raise StartFailed(f"{' '.join(command[-6:])}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def wait_for_port(port: int, process: subprocess.Popen[str], log: pathlib.Path) -> None:
    """Return when something listens on `port`; StartFailed with the end of the log when nothing will."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise StartFailed(f"nothing listens on port {port}\n{log.read_text(encoding='utf-8')[-3000:]}")


def read_line(process: subprocess.Popen[str], log: pathlib.Path) -> str:
    """The next line that the process prints; StartFailed with the end of its log when there is none."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise StartFailed(log.read_text(encoding="utf-8")[-3000:] or "it printed nothing")
    return line.strip()


def free_port() -> int:
    """A port of the loopback that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all that descend from it, those already gone included."""
    times: dict[int, tuple[int, int]] = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # The second field is a name in parentheses that may hold anything; what follows it is numbers.
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                times[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    family = {pid}
    grew = True
    while grew:
        found = {child for child, (parent, _) in times.items() if parent in family} - family
        family |= found
        grew = bool(found)
    return sum(times[member][1] for member in family if member in times) / _TICKS


def python(*arguments: str) -> list[str]:
    """A command that runs this interpreter."""
    return [sys.executable, *arguments]
