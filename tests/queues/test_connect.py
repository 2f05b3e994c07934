from contextlib import closing
from pathlib import Path

import pytest

from eventlens.errors import ConfigurationError, QueueFull
from eventlens.queues.connect import open_queue
from eventlens.settings import Settings
from tests.support.redis import RedisServer


def test_without_redis_the_queue_is_a_file_in_the_data_directory(tmp_path: Path):
    queue = open_queue(Settings.load({"EVENTLENS_DATA": str(tmp_path / "new" / "data")}, None))
    queue.append_now(b"a", 1)
    queue.close()
    assert (tmp_path / "new" / "data" / "queue.db").exists()


def test_a_redis_that_does_not_answer_is_named_without_its_password(tmp_path: Path):
    settings = Settings.load(
        {"EVENTLENS_DATA": str(tmp_path), "REDIS_URL": "redis://:geheim@127.0.0.1:1"}, None
    )
    with pytest.raises(ConfigurationError, match=r"REDIS_URL: .*127\.0\.0\.1:1") as refused:
        open_queue(settings)
    assert "geheim" not in str(refused.value)


def test_with_redis_the_queue_is_shared(tmp_path: Path, redis_server: RedisServer):
    settings = Settings.load({"EVENTLENS_DATA": str(tmp_path), "REDIS_URL": redis_server.url}, None)
    with closing(open_queue(settings)) as one, closing(open_queue(settings)) as other:
        one.append_now(b"a", 1)
        assert [record.body for record in other.peek(10)] == [b"a"]
    assert list(tmp_path.iterdir()) == []


def test_the_queue_holds_what_the_settings_allow(tmp_path: Path):
    environ = {"EVENTLENS_DATA": str(tmp_path), "EVENTLENS_QUEUE_LIMIT": "1MiB"}
    queue = open_queue(Settings.load(environ, None))
    for _ in range(11):
        queue.append_now(b"x" * 100_000, 1)
    with pytest.raises(QueueFull, match="limit of 1048576 bytes") as full:
        queue.append_now(b"x", 1)
    assert full.value.retry_after >= 1
    queue.close()
