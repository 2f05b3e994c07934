"""What is done to all of the data by name: the table of errands, for a running server and for commands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from eventlens.workers.backup import Report, Sources, back_up
from eventlens.workers.errands import Errand


def errands(sources: Sources) -> Mapping[str, Errand]:
    """By name, what commands may ask of whoever has the stores open."""

    def backup(words: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        return msgspec.to_builtins(back_up(sources, Path(words["directory"]), report))

    return {"backup": backup}
