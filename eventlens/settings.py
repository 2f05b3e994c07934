"""Everything an operator may set, in one table: the fields of `Settings`.

Parsing, error messages, the reference page (`describe`) and the `check` command are made from that
table. Values come from the environment; a `.env` file in the working directory fills what the
environment leaves out. An empty value counts as absent.
"""
# ruff: noqa: RUF009  (a field's default is its row of the table; rows and values are immutable)

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar, cast
from urllib.parse import quote

from eventlens.errors import ConfigurationError
from eventlens.setting_kinds import (
    BASE_URL,
    DATABASE,
    DIRECTORY,
    FILE,
    HOST,
    NAME,
    NETWORKS,
    ORIGINS,
    PORT_NUMBER,
    RATE,
    SECRET_KEY,
    SHORTEST_KEY,
    TEXT,
    URL,
    Kind,
    Network,
    Rate,
    one_of,
    size,
    store_url,
    url,
    whole_number,
)

T = TypeVar("T")


# --- the table ---


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the variable's name, its value when absent (as a text; "" = none) and what it is for."""

    name: str
    default: str
    kind: Kind[object]
    description: str
    secret: bool
    unused: bool
    """Part of the contract and read, but nothing acts on it in this version."""


def _setting(
    name: str,
    default: str,
    kind: Kind[T],
    description: str,
    *,
    secret: bool = False,
    unused: bool = False,
    absent: T | None = None,
) -> T:
    """A field of Settings. With an empty default the value is `absent`."""
    value = kind.read(default) if default else absent
    row = Setting(name, default, kind, description, secret, unused)
    # dataclasses.field is typed to give its default's type; here the Field stands for a T in the same way.
    return cast(T, field(default=value, repr=not secret, metadata={"row": row}))


