"""The page of all routes as Markdown, made from the same OpenAPI document that the server gives out."""

import json
import re
import textwrap
from collections import Counter
from typing import Any

from eventlens.api.app import GATEWAY_PREFIX, ROUTES
from eventlens.api.openapi import document

Schema = dict[str, Any]

WIDTH = 110
DEEPEST = 4

ACCESS = {
    "public": "Anybody may ask.",
    "operator": "For loopback and trusted addresses.",
    "write": "For a write or root client.",
    "read": "For a read or root client.",
    "root": "For a root client.",
    "user": "For people who are signed in.",
    "session": "For people who are signed in, in their own browser.",
}

HEAD = f"""# Routes

Everything answers below `/` and below `{GATEWAY_PREFIX}/`. JSON in and out. A client names itself with the
headers `event-lens-client-id` and `event-lens-client-secret`; OpenPanel's spellings of them are equal. Errors
are `{{"error": {{"code", "message", "field"?}}}}` with a right status; 503 carries `Retry-After`. An unknown
parameter is a 400, never ignored. In the shapes below, `?` marks what may be absent.

[What may I send?](../guide/sending.md) has an example of each kind of event.

This page is made from the OpenAPI document (`make docs`), which a running server gives at `/openapi.json`.
"""


def page() -> str:
    """The whole page."""
    openapi = document(ROUTES)
    by_tag: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((method, path, operation))
    shapes = Shapes(openapi["components"]["schemas"])
    lines = [line for tag, operations in by_tag.items() for line in _section(tag, operations, shapes)]
    return HEAD + "\n".join(lines) + "\n"


def _section(tag: str, operations: list[tuple[str, str, Schema]], shapes: "Shapes") -> list[str]:
    """A tag: what most of its routes take, then each route."""
    given = Counter(one["name"] for _, _, operation in operations for one in operation.get("parameters", ()))
    common = {name for name, times in given.items() if times > len(operations) // 2 > 1}
    known = {
        one["name"]: one
        for _, _, operation in operations
        for one in operation.get("parameters", ())
        if one["name"] in common
    }
    lines = ["", f"## {tag}"]
    if known:
        lines += ["", "| parameter of most | meaning |", "|---|---|"]
        lines += [f"| `{name}` | {_meaning(parameter)} |" for name, parameter in known.items()]
    for method, path, operation in operations:
        lines += _entry(method.upper(), path, operation, shapes, common)
    return lines


def _entry(method: str, path: str, operation: Schema, shapes: "Shapes", common: set[str]) -> list[str]:
    """One route: what it is, what it takes, what it answers."""
    access = {(route.method, route.path): route.access for route in ROUTES}.get((method, path), "write")
    parameters = operation.get("parameters", ())
    usual = [f"`{one['name']}`" for one in parameters if one["name"] in common]
    lines = ["", f"### `{method} {path}`", "", f"{_sentence(operation['summary'])} {ACCESS[access]}"]
    if usual:
        lines += ["", f"Takes {', '.join(usual)}."]
    own = [one for one in parameters if one["name"] not in common]
    if own:
        lines += ["", *(f"- `{one['name']}`: {_meaning(one)}" for one in own)]
    body = operation.get("requestBody", {}).get("content", {})
    answer = operation["responses"].get("200", {}).get("content", {})
    if operation.get("tags") == ["collection"] and "application/json" not in answer:
        status = next(status for status in operation["responses"] if status[0] == "2")
        kinds = ", ".join(f"`{kind}`" for kind in operation["responses"][status]["content"])
        lines += [
            "",
            f"Answers {status} ({kinds}): {_sentence(operation['responses'][status]['description'])}",
        ]
    for title, content in (("Body", body), ("Answer", answer)):
        text = shapes.text(content.get("application/json", {}).get("schema", {}))
        if text:
            lines += ["", f"{title}:", "", "```", *_wrapped(text), "```"]
    return lines


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?")) else f"{words}."


def _wrapped(shape: str) -> list[str]:
    """A shape in lines, each alternative on a line of its own."""
    lines: list[str] = []
    for alternative in re.sub(r" or (?=\{)", "\nor ", shape).split("\n"):
        lines += textwrap.wrap(alternative, WIDTH, subsequent_indent="  ")
    return lines


def _meaning(parameter: Schema) -> str:
    """What a parameter means, which values it may have and which it has when absent."""
    schema: Schema = parameter["schema"]
    words: str = parameter["description"]
    if "enum" in schema and not all(f"`{value}`" in words for value in schema["enum"]):
        words += " One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."
    if "minimum" in schema and "maximum" in schema:
        words += f" From {schema['minimum']} to {schema['maximum']}."
    if "default" in schema:
        default = schema["default"]
        words += f" Default: `{default if isinstance(default, str) else json.dumps(default)}`."
    return words.replace("|", "\\|")


class Shapes:
    """JSON schemas as one compact line: `{"data": [{"path", "views"}], "meta"?: {…}}`."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self._components = components

    def text(self, schema: Schema, depth: int = 0) -> str:
        """The shape of a value; '' where it is a plain one."""
        if "$ref" in schema:
            schema = self._components[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            found = [self.text(each, depth) for each in schema["anyOf"]]
            return " or ".join(dict.fromkeys(filter(None, found)))
        if schema.get("type") == "array":
            return f"[{self.text(schema.get('items', {}), depth)}]"
        if "properties" in schema:
            return self._object(schema, depth + 1)
        if len(schema.get("enum", ())) == 1:
            return json.dumps(schema["enum"][0])
        return ""

    def _object(self, schema: Schema, depth: int) -> str:
        if depth > DEEPEST:
            return "{…}"
        required = schema.get("required", ())
        fields: list[str] = []
        for name, inner in schema["properties"].items():
            text = self.text(inner, depth)
            mark = "" if name in required else "?"
            fields.append(f'"{name}"{mark}: {text}' if text else f'"{name}"{mark}')
        return "{" + ", ".join(fields) + "}"
