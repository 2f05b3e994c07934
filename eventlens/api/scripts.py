"""The script for pages, as it was built: `/e.js`, the smaller `/e.lite.js`, and what `/e.js` loads."""

import gzip
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlens.settings import Settings

BUILT = Path(__file__).resolve().parents[1] / "scripts"
"""Where `make run` and the wheel put it. It is missing where nothing built it."""

COLLECT = "track/batch"
"""Where the script sends to, as it was built."""

_FOREVER = "public, max-age=31536000, immutable"  # the script asks for its parts by what they contain
_FOR_AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400"


class _Script:
    """One file: plain, packed, and the tags by which browsers ask whether it changed."""

    def __init__(self, text: str) -> None:
        self.content = text.encode()
        self.packed = gzip.compress(self.content, 9, mtime=0)
        self._tag = hashlib.sha256(self.content).hexdigest()[:20]

    def answer(self, request: Request) -> Response:
        packed = "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{self._tag}{"-gzip" if packed else ""}"'
        headers = {
            "cache-control": _FOREVER if request.query_params.get("v") else _FOR_AN_HOUR,
            "etag": tag,
            "vary": "accept-encoding",
            # Pages of any site load it, those that ask for isolation or integrity too.
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["content-encoding"] = "gzip"
        content = self.packed if packed else self.content
        return Response(content, headers=headers, media_type="text/javascript; charset=utf-8")


class Scripts:
    """The routes of the built scripts, none where there are none."""

    def __init__(self, settings: Settings, folder: Path = BUILT) -> None:
        self._files: dict[str, _Script] = {}
        for path in sorted(folder.glob("e.*js")):
            text = path.read_text("utf-8")
            self._files[path.name] = _Script(text)
            if settings.script_name != "e" or settings.collect_name:
                renamed = settings.script_name + path.name.removeprefix("e")
                self._files[renamed] = _Script(text.replace(COLLECT, settings.collect_name or COLLECT))

    @property
    def routes(self) -> list[Route]:
        return [Route(f"/{name}", self._answer) for name in self._files]

    async def _answer(self, request: Request) -> Response:
        return self._files[request.url.path.rpartition("/")[2]].answer(request)
