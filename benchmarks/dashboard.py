"""How fast the dashboard's overview is for whoever looks at it, with millions of events behind it.

    .venv/bin/python -m benchmarks.dashboard [--events 10000000] [--rounds 7]

A real server on the data set of `benchmarks.questions` (kept in its `--folder`, built once), nothing of whose
answers is remembered, and Debian's Chromium. Each round opens the last whole month in a browser that has
nothing of the site yet, then clicks a row of the pages' list, which filters everything. In milliseconds:

* `interactive`: from the navigation until the cards hold their numbers and can be clicked;
* `complete`: until every list, the chart and the map are there;
* `filtered_cards` and `filtered`: from the click until the cards, then everything, hold filtered numbers.

Writes benchmarks/results/dashboard.json: medians and all rounds.
"""

import argparse
import json
import shutil
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.questions import NOTHING_REMEMBERED, DataSet
from benchmarks.serving import COMMAND, HERE, free_port, machine, quietness, running
from eventlens.accounts import users
from eventlens.accounts.sign_ins import SignIns
from eventlens.catalog.connect import open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.clock import now_ms
from eventlens.settings import Settings

Json = dict[str, Any]

WATCH = """() => {
  const cards = () => [...document.querySelectorAll("[role=group] button[aria-pressed]")];
  const numbers = () => cards().map((card) => card.textContent).join("|");
  const waiting = () => document.querySelector(".skeleton, .opacity-50") !== null;
  window.lens = { cards: 0, all: 0, before: "", since: 0 };
  const look = () => {
    const { lens } = window;
    const now = performance.now() - lens.since;
    const text = numbers();
    const filled = /[0-9]/.test(text) && !document.querySelector("[role=group] .skeleton");
    if (!lens.cards && filled && text !== lens.before) lens.cards = now;
    const panels = document.querySelectorAll("section").length;
    if (lens.cards && !lens.all && panels > 5 && !waiting()) lens.all = now;
    requestAnimationFrame(look);
  };
  window.begin = () => {
    Object.assign(window.lens, { cards: 0, all: 0, before: numbers(), since: performance.now() });
  };
  const begin = () => requestAnimationFrame(look);
  document.body ? begin() : document.addEventListener("DOMContentLoaded", begin);
}"""
"""Looks at each frame. What is still asked for is drawn pale or as a skeleton."""


def signed_in(data: Path) -> str:
    """The token of a browser in which the owner of the data set is signed in."""
    catalog = open_catalog(Settings.load({"EVENTLENS_DATA": str(data)}))
    try:
        migrate(catalog)
        with catalog.session(write=True) as session:
            email = f"benchmark-{now_ms()}@example.com"
            user = users.user_of(users.add_user(session, now_ms(), email, "", None, owner=True))
        return SignIns(catalog).begin(user.id)[1]
    finally:
        catalog.close()


def figures(page: Page) -> tuple[float, float]:
    """When the cards, and when everything held what was asked for last."""
    for _ in range(600):  # a minute; the page's own policy forbids to wait by an expression
        cards, whole = page.evaluate("window.lens ? [window.lens.cards, window.lens.all] : [0, 0]")
        if whole:
            return round(cards, 1), round(whole, 1)
        page.wait_for_timeout(100)
    sys.exit("the page is never complete")


def one_round(browser: Browser, origin: str, path: str, token: str) -> Json:
    """Open the page and click a row."""
    context = browser.new_context(viewport={"width": 1440, "height": 1200}, reduced_motion="reduce")
    try:
        context.add_cookies([{"name": "eventlens_session", "value": token, "url": origin}])
        context.add_init_script(f"({WATCH})()")
        page = context.new_page()
        page.goto(origin + path)
        interactive, complete = figures(page)
        row = page.locator("section[aria-label] button[title^=Filter]").first
        row.wait_for()
        row.evaluate("(row) => { window.begin(); row.click(); }")
        filtered_cards, filtered = figures(page)
    finally:
        context.close()
    return {
        "interactive": interactive,
        "complete": complete,
        "filtered_cards": filtered_cards,
        "filtered": filtered,
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--folder", type=Path, default=Path("/tmp/event-lens-questions"), help="for the data sets")  # noqa: S108  # large files, reused
    add("--events", type=int, default=10_000_000)
    add("--rounds", type=int, default=7)
    add("--results", type=Path, default=HERE / "results/dashboard.json")
    given = parser.parse_args()
    data = DataSet(given.folder, given.events, datetime.now(UTC).date())
    data.make()
    token = signed_in(data.data)
    first, last = data.month
    path = f"/p/{data.project}?from={first}&to={last}"
    port = free_port()
    words = [str(COMMAND), "serve", "--data", str(data.data), "--port", str(port)]
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    result: Json = {"machine": machine(), "events": given.events, "measured": datetime.now(UTC).isoformat()}
    result |= quietness(given.folder)
    with running(words, port, "/healthz/ready", NOTHING_REMEMBERED), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        origin = f"http://127.0.0.1:{port}"
        one_round(browser, origin, path, token)  # the server's files are in memory then
        rounds = [one_round(browser, origin, path, token) for _ in range(given.rounds)]
        browser.close()
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    result |= {"browser": "Chromium, nothing cached", "median_ms": medians, "rounds": rounds}
    given.results.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(medians, indent=2))


if __name__ == "__main__":
    main()
