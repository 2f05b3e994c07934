"""How many robots and how many people's browsers are taken for robots, on lists of user agents.

    python -m benchmarks.bots [--missed] LIST ...

A list is a text file (one user agent a line) or JSON (`.json`, also packed as `.gz`: texts in lists, or
objects with `user_agent` or `instances`). `bots:PATH` prints the recall, `people:PATH` the false positives, a
bare path just the share. `:odd` behind a path takes the half of its lines whose hash is odd: a figure on that
half is honest when only the other half (`:even`) was ever looked at. Each share is printed twice: as API
traffic is judged (`API`: HTTP libraries are servers) and with libraries counted (`logs`). `--missed`
prints what was judged wrong. Without a list: the examples that the packaged crawler list brings along.
"""

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from eventlens.enrich.bots import recognise_bot

PACKAGED = Path(__file__).parent.parent / "eventlens" / "enrich" / "data" / "crawler-user-agents.json.gz"
KINDS = ("bots", "people")


def user_agents(path: Path) -> list[str]:
    """The different user agents in a list file, in its order."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    text = content.decode("utf-8", "replace")
    found = _texts(json.loads(text)) if ".json" in path.suffixes else iter(text.split("\n"))
    return list(dict.fromkeys(line for line in map(str.strip, found) if line))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in cast("list[object]", value):
            yield from _texts(part)
    elif isinstance(value, dict):
        entry = cast("dict[str, object]", value)
        for key in ("user_agent", "userAgent", "instances"):
            yield from _texts(entry.get(key))


def half_of(listed: list[str], half: str) -> list[str]:
    """The `odd` or `even` half of a list by hash, or ('') all of it."""
    wanted = {"odd": (1,), "even": (0,), "": (0, 1)}[half]
    return [
        text for text in listed if hashlib.blake2b(text.encode(), digest_size=1).digest()[0] % 2 in wanted
    ]


def judge(argument: str, *, show: bool) -> str:
    """One printed line about one list."""
    argument, _, half = (
        argument.rpartition(":") if argument.endswith((":odd", ":even")) else (argument, "", "")
    )
    kind, _, name = argument.rpartition(":")
    listed = half_of(user_agents(Path(name)), half)
    caught = [text for text in listed if recognise_bot(text)]
    in_logs = [text for text in listed if recognise_bot(text, libraries=True)]
    if show and kind in KINDS:
        found = set(in_logs)
        wrong = in_logs if kind == "people" else [text for text in listed if text not in found]
        print("\n".join(f"    {text}" for text in wrong))
    share = {"bots": "recall", "people": "false positives"}.get(kind, "flagged")
    total = max(1, len(listed))
    return (
        f"{share:15}  API {100 * len(caught) / total:6.2f} % ({len(caught)})   "
        f"logs {100 * len(in_logs) / total:6.2f} % ({len(in_logs)})   "
        f"of {len(listed):6}  {Path(name).name} {half}"
    )


def main() -> None:
    """Print one line a list."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lists", nargs="*", default=[f"bots:{PACKAGED}"], metavar="LIST")
    parser.add_argument("--missed", action="store_true", help="print what was judged wrong")
    options = parser.parse_args()
    for argument in cast("list[str]", options.lists):
        print(judge(argument, show=bool(options.missed)).rstrip())


if __name__ == "__main__":
    main()
