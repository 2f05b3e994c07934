"""The wheel and the source archive of the Python SDK: what is in them, and that it works alone."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from event_lens_sdk import __version__
from tests.support.processes import REPOSITORY, clean_environment
from tests.support.scripted import scripted

PACKAGE = REPOSITORY / "sdks/python"


def test_the_wheel_holds_the_package_and_works_alone(tmp_path: Path) -> None:
    built: Any = {"cwd": PACKAGE, "capture_output": True, "text": True, "timeout": 100}
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)], check=True, **built)
    [wheel], [source] = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    assert wheel.name == f"event_lens_sdk-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(f"event_lens_sdk-{__version__}.dist-info/METADATA").decode()
    assert {"event_lens_sdk/py.typed", "event_lens_sdk/middleware/asgi.py"} <= set(names)
    assert {name.split("/")[0] for name in names} == {
        "event_lens_sdk",
        f"event_lens_sdk-{__version__}.dist-info",
    }
    assert "Requires-Dist" not in metadata
    assert "Name: event-lens-sdk\n" in metadata
    assert "# Event Lens for Python" in metadata
    with tarfile.open(source) as archive:
        assert any(name.endswith("/CHANGELOG.md") for name in archive.getnames())
    assert f"## [{__version__}]" in (PACKAGE / "CHANGELOG.md").read_text()
    with scripted() as server:
        code = (
            "import sys, event_lens_sdk as sdk; sdk.Client(sys.argv[1], 'id').track('a'); print(sdk.__file__)"
        )
        environment = clean_environment({"PYTHONPATH": str(wheel)})
        words = [sys.executable, "-S", "-c", code, server.url]
        done = subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
        )
    assert str(wheel) in done.stdout
    assert len(server.events) == 1
