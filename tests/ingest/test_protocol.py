"""The protocol that SDKs are tested with is what this server does."""

import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from eventlens.api.replies import BatchAccepted
from eventlens.ingest.payload import Moment, Refusal, command_of, identify_inside, read_body
from tests.support.pipeline import NOW
from tests.support.processes import REPOSITORY

PROTOCOL = REPOSITORY / "sdks/protocol"
SCHEMA = json.loads((PROTOCOL / "schema.json").read_text())
EXAMPLES = json.loads((PROTOCOL / "examples.json").read_text())
CALLS = json.loads((PROTOCOL / "calls.json").read_text())["calls"]
ANSWERS = json.loads((PROTOCOL / "answers.json").read_text())["answers"]
VALID = Draft202012Validator(SCHEMA)


def body_of(example: dict[str, Any]) -> Any:
    """The body of an example, with what it says is to be filled in."""
    body = deepcopy(example["body"])
    if "fill" in example:
        *path, last, times = example["fill"]
        inside = body
        for name in path:
            inside = inside[name]
        inside[last] = "x" * times
    return body


def judge(body: Any, *, trusted: bool = True) -> Refusal | None:
    """Why the server refuses a body; None where it takes it."""
    read = read_body(json.dumps(body).encode())
    if isinstance(read, Refusal):
        return read
    moment = Moment(NOW, trusted)
    command = command_of(read, moment)
    if isinstance(command, Refusal):
        return command
    inside = identify_inside(read, command, moment)
    return inside if isinstance(inside, Refusal) else None


def named(examples: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("example", examples, ids=lambda example: example["why"].replace(" ", "-"))


@named(EXAMPLES["accepted"])
def test_what_is_said_to_be_accepted_is(example) -> None:
    body = body_of(example)
    assert judge(body, trusted=example.get("trusted", True)) is None
    VALID.validate(body)


@named(EXAMPLES["refused"])
def test_what_is_said_to_be_refused_is(example) -> None:
    body = body_of(example)
    refusal = judge(body, trusted=example.get("trusted", True))
    assert refusal is not None
    assert (refusal.code, refusal.field) == (example["code"], example["field"])
    assert VALID.is_valid(body) is not example.get("schema", True)


def test_every_type_has_examples_of_both_kinds() -> None:
    for kind in ("track", "identify", "increment", "decrement", "alias", "group", "assign_group", "replay"):
        for which in ("accepted", "refused"):
            assert any(example["body"].get("type") == kind for example in EXAMPLES[which]), (kind, which)


@pytest.mark.parametrize("call", CALLS, ids=[f"{call['method']}-{index}" for index, call in enumerate(CALLS)])
def test_what_calls_make_is_accepted(call) -> None:
    assert judge(call["body"]) is None
    VALID.validate(call["body"])


def test_answers_of_batches_are_those_of_the_server() -> None:
    settled = [answer["body"] for answer in ANSWERS if answer["then"] == "settled"]
    assert len(settled) == 2
    for body in settled:
        assert msgspec.to_builtins(msgspec.convert(body, BatchAccepted)) == body
        VALID.evolve(schema={"$ref": "#/$defs/BatchAccepted", "$defs": SCHEMA["$defs"]}).validate(body)
