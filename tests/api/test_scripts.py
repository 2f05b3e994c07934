"""The script for pages as it is served: names, caching, renaming. What it does is in tests/sdks."""

import gzip
from collections.abc import Iterator

import pytest

from eventlens.api import app, scripts
from eventlens.errors import ConfigurationError
from eventlens.settings import Settings
from tests.support.inprocess import InProcess

SCRIPT = 'post(api + "/track/batch")'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "e.js").write_text(SCRIPT)
    (folder / "e.vitals.js").write_text("vitals")
    (folder / "secret.txt").write_text("no script")

    def built(settings: Settings) -> scripts.Scripts:
        return scripts.Scripts(settings, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Scripts", built)
        data = tmp_path_factory.mktemp("data") / "data"
        server = InProcess(data, EVENTLENS_SCRIPT_NAME="hello", EVENTLENS_COLLECT_NAME="there")
    yield server
    server.close()


def test_it_is_kept_for_an_hour_and_then_asked_for(served: InProcess) -> None:
    http = served.http
    for path in ("/e.js", "/api/v1/analytics/e.js"):
        first = http.get(path)
        assert first.text == SCRIPT
        assert first.headers["content-type"] == "text/javascript; charset=utf-8"
        assert first.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"
        assert first.headers["access-control-allow-origin"] == "*"
        assert first.headers["cross-origin-resource-policy"] == "cross-origin"
        assert first.headers["content-encoding"] == "gzip"
        again = http.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    plain = http.get("/e.js", headers={"accept-encoding": "identity"})
    assert plain.text == SCRIPT
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] != first.headers["etag"]
    assert plain.headers["vary"] == "accept-encoding"
    # Its parts are asked for by what they contain.
    assert "immutable" in http.get("/e.vitals.js?v=1").headers["cache-control"]
    assert "immutable" not in http.get("/e.vitals.js").headers["cache-control"]
    assert http.get("/secret.txt").status_code == 404
    assert gzip.decompress(scripts._Script(SCRIPT).packed).decode() == SCRIPT


def test_script_and_collection_go_by_other_names(served: InProcess) -> None:
    assert served.http.get("/hello.js").text == 'post(api + "/there")'
    assert served.http.get("/hello.vitals.js").text == "vitals"
    assert served.http.get("/e.js").text == SCRIPT  # who has it already goes on
    project = served.project()
    for path in ("/there", "/api/v1/analytics/there", "/track/batch"):
        answer = project.post(path, {"events": [{"type": "track", "payload": {"name": "seen"}}]})
        assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


def test_a_name_is_no_path() -> None:
    for name in ("a/b", "..", "a b", "ü"):
        with pytest.raises(ConfigurationError, match="EVENTLENS_SCRIPT_NAME"):
            Settings.load({"EVENTLENS_SCRIPT_NAME": name})
