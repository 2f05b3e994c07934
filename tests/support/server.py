"""A real Event Lens process on a free port with its own data directory."""

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from eventlens.accounts.clients import Clients
from eventlens.accounts.projects import Projects
from eventlens.catalog.connect import Catalog
from tests.support.processes import COMMAND, Child, clean_environment, free_port, run_command
from tests.support.project import Credentials, Project


class Server:
    """`eventlens serve`, started and stopped as a user would. Settings go in by environment."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.settings = dict(settings or {})
        self.http = httpx.Client(base_url=self.url, timeout=60)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def child(self) -> Child:
        assert self._child is not None, "the server was not started"
        return self._child

    @property
    def environment(self) -> dict[str, str]:
        return {
            "EVENTLENS_DATA": str(self.data),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "warning",
            "INSIGHTS_RATE_LIMIT": "1000000/minute",  # tests ask faster than people do
            **self.settings,
        }

    def launch(self) -> Child:
        """Start the process without waiting for it."""
        self._child = Child(
            [str(COMMAND), "serve"],
            self.data.parent / f"{self.data.name}.log",
            clean_environment(self.environment),
            self.data.parent,
        )
        return self._child

    def start(self) -> "Server":
        """Start and wait until it is ready."""
        self.launch().await_ready(self.ready)
        return self

    def ready(self) -> bool:
        try:
            return self.http.get("/healthz/ready").status_code == 200
        except httpx.TransportError:
            return False

    def kill9(self) -> None:
        """End it as a power cut would."""
        self.child.end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to stop; gives the exit status."""
        return self.child.end(signal.SIGTERM)

    def restart(self) -> "Server":
        self.terminate()
        return self.start()

    def close(self) -> None:
        """End it, whatever its state."""
        self.http.close()
        if self._child is not None:
            self._child.end(signal.SIGTERM, seconds=10)

    def run(self, *words: str, seconds: float = 120):
        """Run another `eventlens` command on the same data directory."""
        return run_command(*words, data=self.data, environment=self.settings, seconds=seconds)

    def project(self, name: str = "Test", *, timezone: str = "UTC", domain: str = "") -> Project:
        """Create a project with its three clients through the command line."""
        words = ["project", "create", name, "--timezone", timezone, "--json"]
        done = self.run(*words, *(["--domain", domain] if domain else []))
        assert done.returncode == 0, done.stdout + done.stderr
        answer = json.loads(done.stdout)
        clients = {each["type"]: Credentials(each["id"], each["secret"]) for each in answer["clients"]}
        return Project(self.http, answer["project_id"], clients["write"], clients["read"], clients["root"])


def add_project(
    catalog: Catalog,
    http: httpx.Client,
    name: str,
    timezone: str,
    drain: Callable[[], None] | None = None,
    *,
    organisation_id: str = "",
) -> Project:
    """A project straight in the catalog: milliseconds instead of a process."""
    project = Projects(catalog).create(name, timezone=timezone, organisation_id=organisation_id)
    made = [Clients(catalog).create(project.id, kind) for kind in ("write", "read", "root")]
    write, read, root = (Credentials(client.id, secret) for client, secret in made)
    return Project(http, project.id, write, read, root, drain)
