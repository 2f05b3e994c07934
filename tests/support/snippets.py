"""The pieces of code that the documentation shows. Whoever runs some of them says which: `RUNS`."""

import re
from dataclasses import dataclass

from tests.support.processes import REPOSITORY

PAGES = sorted(
    str(path.relative_to(REPOSITORY))
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", "examples/*.md", "sdks/*/README.md")
    for path in REPOSITORY.glob(pattern)
)
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page (from the root of the repository), line, language (may be empty) and text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """What a test of it is called."""
        return f"{self.page}:{self.line}"


def blocks(page: str, *languages: str) -> tuple[Block, ...]:
    """A page's blocks in their order: those of some languages, or all."""
    text = (REPOSITORY / page).read_text()
    found = (
        Block(page, text.count("\n", 0, match.start()) + 1, match[2], match[3])
        for match in _BLOCK.finditer(text)
    )
    return tuple(block for block in found if not languages or block.language in languages)
