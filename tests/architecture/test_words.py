"""One word for one thing (DESIGN section 4), and nothing in the project about the machine it was made on."""

from __future__ import annotations

import ast
import re
import subprocess

from gateway import errors
from tests.architecture.source import HOUSE, ROOT, modules

BANNED = {
    "user", "users", "customer", "client", "blob", "package", "dead_letter", "sanitise", "sanitize", "filtered",
    "whitelist", "blacklist", "ledger", "audit_trail", "blockchain", "utils", "helpers", "manager", "opt_out",
}  # fmt: skip
OF_LIBRARIES = {"client_address", "USER_AGENT"}  # http.server's argument; the name of a header
OPEN_ENDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(
    r"(^|[^A-Za-z0-9_.])/(work|farm|root|home/[a-z]+)/|https?://[^ \"]+\.(whl|tgz|tar\.gz)|index-url ?="
)


def _names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def test_no_banned_synonym_is_a_name() -> None:
    found = {
        f"{name}: {word}"
        for name, tree in modules().items()
        for word in _names(tree) - OF_LIBRARIES
        if BANNED & {word.lower().strip("_"), *word.lower().split("_")}
    }

    assert found == set()


def test_no_folder_is_a_drawer() -> None:
    assert [
        path.name for path in HOUSE.rglob("*") if path.stem in {"utils", "common", "helpers", "services", "manager"}
    ] == []


def test_nothing_is_left_open() -> None:
    found = [name for name in modules() if OPEN_ENDS.search((ROOT / name).read_text(encoding="utf-8"))]

    assert found == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    found = []
    for raw in filter(None, listed):
        path = ROOT / raw.decode()
        if path == ROOT / "tests/architecture/test_words.py" or not path.is_file():
            continue
        if MACHINE.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(str(path.relative_to(ROOT)))

    assert found == []


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = set(re.findall(r"[├└]─ (\w+)", errors.__doc__ or ""))

    def below(cls: type[Exception]) -> set[str]:
        found: set[str] = set()
        for one in cls.__subclasses__():
            found |= {one.__name__, *below(one)}
        return found

    assert drawn == below(errors.GatewayError) - {"ProblemList"}
