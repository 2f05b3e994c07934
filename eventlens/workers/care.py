"""What is done to all of the data by name: the table of errands, for a running server and for commands."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from eventlens.clock import Clock, now_ms
from eventlens.ingest.removing import Removing
from eventlens.store.handing_over import files_of_person
from eventlens.workers.backup import Report, Sources, back_up
from eventlens.workers.errands import Errand


def errands(sources: Sources, clock: Clock = now_ms) -> Mapping[str, Errand]:
    """By name, what commands may ask of whoever has the stores open."""
    removing = Removing(sources.store, sources.queue, clock)

    def backup(words: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        return msgspec.to_builtins(back_up(sources, Path(words["directory"]), report))

    def delete_person(words: Mapping[str, Any], _: Report) -> Mapping[str, Any]:
        who = {"profile_id": words["profile_id"], "device_id": words["device_id"]}
        return asdict(removing.delete_person(words["project_id"], **who))

    def export_person(words: Mapping[str, Any], _: Report) -> Mapping[str, Any]:
        who = {"profile_id": words["profile_id"], "device_id": words["device_id"]}
        found = removing.find(words["project_id"], **who)
        lists = (found.nodes, found.devices, found.profiles)
        with tempfile.TemporaryDirectory() as folder, Path(words["path"]).open("xb") as file:
            for part in files_of_person(sources.store, words["project_id"], *lists, Path(folder)):
                with part.open("rb") as lines:
                    shutil.copyfileobj(lines, file)
        return {}

    return {"backup": backup, "delete-person": delete_person, "export-person": export_person}
