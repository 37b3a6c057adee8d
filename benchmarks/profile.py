"""Where the CPU of a transfer goes, by stage: our gateway in this process, behind its WSGI door, without a server.

Each stage is timed by the CPU of the thread that runs it. What is left of a request is the web: routing, reading,
replying. What the process spends beside its requests is the log's own thread, which writes the outcomes.

    python -m benchmarks.profile                 one thread, a stub for the recipient
    python -m benchmarks.profile --threads 16    as the server runs it, with groups in the log
    python -m benchmarks.profile --proxy         the same transfers by the proxy
    python -m benchmarks.profile --real          sends to the bench's TLS recipient
    python -m benchmarks.profile --functions 30  the functions that take most (cProfile, which doubles the times)
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import functools
import io
import itertools
import os
import pathlib
import pstats
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks import payload
from benchmarks.ours import make_home
from benchmarks.setting import setting

_SETTLE_SECONDS = 0.2
_WARMUP = 200
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Ledger:
    """CPU by stage, kept apart by thread while it grows. A stage inside a stage is taken out of the outer one."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._all: list[dict[str, int]] = []
        self._lock = threading.Lock()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its CPU written down under `stage`."""

        @functools.wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            spent, inner = self._open()
            began, inside = time.thread_time_ns(), inner[0]
            try:
                return function(*arguments, **named)
            finally:
                whole = time.thread_time_ns() - began
                spent[stage] += whole - (inner[0] - inside)
                inner[0] = inside + whole

        return wrapper

    def _open(self) -> tuple[dict[str, int], list[int]]:
        if not hasattr(self._mine, "spent"):
            self._mine.spent, self._mine.inner = defaultdict(int), [0]
            with self._lock:
                self._all.append(self._mine.spent)
        return self._mine.spent, self._mine.inner

    def clear(self) -> None:
        """Forget what was spent so far."""
        for spent in self._all:
            spent.clear()

    def total(self) -> dict[str, int]:
        """Nanoseconds by stage, over all threads."""
        sums: dict[str, int] = defaultdict(int)
        for stage, spent in itertools.chain.from_iterable(one.items() for one in self._all):
            sums[stage] += spent
        return sums


STAGES = ("admit", "decide", "minimise", "record", "ask again", "seal", "send", "outcome", "web")


@contextlib.contextmanager
def instrumented(ledger: Ledger, folder: pathlib.Path, home: pathlib.Path, *, stub: bool) -> Iterator[Wsgi]:
    """The application over a gateway of this process, a clock around every stage; with `stub`, nothing is sent."""
    metrics = folder / "metrics"
    metrics.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)  # as `serve` sets it; read when the library is imported

    from gateway import transfer  # noqa: PLC0415
    from gateway.admission.request import Admission  # noqa: PLC0415
    from gateway.bootstrap import build  # noqa: PLC0415
    from gateway.config import load_settings  # noqa: PLC0415
    from gateway.model import Answer, OutcomeCode, Sent  # noqa: PLC0415
    from gateway.seal.envelope import Sealer  # noqa: PLC0415
    from gateway.transfer_log.record import LogRecorder  # noqa: PLC0415
    from gateway.transport import Transport  # noqa: PLC0415
    from gateway.web import create_app  # noqa: PLC0415

    if stub:
        answer = Answer(200, {"content-type": "application/json"}, b'{"accepted":true,"reference":"EXT-000001"}')
        sent = Sent(OutcomeCode.DELIVERED, status=200, answer=answer)
        setattr(Transport, "send", lambda _transport, _envelope: sent)  # noqa: B010 - a method on purpose
    places: list[tuple[object, str, str]] = [
        (Admission, "admit", "admit"),
        (transfer, "decide", "decide"),
        (transfer, "minimise", "minimise"),
        (LogRecorder, "intent", "record"),
        (transfer, "ask_again", "ask again"),
        (Sealer, "seal", "seal"),
        (Transport, "send", "send"),
        (LogRecorder, "outcome", "outcome"),
    ]
    for owner, name, stage in places:
        setattr(owner, name, ledger.timed(stage, getattr(owner, name)))
    gateway = build(load_settings({"GATEWAY_HOME": str(home)}))
    with (folder / "diagnostics.jsonl").open("wb", buffering=0) as diagnostics, contextlib.closing(gateway):
        yield create_app(gateway, diagnostics_to=diagnostics)


class Door:
    """Calls the application as a WSGI server would."""

    def __init__(self, app: Wsgi, asked: payload.Asked) -> None:
        self._app = app
        self._asked = asked
        self._numbers = itertools.count(1)

    def transfer(self) -> None:
        """One transfer. Raises RuntimeError on any answer but 200."""
        asked = self._asked.numbered(f"{next(self._numbers):06}")
        environ = {
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()},
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": asked.path,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(asked.body)),
            "HTTP_HOST": "127.0.0.1:8080",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(asked.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        told: list[str] = []
        answer = self._app(environ, lambda status, *_: told.append(status))
        reply = b"".join(answer)
        if not told[0].startswith("200"):
            raise RuntimeError(f"{told[0]}: {reply[:1000].decode('utf-8', 'replace')}")


def spread(call: Callable[[], None], count: int, threads: int) -> None:
    """Call `count` times from as many threads."""
    if threads == 1:
        for _ in range(count):
            call()
        return
    failed: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(count // threads):
                call()
        except Exception as error:  # noqa: BLE001 - carried to the main thread
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]


def table(spent: dict[str, int], process_ns: int, count: int) -> str:
    """The stages for people, µs per transfer and share."""
    whole = process_ns / count / 1000
    lines = [f"{'stage':14}{'µs':>8}{'%':>7}"]
    rest = whole
    for stage in STAGES:
        micros = spent.get(stage, 0) / count / 1000
        rest -= micros
        lines.append(f"{stage:14}{micros:>8.0f}{100 * micros / whole:>7.1f}")
    lines.append(
        f"{'beside':14}{rest:>8.0f}{100 * rest / whole:>7.1f}   other threads: outcomes, the collector of loose ends"
    )
    lines.append(f"{'all':14}{whole:>8.0f}{100:>7.1f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="send to the bench's recipient")
    parser.add_argument("--proxy", action="store_true", help="by the proxy instead of /v1/transfers")
    parser.add_argument("--functions", type=int, default=0, help="list this many functions instead of stages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gateway-profile-") as name, setting(pathlib.Path(name)) as where:
        home, token = make_home(where)
        ledger = Ledger()
        with instrumented(ledger, where.folder, home, stub=not asked.real) as app:
            how = payload.proxied(token) if asked.proxy else payload.transfer(token)
            call = ledger.timed("web", Door(app, how).transfer)
            spread(call, _WARMUP, asked.threads)
            time.sleep(_SETTLE_SECONDS)
            if asked.functions:
                _functions(call, asked.requests, asked.functions)
            else:
                _stages(ledger, call, asked.requests, asked.threads)


def _functions(call: Callable[[], None], count: int, shown: int) -> None:
    # CPU, not the clock on the wall: waiting for the disk or for a busy machine is not what is asked here.
    with cProfile.Profile(time.thread_time) as profile:
        spread(call, count, 1)
    pstats.Stats(profile).sort_stats("tottime").print_stats(shown)


def _stages(ledger: Ledger, call: Callable[[], None], count: int, threads: int) -> None:
    ledger.clear()
    began = time.process_time_ns()
    spread(call, count, threads)
    time.sleep(_SETTLE_SECONDS)
    print(table(ledger.total(), time.process_time_ns() - began, count // threads * threads))


if __name__ == "__main__":
    main()
