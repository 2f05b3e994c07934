"""Real sites with the Python SDK's middleware: what the server stored is what the visitor did."""

import sys
from pathlib import Path

import httpx
import pytest

from tests.sdks.server.checks import check_a_site
from tests.support.processes import REPOSITORY, Child, clean_environment, free_port
from tests.support.project import Project


@pytest.mark.parametrize("framework", ["fastapi", "flask", "django", "django-async"])
def test_middleware_knows_whose_request_it_is(project: Project, framework: str, tmp_path: Path) -> None:
    port, write = free_port(), project.write
    script = Path(__file__).with_name("sites.py")
    words = [
        sys.executable,
        str(script),
        framework,
        str(port),
        str(project.http.base_url),
        write.id,
        write.secret,
    ]
    environment = clean_environment({"PYTHONPATH": str(REPOSITORY / "sdks/python")})
    child = Child(words, tmp_path / "log", environment, tmp_path)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as site:

        def ready() -> bool:
            try:
                return site.get("/health").is_success
            except httpx.TransportError:
                return False

        child.await_ready(ready)
        try:
            check_a_site(site, project, child.end)
        finally:
            child.end()
