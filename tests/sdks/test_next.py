"""The example for Next.js, built and started as its package.json says: what a visit leaves in the store."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page as Tab

from tests.sdks.conftest import Site
from tests.support.processes import REPOSITORY, Child, clean_environment, free_port

EXAMPLE = REPOSITORY / "examples/nextjs"
PACKAGES = REPOSITORY / "sdks"
FRAMEWORKS = PACKAGES / ".cache/next/node_modules"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after `next build`, which knows no address and no client yet."""
    if not (FRAMEWORKS / "next").is_dir() or not (PACKAGES / "nextjs/dist/route.js").is_file():
        pytest.skip("Next is not installed, or the packages are not built (make test does both with npm)")
    folder = tmp_path_factory.mktemp("next") / "app"
    shutil.copytree(EXAMPLE, folder)
    (folder / "node_modules/@event-lens").mkdir(parents=True)
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    for name in {*wanted, "@event-lens/react", "@event-lens/web"}:
        own = name.startswith("@event-lens/")
        link = PACKAGES / name.removeprefix("@event-lens/") if own else FRAMEWORKS / name
        (folder / "node_modules" / name).symlink_to(link)
    # Turbopack follows no link out of its folder, webpack does.
    done = subprocess.run(
        [*next_command(folder), "build", "--webpack"],
        cwd=folder,
        env=clean_environment({"NEXT_TELEMETRY_DISABLED": "1", "CI": "1"}),
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def next_command(folder: Path) -> list[str]:
    return ["node", str(folder / "node_modules/next/dist/bin/next")]


@pytest.fixture(scope="module")
def shop(built: Path, site: Site) -> Iterator[str]:
    """Its address, once it answers."""
    port = free_port()
    settings = {
        "NEXT_TELEMETRY_DISABLED": "1",
        "EVENTLENS_URL": site.server,
        "EVENTLENS_CLIENT_ID": site.project.write.id,
        "EVENTLENS_CLIENT_SECRET": site.project.write.secret,
    }
    words = [*next_command(built), "start", "--port", str(port), "--hostname", "127.0.0.1"]
    child = Child(words, built / "log", clean_environment(settings), built)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/stats/e.js").status_code == 200
        except httpx.TransportError:
            return False

    try:
        child.await_ready(answers)
        yield url
    finally:
        child.end()


def test_a_visit_through_the_app_s_own_site(shop: str, site: Site, open_page: Callable[..., Tab]) -> None:
    page = open_page(shop)
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if shop not in request.url else None)
    page.click("#pricing")
    page.wait_for_selector("#choose")
    page.wait_for_function("document.title == 'Pricing'")
    page.click("#choose")
    with page.expect_response(
        lambda response: response.request.method == "POST" and "/stats" not in response.url
    ):
        page.click("#order")
    page.close()
    site.project.settle()
    rows = site.project.events(range="all")[::-1]
    told = {
        (row["name"], row["path"], row["properties"].get("app")) for row in rows if row["name"] != "revenue"
    }
    assert told == {
        ("screen_view", "/", "next"),
        ("screen_view", "/pricing", "next"),
        ("plan_chosen", "/pricing", "next"),
    }
    assert [row["revenue"] for row in rows if row["name"] == "revenue"] == [
        {"amount": 4200, "currency": "EUR"}
    ]
    assert elsewhere == []
