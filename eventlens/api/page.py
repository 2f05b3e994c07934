"""The OpenAPI document as one page for people: self-contained, without a script."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_STYLE = """
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 15%,transparent)}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:1.5rem auto;padding:0 1rem}
body{overflow-wrap:anywhere}
h2{margin-top:2.5rem;text-transform:capitalize}h3{font-size:1em;margin:1.2rem 0 .3rem}
details{border-top:1px solid var(--line);padding:.6rem 0}summary{cursor:pointer}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}b.m{font-size:.8em;margin-right:.6rem}
pre{overflow-x:auto;overflow-wrap:normal;padding:.6rem}
pre{background:color-mix(in srgb,currentColor 6%,transparent)}
table{border-collapse:collapse;width:100%;font-size:.9em}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-top:1px solid var(--line)}
td:first-child{overflow-wrap:normal}
@media(max-width:40rem){
 table,tbody,tr,td{display:block}tr:has(th){display:none}td{border:0;padding:0}
 tr{border-top:1px solid var(--line);padding:.4rem 0}
}
"""

_DEEPEST = 6

Schemas = Mapping[str, Any]


def page(openapi: Mapping[str, Any]) -> str:
    """The page for an OpenAPI document as `openapi.document` makes it."""
    schemas: Schemas = openapi["components"]["schemas"]
    by_tag: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            entry = _entry(method, path, operation, schemas)
            by_tag.setdefault(operation["tags"][0], []).append(entry)
    sections = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(rows)}" for tag, rows in by_tag.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>Event Lens API</title><style>{_STYLE}</style>"
        f"<h1>Event Lens API</h1><p>Version {openapi['info']['version']}. "
        "Everything answers below <code>/</code> and below <code>/api/v1/analytics/</code>. "
        "Credentials go into the headers "
        "<code>event-lens-client-id</code> and <code>event-lens-client-secret</code>. "
        f"For programs: <a href='openapi.json'>openapi.json</a>.{sections}</html>"
    )


def _entry(method: str, path: str, operation: Mapping[str, Any], schemas: Schemas) -> str:
    parts = [f"<p>{_marked(operation['description'])}</p>"]
    parameters = operation.get("parameters", ())
    if parameters:
        parts.append(_table("Parameters", ("name", "what", "values"), map(_parameter, parameters)))
    if "requestBody" in operation:
        parts.append(_body(operation["requestBody"]["content"]["application/json"], schemas))
    parts.append(_answers(operation["responses"], schemas))
    return (
        f"<details><summary><b class=m>{method.upper()}</b><code>{html.escape(path)}</code> "
        f"{_marked(operation['summary'])}</summary>{''.join(parts)}</details>"
    )


def _marked(text: str) -> str:
    """Text with its `code` marked up."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _code(text: str) -> str:
    return f"<code>{html.escape(text, quote=False)}</code>"


def _table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{each}" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h3>{title}</h3><table><tr>{head}</tr>{body}</table>"


def _parameter(parameter: Mapping[str, Any]) -> tuple[str, str, str]:
    where = "in the path" if parameter["in"] == "path" else "required" if parameter["required"] else ""
    name = f"{_code(parameter['name'])}{f' <small>{where}</small>' if where else ''}"
    return name, _marked(parameter["description"]), _values(parameter["schema"])


def _values(schema: Mapping[str, Any]) -> str:
    """Which values a parameter takes, and which it has when absent."""
    if "enum" in schema:
        words = " ".join(_code(str(each)) for each in schema["enum"])
    elif "minimum" in schema:
        words = f"{schema['type']}, {schema['minimum']} to {schema['maximum']}"
    else:
        words = schema["type"]
    if "default" in schema:
        default = schema["default"]
        text = default if isinstance(default, str) else msgspec.json.encode(default).decode()
        words += f"; default {_code(text)}"
    return words


def _body(content: Mapping[str, Any], schemas: Schemas) -> str:
    schema = _resolved(content["schema"], schemas)
    example = msgspec.json.format(msgspec.json.encode(content["example"]), indent=2).decode()
    parts = [f"<h3>Body (JSON), for example</h3><pre>{html.escape(example, quote=False)}</pre>"]
    for variant in schema.get("anyOf", (schema,)):
        fields = _resolved(variant, schemas)
        title = "Fields"
        if {"type", "payload"} <= fields["properties"].keys():
            title = f"Fields of <code>payload</code> where <code>type</code> is {_kind(fields, schemas)}"
            fields = _resolved(fields["properties"]["payload"], schemas)
        rows = (
            (
                f"{_code(name)}{' <small>required</small>' if name in fields['required'] else ''}",
                _type(each, schemas),
            )
            for name, each in fields["properties"].items()
        )
        parts.append(_table(title, ("name", "type"), rows))
    return "".join(parts)


def _kind(fields: Mapping[str, Any], schemas: Schemas) -> str:
    return _type(fields["properties"]["type"], schemas)


def _resolved(schema: Mapping[str, Any], schemas: Schemas) -> Mapping[str, Any]:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _type(schema: Mapping[str, Any], schemas: Schemas) -> str:
    """A field's type in words; null says no more than that it is not required."""
    if "enum" in schema:
        return " ".join(_code(msgspec.json.encode(each).decode()) for each in schema["enum"])
    if "discriminator" in schema:
        return "a body of <code>/track</code>"
    if "anyOf" in schema:
        kinds = [_type(each, schemas) for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(kind for kind in kinds if kind != "integer" or "number" not in kinds)
    if schema.get("type") == "array":
        return f"array, each {_type(schema['items'], schemas)}"
    return str(_resolved(schema, schemas).get("type", "any"))


def _answers(responses: Mapping[str, Any], schemas: Schemas) -> str:
    rows = ((code, _marked(answer["description"])) for code, answer in responses.items())
    content = responses.get("200", {}).get("content", {}).get("application/json", {})
    shape = _shape(content["schema"], schemas, 0) if content.get("schema") else ""
    shown = f"<h3>200 is</h3><pre>{html.escape(shape, quote=False)}</pre>" if shape else ""
    return _table("Answers", ("status", "meaning"), rows) + shown


def _shape(schema: Mapping[str, Any], schemas: Schemas, depth: int) -> str:
    """An answer's shape like JSON, with types in place of values."""
    if "anyOf" in schema:
        kinds = [_shape(each, schemas, depth) for each in schema["anyOf"]]
        return " | ".join(kind for kind in kinds if kind != "integer" or "number" not in kinds)
    schema = _resolved(schema, schemas)
    if schema.get("type") == "array":
        return f"[{_shape(schema.get('items', {}), schemas, depth)}, …]"
    if "properties" not in schema or depth == _DEEPEST:
        return str(schema.get("type", "any"))
    margin = "  " * (depth + 1)
    fields = (
        f'{margin}"{name}": {_shape(each, schemas, depth + 1)}' for name, each in schema["properties"].items()
    )
    return "{\n" + ",\n".join(fields) + "\n" + "  " * depth + "}"
