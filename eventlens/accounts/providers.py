"""Accounts elsewhere: GitHub, Google, any OpenID Connect provider. Who somebody is there, by OAuth 2.

The code flow with PKCE. Of a provider that speaks OpenID Connect the identity token is checked (signature,
issuer, audience, time, nonce). Requests go through `outbound`, which leaves private networks alone.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import msgspec
from authlib.oauth2.rfc6749 import parameters as oauth
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # pyright: ignore[reportUnknownVariableType]  # fmt: skip  # has none
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from eventlens.errors import NotFound, OutboundRefused
from eventlens.outbound import Outbound
from eventlens.settings import Settings

ProviderName = Literal["github", "google", "oidc"]
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Those with a public key: with any other, whoever knows the client's secret could sign."""
_METADATA_SECONDS = 3600.0
_LEEWAY = 60

_challenge = cast(Callable[[str], str], create_s256_code_challenge)
_grant_uri = cast(Callable[..., str], oauth.prepare_grant_uri)  # pyright: ignore[reportUnknownMemberType]  # no types
_token_request = cast(Callable[..., str], oauth.prepare_token_request)  # pyright: ignore[reportUnknownMemberType]  # no types


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody as a provider knows them. `key` does not change when their address does; `verified`: the
    provider has proven that the address is theirs.
    """

    key: str
    email: str
    verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a sign-in under way has to come back with."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as it was set. Without an `issuer` it speaks plain OAuth 2 (GitHub)."""

    name: ProviderName
    title: str
    client_id: str
    client_secret: str
    issuer: str = ""
    authorization_url: str = ""
    token_url: str = ""
    userinfo_url: str = ""


