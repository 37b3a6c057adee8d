"""Each module has its test file, at the same place under tests/unit."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules

ASSERT_IN_ONE_PLACE = {
    "test_python_opens_it_with_jwcrypto",
    "test_node_opens_it_with_the_stock_library",
    "test_debian_opens_it_with_the_jose_command",
}  # tests whose assertion stands in a function that they share

ELSEWHERE = {
    "gateway/transfer.py": "tests/unit/test_transfer.py",
    "gateway/cli/serve.py": "tests/e2e/test_serve.py",
    "gateway/cli/demo/__init__.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/world.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/recipient.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/listening.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/drop_in.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/mirrored.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/shrunk.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/pulled.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/register.py": "tests/e2e/test_demo.py",
    "gateway/cli/demo/telling.py": "tests/e2e/test_demo.py",
    "gateway/cli/__main__.py": "tests/e2e/test_demo.py",
}


def _does_something(node: ast.AST) -> bool:
    """A function with a body; those of a Protocol hold a docstring and `...` only."""
    return isinstance(node, ast.FunctionDef) and not all(isinstance(line, ast.Expr) for line in node.body)


def _has_logic(tree: ast.Module) -> bool:
    return any(_does_something(node) for node in ast.walk(tree))


def _expected(name: str) -> Path:
    if name in ELSEWHERE:
        return ROOT / ELSEWHERE[name]
    inside = Path(name).relative_to("gateway")
    stem = "init" if inside.stem == "__init__" else inside.stem.strip("_")
    return ROOT / "tests" / "unit" / inside.parent / f"test_{stem}.py"


@pytest.mark.parametrize("name", sorted(name for name, tree in modules().items() if _has_logic(tree)))
def test_the_module_has_its_test_file(name: str) -> None:
    if "/migrations/" in name:
        assert (ROOT / "tests/unit/storage/test_migrate.py").is_file()
        return

    assert _expected(name).is_file(), f"missing: {_expected(name).relative_to(ROOT)}"


def test_every_test_asserts_something() -> None:
    hollow: list[str] = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                asserts = any(isinstance(line, ast.Assert) for line in ast.walk(node)) or "pytest.raises" in calls
                if not asserts and node.name not in ASSERT_IN_ONE_PLACE:
                    hollow.append(f"{path.name}:{node.name}")

    assert hollow == []
