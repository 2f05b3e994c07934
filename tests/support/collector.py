"""A collector of traces, as OTLP over HTTP speaks to one."""

import gzip
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector:
    """Keeps every span that it is told."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        documents = self.documents

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kind = self.headers["content-type"]
                known = self.path == "/v1/traces" and kind == "application/x-protobuf"
                if known:
                    packed = self.headers["content-encoding"] == "gzip"
                    documents.append(_read(gzip.decompress(body) if packed else body))
                self.send_response(200 if known else 404)
                self.send_header("content-length", "0")
                self.end_headers()

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
                        {**span, "attributes": _plain(span.get("attributes", [])), "role": role}
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


def _read(body: bytes) -> dict[str, Any]:
    """As OTLP writes it in JSON: ids in hexadecimal."""
    document = MessageToDict(ExportTraceServiceRequest.FromString(body), use_integers_for_enums=True)
    for span in (
        each
        for resource in document["resourceSpans"]
        for scope in resource["scopeSpans"]
        for each in scope["spans"]
    ):
        for name in {"traceId", "spanId", "parentSpanId"} & span.keys():
            span[name] = b64decode(span[name]).hex()
    return document


def _plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        each["key"]: int(each["value"]["intValue"])
        if "intValue" in each["value"]
        else each["value"]["stringValue"]
        for each in attributes
    }
