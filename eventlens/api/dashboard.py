"""The dashboard's files, as they were built into the package: pages and hashed assets."""

import asyncio
import gzip
import hashlib
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BUILT = Path(__file__).resolve().parents[1] / "dashboard"
"""Where `make run` and the wheel put it. It is missing where nothing built it: then the API stands alone."""

PAGES = (
    *("/", "/sign-in", "/sign-up", "/reset-password", "/forgot-password", "/new", "/account"),
    *("/o/{rest:path}", "/p/{rest:path}"),
)
"""Addresses of pages: each is answered with `index.html`, whose script draws what the address says."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; "  # charts as pictures
    "manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-src 'self'; "  # the player of recordings
)
ALONE, FRAMED = "'none'", "frame-ancestors 'self'"
"""Who may show a page in a frame: nobody, but for what is shared with others."""
PLAYER = "replay.html"
PLAYER_POLICY = (
    "default-src 'none'; script-src 'self'; "
    # What was recorded are other sites' pages: their styles, pictures and fonts, and nothing that runs.
    "style-src 'self' 'unsafe-inline' https: http:; img-src data: blob: https: http:; "
    "font-src data: https: http:; media-src data: blob: https: http:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Of the document in which recordings are drawn: whatever came from strangers stays inside it."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PACKED = frozenset({".woff2"})
"""Kinds of files that are compressed already."""

_FOREVER = "public, max-age=31536000, immutable"  # the name changes with the content
_ASK_EACH_TIME = "no-cache"


@dataclass(frozen=True)
class _File:
    """A file of the build, read and packed when it is asked for first."""

    path: Path

    @cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    def answer(self, request: Request, cache: str) -> Response:
        suffix = self.path.suffix
        headers = {"cache-control": cache, "vary": "accept-encoding"}
        if suffix not in _PACKED and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                self.packed, headers=headers | {"content-encoding": "gzip"}, media_type=_TYPES[suffix]
            )
        return Response(self.content, headers=headers, media_type=_TYPES[suffix])


class Dashboard:
    """The routes of a built dashboard, none where there is none."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._index = folder / "index.html"
        self._there = self._index.is_file()
        self._assets = _files(folder / "assets")
        self._beside = _files(folder)
        self.framed_by: Callable[[str], Sequence[str]] = lambda _: ()
        """Token of a share link → origins whose pages may show it in a frame."""

    @property
    def routes(self) -> list[Route]:
        if not self._there:
            return []
        return [
            *(Route(page, self._page) for page in PAGES),
            Route("/share/{token}", self._shared),
            Route("/assets/{name}", self._asset),
            *(Route(f"/{name}", self._other) for name in self._beside if name != "index.html"),
        ]

    async def _shared(self, request: Request) -> Response:
        origins = await asyncio.to_thread(self.framed_by, request.path_params["token"])
        return self._answer(request, " ".join([FRAMED, *origins]) if origins else "")

    async def _page(self, request: Request) -> Response:
        return self._answer(request, "")

    def _answer(self, request: Request, framed: str) -> Response:
        # Assets and API are found from here, however deep the address is and whatever stands before it.
        base = f'<base href="{html.escape(request.scope["eventlens.root"])}" />'
        body = self._text.replace("<head>", f"<head>\n    {base}", 1).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {
            "cache-control": _ASK_EACH_TIME,
            "content-security-policy": _POLICY + (framed or f"frame-ancestors {ALONE}"),
            "cross-origin-opener-policy": "same-origin",
            "etag": tag,
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=_TYPES[".html"])

    async def _asset(self, request: Request) -> Response:
        file = self._assets.get(request.path_params["name"])
        return file.answer(request, _FOREVER) if file else Response(status_code=404)

    async def _other(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        answer = self._beside[name].answer(request, _ASK_EACH_TIME)
        if name == PLAYER:
            answer.headers["content-security-policy"] = PLAYER_POLICY
            answer.headers["x-frame-options"] = "SAMEORIGIN"
        return answer

    @cached_property
    def _text(self) -> str:
        return self._index.read_text("utf-8")


def _files(folder: Path) -> dict[str, _File]:
    """The files of a folder by name: a request can name nothing else."""
    if not folder.is_dir():
        return {}
    return {
        path.name: _File(path)
        for path in sorted(folder.iterdir())
        if path.suffix in _TYPES and path.is_file()
    }
