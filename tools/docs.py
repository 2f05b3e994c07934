"""Writes the pages that are made from the code's own tables. `make docs` runs it; tests/test_docs.py fails
while a page on disk differs from what this would write.
"""

import re
from collections.abc import Callable

from eventlens import settings
from tools import routes
from tools.tree import ROOT, tree


def readme() -> str:
    """README.md with today's tree between its two markers."""
    text = (ROOT / "README.md").read_text()
    block = f"<!-- tree -->\n```\n{tree()}\n```\n<!-- /tree -->"
    return re.sub(r"<!-- tree -->.*<!-- /tree -->", lambda _: block, text, flags=re.DOTALL)


PAGES: dict[str, Callable[[], str]] = {
    "README.md": readme,
    "docs/reference/http.md": routes.page,
    "docs/reference/settings.md": settings.describe,
}
"""Path of a page → what makes its whole text."""


def main() -> None:
    """Write every page that changed, and name it."""
    for path, make in PAGES.items():
        page, text = ROOT / path, make()
        if not page.is_file() or page.read_text() != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text)
            print(path)


if __name__ == "__main__":
    main()
