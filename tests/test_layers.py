"""What the layers contract cannot say: which libraries the product stands on, and that the lock has them."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

# Declared, but imported by a library or by name at run time.
INDIRECT = {
    "chdb": "clickhouse-connect opens it for chdb:// addresses",
    "hiredis": "redis reads answers with it",
    "httptools": "uvicorn's HTTP parser",
    "pymysql": "SQLAlchemy opens it for mysql:// addresses",
    "tzdata": "zoneinfo reads it where the system has no zones",
    "ua-parser-rs": "ua-parser's fast engine",
    "uvloop": "uvicorn's event loop",
    "websockets": "uvicorn's sockets",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(line: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", line)
    assert match, line
    return normal(match[0])


DECLARED = {requirement(line) for line in PROJECT["project"]["dependencies"]}


def imported() -> dict[str, set[str]]:
    """Top-level module that is no standard one → the files that import it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "eventlens").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                found.setdefault(name.partition(".")[0], set()).add(str(path.relative_to(ROOT)))
    return {
        name: files for name, files in found.items() if name not in {*sys.stdlib_module_names, "eventlens"}
    }


def test_every_import_is_declared() -> None:
    owners = packages_distributions()
    undeclared = {
        module: files
        for module, files in imported().items()
        if not {normal(owner) for owner in owners.get(module, [])} & DECLARED
    }
    assert undeclared == {}


def test_every_dependency_is_used() -> None:
    owners = packages_distributions()
    used = {normal(owner) for module in imported() for owner in owners.get(module, [])}
    assert DECLARED - used - set(INDIRECT) == set()
    assert sorted(set(INDIRECT) - DECLARED) == []


def locked(name: str) -> dict[str, str]:
    """Package → version of one lock file."""
    text = (ROOT / "requirements" / name).read_text()
    return {
        normal(package): version for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_the_lock_holds_every_dependency_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[\w.-]+==)", text)
    assert sorted(DECLARED - set(locked(name))) == []
    assert [entry.partition(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_holds_every_development_dependency() -> None:
    group = PROJECT["dependency-groups"]["dev"]
    wanted = {requirement(line) for line in group if isinstance(line, str)}
    assert sorted(wanted - set(locked("dev.txt"))) == []


def test_both_locks_agree() -> None:
    development = locked("dev.txt")
    assert {
        name: version for name, version in locked("runtime.txt").items() if development.get(name) != version
    } == {}


def test_the_locks_name_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text(), path.name