class Providers:
    """The providers of the settings; their metadata is kept for an hour."""

    def __init__(self, settings: Settings) -> None:
        self._outbound = Outbound(settings.outbound_allow)
        self._all = {each.name: each for each in _from_settings(settings)}
        self._back = f"{settings.base_url}/auth/oauth"
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def list(self) -> list[Provider]:
        """Those that one may sign in with."""
        return list(self._all.values())

    def find(self, name: str) -> Provider:
        """Raises NotFound for one that is not set up."""
        found = self._all.get(cast(ProviderName, name))
        if found is None:
            raise NotFound("This server does not sign in with that.")
        return found

    def begin(self, provider: Provider, attempt: Attempt) -> str:
        """The provider's page where somebody agrees. Raises OutboundRefused."""
        more = {"nonce": attempt.nonce} if provider.issuer else {}
        return _grant_uri(
            self._endpoint(provider, "authorization"),
            provider.client_id,
            "code",
            redirect_uri=self._redirect(provider),
            scope="openid email profile" if provider.issuer else "read:user user:email",
            state=attempt.state,
            code_challenge=_challenge(attempt.verifier),
            code_challenge_method="S256",
            **more,
        )

    def finish(self, provider: Provider, attempt: Attempt, code: str) -> Outsider:
        """Who it is that came back with a code. Raises OutboundRefused."""
        token = self._token(provider, attempt, code)
        access = str(token.get("access_token", ""))
        if not provider.issuer:
            return self._of_github(provider, access)
        claims = self._claims(provider, attempt, token)
        if not claims.get("email"):
            asked = self._get(self._endpoint(provider, "userinfo"), access)
            if claims and asked.get("sub") != claims.get("sub"):
                raise OutboundRefused("The provider speaks of two people.")
            claims = {**asked, **claims}
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise OutboundRefused("The provider does not say who it is.")
        return Outsider(
            key=_key(provider.issuer, claims["sub"]),
            email=_text(claims, "email"),
            # Some send a text.
            verified=claims.get("email_verified") in (True, "true"),
            name=_text(claims, "name"),
        )

    def _token(self, provider: Provider, attempt: Attempt, code: str) -> dict[str, Any]:
        body = _token_request(
            "authorization_code",
            code=code,
            redirect_uri=self._redirect(provider),
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            code_verifier=attempt.verifier,
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        answer = self._outbound.ask("POST", self._endpoint(provider, "token"), headers, body.encode())
        token = _object(answer.body)
        if answer.status != 200 or not token.get("access_token"):
            raise OutboundRefused(f"{provider.title} did not take the code.")
        return token

    def _claims(self, provider: Provider, attempt: Attempt, token: Mapping[str, Any]) -> dict[str, Any]:
        """What the identity token says; {} where the operator named endpoints that give none."""
        if "id_token" not in token:
            if provider.userinfo_url:
                return {}
            raise OutboundRefused("The provider sent no identity token.")
        metadata = self._metadata(provider)
        keys = self._get(_text(metadata, "jwks_uri"))
        try:
            key_set = KeySet.import_key_set(cast(Any, keys))
            signed = jwt.decode(str(token["id_token"]), key_set, algorithms=_ALGORITHMS)
            registry = jwt.JWTClaimsRegistry(
                leeway=_LEEWAY,
                iss={"essential": True, "value": metadata["issuer"]},
                aud={"essential": True, "value": provider.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": attempt.nonce},
            )
            registry.validate(signed.claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OutboundRefused(f"The identity token is wrong: {type(error).__name__}.") from error
        return dict(signed.claims)

    def _of_github(self, provider: Provider, access: str) -> Outsider:
        user = self._get(f"{provider.userinfo_url}/user", access)
        if not isinstance(user.get("id"), int):
            raise OutboundRefused("GitHub does not say who it is.")
        rows = self._ask(f"{provider.userinfo_url}/user/emails", access)
        emails = cast(list[dict[str, Any]], rows) if isinstance(rows, list) else []
        nobody: dict[str, Any] = {}
        best = next((row for row in emails if row.get("primary") is True), nobody)
        return Outsider(
            key=_key(provider.token_url, str(user["id"])),
            email=_text(best, "email"),
            verified=best.get("verified") is True,
            name=_text(user, "name") or _text(user, "login"),
        )

    def _endpoint(self, provider: Provider, which: Literal["authorization", "token", "userinfo"]) -> str:
        own = {
            "authorization": provider.authorization_url,
            "token": provider.token_url,
            "userinfo": provider.userinfo_url,
        }[which]
        return own or _text(self._metadata(provider), f"{which}_endpoint")

    def _metadata(self, provider: Provider) -> dict[str, Any]:
        with self._lock:
            kept = self._kept.get(provider.issuer)
        if kept is not None and time.monotonic() - kept[0] < _METADATA_SECONDS:
            return kept[1]
        found = self._get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if _text(found, "issuer").rstrip("/") != provider.issuer.rstrip("/"):
            raise OutboundRefused("The provider's metadata is another issuer's.")
        with self._lock:
            self._kept[provider.issuer] = (time.monotonic(), found)
        return found

    def _get(self, url: str, access: str = "") -> dict[str, Any]:
        found = self._ask(url, access)
        if not isinstance(found, dict):
            raise OutboundRefused("The provider's answer makes no sense.")
        return cast(dict[str, Any], found)

    def _ask(self, url: str, access: str = "") -> Any:
        headers = {"accept": "application/json"}
        if access:
            headers["authorization"] = f"Bearer {access}"
        answer = self._outbound.ask("GET", url, headers)
        if answer.status != 200:
            raise OutboundRefused(f"The provider answered {answer.status}.")
        return _decoded(answer.body)

    def _redirect(self, provider: Provider) -> str:
        return f"{self._back}/{provider.name}/callback"


def _from_settings(settings: Settings) -> list[Provider]:
    found: list[Provider] = []
    if settings.github_client_id and settings.github_client_secret:
        base = settings.github_url.rstrip("/")
        found.append(
            Provider(
                name="github",
                title="GitHub",
                client_id=settings.github_client_id,
                client_secret=settings.github_client_secret,
                authorization_url=f"{base}/login/oauth/authorize",
                token_url=f"{base}/login/oauth/access_token",
                userinfo_url=settings.github_api_url.rstrip("/"),
            )
        )
    if settings.google_client_id and settings.google_client_secret:
        found.append(
            Provider(
                name="google",
                title="Google",
                client_id=settings.google_client_id,
                client_secret=settings.google_client_secret,
                issuer=settings.google_issuer,
            )
        )
    if settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        found.append(
            Provider(
                name="oidc",
                title=settings.oidc_name,
                client_id=settings.oidc_client_id,
                client_secret=settings.oidc_client_secret,
                issuer=settings.oidc_issuer,
                authorization_url=settings.oidc_authorization_url or "",
                token_url=settings.oidc_token_url or "",
                userinfo_url=settings.oidc_userinfo_url or "",
            )
        )
    return found


def _key(issuer: str, subject: str) -> str:
    """Of a person at that issuer and at no other, whatever is set later."""
    return hashlib.sha256(f"{issuer.rstrip('/')}\0{subject}".encode()).hexdigest()


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _object(body: bytes) -> dict[str, Any]:
    found = _decoded(body)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}
