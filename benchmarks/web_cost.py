"""What the script costs a page's main thread at load, beside OpenPanel's `op1.js` in the same browser.

`python -m benchmarks.web_cost [--loads N] [--save]` needs Debian's Chromium, `make script` and the packages
of tests/clients. Every load is a first visit: a browsing context of its own, whose page holds one deferred
script and nothing else. The kinds take turns in an order of chance, so that whatever else the machine does,
it does to all of them. Counted is processor time of the tasks of the page's main thread, as the browser
traces them: `until_load` ends with the load event, `in_all` half a second after it. What the page costs with
an empty script is taken off. Script and events come from loopback, of another origin than the page's.
`--save` writes benchmarks/results/web_cost.json.
"""

import argparse
import json
import os
import random
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).parent / "results" / "web_cost.json"
SCRIPTS = {
    "e.js": ROOT / "eventlens/scripts/e.js",
    "e.lite.js": ROOT / "eventlens/scripts/e.lite.js",
    "op1.js": ROOT / "tests/clients/node_modules/@openpanel/web/dist/src/tracker.global.js",
}
EMPTY = "empty.js"
SETTLED_MS = 500
CLIENT = "dbb97581-a74c-42c8-905a-eb1f63ff4699"
# OpenPanel's snippet, with what its documentation switches on.
SNIPPET = """<script>window.op=window.op||function(){var n=[];return new Proxy(function(){arguments.length&&
n.push([].slice.call(arguments))},{get:function(t,r){return"q"===r?n:function(){n.push([r].concat([].slice
.call(arguments)))}},has:function(t,r){return"q"===r}})}();op('init',{apiUrl:'%s',clientId:'%s',
trackScreenViews:true,trackOutgoingLinks:true,trackAttributes:true})</script>"""
ANSWER = b'{"deviceId":"d","sessionId":"s","success":true,"accepted":1,"rejected":0}'
TASKS = "disabled-by-default-devtools.timeline"
KINDS = ("until_load", "in_all")
Cost = dict[str, float]
Event = dict[str, Any]


def page(name: str, server: str) -> str:
    """A page that holds one of the scripts."""
    before = SNIPPET % (server, CLIENT) if name == "op1.js" else ""
    tag = f'<script defer src="{server}/{name}" data-client-id="{CLIENT}"></script>'
    return f'<!doctype html><title>Home</title><link rel="icon" href="data:,">{before}{tag}<h1>Home</h1>'


@contextmanager
def serving() -> Generator[int]:
    """Pages below `/page/`, scripts, and a door that takes every event; gives the port."""
    texts = {name: path.read_bytes() for name, path in SCRIPTS.items()} | {EMPTY: b"0"}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            for name, value in {
                "content-type": kind,
                "content-length": str(len(body)),
                "access-control-allow-origin": "*",
                "access-control-allow-headers": "*, content-type",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            folder, _, name = self.path[1:].rpartition("/")
            if folder == "page":
                server = f"http://{self.headers['host'].replace('site.localhost', '127.0.0.1')}"
                self.answer(page(name, server).encode(), "text/html; charset=utf-8")
            else:
                self.answer(texts[name], "text/javascript; charset=utf-8")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.answer(ANSWER, "application/json")

        def do_OPTIONS(self) -> None:
            self.answer(b"", "text/plain")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def load(browser: Browser, url: str) -> Cost:
    """Milliseconds of processor time of a first visit's main thread."""
    context = browser.new_context()
    try:
        tab = context.new_page()
        browser.start_tracing(page=tab, categories=[TASKS, "devtools.timeline"])
        tab.goto(url)
        tab.wait_for_timeout(SETTLED_MS)
        events: list[Event] = json.loads(browser.stop_tracing())["traceEvents"]
    finally:
        context.close()
    return spent(events)


def spent(events: list[Event]) -> Cost:
    """The time of the thread that ran the page's script: up to the task of its load event, and in all."""
    ran = next(
        event
        for event in events
        if event["name"] == "EvaluateScript" and ".js" in event["args"]["data"]["url"]
    )
    thread = ran["pid"], ran["tid"]
    own = [event for event in events if (event["pid"], event["tid"]) == thread]
    loaded = next(event["ts"] for event in own if event["name"] == "MarkLoad" and event["ts"] > ran["ts"])
    tasks = [event for event in own if event["name"] == "RunTask"]
    return {
        "until_load": sum(task.get("tdur", 0) for task in tasks if task["ts"] <= loaded) / 1000,
        "in_all": sum(task.get("tdur", 0) for task in tasks) / 1000,
    }


def measured(browser: Browser, port: int, loads: int) -> dict[str, Cost]:
    """Medians over all loads, less what the empty script costs."""
    names = [EMPTY, *SCRIPTS]
    urls = {name: f"http://site.localhost:{port}/page/{name}" for name in names}
    for url in urls.values():
        load(browser, url)
    chance = random.Random(7)
    rounds = [
        {name: load(browser, urls[name]) for name in chance.sample(names, len(names))} for _ in range(loads)
    ]

    def typical(name: str, kind: str) -> float:
        return median(each[name][kind] for each in rounds)

    return {name: {kind: typical(name, kind) - typical(EMPTY, kind) for kind in KINDS} for name in SCRIPTS}


def main() -> None:
    """Measure, print, and save where that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loads", type=int, default=40)
    parser.add_argument("--save", action="store_true")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    with serving() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP *.localhost 127.0.0.1"],
        )
        version = browser.version
        costs = measured(browser, port, asked.loads)
        browser.close()
    result = {
        "machine": f"{os.cpu_count()} cores, Chromium {version}",
        "load_before": round(before, 1),
        "loads": asked.loads,
        "milliseconds": {name: {k: round(v, 2) for k, v in cost.items()} for name, cost in costs.items()},
        "of_op1.js": {
            name: {kind: round(cost[kind] / costs["op1.js"][kind], 2) for kind in cost}
            for name, cost in costs.items()
            if name != "op1.js"
        },
    }
    text = json.dumps(result, indent=2)
    print(text)
    if asked.save:
        RESULT.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
