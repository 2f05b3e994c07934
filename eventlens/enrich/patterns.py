"""Thousands of regular expressions asked at once: the one place that touches google-re2 (it has no types)."""

from collections.abc import Sequence
from typing import Any

import re2  # pyright: ignore[reportMissingTypeStubs]  # it has none

_re2: Any = re2

_MEMORY = 16 << 20
"""Upper bound of one set's automaton in bytes; it is built while matching and stays well below."""


class PatternSet:
    """Patterns (RE2 syntax: no look-around) searched for in one pass. Safe to use from several threads."""

    def __init__(self, patterns: Sequence[str], *, ignore_case: bool) -> None:
        options = _re2.Options()
        options.case_sensitive = not ignore_case
        options.max_mem = _MEMORY
        options.never_capture = True
        self._set = _re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(pattern)  # raises re2.error for what RE2 cannot express
        self._set.Compile()

    def search(self, text: bytes) -> Sequence[int]:
        """Indices of the patterns found in UTF-8 text."""
        found: list[int] | None = self._set.Match(text)
        return found or ()
