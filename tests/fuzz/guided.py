"""Coverage-guided fuzzing of one target, in a process of its own (libFuzzer ends it when it is through).

    .venv/bin/python -m tests.fuzz.guided payload --seconds 300 [--keep .cache/fuzz/payload]

New inputs that reach new code are added to `--keep` (default: a folder that is thrown away); the corpus of
`tests/fuzz/corpus` only seeds. Ends with 0, or with 77 after printing the input that broke something; that
input belongs into the corpus, once what it broke is mended.
"""

import argparse
import base64
import sys
import tempfile
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["eventlens"]):  # pyright: ignore[reportAttributeAccessIssue]  # lazy
    from tests.fuzz.targets import TARGETS

from tests.fuzz.mutation import mutated

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 8192
"""Bytes of an input: what matters is within the first few hundred."""

SLOWEST_SECONDS = 5
"""An input that takes longer hangs."""

MOST_MEGABYTES = 1500


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Mostly a change of what the JSON says, now and then one of its bytes."""
    changed = mutated(data, seed) if seed % 4 else None
    return atheris.Mutate(data, most) if changed is None or len(changed) > most else changed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    target = TARGETS[chosen.target]

    def once(data: bytes) -> None:
        try:
            target(data)
        except Exception:
            traceback.print_exc()
            sys.stderr.write(f"broken by (base64): {base64.b64encode(data).decode()}\n")
            raise

    with tempfile.TemporaryDirectory(prefix="event-lens-fuzz-") as scratch:
        kept = chosen.keep or Path(scratch) / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        words = [
            f"-max_total_time={chosen.seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST_SECONDS}",
            f"-rss_limit_mb={MOST_MEGABYTES}",
            f"-artifact_prefix={scratch}/",
            f"-dict={CORPUS / 'wire.dict'}",
            "-print_final_stats=1",
            "-verbosity=0" if chosen.keep is None else "-verbosity=1",
            str(kept),
            str(CORPUS / chosen.target),
        ]
        structured = {"custom_mutator": mutate} if chosen.target == "payload" else {}
        atheris.Setup([sys.argv[0], *words], once, **structured)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
