"""Writes the pages that are made from the code's own tables. `make docs` runs it; tests/test_docs.py fails
while a page on disk differs from what this would write.
"""

import re
from collections.abc import Callable

from eventlens import meters, settings
from eventlens.insights.dimensions import DIMENSIONS
from eventlens.insights.metrics import METRICS
from tools import grafana, protocol, routes
from tools.tree import ROOT, tree


def metrics() -> str:
    """The table of metrics."""
    rows = [f"| `{metric.name}` | {metric.description} |" for metric in METRICS.values()]
    return "\n".join(["| metric | meaning |", "|---|---|", *rows])


def dimensions() -> str:
    """The table of dimensions."""
    rows = [f"| `{dimension.name}` | {dimension.description} |" for dimension in DIMENSIONS.values()]
    return "\n".join(["| dimension | meaning |", "|---|---|", *rows])


def filled(path: str, **blocks: str) -> str:
    """A page written by hand, with new content between its markers `<!-- name -->` and `<!-- /name -->`."""
    text = (ROOT / path).read_text()
    for name, block in blocks.items():
        whole = f"<!-- {name} -->\n{block}\n<!-- /{name} -->"
        pattern = f"<!-- {name} -->.*<!-- /{name} -->"
        text, found = re.subn(pattern, lambda _, whole=whole: whole, text, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"{path} needs the markers of {name} once")
    return text


PAGES: dict[str, Callable[[], str]] = {
    "README.md": lambda: filled("README.md", tree=f"```\n{tree()}\n```"),
    "docs/semantics.md": lambda: filled("docs/semantics.md", metrics=metrics(), dimensions=dimensions()),
    "docs/reference/http.md": routes.page,
    "deploy/grafana/dashboards/eventlens.json": grafana.dashboard,
    # A chart reads no file beside it.
    "deploy/helm/event-lens/files/eventlens.json": grafana.dashboard,
    "deploy/helm/event-lens/files/alerts.yml": (ROOT / "deploy/prometheus/alerts.yml").read_text,
    "docs/reference/metrics.md": meters.describe,
    "docs/reference/settings.md": settings.describe,
    "sdks/protocol/schema.json": protocol.schema,
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