@dataclass(frozen=True)
class Settings:
    """What the operator chose. Secrets and URLs that may hold one are left out of the repr."""

    port: int = _setting("PORT", "3002", whole_number(0, 65535), "Port to listen on; 0 for any free one.")
    host: str = _setting("HOST", "127.0.0.1", HOST, "Address to listen on; 0.0.0.0 for all of them.")
    log_level: str = _setting(
        "LOG_LEVEL", "info", one_of("debug", "info", "warning", "error"), "How much is logged."
    )
    log_format: str = _setting(
        "LOG_FORMAT", "pretty", one_of("pretty", "json"), "Log lines for people or for programs."
    )
    data: Path = _setting(
        "EVENTLENS_DATA", "./data", DIRECTORY, "Directory of the embedded databases and of generated files."
    )
    base_url: str = _setting(
        "EVENTLENS_BASE_URL",
        "",
        BASE_URL,
        "Where browsers reach Event Lens, sub-path included. Absent: `http://localhost:PORT`.",
        absent="",
    )
    configured_secret_key: str | None = _setting(
        "EVENTLENS_SECRET_KEY",
        "",
        SECRET_KEY,
        "Key that signs what must not be forged. Absent: generated once and kept in the data directory.",
        secret=True,
    )
    clickhouse_url: str | None = _setting(
        "CLICKHOUSE_URL",
        "",
        store_url("http", "https", "clickhouse", "clickhouses"),
        "ClickHouse server (its HTTP port). Absent, and CLICKHOUSE_HOST too: embedded in the process. Of a "
        "cluster the servers of all shards: `http://user:password@a:8123,b:8123/eventlens`.",
        secret=True,
    )
    clickhouse_host: str | None = _setting(
        "CLICKHOUSE_HOST", "", HOST, "With the next four, another way to write CLICKHOUSE_URL."
    )
    clickhouse_port: int | None = _setting(
        "CLICKHOUSE_PORT", "", PORT_NUMBER, "HTTP port. Absent: 8123. 8443: encrypted."
    )
    clickhouse_database: str | None = _setting("CLICKHOUSE_DATABASE", "", TEXT, "Database. Absent: default.")
    clickhouse_username: str | None = _setting("CLICKHOUSE_USERNAME", "", TEXT, "User. Absent: default.")
    clickhouse_password: str | None = _setting("CLICKHOUSE_PASSWORD", "", TEXT, "Password.", secret=True)
    clickhouse_cluster: str | None = _setting(
        "CLICKHOUSE_CLUSTER",
        "",
        NAME,
        "Cluster (of the servers' `remote_servers`) over whose shards the tables are spread, see "
        "docs/operate/shards.md. CLICKHOUSE_URL names a server of each shard.",
    )
    redis_url: str | None = _setting(
        "REDIS_URL", "", url("redis", "rediss"), "Redis; absent, and REDIS_HOST too: embedded.", secret=True
    )
    redis_host: str | None = _setting(
        "REDIS_HOST", "", HOST, "With the next three, another way to write REDIS_URL."
    )
    redis_port: int | None = _setting("REDIS_PORT", "", PORT_NUMBER, "Port. Absent: 6379.")
    redis_password: str | None = _setting("REDIS_PASSWORD", "", TEXT, "Password.", secret=True)
    redis_db: int | None = _setting("REDIS_DB", "", whole_number(0, 1_000_000), "Database number. Absent: 0.")
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        DATABASE,
        "Database of projects, clients and users. Absent, and MYSQL_HOST too: SQLite in the data directory.",
        secret=True,
        absent="",
    )
    mysql_host: str | None = _setting(
        "MYSQL_HOST", "", HOST, "With the next four, another way to write DATABASE_URL."
    )
    mysql_port: int | None = _setting("MYSQL_PORT", "", PORT_NUMBER, "Port. Absent: 3306.")
    mysql_database: str | None = _setting("MYSQL_DATABASE", "", TEXT, "Database. Absent: eventlens.")
    mysql_user: str | None = _setting("MYSQL_USER", "", TEXT, "User. Absent: eventlens.")
    mysql_password: str | None = _setting("MYSQL_PASSWORD", "", TEXT, "Password.", secret=True)
    geoip_database: Path | None = _setting(
        "GEOIP_DATABASE",
        "",
        FILE,
        "A .mmdb file in MaxMind's or ip-location-db's schema. Absent: the bundled country database.",
    )
    asn_database: Path | None = _setting(
        "EVENTLENS_ASN_DATABASE",
        "",
        FILE,
        "A .mmdb file of networks (ASNs), by which traffic of data centres is told apart. Absent: it is not.",
    )
    worker_batch_size: int = _setting(
        "WORKER_BATCH_SIZE", "1000", whole_number(1, 100_000), "Events that a worker stores at once."
    )
    worker_batch_timeout: int = _setting(
        "WORKER_BATCH_TIMEOUT", "5000", whole_number(1, 600_000), "Upper bound of a batch's wait, in ms."
    )
    worker_concurrency: int = _setting(
        "WORKER_CONCURRENCY",
        "10",
        whole_number(1, 1000),
        "Jobs that one worker process runs at a time.",
        unused=True,
    )
    rate_limit: Rate | None = _setting(
        "RATE_LIMIT", "100/minute", RATE, "Unauthenticated requests and sign-ins of one address."
    )
    insights_rate_limit: Rate | None = _setting(
        "INSIGHTS_RATE_LIMIT", "1200/minute", RATE, "Questions of one client or signed-in session."
    )
    ingest_rate_limit: Rate | None = _setting(
        "INGEST_RATE_LIMIT", "off", RATE, "Collection requests of one client."
    )
    address_rate_limit: Rate | None = _setting(
        "EVENTLENS_ADDRESS_RATE_LIMIT",
        "off",
        RATE,
        "Collection requests of one visitor's address; who shows a client's secret is not counted.",
    )
    connections: int = _setting(
        "EVENTLENS_CONNECTIONS",
        "10000",
        whole_number(1, 1_000_000),
        "Connections open at a time; beyond them, 503. Fewer where the process may not open so many files.",
    )
    connections_per_address: int = _setting(
        "EVENTLENS_CONNECTIONS_PER_ADDRESS",
        "1000",
        whole_number(1, 1_000_000),
        "Of these, from one address (of IPv6: its /64); TRUSTED_PROXIES may have all of them.",
    )
    queue_limit: int = _setting(
        "EVENTLENS_QUEUE_LIMIT",
        "8GiB",
        size("1MiB", "1TiB"),
        "What may wait to be stored; beyond it, as on a disk almost full, 503 with Retry-After.",
    )
    track_batch_limit: int = _setting(
        "TRACK_BATCH_LIMIT", "100", whole_number(1, 2000), "Events that one request may carry."
    )
    body_limit: int = _setting("BODY_LIMIT", "4MiB", size("1KiB", "1GiB"), "Largest request body.")
    trusted_proxies: tuple[Network, ...] = _setting(
        "TRUSTED_PROXIES", "", NETWORKS, "Proxies that are believed on the client's address.", absent=()
    )
    metrics_allow: tuple[Network, ...] = _setting(
        "EVENTLENS_METRICS_ALLOW",
        "",
        NETWORKS,
        "Networks that may read /metrics, beside the machine itself and TRUSTED_PROXIES.",
        absent=(),
    )
    metrics_port: int | None = _setting(
        "EVENTLENS_METRICS_PORT",
        "",
        PORT_NUMBER,
        "Port on HOST at which `eventlens work` answers /metrics and /healthz/live. Absent: none.",
    )
    cors_origins: tuple[str, ...] = _setting(
        "CORS_ORIGINS", "", ORIGINS, "Origins whose pages may ask and manage, not only send.", absent=()
    )
    script_name: str = _setting(
        "EVENTLENS_SCRIPT_NAME",
        "e",
        NAME,
        "Another name of the script for pages: `hello` is answered at `/hello.js`, beside `/e.js`.",
    )
    collect_name: str = _setting(
        "EVENTLENS_COLLECT_NAME",
        "",
        NAME,
        "Another name of `/track/batch`, for blockers that know it: `hello` is `/hello`. The renamed script "
        "sends there.",
        absent="",
    )
    outbound_allow: tuple[Network, ...] = _setting(
        "EVENTLENS_OUTBOUND_ALLOW",
        "",
        NETWORKS,
        "Private networks that requests of the server itself (sign-in, webhooks) may reach all the same.",
        absent=(),
    )
    event_retention_days: int = _setting(
        "EVENT_RETENTION_DAYS",
        "0",
        whole_number(0, 36_500),
        "Days that events are kept beside today, by the project's zone; 0 keeps them. A project may differ.",
    )
    dead_letter_days: int = _setting(
        "EVENTLENS_DEAD_LETTER_DAYS",
        "30",
        whole_number(0, 36_500),
        "Days that what could not be applied is kept (`eventlens dead-letters`); 0 keeps it.",
    )
    replay_retention_days: int = _setting(
        "EVENTLENS_REPLAY_RETENTION_DAYS",
        "30",
        whole_number(0, 3650),
        "Days that recordings of sessions are kept, told to each piece as it arrives; 0 keeps them.",
    )
    query_memory: int = _setting(
        "EVENTLENS_QUERY_MEMORY", "2GiB", size("64MiB", "1TiB"), "Memory that one question may take."
    )
    exact_events: int = _setting(
        "EVENTLENS_EXACT_EVENTS",
        "200000",
        whole_number(0, 1_000_000_000_000),
        "Events up to which people are counted exactly; larger questions are answered from roll-ups.",
    )
    query_seconds: int = _setting(
        "EVENTLENS_QUERY_SECONDS", "60", whole_number(1, 3600), "Seconds that one question may take."
    )
    answer_cache: int = _setting(
        "EVENTLENS_ANSWER_CACHE",
        "64MiB",
        size("0", "1TiB"),
        "Memory for answers that are given again as long as nothing has changed them; 0 keeps none.",
    )
    smtp_url: str | None = _setting(
        "SMTP_URL",
        "",
        url("smtp", "smtps"),
        "Mail server: `smtp://user:password@host:587?from=lens@example.com` (STARTTLS if offered), or smtps.",
        secret=True,
    )
    github_client_id: str | None = _setting("GITHUB_CLIENT_ID", "", TEXT, "Sign-in with GitHub.")
    github_client_secret: str | None = _setting("GITHUB_CLIENT_SECRET", "", TEXT, "Its secret.", secret=True)
    github_url: str = _setting("GITHUB_URL", "https://github.com", URL, "GitHub, or an Enterprise Server.")
    github_api_url: str = _setting("GITHUB_API_URL", "https://api.github.com", URL, "Its API.")
    google_client_id: str | None = _setting("GOOGLE_CLIENT_ID", "", TEXT, "Sign-in with Google.")
    google_client_secret: str | None = _setting("GOOGLE_CLIENT_SECRET", "", TEXT, "Its secret.", secret=True)
    google_issuer: str = _setting("GOOGLE_ISSUER", "https://accounts.google.com", URL, "Google's issuer.")
    oidc_issuer: str | None = _setting(
        "OIDC_ISSUER", "", URL, "Sign-in with any OpenID Connect provider: its issuer."
    )
    oidc_name: str = _setting("OIDC_NAME", "single sign-on", TEXT, "What the button of that provider says.")
    oidc_client_id: str | None = _setting("OIDC_CLIENT_ID", "", TEXT, "Client id at that provider.")
    oidc_client_secret: str | None = _setting("OIDC_CLIENT_SECRET", "", TEXT, "Its secret.", secret=True)
    oidc_authorization_url: str | None = _setting(
        "OIDC_AUTHORIZATION_URL", "", URL, "Overrides what the issuer's metadata says."
    )
    oidc_token_url: str | None = _setting(
        "OIDC_TOKEN_URL", "", URL, "Overrides what the issuer's metadata says."
    )
    oidc_userinfo_url: str | None = _setting(
        "OIDC_USERINFO_URL", "", URL, "Overrides what the issuer's metadata says."
    )
    otlp_endpoint: str | None = _setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        url("http", "https"),
        "Where traces are sent, by OTLP over HTTP (`http://collector:4318`). Absent: nothing is traced.",
    )
    traces_per_second: int = _setting(
        "EVENTLENS_TRACES_PER_SECOND", "10", whole_number(1, 10_000), "Requests that are traced, at most."
    )

    def __post_init__(self) -> None:
        for name, value in self._derived().items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Self:
        """Settings from `environ` (default: the process's) and from `directory/.env` (default: the
        working directory). Relative paths are relative to `directory`. Raises ConfigurationError.
        """
        directory = (directory or Path.cwd()).absolute()
        given = _without_noise(_read_env_file(directory / ".env"))
        given.update(_without_noise(os.environ if environ is None else environ))
        _refuse_unknown(given)
        values = {at: _read_value(row, given[row.name]) for at, row in TABLE.items() if row.name in given}
        values["data"] = directory / values.get("data", DIRECTORY.read(TABLE["data"].default))
        for file in ("geoip_database", "asn_database"):
            if file in values:
                values[file] = directory / values[file]
        settings = cls(**values)
        return settings.replace(**_combine_parts(settings, given))

    def replace(self, **changes: Any) -> Self:
        """A copy with other values; what was derived from changed values follows them."""
        for name, value in self._derived().items():
            if getattr(self, name) == value:
                changes.setdefault(name, "")
        return replace(self, **changes)

    def _derived(self) -> dict[str, str]:
        return {
            "base_url": f"http://localhost:{self.port}",
            "database_url": f"sqlite:///{(self.data / 'catalog.db').absolute()}",
        }

    def without_effect(self) -> list[str]:
        """Names of the settings that were given a value and that nothing uses yet."""
        default = self._derived()
        return [
            row.name
            for at, row in TABLE.items()
            if row.unused and str(getattr(self, at)) != default.get(at, str(_DEFAULTS[at]))
        ]

    @property
    def role(self) -> str:
        """What `eventlens serve` is here: the API alone, or everything."""
        return "api" if self.redis_url and self.clickhouse_url else "serve"

    @cached_property
    def secret_key(self) -> str:
        """EVENTLENS_SECRET_KEY, or the key kept in the data directory, made on first use."""
        return self.configured_secret_key or _kept_secret_key(self.data / "secret_key")


