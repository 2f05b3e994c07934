"""`make screenshots`: every page of the dashboard as it is, into docs/screenshots.

A server of its own in a temporary directory, the demo's data, Debian's Chromium; light, dark and on a phone.
The pictures are WebP, which the browser itself makes of what it has drawn.
"""

import argparse
import base64
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/screenshots"
COMMAND = Path(sys.executable).with_name("eventlens")

_STEPS = quote(
    json.dumps([{"event": name} for name in ("plan_viewed", "signup_started", "signup_completed")])
)
PAGES = {
    "projects": None,
    "overview": "",
    "realtime": "/realtime",
    "events": "/events",
    "funnels": f"/funnels?steps={_STEPS}&window=604800",
    "retention": "/retention?period=day&range=7d",
    "paths": "/paths",
    "revenue": "/revenue",
    "goals": "/goals",
    "attribution": "/goals?tab=attribution",
    "site-health": "/quality",
    "profiles": "/profiles",
    "profile": "/profiles/PERSON",
    "sessions": "/sessions",
    "cohorts": "/cohorts",
    "dashboards": "/dashboards",
    "reports": "/reports",
    "settings": "/settings?tab=setup",
}
"""Name of a picture → where in the demo's project; None: the page of all projects."""

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "device_scale_factor": 2},
}
QUALITY = 0.72

_TO_WEBP = """async ([png, quality]) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


def main() -> int:
    """Take the pictures that were asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PAGES], help="only these pages")
    parser.add_argument("--events", default="30000", help="how many the demo makes")
    arguments = parser.parse_args()
    names: list[str] = arguments.names or list(PAGES)
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        sys.stderr.write("There is no Chromium (on Debian: apt-get install chromium).\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _server() as (url, sign_up, data), sync_playwright() as playwright:
        made = subprocess.run(
            [COMMAND, "demo", "--data", data, "--events", arguments.events, "--json"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        demo = json.loads(made.stdout)
        root = next(one for one in demo["clients"] if one["type"] == "root")
        person = _fill(url, demo["project_id"], root)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        cookies = _sign_up(browser, sign_up)
        writer = browser.new_page()
        for look, settings in LOOKS.items():
            page = browser.new_context(
                storage_state=cookies, locale="en-GB", reduced_motion="reduce", **settings
            ).new_page()
            for name in names:
                path = PAGES[name]
                at = "" if path is None else f"/p/{demo['project_id']}{path.replace('PERSON', person)}"
                page.goto(url + at)
                _write(writer, _settled(page).screenshot(), FOLDER / f"{name}-{look}.webp")
        browser.close()
    size = sum(each.stat().st_size for each in FOLDER.glob("*.webp"))
    sys.stdout.write(f"{len(names) * len(LOOKS)} pictures; docs/screenshots has {size / 1e6:.1f} MB.\n")
    return 0


@contextmanager
def _server() -> Generator[tuple[str, str, str]]:
    """A server with nothing in it: its address, the owner's link, its data directory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        data, log = Path(folder) / "data", Path(folder) / "log"
        with log.open("w") as output:
            words = [COMMAND, "serve", "--port", port, "--data", data]
            child = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://localhost:{port}"
            _await_ready(url)
            yield url, re.findall(r"\S+/sign-up#token=\S+", log.read_text())[-1], str(data)
        finally:
            child.terminate()
            child.wait(30)


def _await_ready(url: str) -> None:
    for _ in range(120):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz/ready").is_success:
                return
        time.sleep(0.5)
    raise TimeoutError(url)


def _fill(url: str, project_id: str, root: dict[str, str]) -> str:
    """What people make by hand: goals, a note, a cohort, a dashboard, a report; and somebody who is there.

    Gives the id of somebody who did much.
    """
    headers = {"event-lens-client-id": root["id"], "event-lens-client-secret": root["secret"]}
    then = datetime.now(UTC) - timedelta(days=12)
    asks, keeps = f"/insights/{project_id}", f"/manage/projects/{project_id}"
    signed_up = {"did": {"name": "signup_completed", "count": {"operator": "gte", "value": 1}, "days": 30}}
    kinds = [
        ("number", metric)
        for metric in ("unique_visitors", "total_sessions", "avg_session_duration", "bounce_rate")
    ]
    numbers = [
        {"x": 3 * at, "y": 0, "width": 3, "height": 2, "view": {"kind": kind, "metric": metric}}
        for at, (kind, metric) in enumerate(kinds)
    ]
    rest = [
        {"x": 0, "y": 2, "width": 8, "height": 5, "view": {"kind": "chart", "metric": "total_sessions"}},
        {"x": 8, "y": 2, "width": 4, "height": 5, "view": {"kind": "list", "of": "referrer_name"}},
        {"x": 0, "y": 7, "width": 4, "height": 5, "view": {"kind": "list", "of": "country"}},
        {"x": 4, "y": 7, "width": 4, "height": 5, "view": {"kind": "list", "of": "path"}},
        {"x": 8, "y": 7, "width": 4, "height": 5, "view": {"kind": "goals"}},
    ]
    steps = [{"name": name} for name in ("signup_started", "signup_completed", "revenue")]
    with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
        for path, body in (
            (f"{asks}/goals", {"name": "Signed up", "event": "signup_completed"}),
            (f"{asks}/goals", {"name": "Paid", "event": "revenue"}),
            (f"{asks}/goals", {"name": "Read how to install", "page": "/docs/install"}),
            (f"{asks}/cohorts", {"name": "Signed up this month", "filters": [signed_up]}),
            (f"{keeps}/annotations", {"at": then.isoformat(), "text": "Version 2 is out"}),
            (f"{keeps}/dashboards", {"name": "At a glance", "tiles": numbers + rest}),
            (
                f"{keeps}/reports",
                {"name": "From sign-up to paid", "route": "funnel", "body": {"range": "30d", "steps": steps}},
            ),
        ):
            http.post(path, json=body).raise_for_status()
        views = [
            {
                "type": "track",
                "payload": {
                    "name": "screen_view",
                    "path": f"https://demo.example{path}",
                    "deviceId": f"here-{number}",
                    "properties": {"__ip": address},
                },
            }
            for number, (path, address) in enumerate(_HERE)
        ]
        http.post("/track/batch", json={"events": views}, headers={"user-agent": _BROWSER}).raise_for_status()
        most = {"range": "30d", "identified": "true", "sort": "events", "limit": "1"}
        return http.get(f"{asks}/profiles", params=most).raise_for_status().json()["data"][0]["id"]


_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_HERE = (
    ("/", "81.2.69.142"), ("/pricing", "81.2.69.160"), ("/docs", "175.16.199.1"), ("/", "216.160.83.56"),
    ("/features", "2.125.160.216"), ("/app", "89.160.20.112"), ("/app/reports", "67.43.156.1"),
)  # fmt: skip
"""Pages and addresses of those who are looking right now."""


def _sign_up(browser: Browser, link: str) -> Any:
    page = browser.new_page(locale="en-GB")
    page.goto(link)
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("a password for pictures")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("heading", name="Projects").wait_for()
    cookies = page.context.storage_state()
    page.close()
    return cookies


def _settled(page: Page) -> Page:
    page.get_by_role("heading", level=1).wait_for()
    page.locator(".skeleton").first.wait_for(state="detached")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(700)  # what moves into place
    return page


def _write(writer: Page, png: bytes, file: Path) -> None:
    packed: str = writer.evaluate(_TO_WEBP, [base64.b64encode(png).decode(), QUALITY])
    file.write_bytes(base64.b64decode(packed))


if __name__ == "__main__":
    raise SystemExit(main())
