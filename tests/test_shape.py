"""The house: what every file, function, package and test of the project looks like."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "eventlens"

LONGEST_FILE = 600
LONGEST_FUNCTION = 60
LONGEST_LINE = 110

WRITTEN_BY_HAND = {".py", ".sql", ".sh", ".ts", ".tsx", ".css", ".html"}
# Joined here, so that this file does not name what it forbids.
REGISTRY_HOSTS = [".".join(parts) for parts in (
    ("pythonhosted", "org"), ("pypi", "org"), ("npmjs", "org"), ("yarnpkg", "com"), ("deb", "debian", "org"),
    ("security", "debian", "org"), ("crates", "io"), ("proxy", "golang", "org"),
)]  # fmt: skip  # one screen
MACHINE_PATH = re.compile(r"(?<![\w.*>-])/(?:work|root|farm|home/\w+|Users/\w+)/")
# Folders of tests that mirror no package.
OTHER_TESTS = {"browser", "clients", "fuzz", "journeys", "oracle", "sdks", "security", "snapshots", "support"}


def project_files() -> list[Path]:
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(filter(None, listed.split("\0"))) if (ROOT / name).is_file()]


FILES = project_files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
PACKAGES = sorted({path.parent for path in PYTHON if path.is_relative_to(PACKAGE)})


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts() -> list[tuple[str, str]]:
    """(name, content) of every file that is text; packaged data is other people's."""
    found: list[tuple[str, str]] = []
    for path in FILES:
        if "data" in path.relative_to(ROOT).parts[:-1]:
            continue
        try:
            found.append((name_of(path), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def functions(path: Path) -> list[tuple[str, int]]:
    """(name with place, lines) of each function, however deep."""
    tree = ast.parse(path.read_text())
    return [
        (f"{name_of(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_files_are_not_too_long() -> None:
    lengths = {
        name_of(path): len(path.read_text().splitlines()) for path in FILES if path.suffix in WRITTEN_BY_HAND
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_not_too_long() -> None:
    found = [one for path in PYTHON for one in functions(path)]
    assert len(found) > 100
    assert [(name, lines) for name, lines in found if lines > LONGEST_FUNCTION] == []


def test_no_package_or_script_is_named_like_a_standard_module() -> None:
    # A script's folder comes first on the path: a script named queue.py breaks every import of queue.
    scripts = [path for folder in ("tools", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    taken = [name_of(path) for path in [*PACKAGES, *scripts] if path.stem in sys.stdlib_module_names]
    assert taken == []


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_each_package_says_what_it_is_for(package: Path) -> None:
    init = package / "__init__.py"
    if "migrations" in package.parts and not init.exists():
        return  # numbered files that no code imports by name
    words = ast.get_docstring(ast.parse(init.read_text()))
    assert words, f"{name_of(init)} has no docstring"
    assert "\n" not in words, f"{name_of(init)}: one line, it becomes README's tree"
    assert words.endswith(".")
    assert len(words) <= LONGEST_LINE


def test_no_file_names_a_package_registry() -> None:
    named = [(name, host) for name, text in texts() for host in REGISTRY_HOSTS if host in text]
    assert named == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    here = name_of(Path(__file__))
    found = [
        (name, text[match.start() : match.end() + 20])
        for name, text in texts()
        if name != here
        for match in MACHINE_PATH.finditer(text)
    ]
    assert found == []


def test_every_exception_to_a_rule_carries_its_reason() -> None:
    marker = re.compile(r"#\s*(?:ruff:\s*)?(?:noqa|pyright:|type: ignore)(?P<rest>.*)")
    named = re.compile(r"(?::\s*|\s*ignore)[\[A-Za-z].*?[\])\d](?:\s+#\s+|\s+\()\w.*")
    bare = [
        f"{name_of(path)}:{number} {line.strip()}"
        for path in PYTHON
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := marker.search(line)) and not named.search(match["rest"])
    ]
    assert bare == []


def test_every_ignored_lint_rule_carries_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    rules = [*lint["ignore"], *(rule for some in lint["per-file-ignores"].values() for rule in some)]
    assert len(rules) > 10
    assert [rule for rule in rules if not re.search(rf'^  "{rule}",\s+# \w.+$', text, re.MULTILINE)] == []


def test_tests_mirror_the_tree() -> None:
    folders = {path.parent for path in PYTHON if path.match("tests/**/test_*.py")}
    mirrored = [folder.relative_to(ROOT / "tests") for folder in folders if folder != ROOT / "tests"]
    astray = [
        str(one) for one in mirrored if one.parts[0] not in OTHER_TESTS and not (PACKAGE / one).is_dir()
    ]
    assert astray == []


def test_each_room_has_tests() -> None:
    tested = {
        path.relative_to(ROOT / "tests").parts[0]
        for path in PYTHON
        if re.match(r"tests/.*/test_", name_of(path))
    }
    rooms = {package.name for package in PACKAGES if package.parent == PACKAGE}
    # Whole servers are what tests of workers would have to be: they stand in journeys/.
    assert rooms - tested <= {"workers"}
