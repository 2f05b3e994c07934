"""Cookies: the one of a sign-in, and short-lived ones of a sign-in under way."""

from urllib.parse import urlsplit

from eventlens.api.sender import Headers, Networks, within
from eventlens.settings import Settings

SESSION = "eventlens_session"
LONGEST = 8192


def cookie_of(headers: Headers, name: str) -> str:
    """A cookie's value; '' without one."""
    wanted = name.encode() + b"="
    for part in headers.get(b"cookie", b"")[:LONGEST].split(b";"):
        if part.strip().startswith(wanted):
            return part.strip()[len(wanted) :].decode("latin-1")
    return ""


def is_secure(settings: Settings, headers: Headers, peer: str) -> bool:
    """Whether the browser speaks TLS, by our own address or by a trusted proxy's word."""
    if settings.base_url.startswith("https://"):
        return True
    proxies: Networks = settings.trusted_proxies
    return headers.get(b"x-forwarded-proto", b"").strip().lower() == b"https" and within(peer, proxies)


def set_cookie(settings: Settings, name: str, value: str, seconds: int, *, secure: bool) -> str:
    """The value of `Set-Cookie` for a cookie that no script can read; no seconds: it is to be deleted."""
    path = (urlsplit(settings.base_url).path or "") + "/"
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)
