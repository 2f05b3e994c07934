"""The page of all routes, made from the route table and the table of collection paths.

Collection is served before the route table is asked (it is the hot path), so its rows stand here.
"""

import json
from collections import Counter
from typing import Any

from eventlens.api.app import GATEWAY_PREFIX, ROUTES
from eventlens.api.route import Parameter, Route

COLLECTION: dict[str, tuple[str, str]] = {
    "/track": (
        '`{"type", "payload"}`; an array answers as `/track/batch`',
        '`{"success", "deviceId", "sessionId"}`',
    ),
    "/track/batch": (
        '`{"events": [{"type", "payload"}, …]}`, a bare array, or NDJSON',
        '`{"success", "accepted", "rejected": [{"index", "code", "message"}]}`',
    ),
    "/identify": ("an `identify` payload alone", "as `/track`"),
    "/increment": ("an `increment` payload alone", "as `/track`"),
    "/decrement": ("a `decrement` payload alone", "as `/track`"),
    "/alias": ("an `alias` payload alone", "as `/track`"),
}
"""Path → request body, answer."""

ACCESS = {
    "public": "anybody",
    "operator": "loopback and trusted addresses",
    "write": "a write or root client",
    "read": "a read or root client",
    "root": "a root client",
}

HEAD = f"""# Routes

Everything answers below `/` and below `{GATEWAY_PREFIX}/`. JSON in and out. A client names itself with the
headers `event-lens-client-id` and `event-lens-client-secret`; OpenPanel's spellings of them are equal. Errors
are `{{"error": {{"code", "message", "field"?}}}}` with a right status; 503 carries `Retry-After`. An unknown
parameter is a 400, never ignored.

This page is made from the route table (`make docs`).

## collection

For a write or root client. The payloads are OpenPanel's, whose clients work unchanged; the answer comes when
the events are on disk.

| route | body | answer |
|---|---|---|
"""


def page() -> str:
    """The whole page, as Markdown."""
    lines = [f"| `POST {path}` | {body} | {answer} |" for path, (body, answer) in COLLECTION.items()]
    for tag in dict.fromkeys(route.tag for route in ROUTES):
        lines += ["", *_section(tag, [route for route in ROUTES if route.tag == tag])]
    return HEAD + "\n".join(lines) + "\n"


def _section(tag: str, routes: list[Route]) -> list[str]:
    """A heading, what the routes share, and each route."""
    given = Counter(parameter.name for route in routes for parameter in route.parameters)
    shared = {
        parameter.name: parameter
        for route in routes
        for parameter in route.parameters
        if given[parameter.name] == len(routes) > 1
    }
    lines = [f"## {tag}", "", "| route | for | what | parameters |", "|---|---|---|---|"]
    for route in routes:
        own = [parameter for parameter in route.parameters if parameter.name not in shared]
        words = "<br>".join(f"`{one.name}` {_words(one)}" for one in own)
        lines.append(
            f"| `{route.method} {route.path}` | {ACCESS[route.access]} | {route.summary} | {words} |"
        )
    if shared:
        lines += ["", f"Each route of {tag} takes", "", "| parameter | meaning |", "|---|---|"]
        lines += [f"| `{parameter.name}` | {_words(parameter)} |" for parameter in shared.values()]
    return lines


def _words(parameter: Parameter) -> str:
    """What a parameter means, which values it may have and which it has when absent."""
    schema: dict[str, Any] = parameter.schema
    words = parameter.description
    if "enum" in schema and not all(f"`{value}`" in words for value in schema["enum"]):
        words += " One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."
    if "minimum" in schema and "maximum" in schema:
        words += f" From {schema['minimum']} to {schema['maximum']}."
    if "default" in schema:
        default = schema["default"]
        words += f" Default: `{default if isinstance(default, str) else json.dumps(default)}`."
    return words.replace("|", "\\|")
