"""What the recognisers of free text find, miss and take by mistake, over the labelled corpus and the texts by hand.

What each figure means stands in tests/text/measure.py. The floors are those of the tests; below one, or
over 1 ms of CPU for 1,000 characters, it ends with 1.

    python -m benchmarks.text                the figures and the first misses
    python -m benchmarks.text --all          every miss and every mistake
    python -m benchmarks.text --held-out     with the texts by hand that nobody looked at while building
    python -m benchmarks.text --seed 7       another generated corpus
    python -m benchmarks.text --kind person  misses of one kind alone
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from gateway.minimise.text import Recogniser
from tests.text.corpus import SEED, Text, by_hand, generated
from tests.text.floors import below, not_reached
from tests.text.measure import Judge, Report, measure, share

TONGUES = ("ru", "kk", "en", "mixed")
SHOWN = 12
MICROSECONDS = 1_000  # of CPU for 1,000 characters; a busy machine can take twice as long, so no test demands it
_RUNS = 3
_LONG = 64_000


def table(report: Report) -> list[str]:
    """Recall and precision per kind and language, as rows of Markdown."""
    rows = [f"| kind | {' | '.join(TONGUES)} | all | precision |", "|---|" + "---:|" * (len(TONGUES) + 2)]
    for kind in sorted({kind for kind, _ in report.by}):
        cells = []
        for tongue in (*TONGUES, None):
            chosen = [one for (name, where), one in report.by.items() if name == kind and tongue in {None, where}]
            labelled = sum(one.labelled for one in chosen)
            cells.append(f"{share(sum(one.hidden for one in chosen), labelled):.1%} of {labelled}" if labelled else "–")
        found = sum(one.found for (name, _), one in report.by.items() if name == kind)
        cells.append(f"{report.precision({kind}):.1%} of {found}" if found else "–")
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    for name, part, whole in (
        ("harmless unchanged", report.unchanged, report.harmless),
        ("useful kept", report.kept, report.useful),
    ):
        cells = [f"{share(part[tongue], whole[tongue]):.1%} of {whole[tongue]}" for tongue in TONGUES]
        rows.append(f"| {name} | {' | '.join(cells)} | {share(part.total(), whole.total()):.1%} of {whole.total()} | |")
    return rows


def speed(judge: Judge, texts: Sequence[Text]) -> tuple[list[str], float]:
    """Microseconds for 1,000 characters: the corpus, and each recogniser on a long text of ordinary requests."""
    whole = min(measure(texts, judge).per_thousand for _ in range(_RUNS))
    text = " ".join(one.words for one in texts)[:_LONG]
    rows = [
        f"{whole:8.0f} µs per 1,000 characters (at most {MICROSECONDS}): the corpus, all of it, best of {_RUNS} runs"
    ]
    for recogniser in judge.recognisers:
        spent = min(_spent(recogniser, text) for _ in range(_RUNS))
        rows.append(f"{spent * 1e9 / len(text):8.0f} µs: {type(recogniser).__name__}")
    return rows, whole


def _spent(recogniser: Recogniser, text: str) -> float:
    began = time.thread_time()
    list(recogniser.find(text))
    return time.thread_time() - began


def _listed(title: str, lines: list[str], *, everything: bool, kind: str | None) -> None:
    chosen = [line for line in lines if kind is None or line.split()[1] == kind]
    shown = chosen if everything else chosen[:: max(1, len(chosen) // SHOWN)][:SHOWN]
    print(f"\n{title}: {len(chosen)}", *shown, sep="\n  ")


def main() -> int:
    """Measure, print, and end with 1 below a floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every miss and every mistake")
    parser.add_argument("--held-out", action="store_true", help="measure the held-out texts too")
    parser.add_argument("--kind", help="misses of one kind alone")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    judge, faults = Judge(), list[str]()
    corpora = {"generated": generated(asked.seed), "by hand": by_hand("hand_open")}
    if asked.held_out:
        corpora["by hand, held out"] = by_hand("hand_held_out")
    for name, texts in corpora.items():
        report = measure(texts, judge)
        print(f"\n## {name}: {len(texts)} texts", f"seed {asked.seed}" if name == "generated" else "", "\n")
        print(*table(report), sep="\n")
        _listed("missed", report.missed, everything=asked.all, kind=asked.kind)
        _listed("taken by mistake", report.wrong, everything=asked.all, kind=asked.kind)
        _listed("altered outside findings", report.not_aligned, everything=True, kind=None)
        if name == "generated":
            rows, spent = speed(judge, texts)
            print("", *rows, sep="\n")
            print("", *(f"not reached: {one}" for one in not_reached(report)), sep="\n")
            faults += below(report)
            faults += [f"CPU: {spent:.0f} µs per 1,000 characters"] if spent > MICROSECONDS else []
    print("", *(f"BELOW ITS FLOOR: {fault}" for fault in faults), sep="\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
