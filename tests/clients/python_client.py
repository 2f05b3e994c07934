"""The PyPI package `openpanel`: each of its calls, by somebody known and by nobody in particular."""

import asyncio
import json
import os
import sys

import requests
from openpanel import OpenPanel

sent = []
_real_post = requests.post


def _post(url, json=None, headers=None):
    """The real request, written down: the package tells nobody what it was answered."""
    response = _real_post(url, json=json, headers=headers)
    sent.append({"body": json, "headers": headers, "status": response.status_code, "answer": response.text})
    return response


requests.post = _post


def wait(op: OpenPanel) -> None:
    """Until the package's own thread has sent everything: it has no flush."""

    async def nothing() -> None:
        """Runs after what was queued before it."""

    asyncio.run_coroutine_threadsafe(nothing(), op.loop).result(30)


server, client_id = os.environ["SERVER"], os.environ["CLIENT_ID"]
op = OpenPanel(client_id, os.environ.get("CLIENT_SECRET"), server)
op.track("anonymous", {"plan": "free", "count": 3, "ratio": 0.25, "ok": True, "nothing": None})
op.track("bare")
op.set_global_properties({"environment": "production"})
op.identify("user-7", {"firstName": "Ada", "email": "ada@example.com", "properties": {"plan": "team"}})
op.track("known", {"list": [1, "two", None], "nested": {"deep": {"deeper": "ü"}}})
op.increment("user-7", "logins")
op.increment("user-7", "logins", 4)
op.decrement("user-7", "credits")
op.alias("user-7", "newsletter-93")
op.clear()
op.track("cleared")
op.identify("newsletter-93")
op.track("by_another_name")
wait(op)
with OpenPanel(client_id, None, server) as stranger:
    stranger.track("without_secret")
    wait(stranger)
sys.stdout.write(json.dumps({"sent": sent}) + "\n")
