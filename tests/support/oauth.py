"""A provider of accounts of our own: GitHub's ways, and OpenID Connect with signed identity tokens."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support import web

CLIENT, SECRET = "lens", "the provider's secret"


@dataclass
class Provider:
    """Agrees at once, as whoever `person` is. `wrong` makes it misbehave."""

    port: int = 0
    person: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Of a server that signs people in with it, in all three ways."""
        return {
            "EVENTLENS_OUTBOUND_ALLOW": "127.0.0.0/8",
            "GITHUB_CLIENT_ID": CLIENT,
            "GITHUB_CLIENT_SECRET": SECRET,
            "GITHUB_URL": self.url,
            "GITHUB_API_URL": f"{self.url}/api",
            "GOOGLE_CLIENT_ID": CLIENT,
            "GOOGLE_CLIENT_SECRET": SECRET,
            "GOOGLE_ISSUER": self.url,
            "OIDC_ISSUER": self.url,
            "OIDC_NAME": "Example ID",
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
        }

    def answer(self, asked: web.Asked) -> web.Told:
        parts = urlsplit(asked.path)
        self.asked.append(parts.path)
        if parts.path in ("/login/oauth/authorize", "/authorize"):
            return self._agree({name: value[0] for name, value in parse_qs(parts.query).items()})
        if parts.path in ("/login/oauth/access_token", "/token"):
            return self._token({name: value[0] for name, value in parse_qs(asked.body.decode()).items()})
        if parts.path == "/.well-known/openid-configuration":
            return _json(self._metadata())
        if parts.path == "/keys":
            return _json({"keys": [self._key.as_dict(private=False)]})
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return _json({"message": "who are you?"}, 401)
        return self._told(parts.path)

    def _metadata(self) -> dict[str, str]:
        return {
            "issuer": self.wrong.get("issuer", self.url),
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
        }

    def _agree(self, query: dict[str, str]) -> web.Told:
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert query["code_challenge_method"] == "S256"
        if self.wrong.get("denies"):
            back = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(8)
            self._codes[code] = query
            back = {"code": code, "state": query["state"]}
        return web.Told(status=302, location=f"{query['redirect_uri']}?{urlencode(back)}")

    def _token(self, form: dict[str, str]) -> web.Told:
        query = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            query is None
            or (form["client_id"], form["client_secret"]) != (CLIENT, SECRET)
            or form["redirect_uri"] != query["redirect_uri"]
            or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query["code_challenge"]
        ):
            return _json({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe(8)
        self._tokens.add(token)
        answer = {"access_token": token, "token_type": "bearer"}
        return _json(answer | ({"id_token": self._identity(query)} if "nonce" in query else {}))

    def _identity(self, query: dict[str, str]) -> str:
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": self.person["id"],
            "exp": int(time.time()) + 300,
            "nonce": query["nonce"],
            "email": self.person["email"],
            "email_verified": self.person["verified"],
            "name": self.person["name"],
            **self.wrong.get("claims", {}),
        }
        key = RSAKey.generate_key(2048, {"kid": "k1"}) if self.wrong.get("key") else self._key
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key)

    def _told(self, path: str) -> web.Told:
        me = self.person
        if path == "/api/user":
            return _json(
                {"id": int(me["id"]), "login": "ada", "name": me["name"], "email": "shown@example.com"}
            )
        if path == "/api/user/emails":
            second = {"email": "other@example.com", "primary": False, "verified": True}
            return _json([second, {"email": me["email"], "primary": True, "verified": me["verified"]}])
        return _json({"sub": me["id"], "email": me["email"], "email_verified": me["verified"]})


def _json(value: Any, status: int = 200) -> web.Told:
    return web.Told(json.dumps(value).encode(), "application/json", status)


@contextmanager
def provider() -> Generator[Provider]:
    """One that runs until the end of the block."""
    made = Provider()
    with web.site(made.answer) as port:
        made.port = port
        yield made
