"""Every input of the corpus, small changes of it, and each of them sent to every route of a real server."""

import itertools
from pathlib import Path

import httpx
import pytest

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS
from tests.support.hostile import check, collection_routes
from tests.support.project import BROWSER, Project

CORPUS = Path(__file__).parent / "corpus"
INPUTS = sorted(path for folder in TARGETS for path in (CORPUS / folder).iterdir())
CONTENT_TYPES = ("application/json", "text/plain", "application/x-ndjson")
PAYLOADS = [path for path in INPUTS if path.parent.name == "payload"]


def test_the_corpus_is_small_and_there() -> None:
    assert len(INPUTS) > 30
    assert sum(path.stat().st_size for path in INPUTS) < 100_000


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_breaks_nothing(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.name)
def test_changes_of_it_break_nothing(path: Path) -> None:
    changed = (mutated(path.read_bytes(), seed) for seed in range(100))
    for data in filter(None, changed):
        TARGETS["payload"](data)


@pytest.mark.parametrize(("method", "route"), collection_routes())
def test_a_real_server_answers_all_of_it(outer_project: Project, method: str, route: str) -> None:
    headers = {"user-agent": BROWSER, "content-type": "application/json", **outer_project.write.headers}
    with httpx.Client(base_url=outer_project.http.base_url, timeout=20) as http:
        for path, kind in itertools.product(
            PAYLOADS, ("application/json", "text/plain", "application/x-ndjson")
        ):
            sent = {**headers, "content-type": kind}
            answer = http.request(method, route, content=path.read_bytes(), headers=sent)
            check(answer, route)
            assert answer.status_code in {200, 202, 400, 401, 413}, f"{path.name}: {answer.text}"
