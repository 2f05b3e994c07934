"""The table of metrics: what Prometheus would say of its names and words."""

import shutil
import subprocess

import pytest
from prometheus_client import generate_latest

from eventlens.meters import METERS, REGISTRY


def test_names_and_words_are_those_that_prometheus_wants():
    if shutil.which("promtool") is None:
        pytest.skip("prometheus is not installed")
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=generate_latest(REGISTRY), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [name for name, row in METERS.items() if not row.meaning.endswith(".")] == []


def test_every_row_of_the_registry_is_in_the_table():
    told = {
        f"{family.name}_total" if family.type == "counter" else family.name for family in REGISTRY.collect()
    }
    assert told <= set(METERS)
    assert {METERS[name].kind for name in told} == {"counter", "gauge", "histogram"}
