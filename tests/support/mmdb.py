"""Writes small databases in MaxMind's format (its public specification, version 2.0), for tests."""

import struct
from collections.abc import Mapping
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import NamedTuple


class Uint(NamedTuple):
    """A number of a stated type (5: 16 bits, 6: 32, 9: 64): the C reader wants the right ones."""

    kind: int
    value: int


Value = Uint | str | int | float | Mapping[str, "Value"] | list["Value"]


def write_mmdb(path: Path, records: Mapping[str, Value], kind: str = "Test") -> Path:
    """A database of `{network: record}`; the networks must not overlap."""
    nodes: list[list[int | None]] = [[None, None]]
    data = b""
    places: dict[tuple[int, int], int] = {}
    for network, record in records.items():
        address = ip_network(network)
        bits, length = int(address.network_address), address.prefixlen
        length += 96 if isinstance(address, IPv4Network) else 0  # IPv4 lies at ::/96
        node = 0
        for depth in range(length - 1):
            bit = bits >> (127 - depth) & 1
            child = nodes[node][bit]
            if child is None:
                child = nodes[node][bit] = len(nodes)
                nodes.append([None, None])
            node = child
        places[node, bits >> (128 - length) & 1] = len(data)
        data += _encoded(record)
    count = len(nodes)
    tree = b""
    for number, node in enumerate(nodes):
        for bit, child in enumerate(node):
            found = places.get((number, bit))
            value = count + 16 + found if found is not None else count if child is None else child
            tree += value.to_bytes(4, "big")
    metadata = _encoded(
        {
            "binary_format_major_version": Uint(5, 2),
            "binary_format_minor_version": Uint(5, 0),
            "build_epoch": Uint(9, 1_790_000_000),
            "database_type": kind,
            "description": {"en": "made for a test"},
            "ip_version": Uint(5, 6),
            "languages": [],
            "node_count": Uint(6, count),
            "record_size": Uint(5, 32),
        }
    )
    path.write_bytes(tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + metadata)
    return path


def _encoded(value: Value) -> bytes:
    match value:
        case Uint():
            raw = value.value.to_bytes((value.value.bit_length() + 7) // 8, "big")
            return _control(value.kind, len(raw)) + raw
        case str():
            text = value.encode()
            return _control(2, len(text)) + text
        case float():
            return _control(3, 8) + struct.pack(">d", value)
        case int():
            return _encoded(Uint(6 if value < 1 << 32 else 9, value))
        case list():
            return _control(11, len(value)) + b"".join(map(_encoded, value))
        case _:
            pairs = (_encoded(key) + _encoded(inner) for key, inner in value.items())
            return _control(7, len(value)) + b"".join(pairs)


def _control(kind: int, size: int) -> bytes:
    assert size < 285
    first, rest = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind <= 7:
        return bytes([kind << 5 | first]) + rest
    return bytes([first, kind - 7]) + rest
