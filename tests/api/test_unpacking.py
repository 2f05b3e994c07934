"""Compressed bodies: taken like any other, and never a way around the limit of a body."""

import gzip
import json

import httpx
import pytest

from tests.api.conftest import OpenDoor
from tests.support.project import BROWSER, Project

BODY = json.dumps([{"type": "track", "payload": {"name": "x", "id": f"gzip-{n}"}} for n in range(3)]).encode()


@pytest.fixture
def http(open_door: OpenDoor) -> httpx.Client:
    return open_door(BODY_LIMIT="2000")


def post(http: httpx.Client, project: Project, body: bytes, encoding: str) -> httpx.Response:
    headers = {**project.write.headers, "user-agent": BROWSER, "content-encoding": encoding}
    return http.post("/track/batch", content=body, headers=headers)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_body_counts_like_any_other(http, project, encoding):
    answer = post(http, project, gzip.compress(BODY), encoding)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)


def test_a_body_that_says_it_is_as_it_is(http, project):
    assert post(http, project, BODY, "identity").json()["accepted"] == 3


@pytest.mark.parametrize("size", [2_001, 1_000_000, 300_000_000])
def test_what_is_too_large_unpacked_is_too_large(http, project, size):
    bomb = gzip.compress(b" " * size, 9)
    if len(bomb) > 2_000:
        bomb = bomb[:2_000]  # as much of it as a body may have
    assert post(http, project, bomb, "gzip").status_code == 413


@pytest.mark.parametrize(
    "damaged",
    [gzip.compress(BODY)[:-3], gzip.compress(BODY) + b"x", BODY, b"\x1f\x8b"],
    ids=["cut", "longer", "plain", "begun"],  # packed bytes hold the time, which workers begin at apart
)
def test_what_is_no_gzip_is_refused_with_the_reason(http, project, damaged):
    answer = post(http, project, damaged, "gzip")
    assert answer.status_code == 400
    assert "gzip" in answer.text


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_other_ways_to_compress_are_not_taken(http, project, encoding):
    answer = post(http, project, gzip.compress(BODY), encoding)
    assert answer.status_code == 415
    assert "gzip" in answer.text
