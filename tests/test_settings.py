import re
import stat
import subprocess
import sys
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from eventlens.errors import ConfigurationError
from eventlens.setting_kinds import Rate, read_origin
from eventlens.settings import TABLE, Settings, describe
from tests.support.processes import REPOSITORY

CONTRACT_DEFAULTS = {
    "port": 3002,
    "host": "127.0.0.1",
    "log_format": "pretty",
    "clickhouse_url": None,
    "redis_url": None,
    "geoip_database": None,
    "worker_batch_size": 1000,
    "worker_batch_timeout": 5000,
    "worker_concurrency": 10,
    "rate_limit": Rate(100, 60),
    "insights_rate_limit": Rate(1200, 60),
    "ingest_rate_limit": None,
    "track_batch_limit": 100,
    "body_limit": 4 * 1024 * 1024,
    "trusted_proxies": (),
    "cors_origins": (),
    "outbound_allow": (),
    "event_retention_days": 0,
    "smtp_url": None,
    "query_memory": 2 << 30,
    "query_seconds": 60,
    "base_url": "http://localhost:3002",
}


def load(directory: Path, **environ: str) -> Settings:
    return Settings.load(environ, directory)


def refusal(directory: Path, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(directory, **environ)
    return caught.value.message


def test_defaults_are_the_contract_s(tmp_path: Path):
    settings = load(tmp_path)
    assert {name: getattr(settings, name) for name in CONTRACT_DEFAULTS} == CONTRACT_DEFAULTS
    assert settings.data == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/catalog.db"


def test_every_setting_of_the_contract_is_a_row():
    names = {row.name for row in TABLE.values()}
    contract = """
        PORT HOST LOG_LEVEL LOG_FORMAT EVENTLENS_DATA EVENTLENS_BASE_URL EVENTLENS_SECRET_KEY
        CLICKHOUSE_URL CLICKHOUSE_HOST CLICKHOUSE_PORT CLICKHOUSE_DATABASE CLICKHOUSE_USERNAME
        CLICKHOUSE_PASSWORD CLICKHOUSE_CLUSTER REDIS_URL REDIS_HOST REDIS_PORT REDIS_PASSWORD REDIS_DB
        DATABASE_URL MYSQL_HOST MYSQL_PORT MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD GEOIP_DATABASE
        WORKER_BATCH_SIZE WORKER_BATCH_TIMEOUT WORKER_CONCURRENCY RATE_LIMIT INSIGHTS_RATE_LIMIT
        INGEST_RATE_LIMIT TRACK_BATCH_LIMIT BODY_LIMIT TRUSTED_PROXIES CORS_ORIGINS
        EVENTLENS_OUTBOUND_ALLOW EVENT_RETENTION_DAYS SMTP_URL GITHUB_CLIENT_ID GITHUB_CLIENT_SECRET
        GOOGLE_CLIENT_ID GOOGLE_CLIENT_SECRET OTEL_EXPORTER_OTLP_ENDPOINT
    """.split()
    assert set(contract) <= names
    assert len(names) == len(TABLE) == len(fields(Settings))


def test_every_row_says_what_it_is_for():
    for row in TABLE.values():
        assert row.description.endswith("."), row.name
        assert row.kind.allowed


def test_a_setting_is_marked_unused_exactly_when_nothing_reads_it():
    product = "\n".join(
        path.read_text() for path in (REPOSITORY / "eventlens").rglob("*.py") if path.name != "settings.py"
    )
    # The parts of a URL are read where the URL is put together.
    parts = re.compile(r"(CLICKHOUSE|REDIS|MYSQL)_(HOST|PORT|DATABASE|USER(NAME)?|PASSWORD|DB)")
    for at, row in TABLE.items():
        if not parts.fullmatch(row.name):
            assert row.unused == (re.search(rf"\.{at}\b", product) is None), row.name


def test_what_is_set_without_effect_is_known(tmp_path: Path):
    assert load(tmp_path, PORT="1").without_effect() == []
    settings = load(tmp_path, SMTP_URL="smtp://h", WORKER_CONCURRENCY="3")
    assert settings.without_effect() == ["WORKER_CONCURRENCY"]


def test_the_reference_page_is_current():
    assert (REPOSITORY / "docs/reference/settings.md").read_text() == describe()


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("PORT", "8080", "port", 8080),
        ("PORT", " 8080 ", "port", 8080),
        ("PORT", "0", "port", 0),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("HOST", "::1", "host", "::1"),
        ("LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("LOG_FORMAT", "json", "log_format", "json"),
        ("EVENTLENS_DATA", "/var/lib/x", "data", Path("/var/lib/x")),
        ("EVENTLENS_BASE_URL", "https://a.example/stats/", "base_url", "https://a.example/stats"),
        ("BODY_LIMIT", "1000000", "body_limit", 1_000_000),
        ("BODY_LIMIT", "4MiB", "body_limit", 4 << 20),
        ("BODY_LIMIT", "1.5 mb", "body_limit", 1_500_000),
        ("BODY_LIMIT", "2k", "body_limit", 2048),
        ("RATE_LIMIT", "5/second", "rate_limit", Rate(5, 1)),
        ("RATE_LIMIT", "10 / Hour", "rate_limit", Rate(10, 3600)),
        ("RATE_LIMIT", "off", "rate_limit", None),
        ("INGEST_RATE_LIMIT", "1000000/day", "ingest_rate_limit", Rate(1_000_000, 86400)),
        ("TRACK_BATCH_LIMIT", "2000", "track_batch_limit", 2000),
        ("EVENT_RETENTION_DAYS", "0", "event_retention_days", 0),
        (
            "TRUSTED_PROXIES",
            "10.0.0.1/8, 192.168.1.1 fd00::/8",
            "trusted_proxies",
            (ip_network("10.0.0.0/8"), ip_network("192.168.1.1/32"), ip_network("fd00::/8")),
        ),
        ("EVENTLENS_OUTBOUND_ALLOW", "127.0.0.1", "outbound_allow", (ip_network("127.0.0.1/32"),)),
        (
            "CORS_ORIGINS",
            "https://A.example/, *.b.example",
            "cors_origins",
            ("https://a.example", "*.b.example"),
        ),
        ("CLICKHOUSE_URL", "http://u:p@ch:8123/db", "clickhouse_url", "http://u:p@ch:8123/db"),
        ("REDIS_URL", "rediss://r", "redis_url", "rediss://r"),
        ("DATABASE_URL", "mysql://u:p@h/db", "database_url", "mysql+pymysql://u:p@h/db"),
        ("DATABASE_URL", "mariadb://h/db", "database_url", "mariadb+pymysql://h/db"),
        ("DATABASE_URL", "postgresql://h/db", "database_url", "postgresql+psycopg://h/db"),
        ("DATABASE_URL", "postgres://h/db", "database_url", "postgresql+psycopg://h/db"),
        ("DATABASE_URL", "sqlite:////tmp/x.db", "database_url", "sqlite:////tmp/x.db"),
        ("SMTP_URL", "smtps://u:p@mail", "smtp_url", "smtps://u:p@mail"),
        ("EVENTLENS_QUERY_MEMORY", "512MiB", "query_memory", 512 << 20),
    ],
)
def test_a_value_is_read(tmp_path: Path, name: str, text: str, attribute: str, value: object):
    assert getattr(load(tmp_path, **{name: text}), attribute) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "x"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "3002.5"),
        ("PORT", "³"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("HOST", "http://x"),
        ("LOG_LEVEL", "loud"),
        ("EVENTLENS_BASE_URL", "analytics.example"),
        ("EVENTLENS_BASE_URL", "https://a.example/?x=1"),
        ("BODY_LIMIT", "4 elephants"),
        ("BODY_LIMIT", "1"),
        ("BODY_LIMIT", "9TiB"),
        ("RATE_LIMIT", "100"),
        ("RATE_LIMIT", "0/minute"),
        ("RATE_LIMIT", "5/fortnight"),
        ("TRACK_BATCH_LIMIT", "2001"),
        ("TRACK_BATCH_LIMIT", "0"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("EVENT_RETENTION_DAYS", "-1"),
        ("CLICKHOUSE_PORT", "http"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(tmp_path: Path, name: str, text: str):
    message = refusal(tmp_path, **{name: text})
    row = next(row for row in TABLE.values() if row.name == name)
    assert message == f"{name} is {text!r}; it must be {row.kind.allowed}."


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("DATABASE_URL", "oracle://u:hunter2@h/x", "'oracle://***@h/x'"),
        ("CLICKHOUSE_URL", "u:hun/ter2@h", "'***@h'"),
        ("CLICKHOUSE_URL", "ftp://h?password=hunter2", "'ftp://…'"),
        ("CLICKHOUSE_URL", "ftp://u:a?hunter2@b@h/d?password=hunter2", "'ftp://***@h/d'"),
        ("REDIS_URL", "hunter2", "'…'"),
        ("SMTP_URL", "u:hunter2", "'…'"),
        ("EVENTLENS_SECRET_KEY", "hunter2", "not acceptable (its value is not shown)"),
    ],
)
def test_a_wrong_secret_is_not_shown(tmp_path: Path, name: str, text: str, shown: str):
    message = refusal(tmp_path, **{name: text})
    assert message.startswith(f"{name} is {shown}; it must be ")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("EVENTLENS_DATTA", "EVENTLENS_DATA"),
        ("EVENTLENS_PORT", "PORT"),
        ("EVENTLENS_BASEURL", "EVENTLENS_BASE_URL"),
        ("EVENTLENS_CLICKHOUSE_URL", "CLICKHOUSE_URL"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path, name: str, near: str):
    assert refusal(tmp_path, **{name: "1"}) == f"{name} is not a setting of Event Lens; did you mean {near}?"


def test_an_unknown_name_without_a_near_one_is_refused_too(tmp_path: Path):
    assert "docs/reference/settings.md" in refusal(tmp_path, EVENTLENS_ZZZ="1")


def test_what_kubernetes_injects_is_ignored(tmp_path: Path):
    settings = load(
        tmp_path,
        EVENTLENS_SERVICE_HOST="10.0.0.1",
        EVENTLENS_SERVICE_PORT="3002",
        EVENTLENS_SERVICE_PORT_HTTP="3002",
        EVENTLENS_PORT="tcp://10.0.0.1:3002",
        EVENTLENS_PORT_3002_TCP="tcp://10.0.0.1:3002",
        EVENTLENS_PORT_3002_TCP_ADDR="10.0.0.1",
        EVENTLENS_API_PORT="udp://10.0.0.1:3002",
        REDIS_PORT="tcp://10.0.0.2:6379",
        REDIS_SERVICE_HOST="10.0.0.2",
        MYSQL_PORT="tcp://10.0.0.3:3306",
        CLICKHOUSE_PORT="tcp://10.0.0.4:8123",
    )
    assert settings == load(tmp_path)


def test_names_of_others_are_ignored_and_empty_counts_as_absent(tmp_path: Path):
    assert load(tmp_path, PATH="/bin", PORTS="x", PORT="", EVENTLENS_DATA=" ", EVENTLENS_OLD="") == load(
        tmp_path
    )


@pytest.mark.parametrize(
    ("environ", "attribute", "value"),
    [
        ({"CLICKHOUSE_HOST": "ch"}, "clickhouse_url", "http://default@ch:8123/default"),
        (
            {
                "CLICKHOUSE_HOST": "::1",
                "CLICKHOUSE_PORT": "8443",
                "CLICKHOUSE_DATABASE": "a/b",
                "CLICKHOUSE_USERNAME": "me",
                "CLICKHOUSE_PASSWORD": "p@ss/w:rd",
            },
            "clickhouse_url",
            "https://me:p%40ss%2Fw%3Ard@[::1]:8443/a%2Fb",
        ),
        ({"CLICKHOUSE_PORT": "9999"}, "clickhouse_url", None),
        ({"REDIS_HOST": "r"}, "redis_url", "redis://r:6379/0"),
        (
            {"REDIS_HOST": "r", "REDIS_PORT": "1", "REDIS_PASSWORD": "a b", "REDIS_DB": "3"},
            "redis_url",
            "redis://:a%20b@r:1/3",
        ),
        ({"MYSQL_HOST": "m"}, "database_url", "mysql+pymysql://eventlens@m:3306/eventlens"),
        (
            {"MYSQL_HOST": "m", "MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "MYSQL_DATABASE": "d"},
            "database_url",
            "mysql+pymysql://u:p@m:3306/d",
        ),
        ({"MYSQL_HOST": "m", "DATABASE_URL": "postgres://p/d"}, "database_url", "postgresql+psycopg://p/d"),
        ({"REDIS_HOST": "m", "REDIS_URL": "redis://u"}, "redis_url", "redis://u"),
        ({"CLICKHOUSE_HOST": "m", "CLICKHOUSE_URL": "http://u"}, "clickhouse_url", "http://u"),
    ],
)
def test_urls_are_put_together_from_their_parts(
    tmp_path: Path, environ: dict[str, str], attribute: str, value: object
):
    assert getattr(load(tmp_path, **environ), attribute) == value


ENV_FILE = """\
\ufeff# a comment
PORT=4000
export HOST = 0.0.0.0   # all of them
CLICKHOUSE_PASSWORD='single # "quoted" \\n'
MYSQL_PASSWORD="double \\"quoted\\" \\\\ # no comment"  # but this
REDIS_PASSWORD=with#hash
CORS_ORIGINS=
SMTP_URL= # nothing
UNRELATED=whatever
"""


def test_the_env_file_is_read_and_the_environment_beats_it(tmp_path: Path):
    (tmp_path / ".env").write_text(ENV_FILE)
    settings = load(tmp_path, PORT="5000", HOST="")
    assert settings.port == 5000
    assert settings.host == "0.0.0.0"
    assert settings.clickhouse_password == 'single # "quoted" \\n'
    assert settings.mysql_password == 'double "quoted" \\ # no comment'
    assert settings.redis_password == "with#hash"
    assert settings.cors_origins == ()
    assert settings.smtp_url is None


def test_the_env_file_may_have_windows_line_ends(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"PORT=4000\r\nHOST=::1\r\n")
    assert (load(tmp_path).port, load(tmp_path).host) == (4000, "::1")


@pytest.mark.parametrize("line", ["PORT", "PORT='4000", 'PORT="4000', "2PORT=1", "PORT: 4000", "PORT='1' x"])
def test_a_wrong_line_in_the_env_file_is_named(tmp_path: Path, line: str):
    (tmp_path / ".env").write_text(f"# first\n{line}\n")
    assert refusal(tmp_path) == f"{tmp_path / '.env'} line 2 is not of the form NAME=value."


def test_an_unknown_name_in_the_env_file_is_refused(tmp_path: Path):
    (tmp_path / ".env").write_text("EVENTLENS_DATTA=1")
    assert "EVENTLENS_DATA" in refusal(tmp_path)


def test_an_env_file_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")
    assert "cannot be read" in refusal(tmp_path)


def test_relative_paths_start_at_the_directory(tmp_path: Path):
    files = {"GEOIP_DATABASE": "geo.mmdb", "EVENTLENS_ASN_DATABASE": "asn.mmdb"}
    settings = load(tmp_path, EVENTLENS_DATA="here", **files)
    assert settings.data == tmp_path / "here"
    assert settings.geoip_database == tmp_path / "geo.mmdb"
    assert settings.asn_database == tmp_path / "asn.mmdb"


def test_secrets_are_not_in_the_repr(tmp_path: Path):
    secrets = {row.name: f"hunter2-{'x' * 16}" for row in TABLE.values() if row.secret}
    secrets |= {
        "CLICKHOUSE_URL": "http://u:hunter2@h",
        "REDIS_URL": "redis://:hunter2@h",
        "DATABASE_URL": "mysql://u:hunter2@h/d",
        "SMTP_URL": "smtp://u:hunter2@h",
    }
    assert "hunter2" not in repr(load(tmp_path, **secrets))


def test_replace_moves_what_follows_from_the_changed_value(tmp_path: Path):
    settings = load(tmp_path)
    moved = settings.replace(data=tmp_path / "other", port=1234)
    assert moved.database_url == f"sqlite:///{tmp_path}/other/catalog.db"
    assert moved.base_url == "http://localhost:1234"
    assert moved.replace(database_url="sqlite:////x", base_url="http://b").replace(data=tmp_path, port=1) == (
        settings.replace(data=tmp_path, port=1, database_url="sqlite:////x", base_url="http://b")
    )


def test_the_secret_key_is_made_once_and_private(tmp_path: Path):
    settings = load(tmp_path)
    path = tmp_path / "data" / "secret_key"
    assert not path.exists(), "reading the settings makes no files"
    key = settings.secret_key
    assert len(key) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(tmp_path).secret_key == key
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_a_configured_secret_key_is_used_and_not_written(tmp_path: Path):
    assert load(tmp_path, EVENTLENS_SECRET_KEY="k" * 16).secret_key == "k" * 16
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["", "short", b"\xff\xfe" * 20])
def test_a_damaged_secret_key_is_refused_and_left_alone(tmp_path: Path, content: str | bytes):
    path = tmp_path / "data" / "secret_key"
    path.parent.mkdir()
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError, match="secret_key"):
        _ = load(tmp_path).secret_key
    assert path.read_bytes() == raw


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path; from eventlens.settings import Settings; sys.stdin.readline();"
        "print(Settings.load({}, Path(sys.argv[1])).secret_key)"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        for _ in range(6)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    keys = {child.communicate(timeout=30)[0] for child in children}
    assert len(keys) == 1
    assert keys.pop().strip() == load(tmp_path).secret_key


@pytest.mark.parametrize(
    "text", ["", "https://", "a b", "https://*", "*.*.a", "javascript:x", "http://a/b", "https://a:b"]
)
def test_what_is_no_origin(text: str):
    with pytest.raises(ValueError):  # noqa: PT011  # it carries no message
        read_origin(text)
