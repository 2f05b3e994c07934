"""A site whose pages carry the script: hosts `*.localhost` at one port, one for each test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered at an address."""

    body: str | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


@dataclass(slots=True)
class Pages:
    """The site: pages by host and path, `*` for all other paths of the host."""

    port: int
    found: dict[tuple[str, str], Page] = field(default_factory=dict)

    def origin(self, host: str) -> str:
        return f"http://{host}.localhost:{self.port}"

    def add(self, host: str, path: str, page: Page) -> str:
        """Put a page; gives its address."""
        self.found[host, path] = page
        return self.origin(host) + path

    def at(self, host: str, path: str) -> Page:
        missing = Page("<!doctype html><title>Nothing</title>", 404)
        return self.found.get((host, path)) or self.found.get((host, "*")) or missing


@contextmanager
def serving() -> Iterator[Pages]:
    """Serve a site until the end of the block."""
    pages = Pages(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers["host"].partition(".localhost")[0]
            page = pages.at(host, self.path.partition("?")[0])
            body = page.body.encode() if isinstance(page.body, str) else page.body
            self.send_response(page.status)
            for name, value in {"content-type": page.kind, **page.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pages.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def html(head: str = "", body: str = "", title: str = "Home") -> str:
    """A page; its icon asks nobody for anything."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="icon" href="data:,">{head}</head><body>{body}</body></html>'
    )
