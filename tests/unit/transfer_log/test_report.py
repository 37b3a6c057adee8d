"""gateway.transfer_log.report: where the log disagrees with itself."""

from __future__ import annotations

from gateway.transfer_log.report import PROBLEM_LIMIT, Check, Problem, Problems, Report


def _report(problem_count: int) -> Report:
    return Report(
        entries=3,
        kinds={},
        checkpoints=1,
        proven=3,
        root=bytes(32),
        without_outcome=(0, 2),
        problems=(),
        problem_count=problem_count,
    )


def test_a_problem_names_its_entry_or_its_interval() -> None:
    one = Problem(17, 17, Check.LEAF, "a canonical leaf", "the leaf is not JSON")
    several = Problem(8, 15, Check.ROOT, "root A", "root B")

    assert str(one) == "entry 17: leaf: expected a canonical leaf, found the leaf is not JSON"
    assert str(several) == "entries 8 to 15: root: expected root A, found root B"


def test_every_problem_is_counted_and_the_first_are_shown() -> None:
    problems = Problems()

    for index in range(PROBLEM_LIMIT + 5):
        problems.note(index, Check.LEAF, "this", "that")

    assert (problems.count, len(problems.shown)) == (PROBLEM_LIMIT + 5, PROBLEM_LIMIT)
    assert problems.shown[-1].first == PROBLEM_LIMIT - 1


def test_a_gap_is_the_interval_that_is_missing() -> None:
    problems = Problems()

    problems.note_gap(4, 7)
    problems.note_gap(4, 2)

    assert [(problem.first, problem.last) for problem in problems.shown] == [(4, 6), (2, 2)]


def test_an_interval_never_ends_before_it_begins() -> None:
    problems = Problems()

    problems.note_interval(0, -1, Check.CHECKPOINT, "this", "that")

    assert (problems.shown[0].first, problems.shown[0].last) == (0, 0)


def test_a_report_is_good_only_without_any_problem() -> None:
    assert _report(0).ok
    assert not _report(1).ok


def test_a_report_counts_the_intents_that_wait() -> None:
    assert _report(0).open_intents == 2
