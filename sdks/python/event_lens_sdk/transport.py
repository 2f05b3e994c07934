"""One connection to the server, kept open: a batch goes out, an answer or the lack of one comes back."""

import codecs
import gzip
import http.client
import re
import ssl
import urllib.request
from base64 import b64encode
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from event_lens_sdk.answers import Answer
from event_lens_sdk.version import __version__

AGENT = f"event-lens-python/{__version__}"
codecs.lookup(
    "idna"
)  # loaded now: a child forked while a thread loads it would wait for that thread for ever
_LARGEST_ANSWER = 4 << 20
_COMPRESSED_FROM = 1024


_UNSAFE = re.compile(r"[^\x20-\x7e\xa0-\xff]")
_LONGEST_AGENT = 1024


@lru_cache(maxsize=4096)
def header_text(text: str) -> str:
    """A visitor's user agent as a header can hold it, whatever he sent."""
    return _UNSAFE.sub("?", text[:_LONGEST_AGENT])


class Transport:
    """Used by one thread at a time. Proxies of the environment are used for https."""

    def __init__(self, url: str, headers: dict[str, str], timeout: float, *, compress: bool) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the URL of the server looks like https://analytics.example.com, not {url!r}")
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise ValueError("the client's id and secret are letters and digits")
        self._parts = parts
        self._path = f"{parts.path.rstrip('/')}/track/batch"
        self._headers = {"content-type": "application/json", **headers}
        self._timeout = timeout
        self._compress = compress
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes, agent: str) -> Answer:
        """Send a body under a user agent. Never raises for what goes wrong on the way: that is status 0."""
        headers = {**self._headers, "user-agent": agent or AGENT}
        if self._compress and len(body) > _COMPRESSED_FROM:
            body = gzip.compress(body, 1, mtime=0)
            headers["content-encoding"] = "gzip"
        was_open = self._connection is not None
        try:
            return self._exchange(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not was_open or isinstance(error, TimeoutError):
                return Answer(0, trouble=_words(error))
        # It was closed while nothing was sent. Ids make sending again safe in any case.
        try:
            return self._exchange(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Answer(0, trouble=_words(error))

    def close(self) -> None:
        """Close the connection; the next post opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def forget(self) -> None:
        """Leave the connection to the process that was forked."""
        self._connection = None

    def _exchange(self, body: bytes, headers: dict[str, str]) -> Answer:
        connection = self._connection = self._connection or self._open()
        connection.request("POST", self._path, body, headers)
        response = connection.getresponse()
        said = response.read(_LARGEST_ANSWER)
        if not response.isclosed():  # longer than any answer of ours
            self.close()
        return Answer(response.status, said, response.headers.get("retry-after") or "")

    def _open(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        context = ssl.create_default_context()
        proxy = urllib.request.getproxies().get("https", "")
        if not proxy or urllib.request.proxy_bypass(host):
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        through = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = http.client.HTTPSConnection(
            through.hostname or "", through.port, timeout=self._timeout, context=context
        )
        connection.set_tunnel(host, port or 443, _proxy_headers(through.username, through.password))
        return connection


def _proxy_headers(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    words = f"{unquote(user)}:{unquote(password or '')}"
    return {"proxy-authorization": f"Basic {b64encode(words.encode()).decode()}"}


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
