"""Access logs of web servers in common or combined format: what a line says, whether it is a page view.

A page view of a person is a GET that was answered with a page (200, or 304: the visitor has it already),
of something that people look at (not a stylesheet, image, download, feed or robots.txt), by a user agent
that is neither a bot nor a library. Everything else is skipped with a named reason.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from eventlens.enrich.bots import recognise_bot
from eventlens.ingest.log_lines import ImportedView

SkipReason = Literal["unparsed", "method", "status", "asset", "bot", "duplicate", "failed"]
SKIP_REASONS: dict[SkipReason, str] = {
    "unparsed": "not a request in common or combined format",
    "method": "not a GET",
    "status": "not answered with a page: neither 200 nor 304",
    "asset": "a part of a page, a download, a feed or a file for machines",
    "bot": "a bot, a crawler or a program's library",
    "duplicate": "imported before",
    "failed": "could not be stored; the log says why, and the lines are kept as dead letters",
}
"""Why a line gives no event, in the order in which it is looked at."""

PAGE_STATUSES = frozenset({200, 304})

ASSET_EXTENSIONS: dict[str, str] = {
    "style and code": "css js mjs map wasm xsl json webmanifest",
    "image": "png jpg jpeg gif svg svgz webp avif ico cur bmp tif tiff psd",
    "font": "woff woff2 ttf otf eot",
    "sound and film": "mp3 mp4 m4a m4v ogg oga ogv wav flac webm avi mov mkv swf flv",
    "download": "pdf zip gz tgz bz2 xz zst 7z rar tar jar war deb rpm apk gem whl exe msi dmg iso bin pcap",
    "for machines": "txt xml rss atom rdf csv log conf",
}
"""File name extensions that no page view has, by kind."""

FEED_NAMES = frozenset({"feed", "feeds", "rss", "rss2", "rss20", "atom"})
"""Last parts of a path, and values in a query, that ask for a feed (`/blog/feed/`, `?flav=rss20`)."""

_EXTENSIONS = frozenset(" ".join(ASSET_EXTENSIONS.values()).split())
_EMBEDDED = tuple(f".{extension}" for extension in ("css", "js", "mjs"))

# The last quoted field may lack its closing quote: servers cut lines that are too long.
_LINE = re.compile(
    r'(?P<ip>\S+) \S+ [^\[]*\[(?P<time>[^\]]{1,40})\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) \S+'
    r'(?: "(?P<referrer>(?:[^"\\]|\\.)*)"(?: "(?P<agent>(?:[^"\\]|\\.)*))?)?'
)
_REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S.*?)(?: HTTP/[0-9.]+)?")
_TIME = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
_MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip


class LogLine(NamedTuple):
    """One request. `target` is the path with its query; '' is what the server did not know ("-")."""

    ip: str
    timestamp: int
    """Milliseconds since the epoch."""
    method: str
    target: str
    status: int
    referrer: str
    user_agent: str


def parse_line(text: str) -> LogLine | None:
    """Read one line; None when it is not a request in common or combined format."""
    line = _LINE.match(text)
    request = _REQUEST.fullmatch(line["request"]) if line else None
    timestamp = _milliseconds(line["time"]) if line else None
    if line is None or request is None or timestamp is None:
        return None
    return LogLine(
        ip=line["ip"],
        timestamp=timestamp,
        method=request["method"],
        target=_unescape(request["target"]),
        status=int(line["status"]),
        referrer=_known(line["referrer"]),
        user_agent=_known(line["agent"]),
    )


def skip_reason(line: LogLine) -> SkipReason | None:
    """Why a line is no page view of a person, None when it is one."""
    if line.method != "GET":
        return "method"
    if line.status not in PAGE_STATUSES:
        return "status"
    if is_asset(line.target):
        return "asset"
    return "bot" if recognise_bot(line.user_agent, libraries=True) else None


@lru_cache(maxsize=16_384)
def is_asset(target: str) -> bool:
    """Whether a path with query names something that people do not look at as a page."""
    path, _, query = target.partition("?")
    name = path.rstrip("/").rpartition("/")[2].lower()
    if "/.well-known/" in path or name in FEED_NAMES:
        return True
    if not path.endswith("/") and name.rpartition(".")[2] in _EXTENSIONS and "." in name:
        return True
    return any(pair.rpartition("=")[2].lower() in FEED_NAMES for pair in query.split("&"))


class LineIds:
    """Gives each line its id: the hash of the line and how many times that line was seen before.

    So the same file gives the same ids again, and two equal lines are two events. Keeps about 130 bytes
    a line.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def id_of(self, line: bytes) -> str:
        """The id of the next line."""
        digest = blake2b(line.rstrip(b"\r\n"), digest_size=16).digest()
        self._seen[digest] += 1
        return f"{digest.hex()}-{self._seen[digest]}"


