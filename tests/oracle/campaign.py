"""Random streams against the slow answer for as long as one likes: `make campaign`, or some kinds alone.

    .venv/bin/python -m tests.oracle.campaign --seconds 600 funnels paths

Each kind of question is asked for that many seconds, round by round. A round is the tests of its file under
pytest, with a seed of its own; the line printed before it finds the same again. The first disagreement ends
the campaign with 1, and pytest prints its smallest example.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FILES = (path.stem for path in HERE.glob("test_*.py"))
KINDS = sorted(name.removeprefix("test_") for name in FILES if name != "test_model")
"""Kinds of question, each a file of tests here."""

STREAMS = 50
"""Of each test in a round: so many that starting does not matter, so few that a round ends soon."""


def agree(kind: str, seconds: float, streams: int) -> bool:
    """Ask one kind for that long, one round at least; whether every answer agreed."""
    deadline = time.monotonic() + seconds
    while True:
        words = [f"tests/oracle/test_{kind}.py", "-q", "-x", f"--hypothesis-seed={random.randrange(2**32)}"]
        environment = {**os.environ, "LENS_ORACLE_EXAMPLES": str(streams)}
        environment.pop("CI", None)  # there it is the same streams every time
        sys.stdout.write(f"LENS_ORACLE_EXAMPLES={streams} .venv/bin/pytest {' '.join(words)}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "pytest", *words]
        if subprocess.run(command, cwd=HERE.parents[1], env=environment, check=False).returncode:
            return False
        if time.monotonic() > deadline:
            return True


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"of {', '.join(KINDS)} (all of them)")
    parser.add_argument("--seconds", type=float, default=600, help="for each kind (600)")
    parser.add_argument("--streams", type=int, default=STREAMS, help=f"of each test in a round ({STREAMS})")
    chosen = parser.parse_args()
    if unknown := set(chosen.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    return 0 if all(agree(kind, chosen.seconds, chosen.streams) for kind in chosen.kinds or KINDS) else 1


if __name__ == "__main__":
    sys.exit(main())
