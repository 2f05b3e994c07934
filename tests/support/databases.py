"""Real MariaDB and PostgreSQL servers for tests, one process each, in directories and on ports of their own.

Neither server runs as root: started by root they run as the user that their package made, or as `nobody`.
Both are set up to differ from SQLite wherever they can: Latin-1 without case by default here, the order of a
dictionary there.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg
import pymysql

from eventlens.catalog.notes import Base
from tests.support.processes import Child, clean_environment, free_port

_databases = itertools.count(1)
PASSWORD = "s/e:c@r?t"  # a URL must carry it


class DatabaseServer:
    """A server that can be killed, paused and started again on the same port with the same files."""

    name = ""
    users: Sequence[str] = ()

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"eventlens-{self.name}-"))
        self._child: Child | None = None
        self._emptied = ""
        self._log = self.folder.with_suffix(".log")
        # They never outlive the tests, whatever ends those.
        self._as_user = ["setpriv", "--pdeathsig=KILL"]
        if os.geteuid() == 0:
            known = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam(next(each for each in (*self.users, "nobody") if each in known))
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as_user += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    @property
    def child(self) -> Child:
        assert self._child is not None, "the server was not started"
        return self._child

    def run(self, *words: str, directory: Path | None = None) -> None:
        """Run a program of the server's to its end."""
        done = subprocess.run(
            [*self._as_user, *words],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=directory or self.folder,
            env=clean_environment({"HOME": str(self.folder)}),
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def start(self) -> None:
        """Start the process and wait until it answers."""
        environment = clean_environment({"HOME": str(self.folder)})
        self._child = Child([*self._as_user, *self.words()], self._log, environment, self.folder)
        self._child.await_ready(self.ready)

    def kill9(self) -> None:
        """End it as a power cut would."""
        self.child.end(signal.SIGKILL)

    def pause(self) -> None:
        self.child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._child is not None:
            self._child.end(signal.SIGKILL)  # nobody needs its files any more
        shutil.rmtree(self.folder, ignore_errors=True)
        self._log.unlink(missing_ok=True)

    def emptied_database(self) -> str:
        """The URL of a database that is always the same one, without its rows."""
        if not self._emptied:
            self._emptied = self.create_database()
        name = self._emptied.rpartition("/")[2]
        tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
        there = {row[0] for row in self.execute(self.tables, name)}
        for table in tables:
            if table in there:
                self.execute(f"DELETE FROM {table}", name)
        return self._emptied

    tables = ""
    """Names the tables of a database."""

    def words(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def execute(self, sql: str, database: str = "") -> list[tuple]:
        """Run a statement as the administrator; the rows that it gives."""
        raise NotImplementedError

    def create_database(self) -> str:
        """Make an empty database and give its URL."""
        raise NotImplementedError


class MariaDb(DatabaseServer):
    """`mariadbd` without any configuration file, hence with its built-in character set (Latin-1)."""

    name = "mariadb"
    users = ("mysql",)
    tables = "SHOW TABLES"

    def __init__(self) -> None:
        super().__init__()
        self.run(
            _found("mariadb-install-db", "mysql_install_db"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        self.start()
        self.execute(f"CREATE USER 'lens'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        self.execute("GRANT ALL ON `test\\_%`.* TO 'lens'@'127.0.0.1'")

    def words(self) -> list[str]:
        return [
            _found("mariadbd", "mysqld"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder / 'mariadb.sock'}",
            f"--pid-file={self.folder / 'mariadb.pid'}",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=32M",
        ]

    def ready(self) -> bool:
        try:
            return self.execute("SELECT 1") == [(1,)]
        except pymysql.err.OperationalError:
            return False

    def execute(self, sql: str, database: str = "") -> list[tuple]:
        connection = pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database or None, charset="utf8mb4"
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            connection.commit()
            return list(cursor.fetchall())

    def create_database(self) -> str:
        database = f"test_{next(_databases)}"
        self.execute(f"CREATE DATABASE {database}")
        return f"mysql://lens:{_quoted()}@127.0.0.1:{self.port}/{database}"


class Postgres(DatabaseServer):
    """`postgres` whose texts are sorted as in an English dictionary."""

    name = "postgresql"
    users = ("postgres",)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

    def __init__(self) -> None:
        super().__init__()
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.run(
            str(_postgres_folder() / "initdb"),
            f"--pgdata={self.folder / 'data'}",
            "--username=lens",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
        )
        self.start()

    def words(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
            "fsync": "off",  # tests do not cut the power
        }
        words = [str(_postgres_folder() / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        return words

    def ready(self) -> bool:
        try:
            return self.execute("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False

    def execute(self, sql: str, database: str = "") -> list[tuple]:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="lens",
            password=PASSWORD,
            dbname=database or "postgres",
            autocommit=True,
            connect_timeout=10,
        ) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def create_database(self) -> str:
        database = f"test_{next(_databases)}"
        self.execute(f"CREATE DATABASE {database}")
        return f"postgresql://lens:{_quoted()}@127.0.0.1:{self.port}/{database}"


SERVERS: dict[str, type[DatabaseServer]] = {MariaDb.name: MariaDb, Postgres.name: Postgres}
DATABASES = ("sqlite", *SERVERS)


def missing(name: str) -> str:
    """Why a server cannot be started here; '' when it can."""
    if name == MariaDb.name:
        found = any(_path(each) for each in ("mariadbd", "mysqld"))
        return "" if found else "mariadbd is not installed (Debian: mariadb-server)"
    return "" if _postgres_folders() else "postgres is not installed (Debian: postgresql)"


def _path(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


def _found(*names: str) -> str:
    return next(path for path in map(_path, names) if path)


def _postgres_folders() -> list[Path]:
    """Where PostgreSQL's programs are, the newest version last."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(4)
    )
    on_path = _path("initdb")
    return [*([Path(on_path).resolve().parent] if on_path else []), *(each.parent for each in packaged)]


def _postgres_folder() -> Path:
    return _postgres_folders()[-1]


def _quoted() -> str:
    return quote(PASSWORD, safe="")