def read_lines(path: Path, advanced: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The lines of a log, plain or gzip, one after the other; empty lines are left out.

    `advanced` gets the bytes of the file read so far. Raises OSError, also for a broken gzip file.
    """
    return (line for _, line in _numbered(path, advanced))


def first_line(path: Path) -> int:
    """The number of the first line that is not empty, 0 when there is none. Raises OSError."""
    return next((number for number, _ in _numbered(path, lambda _: None)), 0)


def _numbered(path: Path, advanced: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            for number, line in enumerate(gzip.GzipFile(fileobj=raw) if packed else raw, 1):
                if number % 500 == 1:
                    advanced(raw.tell())
                if line.strip():
                    yield number, line
        except EOFError as error:
            raise OSError("the gzip file ends too early") from error
        except zlib.error as error:
            raise OSError("the gzip file is damaged") from error


def views(
    lines: Iterable[bytes], skipped: Counter[SkipReason], *, everything: bool, site: str = ""
) -> Iterator[ImportedView]:
    """What is to be imported of a log's lines; counts the others in `skipped`.

    `everything` takes each line that can be read, as it is. Else only page views of people, and referrers
    of the host `site` itself are left out: its own pages lead to one another.
    """
    ids = LineIds()
    for raw in lines:
        line = parse_line(raw.decode("utf-8", "replace"))
        if line is None:
            skipped["unparsed"] += 1
            continue
        reason = None if everything else skip_reason(line)
        if reason is not None:
            skipped[reason] += 1
            continue
        inner = not everything and site != "" and host_of(line.referrer) == site
        yield _view(line, ids.id_of(raw), "" if inner else line.referrer, everything=everything)


def bot_views(lines: Iterable[bytes], imported_before: int) -> Iterator[ImportedView]:
    """The page views of bots, which the pipeline counts apart.

    It counts whatever comes, so nothing may come twice. A log grows at its end: of `imported_before` views
    that were there already, every bot up to the last of them was counted then.
    """
    ids, seen = LineIds(), 0
    for raw in lines:
        line = parse_line(raw.decode("utf-8", "replace"))
        reason = skip_reason(line) if line else "unparsed"
        seen += reason is None
        if line and reason == "bot" and (seen > imported_before or not imported_before):
            yield _view(line, ids.id_of(raw), "", everything=False)


def _view(line: LogLine, line_id: str, referrer: str, *, everything: bool) -> ImportedView:
    return ImportedView(
        id=line_id,
        timestamp=line.timestamp,
        ip=line.ip,
        user_agent=line.user_agent,
        path=line.target,
        referrer=referrer,
        everything=everything,
    )


def own_host(lines: Iterable[bytes]) -> str:
    """The host that the log is of, '' when it cannot be told.

    A log does not say so, but the pages that load a site's stylesheets and scripts are its own: the host
    that most of those requests name as their referrer, if it is more than half of them.
    """
    hosts: Counter[str] = Counter()
    for raw in lines:
        line = parse_line(raw.decode("utf-8", "replace"))
        if line and line.referrer and line.target.partition("?")[0].endswith(_EMBEDDED):
            hosts[host_of(line.referrer)] += 1
    for host, count in hosts.most_common(1):
        return host if host and 2 * count > hosts.total() else ""
    return ""


def host_of(url: str) -> str:
    """A URL's host in lower case without `www.`, '' when there is none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


@lru_cache(maxsize=4_096)
def _milliseconds(text: str) -> int | None:
    match = _TIME.match(text)
    if match is None or match[2] not in _MONTHS:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        zone = timezone(offset)
        # A leap second is the second before it.
        moment = datetime(
            int(year), _MONTHS[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
        )
        return int(moment.astimezone(UTC).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None


def _known(field: str | None) -> str:
    return "" if field in (None, "-") else _unescape(field or "")


def _unescape(text: str) -> str:
    r"""Undo the servers' escapes: `\"`, `\\` and `\xHH` for bytes of UTF-8."""
    if "\\" not in text:
        return text
    raw = _ESCAPE.sub(_escaped, text).encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "replace")


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) == 3:
        return bytes([int(code[1:], 16)]).decode("utf-8", "surrogateescape")
    return {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)
