"""A handler that does nothing, on the same HTTP server: `python -m benchmarks.empty PORT`.

It reads the body whole and answers as `/track` does: what the machine could do at best.
"""

import json
import sys
from typing import Any

import uvicorn


def main() -> None:
    """Serve until the process is ended."""
    body = json.dumps({"success": True, "deviceId": "0" * 32, "sessionId": "0" * 22}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        lifespan="off",
        access_log=False,
        server_header=False,
        log_config=None,
        ws="none",
    )


if __name__ == "__main__":
    main()
