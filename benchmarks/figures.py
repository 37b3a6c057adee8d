"""The arithmetic of a run: samples in, figures, ratios and demands out. Starts and measures nothing."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass

CPU_RATIO_LIMIT = 0.4
COMMITS_LIMIT = 400.0
PROXY_RATIO_LIMIT = 1.1


@dataclass(frozen=True, slots=True)
class Sample:
    """One gateway in one round."""

    transfers: int  # measured ones
    sent: int  # what the recipient saw, warm-up included
    cpu_seconds: float
    seconds: float
    p50_ms: float
    p99_ms: float
    commits: int
    handshakes: int  # warm-up included: that is where they happen
    single_p50_ms: float  # one connection, nothing else in flight
    single_p99_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One gateway over all rounds: medians, and counts per 1,000 transfers."""

    cpu_us: float
    cpu_us_range: tuple[float, float]
    throughput: float
    p50_ms: float
    p99_ms: float
    added_p50_ms: float
    added_p99_ms: float
    commits_per_1000: float
    handshakes_per_1000: float
    transfers: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand and whether it holds."""

    name: str
    measured: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether what was measured is within the limit."""
        return self.measured <= self.limit


def figures(samples: list[Sample], direct_ms: list[tuple[float, float]]) -> Figures:
    """The figures of one gateway; `direct_ms` is p50 and p99 of a direct call, by round."""
    cpu = [1e6 * sample.cpu_seconds / sample.transfers for sample in samples]
    sent = sum(sample.sent for sample in samples)
    transfers = sum(sample.transfers for sample in samples)
    added = [
        (sample.single_p50_ms - p50, sample.single_p99_ms - p99)
        for sample, (p50, p99) in zip(samples, direct_ms, strict=True)
    ]
    return Figures(
        cpu_us=statistics.median(cpu),
        cpu_us_range=(min(cpu), max(cpu)),
        throughput=statistics.median(sample.transfers / sample.seconds for sample in samples),
        p50_ms=statistics.median(sample.p50_ms for sample in samples),
        p99_ms=statistics.median(sample.p99_ms for sample in samples),
        added_p50_ms=statistics.median(p50 for p50, _ in added),
        added_p99_ms=statistics.median(p99 for _, p99 in added),
        commits_per_1000=1000 * sum(sample.commits for sample in samples) / transfers,
        handshakes_per_1000=1000 * sum(sample.handshakes for sample in samples) / max(sent, 1000),
        transfers=transfers,
    )


def ratios(ours: list[Sample], naive: list[Sample]) -> dict[str, float]:
    """Ours divided by naive, the median of the rounds' own ratios: neighbours in time share the machine's mood."""

    def ratio(of: str) -> float:
        pairs = zip(ours, naive, strict=True)
        return statistics.median(_value(one, of) / _value(other, of) for one, other in pairs)

    return {name: ratio(name) for name in ("cpu", "throughput", "p50", "p99")}


def _value(sample: Sample, of: str) -> float:
    match of:
        case "cpu":
            return sample.cpu_seconds / sample.transfers
        case "throughput":
            return sample.transfers / sample.seconds
        case "p50":
            return sample.p50_ms
        case _:
            return sample.p99_ms


def demands(ours: Figures, ratio: dict[str, float], threads: int) -> list[Demand]:
    """What must hold."""
    return [
        Demand("CPU against naive", ratio["cpu"], CPU_RATIO_LIMIT),
        Demand("commits per 1,000 transfers", ours.commits_per_1000, COMMITS_LIMIT),
        Demand("handshakes per 1,000 transfers", ours.handshakes_per_1000, float(threads)),
    ]


def proxy_demands(ratio: dict[str, float]) -> list[Demand]:
    """What must hold of the proxy, measured by the other route of the same gateway."""
    return [Demand("CPU of the proxy against /v1/transfers", ratio["cpu"], PROXY_RATIO_LIMIT)]


_ROWS = (
    ("CPU µs per transfer", "cpu_us", "{:,.0f}"),
    ("throughput per second", "throughput", "{:,.0f}"),
    ("p50 ms, 32 in flight", "p50_ms", "{:,.1f}"),
    ("p99 ms, 32 in flight", "p99_ms", "{:,.1f}"),
    ("added latency p50 ms, one in flight", "added_p50_ms", "{:,.2f}"),
    ("added latency p99 ms, one in flight", "added_p99_ms", "{:,.2f}"),
    ("commits per 1,000", "commits_per_1000", "{:,.0f}"),
    ("TLS handshakes per 1,000", "handshakes_per_1000", "{:,.1f}"),
)
_RATIOS = {"cpu_us": "cpu", "throughput": "throughput", "p50_ms": "p50", "p99_ms": "p99"}


def table(of: dict[str, Figures], ratio: dict[str, float], held: list[Demand]) -> str:
    """The figures for people."""
    values = {name: asdict(figures) for name, figures in of.items()}
    lines = ["".join([f"{'':38}", *(f"{name:>12}" for name in of), f"{'ours/naive':>12}" if ratio else ""])]
    for title, key, pattern in _ROWS:
        cells = [f"{pattern.format(values[name][key]):>12}" for name in of]
        quotient = f"{ratio[_RATIOS[key]]:>12.2f}" if ratio and key in _RATIOS else ""
        lines.append("".join([f"{title:38}", *cells, quotient]))
    lines.append("")
    for demand in held:
        word = "holds" if demand.holds else "FAILS"
        lines.append(f"{word}  {demand.name}: {demand.measured:,.2f} (at most {demand.limit:,.1f})")
    return "\n".join(lines)
