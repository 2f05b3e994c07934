"""Host names in one spelling: lower case, ASCII (IDNA), without port, user name, trailing dot."""

import re

_LONGEST_HOST = 253
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_\-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_\-]*[a-z0-9_])?)*", re.ASCII)
_ADDRESS6 = re.compile(r"\[[0-9a-f:.]+\]")


def clean_host(authority: str) -> str:
    """The host of `user:password@host:port` in its one spelling, '' when it is none. Never raises."""
    host = authority.rpartition("@")[2].strip().lower()
    if host.startswith("["):
        host = host.partition("]")[0] + "]"
        return host if _ADDRESS6.fullmatch(host) else ""
    host = host.partition(":")[0].removesuffix(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return ""
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else ""


def without_www(host: str) -> str:
    """The host without a leading 'www.'."""
    return host.removeprefix("www.")


def parents(host: str) -> list[str]:
    """The host and those above it, down to two labels: a.b.c.org → [a.b.c.org, b.c.org, c.org]."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))][:8]
