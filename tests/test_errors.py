"""The error tree: drawn as it is, every class with a status, every message a sentence."""

import importlib
import pkgutil
import re

import pytest

import eventlens
from eventlens import errors
from eventlens.api.errors import status_of
from eventlens.errors import EventLensError

# `├── NotFound   no such thing   404`, `│   ` or four spaces for each level above.
ROW = re.compile(r"^(?P<indent>(?:│   |    )*)(?:├── |└── )(?P<name>\w+)\s+(?P<rest>.*)$")


def drawn() -> dict[str, tuple[str, int | None]]:
    """Class → (its base, its status or None) as the module's docstring draws them."""
    found: dict[str, tuple[str, int | None]] = {}
    above: list[str] = ["EventLensError"]
    for line in (errors.__doc__ or "").splitlines():
        if match := ROW.match(line):
            depth = len(match["indent"]) // 4 + 1
            del above[depth:]
            status = re.search(r"\b([45]\d\d)$", match["rest"].strip())
            found[match["name"]] = (above[-1], int(status[1]) if status else None)
            above.append(match["name"])
    return found


def every_error() -> list[type[EventLensError]]:
    """All error classes that are imported so far, by name."""
    found: list[type[EventLensError]] = []
    waiting: list[type[EventLensError]] = [EventLensError]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return sorted(
        (one for one in found if one.__module__.startswith("eventlens.")), key=lambda one: one.__name__
    )


ERRORS = [one for one in every_error() if one.__module__ == errors.__name__]


def test_every_error_stands_in_errors() -> None:
    for module in pkgutil.walk_packages(eventlens.__path__, "eventlens."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    assert [one for one in every_error() if one.__module__ != errors.__name__] == []


def test_the_tree_is_drawn_as_it_is() -> None:
    bases = {one.__name__: one.__bases__[0].__name__ for one in ERRORS}
    assert len(bases) >= 11
    assert {name: base for name, (base, _) in drawn().items()} == bases


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)
def test_every_error_has_the_status_that_is_drawn(error: type[EventLensError]) -> None:
    base, said = drawn()[error.__name__]
    if said is None and base != "EventLensError":
        said = drawn()[base][1]
    if error is errors.ConfigurationError:
        assert said is None, "it stops the start: exit code 2, never a status"
    else:
        assert status_of(error("It went wrong."))[0] == said


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: one.__name__)
def test_a_docstring_is_a_message(error: type[EventLensError]) -> None:
    words = (error.__doc__ or "").strip()
    assert words.endswith(".")
    assert "\n" not in words
