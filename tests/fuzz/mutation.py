"""Changes of JSON that stay JSON: bytes changed at random mostly fail in the first line of the decoder."""

import json
import random
from typing import Any

from tests.support.hostile import FIELDS, KINDS, SPECIAL

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2.5, -0.0, 1e308, 10**15, 10**15 + 1, 1 << 53, 1 << 63, 1 << 64, 10**40,
    "", " ", "x", "\n", "\x00", "\ud800", "\u202e", "😀", "p" * 65, "p" * 129, "p" * 257, "p" * 2049,
    [], {}, [[]], {"": ""}, ["g"] * 51, {"a": {"b": {"c": 1}}}, "8.8.8.8", "::1", "10.0.0.1", "a@b.co", "@",
    "https://a.example/?utm_source=x#y",
    "http://[::1", "//", "javascript:x", "2026-03-01T00:00:00Z", "2026-02-30", "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999999+14:00", 1_790_000_000_000, 1_790_000_061_000, "session_start", "revenue",
    "EUR", "eur", "€", "a.b.c", ".", "a" + ".b" * 40, "__proto__", "$email", "NaN", 1.5, "1500",
    "6f1f2f3a-0000-4000-8000-000000000000", "[]", "[{}]", '{"a":1}',
)  # fmt: skip  # one screen
KEYS = (*FIELDS, *SPECIAL, "events", "", "\x00", "a.b", "$email")


def mutated(data: bytes, seed: int) -> bytes | None:
    """One to four changes of what `data` says; None where it is no JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        value = _changed(value, chance, depth=0)
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _changed(value: Any, chance: random.Random, depth: int) -> Any:
    inner = isinstance(value, dict | list) and bool(value)
    if inner and depth < 50 and chance.random() < 0.85:
        return _changed_inside(value, chance, depth)
    if isinstance(value, dict) and chance.random() < 0.7:
        return {**value, chance.choice(KEYS): chance.choice(ODD)}
    return chance.choice((*ODD, *KINDS))


def _changed_inside(value: Any, chance: random.Random, depth: int) -> Any:
    if isinstance(value, list):
        found = list(value)
        at = chance.randrange(len(found))
        match chance.randrange(6):
            case 0:
                del found[at]
            case 1:
                found.insert(at, found[chance.randrange(len(found))])
            case _:
                found[at] = _changed(found[at], chance, depth + 1)
        return found
    key = chance.choice(list(value))
    match chance.randrange(8):
        case 0:
            return {name: each for name, each in value.items() if name != key}
        case 1:
            return {(chance.choice(KEYS) if name == key else name): each for name, each in value.items()}
        case 2:
            return {**value, chance.choice(KEYS): chance.choice(ODD)}
        case _:
            return {**value, key: _changed(value[key], chance, depth + 1)}
