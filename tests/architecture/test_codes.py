"""Each code of the closed lists is what some request gets: named by a test that asks a running gateway.

A code that no one has seen is a promise that no one keeps. What cannot be asked for from outside stands in a list, with
the test that brings it about.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from gateway import errors
from gateway.model import RefusedReason, WithheldReason
from gateway.web.problems import PROBLEMS
from tests.architecture.source import ROOT

BUILT = ("tests/e2e", "tests/crash", "tests/integration")
ELSEWHERE = {
    "config_invalid": ("tests/unit/test_config.py", "stops the start: there is no one to tell"),
    "maps_invalid": ("tests/unit/purpose/test_load.py", "stops the start: there is no one to tell"),
    "envelope_rejected": ("tests/unit/test_receiver.py", "is said by a recipient, to itself"),
    "log_diverged": ("tests/unit/storage/test_log.py", "no request brings it about; the process ends"),
    "log_damaged": ("tests/unit/storage/test_database.py", "no request brings it about"),
    "internal_error": ("tests/unit/web/test_init.py", "what is known to bring it about is mended"),
    "no_longer_permitted": ("tests/unit/test_transfer.py", "is asked in the microsecond between record and send"),
    "recipient_credentials": ("tests/unit/transport/test_token.py", "the recipient's server of tokens gave none"),
}
"""Code → where it is brought about, and why no request to a running gateway does."""


def _codes() -> list[str]:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.GatewayError)]
    return sorted({*(kind.code for kind in kinds), *PROBLEMS, *RefusedReason, *WithheldReason})


@cache
def _named() -> dict[str, list[str]]:
    """Each text that stands alone in a file of tests, and the files."""
    found: dict[str, list[str]] = {}
    for folder in BUILT:
        for path in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.setdefault(node.value, []).append(path.name)
    return found


@pytest.mark.parametrize("code", _codes())
def test_the_code_is_what_a_case_asks_for(code: str) -> None:
    if code in ELSEWHERE:
        path, why = ELSEWHERE[code]
        assert (ROOT / path).is_file()
        assert why
        return

    assert _named().get(code), f"no test of {', '.join(BUILT)} names {code!r}"


def test_what_is_brought_about_elsewhere_is_still_a_code_and_not_asked_for_here() -> None:
    assert [code for code in ELSEWHERE if code not in _codes()] == []
    assert [code for code in ELSEWHERE if _named().get(code)] == []
    assert [path for path, _ in ELSEWHERE.values() if not Path(ROOT / path).is_file()] == []
