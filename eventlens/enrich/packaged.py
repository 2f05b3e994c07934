"""Reading the reference data in `data/`, also from inside a zipped package."""

import gzip
import json
from importlib.resources import files
from typing import Any


def packaged(name: str) -> bytes:
    """The bytes of one file in `enrich/data`, as they are stored (packed)."""
    return files("eventlens.enrich").joinpath("data", name).read_bytes()


def packaged_json(name: str) -> Any:
    """One `.json.gz` file in `enrich/data`, decoded."""
    return json.loads(gzip.decompress(packaged(name)))


def packaged_lines(name: str) -> list[str]:
    """The non-empty lines of one `.txt.gz` file in `enrich/data`."""
    return [line for line in gzip.decompress(packaged(name)).decode().split("\n") if line]
