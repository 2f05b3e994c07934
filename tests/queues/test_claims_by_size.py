"""Claims are bounded by size as well as by number."""

from pathlib import Path

from eventlens.queues.sqlite import CLAIM_BYTES, SqliteQueue


def test_a_claim_of_large_records_is_cut_by_size(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "queue.db")
    large = b"x" * (CLAIM_BYTES // 4)
    for _ in range(10):
        queue.append_now(large, 1)
    sizes: list[int] = []
    while (claim := queue.claim(10_000)) is not None:
        sizes.append(sum(len(record.body) for record in claim.records))
        queue.acknowledge(claim)
    assert sum(sizes) == 10 * len(large)
    assert max(sizes) <= CLAIM_BYTES
    queue.close()


def test_a_record_over_the_size_is_claimed_alone(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "queue.db")
    queue.append_now(b"x" * (CLAIM_BYTES + 1), 1)
    queue.append_now(b"y", 1)
    first = queue.claim(10_000)
    assert first is not None
    assert len(first.records) == 1
    queue.acknowledge(first)
    second = queue.claim(10_000)
    assert second is not None
    assert second.records[0].body == b"y"
    queue.close()