TABLE: dict[str, Setting] = {one.name: one.metadata["row"] for one in fields(Settings)}
"""All settings: attribute of Settings → row."""
_DEFAULTS: dict[str, object] = {one.name: one.default for one in fields(Settings)}
NAMES = frozenset(row.name for row in TABLE.values())


# --- reading ---


def _read_value(row: Setting, text: str) -> Any:
    try:
        return row.kind.read(text)
    except ValueError:
        raise ConfigurationError(
            f"{row.name} is {_shown(row, text)}; it must be {row.kind.allowed}."
        ) from None


def _shown(row: Setting, text: str) -> str:
    """The value as a message may show it: URLs without password, other secrets not at all."""
    if not row.secret:
        return repr(text)
    if not row.name.endswith("_URL"):
        return "not acceptable (its value is not shown)"
    # A password may hold any character, "/", "?" and "@" too: only what follows the last "@" is surely none.
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]{0,31}://", text)
    _, at, place = text.rpartition("@")
    start = scheme[0] if scheme else ""
    return repr(f"{start}***@{place.partition('?')[0]}" if at else f"{start}…")


# What Kubernetes puts into the environment of a pod for every Service beside it.
_INJECTED_NAME = re.compile(r".+_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_.+)")
_INJECTED_PORT = re.compile(r"(tcp|udp|sctp)://.*")


