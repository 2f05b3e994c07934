"""A collector of traces, as OTLP over HTTP speaks to one."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Collector:
    """Keeps every span that it is told."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        documents = self.documents

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                known = self.path == "/v1/traces" and self.headers["content-type"] == "application/json"
                if known:
                    documents.append(json.loads(body))
                self.send_response(200 if known else 404)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def spans(self) -> list[dict[str, Any]]:
        """All spans so far, flat: their attributes as a dictionary, and the role of who told them."""
        found: list[dict[str, Any]] = []
        for document in list(self.documents):
            for resource in document["resourceSpans"]:
                role = _plain(resource["resource"]["attributes"])["eventlens.role"]
                for scope in resource["scopeSpans"]:
                    found += [
                        {**span, "attributes": _plain(span["attributes"]), "role": role}
                        for span in scope["spans"]
                    ]
        return found

    def await_spans(self, wanted: Callable[[list[dict[str, Any]]], bool], seconds: float = 30) -> None:
        """Wait until the spans told so far are those that a test wants."""
        deadline = time.monotonic() + seconds
        while not wanted(self.spans()):
            assert time.monotonic() < deadline, [span["name"] for span in self.spans()]
            time.sleep(0.05)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        each["key"]: int(each["value"]["intValue"])
        if "intValue" in each["value"]
        else each["value"]["stringValue"]
        for each in attributes
    }
