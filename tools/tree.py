"""The tree of README.md, made from what the rooms say about themselves.

Each package's line is its own docstring; a single module's line is the first of its docstring. The order
is that of the layers in pyproject.toml, so that whoever reads the tree from the top follows the imports.
"""

import ast
import re
import textwrap
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "eventlens"
NAME_WIDTH = 20
WIDTH = 110

BESIDE = {
    "docs/": "Reference and operation, one page per subject; docs/reference is generated (`make docs`).",
    "tests/": "Mirrors eventlens/, and beside it oracle/ (slow obvious answers), journeys/ (whole servers).",
    "tools/": "What the project runs on itself: this tree, generated pages, ClickHouse nodes for tests.",
    "sdks/": "The script for pages and the packages for programs. Know only the protocol.",
    "deploy/": "Image, compose files, chart, Prometheus and Grafana: what operators start from.",
    "dashboard/": "What people look at: React and TypeScript, built into the package. Knows only the API.",
    "benchmarks/": "Programs that print the measured figures.",
    "requirements/": "The lock: exact versions and hashes (`make lock`).",
}
"""Folders that are no packages of the product."""


def layers() -> list[str]:
    """The rooms of the product, top layer first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layered = next(contract for contract in contracts if contract["id"] == "layers")
    return [name for layer in layered["layers"] for name in re.findall(r"\w+", layer)]


def line_of(path: Path) -> str:
    """What a package (its folder) or a module (its file) says it is."""
    source = path / "__init__.py" if path.is_dir() else path
    return (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n")[0]


def rows() -> list[tuple[str, str]]:
    """(indented name, line) of each room, its sub-packages below it."""
    found: list[tuple[str, str]] = [("eventlens/", line_of(PACKAGE))]
    for name in layers():
        room = PACKAGE / name
        if room.is_dir():
            found.append((f"  {name}/", line_of(room)))
            inner = sorted(init.parent for init in room.glob("*/__init__.py"))
            found += [(f"    {package.name}/", line_of(package)) for package in inner if line_of(package)]
        elif room.with_suffix(".py").is_file():
            found.append((f"  {name}.py", line_of(room.with_suffix(".py"))))
    return found + list(BESIDE.items())


def tree() -> str:
    """The whole tree as text, wrapped."""
    lines: list[str] = []
    for name, words in rows():
        indent = " " * NAME_WIDTH
        lines += textwrap.wrap(
            words, WIDTH, initial_indent=name.ljust(NAME_WIDTH), subsequent_indent=indent
        ) or [name]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tree())
