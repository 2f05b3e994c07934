from pathlib import Path

import pytest

from eventlens.catalog.connect import open_catalog
from eventlens.catalog.migrate import migrate
from eventlens.settings import Settings


class HeldClock:
    """A clock that stands still until it is moved. Milliseconds."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(1_790_000_000_000)  # 2026-09-21T14:13:20Z


@pytest.fixture
def settings(tmp_path: Path, emptied_database: str) -> Settings:
    return Settings.load({}, tmp_path)


@pytest.fixture
def catalog(settings: Settings):
    catalog = open_catalog(settings)
    migrate(catalog)
    yield catalog
    catalog.close()