def _without_noise(given: Mapping[str, str]) -> dict[str, str]:
    """The variables that may be ours: not empty, and not injected by Kubernetes."""
    return {
        name: text.strip()
        for name, text in given.items()
        if (name in NAMES or name.startswith("EVENTLENS_"))
        and text.strip()
        and not (name.endswith("_PORT") and _INJECTED_PORT.fullmatch(text.strip()))
        and (name in NAMES or not _INJECTED_NAME.fullmatch(name))
    }


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name in NAMES:
            continue
        bare = {known.removeprefix("EVENTLENS_"): known for known in sorted(NAMES)}
        near = get_close_matches(name.removeprefix("EVENTLENS_"), bare, 1, 0.75)
        hint = f"did you mean {bare[near[0]]}?" if near else "docs/reference/settings.md lists them all."
        raise ConfigurationError(f"{name} is not a setting of Event Lens; {hint}")


CLICKHOUSE_TLS_PORT = 8443


def _combine_parts(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """The URLs that were given as HOST, PORT and so on. A URL beats its parts."""
    urls: dict[str, str] = {}
    if settings.clickhouse_host and "CLICKHOUSE_URL" not in given:
        port = settings.clickhouse_port or 8123
        user = _credentials(settings.clickhouse_username or "default", settings.clickhouse_password)
        database = quote(settings.clickhouse_database or "default", safe="")
        scheme = "https" if port == CLICKHOUSE_TLS_PORT else "http"
        urls["clickhouse_url"] = f"{scheme}://{user}{_host(settings.clickhouse_host)}:{port}/{database}"
    if settings.redis_host and "REDIS_URL" not in given:
        user = _credentials("", settings.redis_password) if settings.redis_password else ""
        host = _host(settings.redis_host)
        urls["redis_url"] = f"redis://{user}{host}:{settings.redis_port or 6379}/{settings.redis_db or 0}"
    if settings.mysql_host and "DATABASE_URL" not in given:
        user = _credentials(settings.mysql_user or "eventlens", settings.mysql_password)
        database = quote(settings.mysql_database or "eventlens", safe="")
        host = _host(settings.mysql_host)
        urls["database_url"] = f"mysql+pymysql://{user}{host}:{settings.mysql_port or 3306}/{database}"
    return urls


def _credentials(user: str, password: str | None) -> str:
    return quote(user, safe="") + (f":{quote(password, safe='')}" if password else "") + "@"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


_ENV_LINE = re.compile(
    r"""(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*
    (?: '(?P<literal>[^']*)' | "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<bare>(?!['"]).*?) )
    (?:\s+\#.*|\s*)""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def _read_env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file: `NAME=value` lines, quotes, comments, `export `; {} without a file."""
    if not path.is_file():
        return {}
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _ENV_LINE.fullmatch(text)
        if match is None:
            raise ConfigurationError(f"{path} line {number} is not of the form NAME=value.")
        found[match["name"]] = _env_value(match)
    return found


def _env_value(match: re.Match[str]) -> str:
    if match["literal"] is not None:
        return match["literal"]
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match["quoted"])
    bare = match["bare"]
    return "" if bare.startswith("#") else bare


def _kept_secret_key(path: Path) -> str:
    """The key in the file; made when there is none, by exactly one of several processes."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Written whole under another name, then linked: nobody reads half a key, the first one wins.
            draft = path.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The secret key {path} cannot be read or made: {error}.") from None
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            f"The secret key {path} is damaged; restore it, or delete it to get a new one."
        )
    return key


# --- documentation ---


def describe() -> str:
    """The reference page of all settings, as Markdown (docs/reference/settings.md)."""
    lines = [
        "# Settings",
        "",
        "Environment variables; a `.env` file in the working directory is read as well, the environment",
        "beats it. Every one is optional, and an empty value counts as absent. A wrong value or an unknown",
        "`EVENTLENS_…` name stops the start with one sentence that says which and why. The names that",
        "Kubernetes injects for a Service (`…_SERVICE_HOST`, `…_PORT=tcp://…` and so on) are ignored.",
        "",
        "A setting that is *not used yet* is read and checked, and changes nothing in this version; the",
        "start and `eventlens check` name those that are set.",
        "",
        "This page is made from the table in `eventlens/settings.py`.",
        "",
        "| name | default | allowed | meaning |",
        "|---|---|---|---|",
    ]
    for row in TABLE.values():
        default = f"`{row.default}`" if row.default else ""
        meaning = f"*Not used yet.* {row.description}" if row.unused else row.description
        lines.append(f"| `{row.name}` | {default} | {row.kind.allowed} | {meaning} |")
    return "\n".join(lines) + "\n"
