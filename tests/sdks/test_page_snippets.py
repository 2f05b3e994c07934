"""What the documentation shows for pages: in a browser, before a real server, as it stands."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab

from eventlens.api.scripts import BUILT
from tests.sdks.conftest import Site
from tests.sdks.site import Page, html
from tests.support.processes import REPOSITORY
from tests.support.snippets import PAGES, Block, blocks

SDKS = REPOSITORY / "sdks"
HTML = [block for page in PAGES for block in blocks(page, "html")]
CALLS = blocks("docs/sdks/script.md", "js")
POLICIES = blocks("docs/sdks/script.md", "http")
WEB = blocks("sdks/web/README.md", "ts")
REACT = blocks("sdks/react/README.md", "tsx")
VUE = blocks("sdks/vue/README.md", "ts", "vue")
NEXT = blocks("sdks/nextjs/README.md", "ts", "tsx")
RUNS = [*HTML, *CALLS, *POLICIES, *WEB, *REACT, *VUE, *NEXT]

Open = Callable[..., Tab]

pytestmark = pytest.mark.timeout(300)

# What stands around a package's snippet: where the page puts it.
MOUNTS = {
    "react": 'import { createRoot } from "react-dom/client";\nimport { App } from "./App";\n'
    'createRoot(document.getElementById("app")!).render(<App user={{ id: "user-7", name: "Ada" }} />);\n',
}


def here(text: str, site: Site) -> str:
    """With this test's server and client where the page names some."""
    text = re.sub(r"https?://(stats\.example\.com|analytics\.example\.com|localhost:3002)", site.server, text)
    return re.sub(r"WRITE_(CLIENT_)?ID", site.project.write.id, text)


def host_of(block: Block) -> str:
    return re.sub(r"\W+", "-", block.name.lower())


@pytest.mark.parametrize("block", HTML, ids=lambda block: block.name)
def test_a_piece_of_html_measures_the_page(site: Site, open_page: Open, block: Block) -> None:
    host, code = host_of(block), here(block.text, site)
    site.pages.add(host, "/stats/e.js", Page((BUILT / "e.js").read_bytes(), kind="text/javascript"))
    if "/stats/" in code:  # through the site's own host; tests/sdks/test_proxies.py hands it on for real
        code = code.replace("data-client-id", f'data-api="{site.server}" data-client-id')
    if "eventlens.q" in code:
        code += f'<script>eventlens("track", "early")</script>{site.tag()}'
    mark = site.pages.origin(host)
    code = code.replace("https://example.com/pricing", f"{mark}/pricing")
    open_page(site.pages.add(host, "/", Page(html(body=code))))
    names = {"screen_view", "early"} if "eventlens.q" in code else {"screen_view"}
    assert {row["name"] for row in site.at_least(host, names)} == names


def test_every_call_is_known(site: Site, open_page: Open) -> None:
    [block] = CALLS
    page = open_page(site.pages.add("calls", "/", Page(html(site.tag(_defer="")))))
    page.wait_for_function("window.eventlens?.flush")
    before, out, after = here(block.text, site).partition("eventlens.optOut();")
    assert out
    sent: list[dict[str, str]] = []
    page.on("request", lambda request: sent.extend(json.loads(request.post_data or "{}").get("events", [])))
    page.evaluate(f"async () => {{ {before} {after} }}")
    site.at_least("calls", {"screen_view", "signed_up"})
    calls = {name.lower() for name in re.findall(r"eventlens\.(\w+)", before)}
    told = {entry["type"] for entry in sent}
    assert {"track", "identify", "increment", "decrement", "alias", "group", "assign_group"} == told
    page.evaluate(f"async () => {{ {out} eventlens.track('never'); {after} }}")
    assert "never" not in {row["name"] for row in site.of("calls")}
    assert calls >= {"track", "identify", "screenview", "revenue", "clear"}


def test_the_policy_lets_the_script_in(site: Site, open_page: Open) -> None:
    [block] = POLICIES
    name, _, value = here(block.text, site).strip().partition(": ")
    headers = {name: f"default-src data:; {value}"}
    open_page(site.pages.add("policy", "/", Page(html(site.tag(vitals="")), headers=headers)))
    site.at_least("policy", {"screen_view", "web_vital"})


def bundled(folder: Path, entry: str, site: Site) -> str:
    node = shutil.which("node")
    if node is None or not (SDKS / "web/dist/index.js").is_file():
        pytest.skip("the packages are not built (make test builds them with npm)")
    words = [node, str(REPOSITORY / "tests/sdks/bundle.mjs"), str(folder / entry), site.server, "id"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lay_out(kind: str, folder: Path, site: Site) -> str:
    """A package's snippets as the files of an app; gives the one that begins it."""
    if kind == "web":
        [only] = WEB
        (folder / "main.ts").write_text(here(only.text, site))
        return "main.ts"
    if kind == "react":
        [app] = REACT
        (folder / "App.tsx").write_text(here(app.text, site))
        (folder / "main.tsx").write_text(MOUNTS["react"])
        return "main.tsx"
    main, component = VUE
    (folder / "main.ts").write_text(here(main.text, site).replace("(App)", '(App, { user: "user-7" })'))
    (folder / "App.vue").write_text(component.text)
    return "main.ts"


@pytest.mark.parametrize("kind", ["web", "react", "vue"])
def test_an_app_of_a_package_s_page(site: Site, open_page: Open, tmp_path: Path, kind: str) -> None:
    host = f"{kind}-page"
    script = bundled(tmp_path, lay_out(kind, tmp_path, site), site)
    site.pages.add(host, "/app.js", Page(script, kind="text/javascript"))
    page = open_page(
        site.pages.add(host, "/", Page(html(body='<div id="app"></div><script src="/app.js"></script>')))
    )
    for button in page.query_selector_all("button"):
        button.click()
    events = {
        "web": {"screen_view", "signed_up"},
        "react": {"screen_view", "pricing_seen", "plan_chosen"},
        "vue": {"screen_view", "plan_chosen", "asked"},
    }
    site.at_least(host, events[kind])
    deadline = time.monotonic() + 15  # who it was may be told in a request of its own, after the events
    while "user-7" not in {row["profileId"] for row in site.of(host)}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_pieces_for_next_have_the_right_types(tmp_path: Path) -> None:
    """As files of an app, by the types of what is published; tests/sdks/test_next.py runs such an app."""
    if not (SDKS / "node_modules/typescript").is_dir() or not (SDKS / "nextjs/dist/index.d.ts").is_file():
        pytest.skip("the packages are not built (make test builds them with npm)")
    (tmp_path / "node_modules").symlink_to(SDKS / "node_modules")
    for number, block in enumerate(NEXT):
        (tmp_path / f"{number}.{block.language}").write_text(block.text)
    (tmp_path / "next.d.ts").write_text(
        'declare module "next/headers" { export function headers(): Promise<Headers>; }\n'
    )
    options = {
        "target": "ES2022", "module": "ESNext", "moduleResolution": "Bundler", "jsx": "react-jsx",
        "strict": True, "noEmit": True, "skipLibCheck": True, "types": ["node"], "lib": ["ES2022", "DOM"],
    }  # fmt: skip
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*"]}))
    words = [str(SDKS / "node_modules/.bin/tsc"), "-p", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout
