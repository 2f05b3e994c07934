"""Rows of metrics as Prometheus reads them."""

import shutil
import subprocess
import threading

import pytest

from eventlens import meters
from eventlens.meters import METERS, Counter, Gauge, Histogram


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "METERS", dict(METERS))


def test_a_counter_stands_at_zero_until_something_happens_and_escapes_its_labels():
    plain, labelled = Counter("a_total", "Things."), Counter("b_total", "By kind.", "kind", "status")
    plain.cell().value += 2
    labelled.add(3, 'a "b"\\\n', 200)
    assert plain.text() == "# HELP a_total Things.\n# TYPE a_total counter\na_total 2\n"
    assert labelled.text().splitlines()[2:] == ['b_total{kind="a \\"b\\"\\\\\\n",status="200"} 3']
    assert Counter("c_total", "Nothing.", "kind").text() == ""


def test_buckets_of_a_histogram_add_up_and_a_bound_is_in_its_own():
    spread = Histogram("d_seconds", "Times.", "route", bounds=(0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 7):
        spread.observe(value, "/x")
    assert spread.text().splitlines()[2:] == [
        'd_seconds_bucket{route="/x",le="0.1"} 2',
        'd_seconds_bucket{route="/x",le="1"} 3',
        'd_seconds_bucket{route="/x",le="+Inf"} 4',
        'd_seconds_sum{route="/x"} 7.65',
        'd_seconds_count{route="/x"} 4',
    ]


def test_a_gauge_that_cannot_be_known_is_not_told():
    gauge = Gauge("e_bytes", "Bytes.")
    gauge.set(0.5)
    assert gauge.text().endswith("\ne_bytes 0.5\n")
    gauge.forget()
    assert gauge.text() == ""


def test_counts_of_many_threads_add_up():
    counter = Counter("f_total", "Things.", "kind")
    threads = [threading.Thread(target=lambda: [counter.add(1, "x") for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.cell("x").value == 20_000


def test_names_and_words_are_those_that_prometheus_wants():
    if shutil.which("promtool") is None:
        pytest.skip("prometheus is not installed")
    for gauge in METERS.values():
        if isinstance(gauge, Gauge):
            gauge.set(1, *gauge.labels)
    text = meters.exposition()
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [meter.name for meter in METERS.values() if not meter.meaning.endswith(".")] == []
