"""What a long-running command writes to stderr: lines for people, or one JSON object a line for machines."""

import json
import logging
import sys
from datetime import UTC, datetime

from eventlens.settings import Settings
from eventlens.tracing import request_id

_QUIET = ("alembic", "uvicorn.error", "uvicorn.asgi", "clickhouse_connect", "asyncio")
"""Libraries whose everyday notes tell an operator nothing; their warnings are shown."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time (ISO 8601), level, logger, message; request_id and error where known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if known := request_id.get():
            line["request_id"] = known
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logging(settings: Settings) -> None:
    """Send the log to stderr in the chosen format."""
    handler = logging.StreamHandler(sys.stderr)
    if settings.log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each attempt; what came of them is said by whoever asked.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
